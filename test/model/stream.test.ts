/**
 * A source in the place of a data set: the bytes and figures of the same images in memory, in a memory that does not grow with
 * their number; what is wrong with a source is told in one error, and the model stays usable.
 */
import {
  type Backend,
  type Checkpoint,
  createBackend,
  createModel,
  type Dataset,
  type DatasetSource,
  describeDataset,
  type FitOptions,
  losses,
  type Model,
  optimizers,
  type ValueDataset,
  type ValueDatasetSource,
} from 'convlet';
import { decodeCheckpoint, encodeCheckpoint } from 'convlet/formats';
import { createWorkerBackend } from 'convlet/worker';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cases, untimed } from '../support/controls.ts';
import { strokes } from '../support/digits.ts';
import { spec, useBackend } from '../support/network.ts';

type Data = Dataset | ValueDataset;
type Source = DatasetSource | ValueDatasetSource;

const backend = useBackend();
const SEED = 3;
const data = strokes(147);

/** Copies of some images. */
function rowsOf<Some extends Data>(all: Some, indices: readonly number[]): Some {
  const count = all.images.length / all.shape.reduce((product, size) => product * size, 1);
  const entries = Object.entries(all).map(([name, value]) => {
    if (!ArrayBuffer.isView(value)) return [name, value];
    const numbers = value as Uint8Array;
    const length = numbers.length / count;
    const rows = numbers.slice(0, indices.length * length);
    for (const [n, index] of indices.entries()) {
      rows.set(numbers.subarray(index * length, (index + 1) * length), n * length);
    }
    return [name, rows];
  });
  return Object.fromEntries(entries);
}

/** A source of images in memory that is late, and counts what it was asked for. */
function sourceOf(all: Dataset, more?: Partial<DatasetSource>): DatasetSource & Asked;
function sourceOf(all: Data, more?: object): Source & Asked;
function sourceOf(all: Data, more: object = {}): Source & Asked {
  const asked: number[][] = [];
  const length = all.shape.reduce((product, size) => product * size, 1);
  const count = all.images.length / length;
  const kind =
    'labels' in all
      ? { classes: all.classes, labels: all.labels }
      : { targets: all.targets.length / count };
  const read = async (indices: readonly number[]) => {
    asked.push([...indices]);
    await new Promise((resolve) => setTimeout(resolve));
    return rowsOf(all, indices);
  };
  return { count, shape: all.shape, ...kind, asked, read, ...more } as Source & Asked;
}

interface Asked {
  readonly asked: number[][];
}

const fresh = (of = backend(), network = spec) => createModel(of, network, { seed: SEED });

/** All that a run comes to. */
async function run(model: Model, images: Data | Source, options: FitOptions, test: Data = data) {
  const { epochs, bestEpoch } = await model.fit(images, options);
  return {
    sha256: await model.weightsSha256(),
    epochs: epochs.map(untimed),
    bestEpoch,
    evaluation: model.evaluate(test as Dataset),
  };
}

