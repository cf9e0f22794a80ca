/**
 * Ranks that share every batch: the bytes and figures of one process, whatever is combined; rank 0 alone is heard; what does not
 * fit is refused on all ranks alike. The ranks are in one thread here; test/mpi/mpi.test.ts has those of Open MPI.
 */
import {
  type Backend,
  type Checkpoint,
  createModel,
  type Dataset,
  type DatasetSource,
  DivergenceError,
  type FitOptions,
  layers,
  losses,
  type ModelSpec,
  namedModels,
  optimizers,
  type ValueDataset,
} from 'convlet';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Communicator } from '../../src/base/communicator.ts';
import { cases, coveringAll, untimed } from '../support/controls.ts';
import { strokes } from '../support/digits.ts';
import { spec, useBackends } from '../support/network.ts';
import { ranksInOneThread } from '../support/ranks.ts';

const backends = useBackends([1, 2, 3]);
const SEED = 3;
const data = strokes(147);
const test = strokes(40, 2);

interface Setup {
  readonly spec?: ModelSpec;
  readonly data?: Dataset | ValueDataset;
  /** By rank, in the place of `data`. */
  readonly sources?: readonly (Dataset | DatasetSource)[];
  readonly backend?: Backend | undefined;
  readonly communicators?: ReturnType<typeof ranksInOneThread>;
}

/** What `fit` comes to on every rank. */
async function onRanks(size: number, options: FitOptions | FitOptions[], setup: Setup = {}) {
  const { backend = backends[0] as Backend, communicators = ranksInOneThread(size) } = setup;
  const models = communicators.map(() => createModel(backend, setup.spec ?? spec, { seed: SEED }));
  const runs = communicators.map(async (distributed, rank) => {
    const given = Array.isArray(options) ? options[rank] : options;
    const model = models[rank];
    if (model === undefined) throw new Error('internal: a rank without a model');
    const history = await model.fit(setup.sources?.[rank] ?? setup.data ?? data, {
      ...given,
      distributed,
    });
    return {
      sha256: await model.weightsSha256(),
      epochs: history.epochs.map(untimed),
      stopped: history.stopped,
      bestEpoch: history.bestEpoch,
    };
  });
  const settled = await Promise.allSettled(runs);
  for (const model of models) model.dispose();
  return settled;
}

async function alone(options: FitOptions, setup: Setup = {}) {
  const { backend = backends[0] as Backend } = setup;
  const model = createModel(backend, setup.spec ?? spec, { seed: SEED });
  const history = await model.fit(setup.data ?? data, options);
  const result = {
    sha256: await model.weightsSha256(),
    epochs: history.epochs.map(untimed),
    stopped: history.stopped,
    bestEpoch: history.bestEpoch,
  };
  model.dispose();
  return result;
}

/** All ranks come to what one process comes to. */
async function expectSame(size: number, options: FitOptions, setup: Setup = {}): Promise<void> {
  const expected = await alone(options, setup);
  expect(await onRanks(size, options, setup)).toEqual(
    Array.from({ length: size }, () => ({ status: 'fulfilled', value: expected })),
  );
}

/** A source of images in memory, which counts what was asked for. */
function sourceOf(all: Dataset): DatasetSource & { readonly asked: Set<number> } {
  const { images, labels, shape, classes } = all;
  const length = images.length / labels.length;
  const asked = new Set<number>();
  return {
    count: labels.length,
    shape,
    classes,
    asked,
    async read(indices: readonly number[]) {
      const part = new Uint8Array(indices.length * length);
      for (const [n, index] of indices.entries()) {
        asked.add(index);
        part.set(images.subarray(index * length, (index + 1) * length), n * length);
      }
      return {
        images: part,
        shape,
        classes,
        labels: labels.map((_, n) => labels[indices[n] ?? 0] ?? 0).slice(0, indices.length),
      };
    },
  };
}

const normalised: ModelSpec = {
  inputShape: [1, 12, 12],
  layers: [
    layers.conv2d({ filters: 4, kernelSize: 3 }),
    layers.batchNorm(),
    layers.relu(),
    layers.conv2d({ filters: 6, kernelSize: 3 }),
    layers.batchNorm(),
    layers.relu(),
    layers.flatten(),
    layers.dense({ units: 10 }),
    layers.softmax(),
  ],
};

