/** The option `augment` of `fit`: what the network sees, the same bytes however it is run, and what is refused. */
import {
  type AugmentOptions,
  type Checkpoint,
  createBackend,
  createModel,
  type Dataset,
  type FitOptions,
  layers,
  type ModelSpec,
  optimizers,
} from 'convlet';
import { decodeCheckpoint, encodeCheckpoint } from 'convlet/formats';
import { type AffineRanges, affineMap, affineSample } from 'convlet/reference';
import { createWorkerBackend } from 'convlet/worker';
import { describe, expect, it } from 'vitest';
import { expectClose } from '../support/closeness.ts';
import { strokes } from '../support/digits.ts';
import { spec, useBackend } from '../support/network.ts';
import { testRandom } from '../support/random.ts';

const backend = useBackend();
const SEED = 3;
const augment: AugmentOptions = { shift: 2, rotate: 15, zoom: 0.2, shear: 10, flip: 'both' };
const ranges: AffineRanges = { shift: 2, rotate: 15, zoom: 0.2, shear: 10, flips: 3 };
const data = strokes(70);

/** Three channels, 9×7, as bytes or as floats. */
function colours(count: number, isFloat: boolean): Dataset {
  const random = testRandom(11);
  const bytes = Uint8Array.from({ length: count * 3 * 9 * 7 }, () => random() * 256);
  const images = isFloat ? Float32Array.from(bytes, (byte) => byte / 255) : bytes;
  const labels = Uint8Array.from({ length: count }, (_, n) => n % 4);
  return { images, labels, shape: [3, 9, 7], classes: 4 };
}

const colourful: ModelSpec = {
  inputShape: [3, 9, 7],
  normalize: { mean: [0.4, 0.5, 0.6], deviation: [0.3] },
  layers: [
    layers.conv2d({ filters: 5, kernelSize: 3 }),
    layers.relu(),
    layers.flatten(),
    layers.dense({ units: 4 }),
    layers.softmax(),
  ],
};

/** A model with the same first weights as all others here. */
const fresh = (of: ModelSpec = spec) => createModel(backend(), of, { seed: SEED });

async function hashOf(dataset: Dataset, options: FitOptions, of: ModelSpec = spec) {
  const model = fresh(of);
  await model.fit(dataset, options);
  return model.weightsSha256();
}

