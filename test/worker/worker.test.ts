/** `convlet/worker` does the same in a worker thread of Node as `convlet`. For browsers see test/browser/. */
import {
  type Checkpoint,
  createBackend,
  createModel,
  type Dataset,
  losses,
  optimizers,
} from 'convlet';
import { decodeCheckpoint, encodeCheckpoint, encodeModel } from 'convlet/formats';
import {
  createWorkerBackend,
  DivergenceError,
  type EpochEvent,
  ShapeError,
  type StepEvent,
  type WorkerBackend,
} from 'convlet/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { strokes } from '../support/digits.ts';
import { Getters } from '../support/getters.ts';
import { spec } from '../support/network.ts';

let backend: WorkerBackend;
beforeAll(async () => {
  backend = await createWorkerBackend();
});
afterAll(() => backend.dispose());

const options = { epochs: 3, batchSize: 16, optimizer: optimizers.momentum() };

/** What `convlet` itself comes to. */
async function here(epochs: number = 3) {
  const local = await createBackend();
  const model = createModel(local, spec, { seed: 5 });
  const steps: StepEvent[] = [];
  const history = await model.fit(strokes(100), {
    ...options,
    epochs,
    validationData: strokes(30, 2),
    onStepEnd: (event) => void steps.push(event),
  });
  const result = {
    steps,
    losses: history.epochs.map(({ loss, validationLoss }) => [loss, validationLoss]),
    sha256: await model.weightsSha256(),
    weights: model.weights(),
    evaluation: model.evaluate(strokes(30, 2)),
    outputs: model.predict(strokes(7, 3).images),
  };
  local.dispose();
  return result;
}

