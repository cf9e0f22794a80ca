/** A run that goes on from a checkpoint ends with the same bytes as a run that was never stopped. */
import {
  type Checkpoint,
  createModel,
  DivergenceError,
  type FitOptions,
  layers,
  type Model,
  optimizers,
} from 'convlet';
import { describe, expect, it } from 'vitest';
import { strokes } from '../support/digits.ts';
import { spec, useBackend } from '../support/network.ts';

const backend = useBackend();
const data = strokes(70); // three steps an epoch, the last of 6 images
const test = strokes(20);
const options: FitOptions = { epochs: 4, batchSize: 32, validationData: test };

/** A whole run, and the checkpoints on its way. */
async function run(given: FitOptions = {}) {
  const model = createModel(backend(), spec, { seed: 3 });
  const checkpoints: Checkpoint[] = [];
  const history = await model.fit(data, {
    ...options,
    onCheckpoint: (checkpoint) => void checkpoints.push(checkpoint),
    ...given,
  });
  return { model, checkpoints, history: history.epochs.map(untimed) };
}

function untimed({
  seconds: _,
  imagesPerSecond: __,
  ...figures
}: {
  seconds: number;
  imagesPerSecond: number;
}) {
  return figures;
}

const places = (checkpoints: readonly Checkpoint[]) =>
  checkpoints.map(({ history, begun }) => [history.length, begun.step]);

describe('onCheckpoint', () => {
  it('is called after every epoch', async () => {
    const { checkpoints } = await run();
    expect(places(checkpoints)).toEqual([
      [1, 0],
      [2, 0],
      [3, 0],
      [4, 0],
    ]);
  });

  it('is also called every checkpointEvery steps, counted from the beginning of the epoch', async () => {
    const { checkpoints } = await run({ epochs: 2, checkpointEvery: 2 });
    expect(places(checkpoints)).toEqual([
      [0, 2],
      [1, 0],
      [1, 2],
      [2, 0],
    ]);
  });

  it('is called once at the end if a signal or a number of steps ends training', async () => {
    expect(places((await run({ maxSteps: 4 })).checkpoints)).toEqual([
      [1, 0],
      [1, 1],
    ]);
    expect(places((await run({ maxSteps: 3 })).checkpoints)).toEqual([[1, 0]]);
    const controller = new AbortController();
    const { checkpoints } = await run({
      signal: controller.signal,
      onStepEnd: ({ epoch, step }) => epoch === 2 && step === 2 && controller.abort(),
    });
    expect(places(checkpoints)).toEqual([
      [1, 0],
      [1, 2],
    ]);
    expect(places((await run({ signal: AbortSignal.abort() })).checkpoints)).toEqual([]);
  });

  it('is awaited, its time does not count as training time, and its error ends fit', async () => {
    const model = createModel(backend(), spec);
    const begun = performance.now();
    let waited = 0;
    const fit = model.fit(data, {
      ...options,
      epochs: 1,
      checkpointEvery: 1,
      onCheckpoint: async () => {
        const start = performance.now();
        await new Promise((resolve) => setTimeout(resolve, 100));
        waited += performance.now() - start;
      },
    });
    const { epochs } = await fit;
    const elapsed = performance.now() - begun;
    expect(epochs[0]?.seconds).toBeLessThan((elapsed - waited) / 1000);
    const failing = model.fit(data, { onCheckpoint: () => Promise.reject(new Error('full')) });
    await expect(failing).rejects.toThrow('full');
    await model.fit(data);
  });

  it('is not called after divergence: the last good checkpoint stays the last', async () => {
    const images = Float32Array.from(data.images, (byte) => (byte / 255) * 1e30);
    const dense = {
      ...spec,
      layers: [layers.flatten(), layers.dense({ units: 10 }), layers.softmax()],
    };
    // finite losses; then weights, or squares of gradients, beyond what a float can hold
    for (const [optimizer, good] of [
      [optimizers.sgd({ learningRate: 1e10 }), 0],
      [optimizers.adam(), 0],
      [optimizers.sgd({ learningRate: 1e-30 }), 4],
    ] as const) {
      let kept = 0;
      const fit = createModel(backend(), dense).fit(
        { ...data, images },
        {
          optimizer,
          checkpointEvery: 1,
          epochs: 1,
          onCheckpoint: () => void kept++,
          batchSize: 20,
        },
      );
      if (good > 0) await fit;
      else await expect(fit).rejects.toThrow(DivergenceError);
      expect(kept).toBe(good);
    }
  });

  it('receives copies, which further training does not change', async () => {
    const { checkpoints } = await run({ optimizer: optimizers.adam() });
    const [first, second] = checkpoints;
    expect(first?.weights.get('0.weight')?.data).not.toEqual(second?.weights.get('0.weight')?.data);
    expect(first?.state.blocks[0]).not.toEqual(second?.state.blocks[0]);
    expect(first?.state.scalars).toEqual([0.9 ** 3, expect.closeTo(0.999 ** 3, 12)]);
    expect(structuredClone(first)).toEqual(first);
  });
});

