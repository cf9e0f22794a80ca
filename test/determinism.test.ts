/** Same seed, same bytes. */
import { createModel, type Dataset } from 'convlet';
import { describe, expect, it } from 'vitest';
import { strokes } from './support/digits.ts';
import { spec, useBackend } from './support/network.ts';

const backend = useBackend();

describe('same seed, same bytes', () => {
  const run = async (seed: number, options: object = {}) => {
    const model = createModel(backend(), spec, { seed });
    await model.fit(strokes(100), { epochs: 2, batchSize: 32, ...options });
    return model.weightsSha256();
  };

  it('the same seed gives the same trained weights', async () => {
    expect(await run(1)).toBe(await run(1));
    expect(await run(1)).not.toBe(await run(2));
    expect(await run(1)).not.toBe(await run(1, { shuffle: false }));
    expect(await run(1)).not.toBe(await run(1, { batchSize: 31 }));
  });

  it('listeners, validation and calls in between do not change the bytes', async () => {
    const busy = await run(1, {
      onStepEnd: () => undefined,
      onEpochEnd: () => undefined,
      validationData: strokes(37, 3),
    });
    expect(busy).toBe(await run(1));
  });

  it('two fits give the same bytes as one', async () => {
    const model = createModel(backend(), spec);
    await model.fit(strokes(100), { batchSize: 32 });
    await model.fit(strokes(100), { batchSize: 32 });
    expect(await model.weightsSha256()).toBe(await run(1));
  });

  it('bytes and their floats give the same bytes', async () => {
    const bytes = strokes(100);
    const floats: Dataset = {
      ...bytes,
      images: Float32Array.from(bytes.images, (byte) => Math.fround(byte / 255)),
    };
    const model = createModel(backend(), spec);
    await model.fit(floats, { epochs: 2, batchSize: 32 });
    expect(await model.weightsSha256()).toBe(await run(1));
  });
});