describe('any number of ranks gives the bytes and figures of one process', () => {
  const adam = optimizers.adam({ clipNorm: 1 });
  const rows: [string, FitOptions, Setup?][] = [
    ['an odd last batch, with validation', { batchSize: 20, epochs: 2, validationData: test }],
    ['a last batch with fewer images than ranks', { batchSize: 73 }],
    ['batches of one image', { batchSize: 1, maxSteps: 5 }],
    ['batches of three images', { batchSize: 3, maxSteps: 5 }],
    ['clipping, Adam, averages', { optimizer: adam, averageWeights: {}, validationData: test }],
    ['groups of batches', { batchSize: 10, accumulate: 4 }],
    ['16 parts of a batch', { batchSize: 50, shards: 16 }],
    [
      'images that weigh',
      {},
      { data: { ...data, weights: Float32Array.from(data.labels, (_, i) => (i % 5) / 2) } },
    ],
    ['every metric', { metrics: ['accuracy', 'top5', 'macroF1'], validationSplit: 0.3 }],
    [
      'batch normalisation',
      { batchSize: 30, epochs: 2, validationData: test },
      { spec: normalised },
    ],
    ['batch normalisation over three images', { batchSize: 3, maxSteps: 5 }, { spec: normalised }],
    [
      'a residual network',
      { batchSize: 40, validationData: test },
      { spec: namedModels.resnet8([1, 12, 12], 10) },
    ],
  ];
  for (const size of [2, 3, 8]) {
    it.each(rows)(`${size} ranks: %s`, (_, options, setup) => expectSame(size, options, setup));
  }

  it('threads within ranks', async () => {
    for (const backend of backends.slice(1)) {
      await expectSame(2, { batchSize: 30 }, { backend });
      await expectSame(2, { batchSize: 30 }, { backend, spec: normalised });
    }
  });

  it('everything that fit can combine', async () => {
    const chosen = coveringAll(fc.sample(cases, { numRuns: 60, seed: 5 }));
    expect(chosen.length).toBeGreaterThan(1);
    for (const [index, { task, options }] of chosen.entries()) {
      const size = Math.min(options.shards ?? 8, [2, 4, 3][index % 3] ?? 2);
      await expectSame(size, options, { spec: task.spec, data: task.data });
    }
  });

  it('a source, of which each rank reads the images of its own parts', async () => {
    const balanced = losses.categoricalCrossentropy({
      classWeights: [1, 2, 3, 4, 5, 1, 1, 1, 1, 1],
    });
    for (const options of [
      { batchSize: 5, epochs: 2, validationData: test },
      { batchSize: 16, shuffle: false, loss: balanced },
      { batchSize: 1, maxSteps: 4 },
      { augment: { shift: 2 }, batchSize: 20 },
    ]) {
      const expected = await alone(options);
      for (const size of [2, 8]) {
        const sources = Array.from({ length: size }, () => sourceOf(data));
        const runs = await onRanks(size, options, { sources });
        expect(runs).toEqual(sources.map(() => ({ status: 'fulfilled', value: expected })));
      }
    }
    const sources = [sourceOf(data), sourceOf(data)];
    await onRanks(2, { shuffle: false }, { sources });
    const [first, second] = sources.map(({ asked }) => asked);
    expect((first?.size ?? 0) + (second?.size ?? 0)).toBe(147);
    expect([...(first ?? [])].filter((index) => second?.has(index))).toEqual([]);
  });

  it('a source, and an evaluation while ranks tell one another what the images of a batch weigh', async () => {
    const loss = losses.categoricalCrossentropy({ classWeights: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] });
    const options = { batchSize: 16, loss };
    const [first, second] = ranksInOneThread(2) as [Communicator, Communicator];
    const models = [1, 2].map(() => createModel(backends[0] as Backend, spec, { seed: SEED }));
    let bytes: number[] = [];
    let evaluations = 0;
    const meddling: Communicator = {
      ...second,
      gather(all, bounds) {
        bytes.push(bounds.at(-1) ?? 0);
        second.gather(all, bounds);
      },
      isDone(timeout) {
        const isDone = second.isDone(timeout);
        const [of, twice] = bytes.slice(-2);
        // factors in single precision, then products in double
        if (
          isDone &&
          bytes.length === 2 &&
          of !== undefined &&
          twice === 2 * of &&
          first.isDone(0)
        ) {
          models[0]?.evaluate(test, { loss });
          evaluations++;
        }
        if (isDone) bytes = [];
        return isDone;
      },
    };
    const runs = [first, meddling].map((distributed, rank) =>
      models[rank]?.fit(sourceOf(data), { ...options, distributed }),
    );
    await Promise.all(runs);
    expect(evaluations).toBeGreaterThan(0);
    const { sha256 } = await alone(options);
    for (const model of models) expect(await model.weightsSha256()).toBe(sha256);
  });

  it('a checkpoint of two ranks, in the middle of an epoch, goes on with one, three or four', async () => {
    for (const network of [spec, normalised]) {
      const options = { epochs: 3, batchSize: 20, optimizer: optimizers.adam() };
      const expected = await alone(options, { spec: network });
      const kept: Checkpoint[] = [];
      const onCheckpoint = (checkpoint: Checkpoint) => void kept.push(checkpoint);
      await onRanks(2, { ...options, maxSteps: 11, onCheckpoint }, { spec: network });
      const resume = kept.at(-1);
      expect(resume?.begun.step).toBe(3);
      expect(await alone({ ...options, resume }, { spec: network })).toEqual(expected);
      for (const size of [3, 4]) {
        const runs = await onRanks(size, { ...options, resume }, { spec: network });
        expect(runs).toEqual(
          Array.from({ length: size }, () => ({ status: 'fulfilled', value: expected })),
        );
      }
    }
  });
});