describe('augment', () => {
  it.each([false, true])(
    'shows the network what the oracle samples, before normalize: floats %s',
    async (isFloat) => {
      const dataset = colours(23, isFloat);
      const [model, other] = [fresh(colourful), fresh(colourful)];
      await model.fit(dataset, { batchSize: 8, augment: { ...augment, fill: 0.25 } });
      const maps = Array.from({ length: 23 }, (_, image) =>
        affineMap({ seed: SEED, epoch: 1, image }, [9, 7], ranges),
      );
      const pixels = colours(23, true).images;
      const images = Float32Array.from(affineSample(pixels, maps, [3, 9, 7], 0.25));
      await other.fit({ ...dataset, images }, { batchSize: 8 });
      for (const [name, { data }] of other.weights()) {
        expectClose(model.weights().get(name)?.data ?? [], data, 1e-5);
      }
      await fresh(colourful).fit(dataset, { batchSize: 8 });
      expect(await model.weightsSha256()).not.toBe(
        await hashOf(dataset, { batchSize: 8 }, colourful),
      );
    },
  );

  it('gives the same bytes on 1, 2 and 3 threads, in a worker, and of floats as of bytes', async () => {
    const options: FitOptions = {
      epochs: 2,
      batchSize: 10,
      augment,
      accumulate: 2,
      validationSplit: 0.2,
    };
    const hashes = [];
    for (const threads of [1, 2, 3]) {
      const own = await createBackend({ threads });
      for (const isFloat of [false, true]) {
        const model = createModel(own, colourful, { seed: SEED });
        await model.fit(colours(41, isFloat), options);
        hashes.push(await model.weightsSha256());
      }
      own.dispose();
    }
    const worker = await createWorkerBackend();
    const model = await worker.createModel(colourful, { seed: SEED });
    await model.fit(colours(41, false), options);
    hashes.push(await model.weightsSha256());
    worker.dispose();
    expect(hashes).toEqual(new Array(7).fill(hashes[0]));
  });

  it('draws anew in each epoch, for each seed', async () => {
    const drawn = async (seed: number, epochs: number) => {
      const model = createModel(backend(), spec, { seed });
      model.setWeights(fresh().weights());
      const loss: number[] = [];
      const still = { optimizer: optimizers.sgd({ learningRate: 1e-30 }) };
      await model.fit(data, {
        ...still,
        epochs,
        augment,
        onEpochEnd: (e) => void loss.push(e.loss),
      });
      return loss;
    };
    const [first = 0, second = 0] = await drawn(1, 2);
    const [other = 0] = await drawn(2, 1);
    expect(new Set([first, second, other]).size).toBe(3);
  });

  it('learns from moved images', async () => {
    const { epochs } = await fresh().fit(strokes(200), {
      epochs: 12,
      batchSize: 20,
      optimizer: optimizers.adam({ learningRate: 0.01 }),
      augment: { shift: 1, rotate: 5 },
    });
    expect(epochs.at(-1)?.loss).toBeLessThan(0.6 * (epochs[0]?.loss ?? 0));
  });

  it('leaves validation, evaluation, prediction and a later fit alone', async () => {
    const model = fresh();
    const validationData = strokes(30, 2);
    const { epochs } = await model.fit(data, { augment: { shift: 5 }, validationData });
    expect(epochs[0]?.validationLoss).toBe(model.evaluate(validationData).loss);
    const first = fresh().weights();
    model.setWeights(first);
    await model.fit(data, { shuffle: false });
    expect(await model.weightsSha256()).toBe(await hashOf(data, { shuffle: false }));
    expect(model.predict(data.images)).toEqual(
      model.predict(Float32Array.from(data.images, (b) => b / 255)),
    );
  });

  it('changes nothing if nothing is to change', async () => {
    const plain = await hashOf(data, { epochs: 2 });
    expect(await hashOf(data, { epochs: 2, augment: {} })).toBe(plain);
    expect(await hashOf(data, { epochs: 2, augment: { fill: 1, shift: 0 } })).toBe(plain);
    expect(await hashOf(data, { epochs: 2, augment: { flip: 'vertical' } })).not.toBe(plain);
  });

  it('is in checkpoints: a run goes on from any step, by way of a file, with the same bytes', async () => {
    const checkpoints: Checkpoint[] = [];
    const options: FitOptions = { epochs: 2, batchSize: 25, augment };
    const whole = fresh();
    await whole.fit(data, {
      ...options,
      checkpointEvery: 1,
      onCheckpoint: (checkpoint) => void checkpoints.push(checkpoint),
    });
    expect(checkpoints).toHaveLength(6);
    for (const checkpoint of checkpoints) {
      const resume = decodeCheckpoint(encodeCheckpoint(checkpoint));
      expect(resume.augment).toEqual({ ...augment, fill: 0 });
      const model = fresh();
      await model.fit(data, { epochs: 2, resume });
      expect(await model.weightsSha256()).toBe(await whole.weightsSha256());
      await fresh().fit(data, { ...options, resume });
      await expect(fresh().fit(data, { epochs: 2, resume, augment: {} })).rejects.toThrow(
        /^fit: expected augment .* as the checkpoint has, got /,
      );
    }
  });

  it.each([
    [{ shift: -1 }, RangeError, 'fit: augment: expected shift to be a finite number of at least 0'],
    [{ rotate: Number.NaN }, RangeError, 'fit: augment: expected rotate to be a finite number'],
    [{ zoom: 1 }, RangeError, 'fit: augment: expected zoom to be a number from 0 to below 1'],
    [{ shear: 90 }, RangeError, 'fit: augment: expected shear to be below 90 degrees, got 90.'],
    [{ fill: 2 }, RangeError, 'fit: augment: expected fill to be a number from 0 to 1, got 2.'],
    [{ flip: 'left' }, RangeError, "fit: augment: expected flip to be 'horizontal', 'vertical'"],
    [{ flip: true }, TypeError, 'fit: augment: expected flip to be a text, got true.'],
    [{ shift: '2' }, TypeError, 'fit: augment: expected shift to be a number'],
    [{ shifts: 2 }, TypeError, 'Use shift.'],
    [{ degrees: 2 }, TypeError, 'Use rotate.'],
    [{ translate: 2 }, TypeError, 'Use shift.'],
    [true, TypeError, 'fit: augment: expected an object of options, got true.'],
  ])('refuses %j', async (wrong, kind, message) => {
    const model = fresh();
    const before = await model.weightsSha256();
    const fit = model.fit(data, { augment: wrong as AugmentOptions });
    await expect(fit).rejects.toThrow(kind);
    await expect(model.fit(data, { augment: wrong as AugmentOptions })).rejects.toThrow(message);
    expect(await model.weightsSha256()).toBe(before);
  });
});