describe('a source gives the bytes and figures of the same images in memory', () => {
  const floats = { ...data, images: Float32Array.from(data.images, (byte) => byte / 255) };
  const weighted = { ...data, weights: Float32Array.from(data.labels, (_, i) => (i % 5) / 2) };
  const augment = { shift: 2, rotate: 15, zoom: 0.2, shear: 10, flip: 'both' } as const;
  const balanced = losses.categoricalCrossentropy({ classWeights: 'balanced' });
  const rows: [string, FitOptions, Dataset?][] = [
    ['odd last batch, several blocks', { batchSize: 5 }],
    ['one block', {}],
    ['blocks of one image', { batchSize: 1, epochs: 1 }],
    ['shuffle false', { batchSize: 5, shuffle: false }],
    ['augment', { batchSize: 5, augment }],
    ['augment, shuffle false', { batchSize: 4, augment, shuffle: false }],
    ['accumulate', { batchSize: 5, accumulate: 4 }],
    ['validationSplit, augment', { batchSize: 5, validationSplit: 0.3, augment }],
    ['validationData', { batchSize: 6, validationData: strokes(30, 2) }],
    ['balanced classes', { batchSize: 7, loss: balanced }],
    ['floats', { batchSize: 5, augment }, floats],
    ['labels of four bytes', { batchSize: 5 }, { ...data, labels: Int32Array.from(data.labels) }],
    ['weights, in some blocks all 0', { batchSize: 1, epochs: 1, maxSteps: 40 }, weighted],
    ['weights', { batchSize: 5, validationSplit: 0.4 }, weighted],
  ];
  const threads: Backend[] = [];
  beforeAll(async () => void threads.push(backend(), await createBackend({ threads: 2 })));
  afterAll(() => threads[1]?.dispose());

  it.each(rows)('%s, on one thread and on two', async (_, given, images = data) => {
    const options = { epochs: 2, optimizer: optimizers.adam(), ...given };
    const inMemory = await run(fresh(), images, options);
    for (const threaded of threads) {
      const model = fresh(threaded);
      expect(await run(model, sourceOf(images), options)).toEqual(inMemory);
      model.dispose();
    }
    const { validationData } = options;
    if (validationData === undefined) return;
    const both = { ...options, validationData: sourceOf(validationData as Dataset) };
    expect(await run(fresh(), sourceOf(images), both)).toEqual(inMemory);
  });

  it('under any controls, and after a run in memory', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ task, options }) => {
        const models = [task.data, sourceOf(task.data)].map(async (images) => {
          const model = fresh(backend(), task.spec);
          await model.fit(task.data, { loss: task.loss ?? 'meanSquaredError', batchSize: 6 });
          return run(model, images, options, task.test);
        });
        const [inMemory, read] = await Promise.all(models);
        expect(read).toEqual(inMemory);
      }),
      { seed: 18, numRuns: 25 },
    );
  });

  it('images of a kind that changes, and without labels known before', async () => {
    const inMemory = await run(fresh(), data, { batchSize: 5 });
    const { labels: _, ...source } = sourceOf(data);
    let reads = 0;
    const read = async (indices: readonly number[]) => {
      const block = rowsOf(data, indices);
      return reads++ % 2 === 0 ? block : { ...block, labels: Int32Array.from(block.labels) };
    };
    expect(await run(fresh(), { ...source, read }, { batchSize: 5 })).toEqual(inMemory);
  });

  it('reads in the order of training, each image once an epoch, a block ahead', async () => {
    const source = sourceOf(data);
    const stepsAtReads: number[] = [];
    let step = 0;
    const read: DatasetSource['read'] = (indices) => {
      stepsAtReads.push(step);
      return source.read(indices);
    };
    await fresh().fit({ ...source, read }, { batchSize: 5, onStepEnd: () => void step++ });
    expect(source.asked.map(({ length }) => length)).toEqual([40, 40, 40, 27]);
    expect(source.asked.flat().sort((a, b) => a - b)).toEqual(Array.from(data.labels.keys()));
    expect(stepsAtReads).toEqual([0, 0, 8, 16]);
    const inOrder = sourceOf(data);
    await fresh().fit(inOrder, { batchSize: 5, shuffle: false });
    expect(inOrder.asked.flat()).toEqual(Array.from(data.labels.keys()));
  });

  it('may use one array for all that it reads', async () => {
    const images = new Uint8Array(40 * 144);
    const read = async (indices: readonly number[]) => {
      const block = rowsOf(data, indices);
      images.set(block.images);
      return { ...block, images: images.subarray(0, block.images.length) };
    };
    const inMemory = await run(fresh(), data, { batchSize: 5, epochs: 2 });
    const source = sourceOf(data, { read });
    expect(await run(fresh(), source, { batchSize: 5, epochs: 2 })).toEqual(inMemory);
  });
});