describe('reduce', () => {
  it("'fast' is the same on all ranks, and within 1e-6 of one process in the losses of an epoch", async () => {
    for (const network of [spec, normalised]) {
      for (const backend of backends) {
        const options: FitOptions = { batchSize: 30, epochs: 1, validationData: test };
        const expected = await alone(options, { spec: network });
        const runs = await onRanks(3, { ...options, reduce: 'fast' }, { spec: network, backend });
        const values = runs.map((run) => (run.status === 'fulfilled' ? run.value : undefined));
        expect(new Set(values.map((value) => value?.sha256)).size).toBe(1);
        const [loss = 0, exact = 0] = [values[0], expected].map((value) => value?.epochs[0]?.loss);
        expect(Math.abs(loss - exact) / exact).toBeLessThanOrEqual(1e-6);
      }
    }
  });

  it('with as many ranks as parts moves as much as an all-reduce, and little beside it', async () => {
    const dense: ModelSpec = {
      inputShape: [1, 12, 12],
      layers: [layers.flatten(), layers.dense({ units: 500 }), layers.dense({ units: 10 })],
    };
    const bytes = 4 * (145 * 500 + 501 * 10);
    for (const [size, rounds] of [
      [2, 5],
      [4, 3],
      [8, 2],
    ] as const) {
      const traffic = { received: 0 };
      const communicators = ranksInOneThread(size, traffic);
      await onRanks(size, { batchSize: 16, maxSteps: 9 }, { spec: dense, communicators });
      const expected = 9 * rounds * bytes * (size - 1); // (S / R + 1)·P·(R − 1) / R on each of R ranks
      expect(traffic.received / expected).toBeGreaterThan(0.999);
      expect(traffic.received / expected).toBeLessThan(1.03);
    }
  });
});

describe('who is heard', () => {
  it('is rank 0 alone', async () => {
    const heard: string[] = [];
    const of = (rank: number): FitOptions => ({
      batchSize: 73,
      onStepEnd: ({ step }) => void heard.push(`${rank} step ${step}`),
      onEpochEnd: ({ epoch }) => void heard.push(`${rank} epoch ${epoch}`),
      onCheckpoint: () => void heard.push(`${rank} checkpoint`),
    });
    await onRanks(2, [of(0), of(1)]);
    expect(heard).toEqual(['0 step 1', '0 step 2', '0 step 3', '0 epoch 1', '0 checkpoint']);
  });

  it('is any rank that wishes to stop: all stop after the same step', async () => {
    const stop = new AbortController();
    const heard: number[] = [];
    const onStepEnd = ({ step }: { step: number }) => {
      heard.push(step);
      if (step === 2) stop.abort();
    };
    const runs = await onRanks(
      3,
      [{ batchSize: 20, onStepEnd }, {}, { signal: stop.signal }].map((given) => ({
        batchSize: 20,
        ...given,
      })),
    );
    expect(heard.length).toBeGreaterThan(2);
    expect(heard.length).toBeLessThan(5); // the others may have begun the next step
    const expected = await alone({ batchSize: 20, maxSteps: heard.length });
    expect(runs).toEqual([0, 1, 2].map(() => ({ status: 'fulfilled', value: expected })));
  });
});

