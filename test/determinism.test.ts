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

  it('of the trained weights', async () => {
    expect(await run(1)).toBe(await run(1));
    expect(await run(1)).not.toBe(await run(2));
    expect(await run(1)).not.toBe(await run(1, { shuffle: false }));
    expect(await run(1)).not.toBe(await run(1, { batchSize: 31 }));
  });

  it('whether anyone listens, validates or looks on', async () => {
    const busy = await run(1, {
      onStepEnd: () => undefined,
      onEpochEnd: () => undefined,
      validationData: strokes(37, 3),
    });
    expect(busy).toBe(await run(1));
  });

  it('in two fits as in one', async () => {
    const model = createModel(backend(), spec);
    await model.fit(strokes(100), { batchSize: 32 });
    await model.fit(strokes(100), { batchSize: 32 });
    expect(await model.weightsSha256()).toBe(await run(1));
  });

  it('of bytes and of the floats that they stand for', async () => {
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