describe('a run by a source that is interrupted', () => {
  const options: FitOptions = {
    epochs: 3,
    batchSize: 5,
    accumulate: 2,
    augment: { shift: 2 },
    validationSplit: 0.2,
    optimizer: optimizers.momentum(),
  };

  it.each([3, 8, 11, 24, 27])('goes on after step %d to the same bytes', async (maxSteps) => {
    let kept: Checkpoint | undefined;
    const onCheckpoint = (checkpoint: Checkpoint) => {
      kept = decodeCheckpoint(encodeCheckpoint(checkpoint), 'memory');
    };
    const source = sourceOf(data, { identity: 'strokes' });
    await fresh().fit(source, { ...options, maxSteps, onCheckpoint });
    expect(kept?.data).toEqual({ count: 147, identity: 'strokes' });
    const parts = await run(fresh(), source, { epochs: 3, resume: kept });
    expect(parts).toEqual(await run(fresh(), data, options));
  });

  it.each([
    ['another identity', { identity: 'two' }, { identity: 'one' }],
    ['another count', { count: 146, labels: data.labels.slice(1) }, {}],
    ['another shape', { shape: [1, 8, 18] }, {}],
    ['an identity in the place of none', { identity: 'one' }, {}],
  ])('refuses %s', async (_, other, first) => {
    let resume: Checkpoint | undefined;
    const onCheckpoint = (checkpoint: Checkpoint) => {
      resume = checkpoint;
    };
    await fresh().fit(sourceOf(data, first), { onCheckpoint });
    const shape = (other as { shape?: number[] }).shape ?? spec.inputShape;
    const model = fresh(backend(), { ...spec, inputShape: shape });
    if (shape !== spec.inputShape) resume = { ...(resume as Checkpoint), spec: model.spec };
    await expect(model.fit(sourceOf(data, other), { epochs: 2, resume })).rejects.toThrow(
      /^fit: (expected the training data of the checkpoint, 147 images of the source "|resume)/,
    );
    await expect(model.fit(data, { epochs: 2, resume })).rejects.toThrow(/^fit: /);
  });

  it('is resumed as it began: not with data in memory', async () => {
    let resume: Checkpoint | undefined;
    const onCheckpoint = (checkpoint: Checkpoint) => {
      resume = checkpoint;
    };
    await fresh().fit(sourceOf(data), { onCheckpoint });
    await expect(fresh().fit(data, { epochs: 2, resume })).rejects.toThrow(
      'fit: expected the training data of the checkpoint, 147 images of the source "1×12×12 of 10 classes", got 147 images with checksum',
    );
  });
});

it('the memory of a model does not depend on the number of images', async () => {
  const bytes = [];
  const all = strokes(400); // as many as a block has
  for (const count of [1_000, 1_000_000]) {
    const model = fresh();
    const read = async (indices: readonly number[]) =>
      rowsOf(
        all,
        indices.map((index) => index % 400),
      );
    const source = { count, shape: data.shape, classes: 10, read };
    await model.fit(source, { batchSize: 50, maxSteps: 3 });
    bytes.push(model.memoryBytes);
    model.dispose();
  }
  expect(bytes[1]).toBe(bytes[0]);
});

describe('a source that fails', () => {
  const PLACE = 'fit: training data: read()';
  const failing = (change: (block: Dataset, call: number) => unknown) => {
    let calls = 0;
    const read = async (indices: readonly number[]) =>
      (await change(rowsOf(data, indices), calls++)) as Dataset;
    return sourceOf(data, { read });
  };
  const rejections: [string, (block: Dataset, call: number) => unknown, string][] = [
    [
      'rejects',
      (block, call) => (call < 2 ? block : Promise.reject(new Error('EIO, disk.'))),
      `${PLACE}: expected 40 images, got an error (EIO, disk). Mend the source; the model has the weights of the last whole step.`,
    ],
    [
      'throws no error but a text',
      () => Promise.reject('gone'),
      `${PLACE}: expected 40 images, got an error ("gone"). Mend`,
    ],
    [
      'gives nothing',
      () => undefined,
      `${PLACE}: expected a data set { images, labels, shape, classes }, got undefined. Resolve to one`,
    ],
    [
      'gives values',
      ({ images, shape }) => ({ images, shape, targets: new Float32Array(40) }),
      `${PLACE}: expected a data set { images, labels, shape, classes }, got targets. Resolve`,
    ],
    [
      'gives another shape',
      (block) => ({ ...block, shape: [1, 18, 8] }),
      `${PLACE}: images: expected shape 1×12×12, got 1×18×8. Use that shape.`,
    ],
    [
      'gives fewer images',
      (block, call) => rowsOf(block, call === 0 ? [...block.labels.keys()] : [0, 1]),
      `${PLACE}: expected 40 images, as many as there are indices, got 2. Give one for each index.`,
    ],
    [
      'gives too few labels',
      (block) => ({ ...block, labels: block.labels.subarray(1) }),
      `${PLACE}: expected a label for each of 40 images, got 39 labels. Use one an image.`,
    ],
    [
      'gives other classes',
      (block) => ({ ...block, classes: 11 }),
      `${PLACE}: expected 10 classes, as the source has, got 11. Use the same number.`,
    ],
    [
      'gives other labels',
      (block) => ({ ...block, labels: block.labels.map((label) => 9 - label) }),
      'as the labels of the source say, got',
    ],
    [
      'gives images in another order',
      (block) => rowsOf(block, [...block.labels.keys()].reverse()),
      'Give the images in the order of the indices.',
    ],
    [
      'gives what is not finite',
      (block) => ({ ...block, images: new Float32Array(block.images.length).fill(Number.NaN) }),
      `${PLACE}: expected finite pixels, got NaN at place 0, in image 0. Use finite numbers.`,
    ],
  ];

  it.each(rejections)('%s: one error, and the model is usable', async (_, change, message) => {
    const model = fresh();
    const options = { batchSize: 5 };
    const before = await model.weightsSha256();
    let steps = 0;
    const ended = model.fit(failing(change), { ...options, onStepEnd: () => void steps++ });
    await expect(ended).rejects.toThrow(message);
    expect(steps % 8).toBe(0); // whole blocks
    if (steps === 0) expect(await model.weightsSha256()).toBe(before);
    model.predict(data.images);
    await model.fit(data, options);
    await model.fit(sourceOf(data), options);
  });

  it('keeps the cause', async () => {
    const cause = new Error('why');
    const read = () => Promise.reject(cause);
    await expect(fresh().fit(sourceOf(data, { read }))).rejects.toMatchObject({ cause });
    const thrown = () => {
      throw cause;
    };
    await expect(fresh().fit(sourceOf(data, { read: thrown }))).rejects.toMatchObject({ cause });
  });

  it('is told of validation too', async () => {
    const read = () => Promise.reject(new Error('gone'));
    const validationData = sourceOf(data, { read });
    const model = fresh();
    await expect(model.fit(data, { validationData })).rejects.toThrow(
      'fit: validationData: read(): expected 147 images, got an error (gone).',
    );
    await model.fit(data);
  });

  it('ends at once if it is aborted while a read is pending, with a checkpoint to go on from', async () => {
    const controller = new AbortController();
    let reads = 0;
    const read: DatasetSource['read'] = async (indices) => {
      if (reads++ < 2) return rowsOf(data, indices);
      setTimeout(() => controller.abort());
      return new Promise(() => {}); // never
    };
    const { signal } = controller;
    let kept: Checkpoint | undefined;
    const onCheckpoint = (checkpoint: Checkpoint) => {
      kept = checkpoint;
    };
    const model = fresh();
    const options = { batchSize: 5, epochs: 2 };
    const history = await model.fit(sourceOf(data, { read }), { ...options, signal, onCheckpoint });
    expect(history).toMatchObject({ stopped: true, epochs: [] });
    expect(kept?.begun.step).toBe(16);
    expect(reads).toBe(3);
    const resumed = await run(model, sourceOf(data), { epochs: 2, resume: kept });
    expect(resumed).toEqual(await run(fresh(), data, options));
  });

  it('ends at once if it is aborted while validation waits, and measures it after', async () => {
    const controller = new AbortController();
    const read: DatasetSource['read'] = () => {
      setTimeout(() => controller.abort());
      return new Promise(() => {}); // never
    };
    const { signal } = controller;
    const given = { batchSize: 5, epochs: 2, accumulate: 4 };
    let kept: Checkpoint | undefined;
    const onCheckpoint = (checkpoint: Checkpoint) => {
      kept = decodeCheckpoint(encodeCheckpoint(checkpoint), 'memory');
    };
    const validationData = sourceOf(data, { read });
    const model = fresh();
    const stopped = await model.fit(data, { ...given, validationData, signal, onCheckpoint });
    expect(stopped).toMatchObject({ stopped: true, epochs: [] });
    expect(kept?.begun.step).toBe(30);
    const whole = await run(fresh(), data, { ...given, validationData: data });
    const rest = { epochs: 2, validationData: sourceOf(data), resume: kept };
    expect(await run(model, data, rest)).toEqual(whole);
  });

  it('reads nothing if it is aborted before', async () => {
    const source = sourceOf(data);
    const history = await fresh().fit(source, { signal: AbortSignal.abort() });
    expect(history.stopped).toBe(true);
    expect(source.asked).toEqual([]);
  });

  it('ends with an error if the model was disposed of meanwhile', async () => {
    const model = fresh();
    const read: DatasetSource['read'] = async (indices) => {
      model.dispose();
      return rowsOf(data, indices);
    };
    await expect(model.fit(sourceOf(data, { read }))).rejects.toThrow('expected a live model');
  });
});

describe('a source that is none is refused', () => {
  const images = 'fit: training data';
  const rows: [string, object, string][] = [
    ['read', { read: 3 }, `${images}: expected read to be a function, got 3. Use a function.`],
    ['count', { count: 0 }, `${images}: expected count to be a whole number from 1 to`],
    ['shape', { shape: [12, 12] }, `${images}: shape: expected a list of 3 sizes, got [12, 12].`],
    ['other shape', { shape: [1, 8, 18] }, `${images}: images: expected shape 1×12×12, got 1×8×18`],
    [
      'classes',
      { classes: undefined },
      `${images}: expected classes to be a number, got undefined`,
    ],
    [
      'other classes',
      { classes: 11 },
      `${images}: expected 10 classes, as the network's last layer`,
    ],
    ['labels', { labels: [1, 2] }, `${images}: expected labels to be a Uint8Array, Uint16Array or`],
    ['few labels', { labels: new Uint8Array(3) }, 'expected a label for each of 147 images, got 3'],
    ['large labels', { classes: 5 }, `${images}: expected labels below 5, got 5 at image 5.`],
    ['identity', { identity: 7 }, `${images}: expected identity to be a text, got 7. Use a text.`],
    ['both kinds', { targets: 3 }, `${images}: expected classes or targets, got both. Leave one`],
    [
      'targets',
      { targets: 3, classes: undefined, labels: undefined },
      `${images}: expected 10 values an image, as the network puts out, got targets 3. Use as many.`,
    ],
    [
      'targets under a loss of labels',
      { targets: 10, classes: undefined, labels: undefined },
      `${images}: expected labels under the loss 'categoricalCrossentropy', got targets.`,
    ],
    ['names', { classNames: ['a'] }, `${images}: expected a name for each of 10 classes, got 1`],
  ];
  it.each(rows)('%s', async (_, wrong, message) => {
    const source = sourceOf(data, wrong);
    await expect(fresh().fit(source)).rejects.toThrow(message);
    expect(source.asked).toEqual([]);
  });

  it.each([
    ['validationSplit', { validationSplit: 0.2 }],
    ['balanced classes', { loss: losses.categoricalCrossentropy({ classWeights: 'balanced' }) }],
  ])('under %s if its labels are not known', async (_, options) => {
    const { labels: __, ...source } = sourceOf(data);
    await expect(fresh().fit(source, options)).rejects.toThrow(
      "fit: training data: expected the labels of a source under validationSplit and classWeights 'balanced', got none. Give it labels, those of all images.",
    );
  });

  it('where images are needed at once, and in a worker', async () => {
    const source = sourceOf(data) as unknown as Dataset;
    const message = 'expected a data set in memory, got a source. Use what its read() resolves to.';
    expect(() => fresh().evaluate(source)).toThrow(`evaluate: ${message}`);
    expect(() => describeDataset(source)).toThrow(`describeDataset: ${message}`);
    const worker = await createWorkerBackend();
    const model = await worker.createModel(spec);
    await expect(model.fit(source)).rejects.toThrow(
      'fit: expected a data set in memory, got a source, whose read() cannot go to a worker.',
    );
    await expect(model.fit(data, { validationData: source })).rejects.toThrow('got a source');
    await model.fit(data);
    await worker.dispose();
  });
});

it('warnings are those of the same images in memory', async () => {
  const warningsOf = async (images: Data | Source, options: FitOptions = {}) => {
    const told: string[] = [];
    const onWarning = (text: string) => void told.push(text);
    await fresh()
      .fit(images, { onWarning, ...options })
      .catch(() => {});
    return told;
  };
  const bytes = { ...data, images: Float32Array.from(data.images) };
  const [first] = await warningsOf(sourceOf(bytes), { maxSteps: 1 });
  expect(first).toMatch(/^the images are floats of mean .* which looks like bytes/);
  const wild = { epochs: 3, optimizer: optimizers.sgd({ learningRate: 3 }), batchSize: 20 };
  const { labels: _, ...unlabelled } = sourceOf(data);
  const expected = await warningsOf(data, wild);
  expect(expected).not.toEqual([]);
  expect(await warningsOf(sourceOf(data), wild)).toEqual(expected);
  expect(await warningsOf(unlabelled, wild)).toEqual(expected);
});

it('keeps the names of classes', async () => {
  const classNames = Array.from({ length: 10 }, (_, label) => `stroke ${label}`);
  const model = fresh();
  await model.fit(sourceOf(data, { classNames, preparation: 'picture' }), { maxSteps: 1 });
  expect(model.classNames).toEqual(classNames);
  expect(model.preparation).toBe('picture');
});
