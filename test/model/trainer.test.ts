/** The epoch loop sends events, and stops cleanly. */
import { createModel, type Dataset, type EpochEvent, optimizers, type StepEvent } from 'convlet';
import { describe, expect, it } from 'vitest';
import { strokes } from '../support/digits.ts';
import { spec, useBackend } from '../support/network.ts';

const backend = useBackend();

describe('events', () => {
  it('report every step and every epoch, with the last partial batch averaged over its own size', async () => {
    const model = createModel(backend(), spec);
    const steps: StepEvent[] = [];
    const epochs: EpochEvent[] = [];
    const history = await model.fit(strokes(70), {
      epochs: 2,
      batchSize: 32,
      onStepEnd: (event) => steps.push(event),
      onEpochEnd: (event) => void epochs.push(event),
    });
    expect(history).toEqual({ epochs, stopped: false });
    expect(steps.map(({ epoch, step }) => [epoch, step])).toEqual([
      [1, 1],
      [1, 2],
      [1, 3],
      [2, 1],
      [2, 2],
      [2, 3],
    ]);
    for (const { epoch, loss, accuracy, seconds, imagesPerSecond, validationLoss } of epochs) {
      const [a, b, c] = steps.filter((event) => event.epoch === epoch);
      const mean = (key: 'loss' | 'accuracy') =>
        ((a?.[key] ?? 0) * 32 + (b?.[key] ?? 0) * 32 + (c?.[key] ?? 0) * 6) / 70;
      expect(loss).toBeCloseTo(mean('loss'), 10);
      expect(accuracy).toBeCloseTo(mean('accuracy'), 10);
      expect(imagesPerSecond).toBeCloseTo(70 / seconds, 6);
      expect(validationLoss).toBeUndefined();
    }
  });

  it('report the last, smaller batch as the mean of its own images', async () => {
    const images = strokes(37);
    const part = (start: number, end: number): Dataset => ({
      ...images,
      images: images.images.subarray(start * 144, end * 144),
      labels: images.labels.subarray(start, end),
    });
    const [whole, parts] = [createModel(backend(), spec), createModel(backend(), spec)];
    await whole.fit(images, { batchSize: 32, shuffle: false });
    await parts.fit(part(0, 32), { batchSize: 32, shuffle: false });
    await parts.fit(part(32, 37), { batchSize: 32, shuffle: false });
    expect(await whole.weightsSha256()).toBe(await parts.weightsSha256());
  });

  it('are of one batch of all images if a batch is larger, of one class alone too', async () => {
    const images = { ...strokes(20), labels: new Uint8Array(20).fill(7) };
    const train = async (batchSize: number) => {
      const model = createModel(backend(), spec);
      let steps = 0;
      const { epochs } = await model.fit(images, { batchSize, onStepEnd: () => void steps++ });
      expect(steps).toBe(1);
      return [epochs[0]?.loss, await model.weightsSha256()];
    };
    expect(await train(1000)).toEqual(await train(20));
    expect(await train(2 ** 31 - 1)).toEqual(await train(20));
  });

  it('wait for a slow listener', async () => {
    const model = createModel(backend(), spec);
    const seen: string[] = [];
    await model.fit(strokes(20), {
      epochs: 2,
      onStepEnd: ({ epoch }) => void seen.push(`step ${epoch}`),
      async onEpochEnd({ epoch }) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        seen.push(`epoch ${epoch}`);
      },
    });
    expect(seen).toEqual(['step 1', 'epoch 1', 'step 2', 'epoch 2']);
  });
});

describe('stopping', () => {
  it('ends after the current step and leaves a usable model', async () => {
    const model = createModel(backend(), spec);
    const controller = new AbortController();
    let steps = 0;
    const history = await model.fit(strokes(100), {
      epochs: 5,
      batchSize: 10,
      signal: controller.signal,
      onStepEnd: () => ++steps === 13 && controller.abort(),
    });
    expect(steps).toBe(13);
    expect(history.stopped).toBe(true);
    expect(history.epochs).toHaveLength(1);
    expect(model.evaluate(strokes(20)).loss).toBeGreaterThan(0);
    expect((await model.fit(strokes(20))).stopped).toBe(false);
  });

  it('lets a timer stop it: the loop yields', async () => {
    const model = createModel(backend(), spec);
    const history = await model.fit(strokes(2000), {
      epochs: 100_000,
      signal: AbortSignal.timeout(100),
    });
    expect(history.stopped).toBe(true);
  });

  it('works with a signal that was aborted before', async () => {
    const model = createModel(backend(), spec);
    const before = await model.weightsSha256();
    expect(await model.fit(strokes(20), { signal: AbortSignal.abort() })).toEqual({
      epochs: [],
      stopped: true,
    });
    expect(await model.weightsSha256()).toBe(before);
  });

  it('a diverging loss names step, rate and remedy, and keeps the weights from before', async () => {
    const model = createModel(backend(), spec);
    const fit = model.fit(strokes(100), {
      epochs: 50,
      batchSize: 10,
      optimizer: optimizers.sgd({ learningRate: 1e30 }),
    });
    await expect(fit).rejects.toThrow(
      /^fit: expected a finite loss, got (NaN|Infinity) at step \d+ of epoch 1 with learning rate 1e\+30\. Lower the learning rate\.$/,
    );
    await expect(fit).rejects.toMatchObject({ name: 'DivergenceError' });
  });

  it('weights that the last update leaves infinite end fit, also without onCheckpoint', async () => {
    const data = strokes(20);
    const images = Float32Array.from(data.images, (byte) => byte * 4); // far from 0 to 1
    const fit = createModel(backend(), spec).fit(
      { ...data, images },
      { batchSize: 20, optimizer: optimizers.sgd({ learningRate: 3e38 }) },
    );
    await expect(fit).rejects.toThrow(
      /^fit: expected a finite state, got NaN or Infinity in weights or optimizer after step 1 of epoch 1 with learning rate 3e\+38\. Lower the learning rate\.$/,
    );
    await expect(fit).rejects.toMatchObject({ name: 'DivergenceError' });
  });

  it('a promise of onStepEnd that is rejected ends fit with its reason', async () => {
    const model = createModel(backend(), spec);
    let steps = 0;
    const onStepEnd = async () => {
      steps++;
      await new Promise((resolve) => setTimeout(resolve, 1));
      throw new Error('mine');
    };
    await expect(model.fit(strokes(20), { batchSize: 5, onStepEnd })).rejects.toThrow('mine');
    expect(steps).toBe(1);
    await model.fit(strokes(20));
  });

  it('a listener that throws ends fit with its error; the model stays usable', async () => {
    const model = createModel(backend(), spec);
    await expect(
      model.fit(strokes(20), {
        onStepEnd: () => {
          throw new Error('enough');
        },
      }),
    ).rejects.toThrow('enough');
    await model.fit(strokes(20));
  });

  it('refuses a second fit while one runs, and a disposed model', async () => {
    const model = createModel(backend(), spec);
    const first = model.fit(strokes(2000), { epochs: 1000 });
    await expect(model.fit(strokes(20))).rejects.toThrow(
      'fit: expected a model at rest, got one in training.',
    );
    model.dispose();
    model.dispose();
    await expect(first).rejects.toThrow(
      'fit: expected a live model, got one that was disposed of.',
    );
    expect(() => model.evaluate(strokes(10))).toThrow('evaluate: expected a live model');
    expect(() => model.weights()).toThrow('weights: expected a live model');
  });
});