describe('training in a worker', () => {
  it.each([1, 2])(
    'gives the same results on %i threads, with its events in order',
    async (threads) => {
      const own = await createWorkerBackend({ threads });
      expect(own.threads).toBe(threads);
      const model = await own.createModel(spec, { seed: 5 });
      const order: string[] = [];
      const steps: StepEvent[] = [];
      const epochs: EpochEvent[] = [];
      const history = await model.fit(strokes(100), {
        ...options,
        validationData: strokes(30, 2),
        onStepEnd(event) {
          steps.push(event);
          order.push(`${event.epoch}`);
        },
        onEpochEnd(event) {
          epochs.push(event);
          order.push(`end of ${event.epoch}`);
        },
      });
      const local = await here();
      expect(steps).toEqual(local.steps);
      expect(history).toEqual({ epochs, stopped: false });
      expect(epochs.map(({ loss, validationLoss }) => [loss, validationLoss])).toEqual(
        local.losses,
      );
      const epoch = (n: number) => [...Array(7).fill(`${n}`), `end of ${n}`];
      expect(order).toEqual([...epoch(1), ...epoch(2), ...epoch(3)]);
      expect(await model.weightsSha256()).toBe(local.sha256);
      expect(await model.weights()).toEqual(local.weights);
      expect(await model.evaluate(strokes(30, 2))).toEqual(local.evaluation);
      expect(await model.predict(strokes(7, 3).images)).toEqual(local.outputs);
      own.dispose();
    },
  );

  it('tells what is likely not meant, before the steps that follow', async () => {
    const model = await backend.createModel(spec);
    const { images, ...rest } = strokes(32);
    const heard: string[] = [];
    await model.fit(
      { ...rest, images: Float32Array.from(images) },
      {
        optimizer: optimizers.sgd({ learningRate: 1e-6 }),
        onWarning: (text) => heard.push(text),
        onStepEnd: () => heard.push('step'),
      },
    );
    expect(heard[0]).toMatch(/^the images are floats of mean .* looks like bytes/);
    expect(heard[1]).toBe('step');
  });

  it('knows a model without asking', async () => {
    const model = await backend.createModel(spec, { seed: 9 });
    const local = createModel(await createBackend(), spec, { seed: 9 });
    const { seed, parameterCount, layers, steps } = local;
    expect(model).toMatchObject({ spec, seed, parameterCount, layers, steps });
    expect(await model.memoryBytes()).toBe(local.memoryBytes);
  });

  it('has all that a model on this side has', async () => {
    const names = (model: object) => [
      ...Object.getOwnPropertyNames(Object.getPrototypeOf(model)).sort(),
      ...Object.keys(model).sort(),
    ];
    const local = createModel(await createBackend(), spec);
    expect(names(local)).toContain('predictClasses');
    expect(names(await backend.createModel(spec))).toEqual(names(local));
  });

  it('remembers loss, class names and preparation as a model on this side does', async () => {
    const local = createModel(await createBackend(), spec);
    const model = await backend.createModel(spec);
    const past = (of: typeof model | typeof local) => [of.loss, of.classNames, of.preparation];
    expect(past(model)).toEqual([undefined, undefined, undefined]);
    const names = Array.from({ length: 10 }, (_, i) => `stroke ${i}`);
    const named: Dataset = { ...strokes(32), classNames: names, preparation: 'picture' };
    const loss = losses.categoricalCrossentropy({ labelSmoothing: 0.1 });
    let during: unknown;
    const onEpochEnd = () => {
      during = past(model);
    };
    await model.fit(named, { loss, onEpochEnd });
    await local.fit(named, { loss });
    expect(past(model)).toEqual([loss, names, 'picture']);
    expect(past(model)).toEqual(past(local));
    expect(during).toEqual(past(local));

    const content = { spec: model.spec, seed: model.seed, loss: model.loss };
    const origin = { classNames: model.classNames, preparation: model.preparation };
    const file = encodeModel({ ...content, ...origin, weights: await model.weights() });
    expect(file).toEqual(encodeModel(local));
    const again = await backend.createModel(spec, { loss, classNames: names });
    expect(past(again)).toEqual([loss, names, undefined]);
  });

  it('remembers what a fit was told that failed, and nothing of a fit that was refused', async () => {
    const model = await backend.createModel(spec);
    await expect(model.fit(strokes(32), { loss: 'huber' })).rejects.toThrow(TypeError);
    expect(model.loss).toBeUndefined();
    const wild = { epochs: 9, optimizer: optimizers.sgd({ learningRate: 1e30 }) };
    await expect(model.fit(strokes(64), wild)).rejects.toThrow(DivergenceError);
    expect(model.loss).toEqual(losses.categoricalCrossentropy());
  });

  it('answers while it trains, between two steps', async () => {
    const model = await backend.createModel(spec);
    const controller = new AbortController();
    const data = strokes(2000);
    const first = new Promise<void>((resolve) => {
      void model
        .fit(data, {
          epochs: 10_000,
          batchSize: 32,
          signal: controller.signal,
          onStepEnd: () => resolve(),
        })
        .then(() => order.push('fit'));
    });
    const order: string[] = [];
    await first;
    const before = await model.weights();
    const { shape } = await model.predict(data.images.subarray(0, 144 * 2));
    expect(shape).toEqual([2, 10]);
    expect((await model.evaluate(strokes(30, 2))).accuracy).toBeGreaterThanOrEqual(0);
    await expect.poll(() => model.weights()).not.toEqual(before); // it goes on
    await model.setWeights(before);
    expect(order).toEqual([]);
    controller.abort();
    await expect.poll(() => order).toEqual(['fit']);
  });

  it('stops at a signal that fires before, between epochs, or at any time', async () => {
    const model = await backend.createModel(spec, { seed: 5 });
    const fired = await model.fit(strokes(100), { ...options, signal: AbortSignal.abort() });
    expect(fired).toEqual({ epochs: [], stopped: true });

    const controller = new AbortController();
    const { epochs, stopped } = await model.fit(strokes(100), {
      ...options,
      epochs: 1000,
      validationData: strokes(30, 2),
      signal: controller.signal,
      async onEpochEnd({ epoch }) {
        await new Promise((resolve) => setTimeout(resolve, 5)); // awaited before the next epoch
        if (epoch === 2) controller.abort();
      },
    });
    expect({ epochs: epochs.length, stopped }).toEqual({ epochs: 2, stopped: true });
    expect(await model.weightsSha256()).toBe((await here(2)).sha256); // not a step more

    const late = new AbortController();
    setTimeout(() => late.abort(), 50);
    const endless = { ...options, epochs: 1e6, signal: late.signal };
    expect(await model.fit(strokes(100), endless)).toMatchObject({ stopped: true });
  });

  it('gives checkpoints, and goes on from a checkpoint of a file', async () => {
    const model = await backend.createModel(spec, { seed: 5 });
    const validationData = strokes(30, 2);
    const kept: Checkpoint[] = [];
    const { stopped } = await model.fit(strokes(100), {
      ...options,
      validationData,
      maxSteps: 11,
      checkpointEvery: 2,
      onCheckpoint: (checkpoint) => void kept.push(checkpoint),
    });
    expect(stopped).toBe(true);
    expect(kept.map(({ history, begun }) => [history.length, begun.step])).toEqual([
      ...[2, 4, 6].map((step) => [0, step]),
      [1, 0], // the end of an epoch
      ...[2, 4].map((step) => [1, step]), // and where it stopped
    ]);
    const bytes = encodeCheckpoint(kept.at(-1) as Checkpoint);
    const resumed = await backend.createModel(spec, { seed: 5 });
    const history = await resumed.fit(strokes(100), {
      epochs: 3,
      validationData,
      resume: decodeCheckpoint(bytes, 'memory'),
    });
    const local = await here();
    expect(history.epochs.map(({ loss, validationLoss }) => [loss, validationLoss])).toEqual(
      local.losses,
    );
    expect(await resumed.weightsSha256()).toBe(local.sha256);
  });

  it('trains two models of one worker at once', async () => {
    const models = await Promise.all([5, 5].map((seed) => backend.createModel(spec, { seed })));
    await Promise.all(
      models.map((model) =>
        model.fit(strokes(100), { ...options, validationData: strokes(30, 2) }),
      ),
    );
    const { sha256 } = await here();
    for (const model of models) expect(await model.weightsSha256()).toBe(sha256);
  });
});

