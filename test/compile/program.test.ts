/** A training step allocates nothing. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createBackend, createModel, optimizers } from 'convlet';
import { describe, expect, it } from 'vitest';
import { strokes } from '../support/digits.ts';
import { spec } from '../support/network.ts';

describe('a step allocates nothing', () => {
  it.each([
    { threads: 1, optimizer: optimizers.sgd() },
    { threads: 1, optimizer: optimizers.adam() },
    { threads: 2, optimizer: optimizers.sgd() },
  ])(
    'grows neither wasm memory nor, noticeably, the heap over 1,000 steps: threads $threads, $optimizer.type',
    async ({ threads, optimizer }) => {
      const backend = await createBackend({ threads });
      const model = createModel(backend, spec);
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
      backend.dispose();
    },
  );
});