describe('maxSteps', () => {
  it('ends training after the step, and after the epoch if the step is its last', async () => {
    const model = createModel(backend(), spec);
    const steps: number[] = [];
    const step = (maxSteps: number) =>
      model.fit(data, { ...options, maxSteps, onStepEnd: ({ step }) => steps.push(step) });
    expect(await step(2)).toEqual({ epochs: [], stopped: true });
    expect((await step(3)).epochs).toHaveLength(1);
    expect(steps).toEqual([1, 2, 1, 2, 3]);
  });
});

describe('resume', () => {
  const kinds = [
    optimizers.sgd(),
    optimizers.momentum(),
    optimizers.nesterov(),
    optimizers.adam(),
    optimizers.adamw(),
    optimizers.rmsprop(),
    optimizers.rmsprop({ momentum: 0.9 }),
    optimizers.adagrad({ initialAccumulator: 0.1 }),
    optimizers.adadelta(),
  ];
  it.each(kinds)(
    'goes on from any step, in a new model, with the same bytes and figures: $type',
    async (optimizer) => {
      const whole = await run({ optimizer, checkpointEvery: 1 });
      const hash = await whole.model.weightsSha256();
      expect(whole.checkpoints).toHaveLength(12);
      for (const resume of whole.checkpoints) {
        const rest = await run({ resume, checkpointEvery: 1 });
        expect(await rest.model.weightsSha256()).toBe(hash);
        expect(rest.history).toEqual(whole.history);
        const done = whole.checkpoints.indexOf(resume) + 1;
        expect(rest.checkpoints.map(timeless)).toEqual(whole.checkpoints.slice(done).map(timeless));
      }
    },
  );

  it('works without shuffling, and as the second fit of a model', async () => {
    const twice = async (given: FitOptions) => {
      const model = createModel(backend(), spec);
      await model.fit(strokes(40), { epochs: 2, optimizer: optimizers.momentum() });
      const checkpoints: Checkpoint[] = [];
      await model.fit(data, {
        ...options,
        optimizer: optimizers.momentum(),
        onCheckpoint: (checkpoint) => void checkpoints.push(checkpoint),
        ...given,
      });
      return { hash: await model.weightsSha256(), checkpoints };
    };
    for (const shuffle of [true, false]) {
      const whole = await twice({ shuffle });
      const [, resume] = whole.checkpoints;
      if (resume === undefined) throw new Error('internal: no checkpoint');
      expect(resume.epochsBefore).toBe(2);
      const model = createModel(backend(), spec);
      await model.fit(data, { epochs: 4, resume });
      expect(await model.weightsSha256()).toBe(whole.hash);
      await model.fit(data); // and goes on counting epochs as the undisturbed model does
      const undisturbed = await continued(shuffle);
      if (shuffle) expect(await model.weightsSha256()).toBe(await undisturbed.weightsSha256());
    }
  });

  it('works step by step, with pauses', async () => {
    const optimizer = optimizers.adam();
    const whole = await run({ optimizer });
    const model = createModel(backend(), spec, { seed: 3 });
    let resume: Checkpoint | undefined;
    for (let step = 0; step < 12; step++) {
      await model.fit(data, {
        ...options,
        optimizer,
        maxSteps: 1,
        ...(resume && { resume }),
        onCheckpoint: (checkpoint) => {
          resume = checkpoint;
        },
      });
    }
    expect(await model.weightsSha256()).toBe(await whole.model.weightsSha256());
    expect(resume?.history.map(untimed)).toEqual(whole.history);
  });

  it('allows more epochs than were planned, and takes no step if all are done', async () => {
    const { checkpoints, model } = await run();
    const resume = checkpoints.at(-1);
    if (resume === undefined) throw new Error('internal: no checkpoint');
    const same = await run({ resume });
    expect(same.history).toHaveLength(4);
    expect(same.checkpoints).toEqual([]);
    expect(await same.model.weightsSha256()).toBe(await model.weightsSha256());
    const more = await run({ resume, epochs: 6 });
    expect(await more.model.weightsSha256()).toBe(
      await (await run({ epochs: 6 })).model.weightsSha256(),
    );
  });

  describe('resume refuses', () => {
    const attempt = async (given: FitOptions, model?: Model, images = data) => {
      const { checkpoints } = await run({ epochs: 3, maxSteps: 5 });
      const resume = checkpoints.at(-1);
      if (resume === undefined) throw new Error('internal: no checkpoint');
      const subject = model ?? createModel(backend(), spec, { seed: 3 });
      const before = await subject.weightsSha256();
      const error = await subject.fit(images, { ...options, resume, ...given }).then(
        () => new Error('it was taken'),
        (error: Error) => error,
      );
      expect(await subject.weightsSha256()).toBe(before);
      return `${error.name}: ${error.message}`;
    };
    it('refuses another batch size, order or optimizer, and fewer epochs than were begun', async () => {
      expect(await attempt({ batchSize: 16 })).toBe(
        'RangeError: fit: expected batchSize 32, as the checkpoint has, got 16. Leave it out, or begin without resume.',
      );
      expect(await attempt({ shuffle: false })).toContain(
        'expected shuffle true, as the checkpoint',
      );
      expect(await attempt({ optimizer: optimizers.adam() })).toContain(
        'expected optimizer "sgd", as the checkpoint has, got "adam".',
      );
      expect(await attempt({ epochs: 1 })).toBe(
        'RangeError: fit: expected epochs of at least 2, as many as the checkpoint has begun, got 1. Use more.',
      );
    });
    it('refuses another seed, another network and other data', async () => {
      expect(await attempt({}, createModel(backend(), spec, { seed: 4 }))).toContain(
        'expected seed 3, as the checkpoint has, got 4.',
      );
      const other = {
        ...spec,
        layers: [layers.flatten(), layers.dense({ units: 10 }), layers.softmax()],
      };
      expect(await attempt({}, createModel(backend(), other, { seed: 3 }))).toContain(
        'expected network "{',
      );
      expect(await attempt({}, undefined, strokes(71))).toContain(
        'expected the training data of the checkpoint, 70 images with checksum ',
      );
      const swapped = { ...data, labels: data.labels.slice().reverse() };
      expect(await attempt({}, undefined, swapped)).toContain(
        'Use the same images and labels, in the same order.',
      );
    });
    it('refuses a state that is not the optimizer’s', async () => {
      const { checkpoints } = await run({ optimizer: optimizers.momentum(), epochs: 1 });
      const [whole] = checkpoints;
      if (whole === undefined) throw new Error('internal: no checkpoint');
      const model = createModel(backend(), spec, { seed: 3 });
      const resume = { ...whole, state: { blocks: [], scalars: [] } };
      const before = await model.weightsSha256();
      await expect(model.fit(data, { ...options, resume })).rejects.toThrow(
        'fit: resume: expected 1 blocks of',
      );
      expect(await model.weightsSha256()).toBe(before);
    });
  });

  const timeless = ({ history, begun: { seconds: _, ...begun }, ...rest }: Checkpoint) => ({
    ...rest,
    begun,
    history: history.map(untimed),
  });
  const continued = async (shuffle: boolean) => {
    const model = createModel(backend(), spec);
    const optimizer = optimizers.momentum();
    await model.fit(strokes(40), { epochs: 2, optimizer });
    await model.fit(data, { ...options, optimizer, shuffle });
    await model.fit(data);
    return model;
  };
});