describe('data sets', () => {
  const view = ({ images, ...rest }: Dataset): Dataset => {
    const buffer = new Uint8Array(images.length + 100);
    buffer.set(images, 50);
    return { ...rest, images: buffer.subarray(50, 50 + images.length) };
  };

  it('stay unchanged on this side, even as part of a larger buffer', async () => {
    const model = await backend.createModel(spec, { seed: 5 });
    const data = view(strokes(100));
    await model.fit(data, { ...options, validationData: strokes(30, 2) });
    expect(data.images).toEqual(strokes(100).images);
    expect(await model.weightsSha256()).toBe((await here()).sha256);
  });

  it('are known by the object: they are sent once, and again after forgetDataset', async () => {
    const model = await backend.createModel(spec);
    const data = strokes(50);
    const { loss } = await model.evaluate(data);
    (data.labels as Uint8Array).fill(0);
    expect((await model.evaluate(data)).loss).toBe(loss);
    backend.forgetDataset(data);
    expect((await model.evaluate(data)).loss).not.toBe(loss);
  });

  it('may have getters of a class as fields', async () => {
    const model = await backend.createModel(spec, { seed: 5 });
    const validationData = new Getters(strokes(30, 2));
    await model.fit(new Getters(strokes(100)), { ...options, validationData });
    expect(await model.weightsSha256()).toBe((await here()).sha256);
    expect(await model.evaluate(validationData)).toEqual(await model.evaluate(strokes(30, 2)));
  });

  it('are moved on request, and still known', async () => {
    const model = await backend.createModel(spec);
    const [data, { loss }] = [strokes(50), await model.evaluate(strokes(50))];
    backend.sendDataset(data, { transfer: true });
    expect(data.images.length).toBe(0);
    expect((await model.evaluate(data)).loss).toBe(loss);
  });

  it('are not copied if they lie in shared memory', async () => {
    const model = await backend.createModel(spec);
    const plain = strokes(50);
    const images = new Uint8Array(new SharedArrayBuffer(plain.images.length));
    images.set(plain.images);
    const shared = { ...plain, images };
    const { loss } = await model.evaluate(shared);
    expect(loss).toBe((await model.evaluate(plain)).loss);
    images.fill(0);
    expect((await model.evaluate(shared)).loss).not.toBe(loss);
  });
});

describe('errors', () => {
  it('keep their class and message', async () => {
    const local = createModel(await createBackend(), spec);
    const model = await backend.createModel(spec);
    const wrongShape = { ...strokes(10), shape: [1, 6, 24] };
    const cases: [new (...args: never) => Error, (of: typeof model | typeof local) => unknown][] = [
      [ShapeError, (of) => of.evaluate(wrongShape)],
      [RangeError, (of) => of.fit(strokes(10), { epochs: 0 })],
      [TypeError, (of) => of.fit(undefined as never)],
      [TypeError, (of) => of.predict('digits' as never)],
      [ShapeError, (of) => of.predict(new Float32Array(3))],
      [TypeError, (of) => of.setWeights(new Map())],
      [
        DivergenceError,
        (of) =>
          of.fit(strokes(64), { epochs: 9, optimizer: optimizers.sgd({ learningRate: 1e30 }) }),
      ],
    ];
    for (const [Class, run] of cases) {
      const thrown = async (of: typeof model | typeof local) => {
        try {
          await run(of);
        } catch (error) {
          return error as Error;
        }
        return undefined;
      };
      const [there, expected] = [await thrown(model), await thrown(local)];
      expect(there).toBeInstanceOf(Class);
      expect(there?.message).toBe(expected?.message);
      expect(there?.name).toBe(expected?.name);
    }
    await expect(backend.createModel({ inputShape: [1, 2, 2], layers: [] })).rejects.toThrow(
      TypeError,
    );
    await expect(createWorkerBackend({ threads: 99 })).rejects.toThrow(RangeError);
    await expect(createWorkerBackend({ wasm: 'missing.wasm' })).rejects.toThrow('missing.wasm');
    await expect(createWorkerBackend({ wasm: 5 as never })).rejects.toThrow(TypeError);
    await expect(model.fit(strokes(10), { shuffle: (() => {}) as never })).rejects.toThrow(
      TypeError,
    );
    await expect(model.fit(strokes(10), { distributed: {} as never })).rejects.toThrow(
      'fit: expected no distributed in a worker, got one: ranks are processes of Node.',
    );
  });

  it('in a listener end training, and fit throws them', async () => {
    const model = await backend.createModel(spec);
    const endless = { ...options, epochs: 1e6 };
    const fail = () => {
      throw new Error('mine');
    };
    await expect(model.fit(strokes(50), { ...endless, onStepEnd: fail })).rejects.toThrow('mine');
    await expect(model.fit(strokes(50), { ...endless, onEpochEnd: fail })).rejects.toThrow('mine');
    await expect(model.fit(strokes(50), { ...endless, onCheckpoint: fail })).rejects.toThrow(
      'mine',
    );
    await expect(
      model.fit(strokes(50), { ...endless, onEpochEnd: () => Promise.reject(new Error('mine')) }),
    ).rejects.toThrow('mine');
    await model.fit(strokes(50), options); // and the model is at rest
  });
});
