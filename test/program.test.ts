/** A training step allocates nothing. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createModel, optimizers } from 'convlet';
import { describe, expect, it } from 'vitest';
import { strokes } from './support/digits.ts';
import { spec, useBackend } from './support/network.ts';

const backend = useBackend();

describe('a step allocates nothing', () => {
  it.each([optimizers.sgd(), optimizers.adam()])(
    'neither wasm memory nor, to speak of, the heap over 1,000 steps of $type',
    async (optimizer) => {
      const model = createModel(backend(), spec);
      const data = strokes(100);
      await model.fit(data, { epochs: 20, batchSize: 10, optimizer }); // everything is bound and compiled
      const memory = model.memoryBytes;
      setFlagsFromString('--expose-gc');
      const collect: () => void = runInNewContext('gc');
      collect();
      const heap = process.memoryUsage().heapUsed;
      await model.fit(data, { epochs: 100, batchSize: 10, optimizer });
      collect();
      expect(model.memoryBytes).toBe(memory);
      expect((process.memoryUsage().heapUsed - heap) / 1000).toBeLessThan(1000); // bytes a step; 100 history entries included
    },
  );
});