describe('what does not fit', () => {
  const messages = (runs: readonly PromiseSettledResult<unknown>[]) =>
    runs.map((run) => (run.status === 'rejected' ? String(run.reason.message) : 'fulfilled'));

  it('refuses more ranks than parts of a batch', async () => {
    const expected =
      'fit: expected no more ranks than parts of a batch, 2, got 3. Start fewer, or use as many shards, which gives other bits.';
    expect(messages(await onRanks(3, { shards: 2 }))).toEqual([expected, expected, expected]);
  });

  it.each([
    ['options', [{ batchSize: 20 }, { batchSize: 21 }], {}],
    ['training data', [{}, {}], { sources: [data, strokes(147, 9)] }],
    ['validation data', [{ validationData: test }, { validationData: strokes(41, 2) }], {}],
  ] as [string, FitOptions[], Setup][])(
    'refuses other %s on all ranks alike',
    async (what, options, setup) => {
      const expected = `fit: expected the same ${what} on every rank, got others on rank 1 than on rank 0. Start all ranks with the same files and options.`;
      expect(messages(await onRanks(2, options, setup))).toEqual([expected, expected]);
    },
  );

  it('refuses reduce alone, another one, and what is no communicator', async () => {
    const model = createModel(backends[0] as Backend, spec);
    await expect(model.fit(data, { reduce: 'fast' })).rejects.toThrow(
      'fit: expected distributed beside reduce, got none. Leave reduce out.',
    );
    await expect(model.fit(data, { reduce: 'slow' as never })).rejects.toThrow(
      "fit: expected reduce to be 'ordered' or 'fast', got \"slow\".",
    );
    for (const wrong of [null, 'mpi', {}, { rank: 0, size: 2 }]) {
      await expect(model.fit(data, { distributed: wrong as never })).rejects.toThrow(
        /^fit: expected distributed to be what joinMpi\(\) of convlet\/mpi gives, got /,
      );
    }
    const [communicator] = ranksInOneThread(2);
    for (const [name, value] of [
      ['rank', 2],
      ['size', 0],
    ] as const) {
      const distributed = { ...communicator, [name]: value } as never;
      await expect(model.fit(data, { distributed })).rejects.toThrow(
        `fit: distributed: expected ${name}`,
      );
    }
    model.dispose();
  });

  it('ends all ranks with the same words if the loss diverges', async () => {
    const optimizer = optimizers.sgd({ learningRate: 1e30 });
    const model = createModel(backends[0] as Backend, spec, { seed: SEED });
    const error = await model.fit(data, { optimizer }).catch((reason: Error) => reason);
    expect(error).toBeInstanceOf(DivergenceError);
    const expected = (error as Error).message;
    expect(messages(await onRanks(2, { optimizer }))).toEqual([expected, expected]);
    model.dispose();
  });

  it('keeps a checkpoint and says what to do if a rank is gone when the job ends', async () => {
    const job = new AbortController();
    const kept: Checkpoint[] = [];
    const onSilence = () => job.abort();
    const communicators = ranksInOneThread(2, undefined, { rank: 1, after: 40, onSilence });
    const { signal } = job;
    const onCheckpoint = (checkpoint: Checkpoint) => void kept.push(checkpoint);
    const runs = await onRanks(2, { batchSize: 20, signal, onCheckpoint }, { communicators });
    expect(messages(runs)[0]).toBe(
      'ranks: expected every rank to answer, one did not (this one was asked to end while it waited). Find out why it ended, then go on from the last checkpoint, on any number of ranks.',
    );
    const resume = kept.at(-1);
    expect(resume?.begun.step).toBeGreaterThan(0);
    expect(await alone({ batchSize: 20, resume })).toEqual(await alone({ batchSize: 20 }));
  });
});
