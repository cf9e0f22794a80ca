/**
 * A value of another kind is a `TypeError`, another wrong value a `RangeError`: with the option, what was got, what to do.
 * One table, a row for each option and the sentence that refuses it; one test reads it.
 */
import {
  createBackend,
  createModel,
  layers,
  losses,
  type ModelSpec,
  optimizers,
  schedules,
  type Tensor,
  toDataset,
} from 'convlet';
import {
  decodeModel,
  decodeNpzModel,
  encodeModel,
  encodeNpz,
  encodeOnnx,
  encodeTfjs,
} from 'convlet/formats';
import { createWorkerBackend } from 'convlet/worker';
import { afterAll, describe, expect, it } from 'vitest';
import { strokes } from '../support/digits.ts';
import { errorOf, expectRefusal } from '../support/junk.ts';
import { spec, useBackend } from '../support/network.ts';

const backend = useBackend();
const model = () => createModel(backend(), spec);
const ops = () => backend().ops;
const tensor = (...shape: number[]): Tensor => ({
  shape,
  data: new Float32Array(shape.reduce((product, size) => product * size, 1)).fill(0.5),
});
const [x, w] = [tensor(1, 3, 5, 5), tensor(3, 3, 3, 3)];
// biome-ignore lint/suspicious/noExplicitAny: values of wrong kinds are the point
type Wrong = any;
/** An array whose memory another thread has: it is empty, and most methods of it throw. */
const gone = <A extends Uint8Array | Float32Array>(array: A): A => {
  structuredClone(array.buffer, { transfer: [array.buffer as ArrayBuffer] });
  return array;
};
const fit = (options: Wrong) => model().fit(strokes(10), options);
const only = (layer: Wrong): ModelSpec => ({ inputShape: [1, 12, 12], layers: [layer] });

type Row = readonly [call: string, run: () => unknown, name: string, message: string];

const flags: readonly Row[] = [
  ['0', 'got 0. Use true or false.'],
  ['null', 'got null. Use true or false.'],
  ["'false'", 'got "false". Leave out the quotes.'],
].flatMap(([value = '', end]) => {
  const wrong: Wrong = { 0: 0, null: null, "'false'": 'false' }[value];
  const row = (call: string, where: string, name: string, run: () => unknown): Row => [
    `${call} ${value}`,
    run,
    'TypeError',
    `${where}: expected ${name} to be true or false, ${end}`,
  ];
  return [
    row('fit shuffle', 'fit', 'shuffle', () => fit({ shuffle: wrong })),
    row('useBias', 'layers.dense', 'useBias', () => layers.dense({ units: 1, useBias: wrong })),
    row('useBias of JSON', 'layers[0] conv2d', 'useBias', () =>
      createModel(backend(), only({ type: 'conv2d', filters: 1, kernelSize: 1, useBias: wrong })),
    ),
    row('fuse', 'createModel', 'fuse', () => createModel(backend(), spec, { fuse: wrong })),
    row('preprocessing', 'encodeOnnx', 'preprocessing', () =>
      encodeOnnx(model(), { preprocessing: wrong }),
    ),
    row('transposeA', 'matmul', 'transposeA', () =>
      ops().matmul(tensor(2, 2), tensor(2, 2), { transposeA: wrong }),
    ),
  ];
});

const kinds: readonly Row[] = [
  [
    'fit signal {}',
    () => fit({ signal: {} }),
    'TypeError',
    'fit: expected signal to be an AbortSignal, got an object. Use an AbortSignal.',
  ],
  [
    'fit signal { aborted }',
    () => fit({ signal: { aborted: false } }),
    'TypeError',
    'fit: expected signal to be an AbortSignal, got an object.',
  ],
  [
    'fit signal that cannot be let go of',
    () => fit({ signal: { aborted: false, addEventListener() {} } }),
    'TypeError',
    'fit: expected signal to be an AbortSignal, got an object.',
  ],
  [
    'fit with a number',
    () => fit(5),
    'TypeError',
    'fit: expected an object of options, got 5. Leave it out, or name the options.',
  ],
  ['fit with null', () => fit(null), 'TypeError', 'fit: expected an object of options, got null.'],
  [
    'fit with a Date',
    () => fit(new Date()),
    'TypeError',
    'fit: expected an object of options, got Date.',
  ],
  [
    'fit with options of a class',
    () =>
      fit(
        new (class Config {
          readonly epochs = 2;
        })(),
      ),
    'TypeError',
    'fit: expected an object of options, got Config.',
  ],
  [
    'fit with a promise of options',
    () => fit(Promise.resolve({ epochs: 2 })),
    'TypeError',
    'fit: expected an object of options, got Promise. Await it.',
  ],
  [
    'fit epochs of text',
    () => fit({ epochs: '5' }),
    'TypeError',
    'fit: expected epochs to be a number, got "5". Leave out the quotes.',
  ],
  [
    'fit batchSize 2.5',
    () => fit({ batchSize: 2.5 }),
    'RangeError',
    'fit: expected batchSize to be a whole number from 1 to 2147483647, got 2.5. Use a number in this range.',
  ],
  [
    'fit with an optimizer that was not called',
    () => fit({ optimizer: optimizers.adam }),
    'TypeError',
    'fit: expected an optimizer of type adadelta, adagrad, adam, adamw, momentum, nesterov, rmsprop, sgd, got a function. Call it.',
  ],
  [
    'fit with a misspelt optimizer',
    () => fit({ optimizer: 'Adam' }),
    'TypeError',
    'got "Adam". Use adam.',
  ],
  [
    'fit with a misspelt loss',
    () => fit({ loss: 'categorical_crossentropy' }),
    'TypeError',
    'got "categorical_crossentropy". Use categoricalCrossentropy.',
  ],
  [
    'fit with a metric outside of a list',
    () => fit({ metrics: 'accuracy' }),
    'TypeError',
    'fit: expected metrics as a list of accuracy, meanAbsoluteError, meanSquaredError, macroF1, top5, got "accuracy". Use a list of these names.',
  ],
  [
    'fit with a misspelt metric',
    () => fit({ metrics: ['acuracy'] }),
    'TypeError',
    'got "acuracy". Use accuracy.',
  ],
  [
    'fit with a metric that is a hole',
    () => fit({ metrics: new Array(1) }),
    'TypeError',
    'got undefined. Use a list of these names.',
  ],
  [
    'fit onEpochEnd true',
    () => fit({ onEpochEnd: true }),
    'TypeError',
    'fit: expected onEpochEnd to be a function, got true. Use a function.',
  ],
  [
    'createModel with a number for options',
    () => createModel(backend(), spec, 7 as Wrong),
    'TypeError',
    'createModel: expected an object of options, got 7.',
  ],
  [
    'createModel with {} for a backend',
    () => createModel({} as Wrong, spec),
    'TypeError',
    'createModel: expected a backend, got an object. Await createBackend().',
  ],
  [
    'createModel with a backend that was not awaited',
    () => createModel(createBackend() as Wrong, spec),
    'TypeError',
    'createModel: expected a backend, got Promise. Await createBackend().',
  ],
  [
    'createModel with the backend of convlet/worker',
    async () => {
      const worker = await createWorkerBackend();
      worker.dispose();
      return createModel(worker as Wrong, spec);
    },
    'TypeError',
    'createModel: expected a backend, got WorkerBackend.',
  ],
  [
    'createModel without layers',
    () => createModel(backend(), { inputShape: [1, 4, 4], layers: [] }),
    'TypeError',
    'model: expected a list of layers, got []. Use at least one.',
  ],
  [
    'createModel with an image of two sizes',
    () => createModel(backend(), { ...spec, inputShape: [28, 28] }),
    'ShapeError',
    'model: inputShape: expected a list of 3 sizes, got [28, 28]. Use [1, 28, 28], for example.',
  ],
  [
    'createModel with a factory that was not called',
    () => createModel(backend(), only(layers.relu)),
    'TypeError',
    'got a function. Call it.',
  ],
  [
    'createModel with a layer that is a hole',
    () => createModel(backend(), { ...spec, layers: new Array(1) }),
    'TypeError',
    'layers[0]: expected a layer of type',
  ],
  [
    'createModel with a misspelt layer',
    () => createModel(backend(), only({ type: 'Conv2D', filters: 1, kernelSize: 1 })),
    'TypeError',
    'got "Conv2D". Use conv2d.',
  ],
  [
    'createModel with inputs that are a hole',
    () => createModel(backend(), only({ type: 'add', inputs: new Array(2) })),
    'TypeError',
    'layers[0] add: expected inputs to be a list of names of layers, got a list of 2.',
  ],
  [
    'a name that is no name',
    () => layers.relu({ name: '1st' }),
    'RangeError',
    'layers.relu: expected name to begin with a letter or _',
  ],
  [
    'a kernel of three sizes',
    () => layers.conv2d({ filters: 1, kernelSize: [3, 3, 3] as Wrong }),
    'TypeError',
    'layers.conv2d: expected kernelSize to be a number or [height, width], got [3, 3, 3].',
  ],
  [
    'a schedule of an unknown unit',
    () => schedules.step({ from: 1, factor: 1, every: 1, unit: 'batch' as Wrong }),
    'RangeError',
    "schedules.step: expected unit to be 'epoch' or 'step', got \"batch\".",
  ],
  [
    'a learning rate of text',
    () => optimizers.sgd({ learningRate: '0.1' as Wrong }),
    'TypeError',
    'optimizers.sgd: expected learningRate to be a number or one of schedules, got "0.1". Leave out the quotes.',
  ],
  [
    'a loss with a number for options',
    () => losses.meanSquaredError(1 as Wrong),
    'TypeError',
    'losses.meanSquaredError: expected an object of options, got 1.',
  ],
  [
    'setWeights without weights',
    () => model().setWeights(undefined as Wrong),
    'TypeError',
    'setWeights: expected a Map of tensors by name, as weights() returns it, got undefined. Use new Map(entries).',
  ],
  [
    'setWeights with {}',
    () => model().setWeights({} as Wrong),
    'TypeError',
    'setWeights: expected a Map of tensors by name, as weights() returns it, got an object.',
  ],
  [
    'setWeights with a promise of weights',
    () => model().setWeights(Promise.resolve(new Map()) as Wrong),
    'TypeError',
    'got Promise. Await it.',
  ],
  [
    'setWeights with a list in place of a tensor',
    () => model().setWeights(new Map<string, Wrong>([...model().weights(), ['0.bias', [1, 2]]])),
    'TypeError',
    'setWeights: 0.bias: expected a tensor { shape, data: Float32Array }, got [1, 2]. Use Float32Array.from(numbers) as data.',
  ],
  [
    'predict with a promise of images',
    () => model().predict(Promise.resolve(new Uint8Array(144)) as Wrong),
    'TypeError',
    'predict: expected a tensor { shape, data: Float32Array }, got Promise. Await it.',
  ],
  [
    'evaluate loss null',
    () => model().evaluate(strokes(10), { loss: null as Wrong }),
    'TypeError',
    'evaluate: expected a loss of type binaryCrossentropy, categoricalCrossentropy, huber, meanAbsoluteError, meanSquaredError, got null. Use one of these.',
  ],
  [
    'evaluate metrics null',
    () => model().evaluate(strokes(10), { metrics: null as Wrong }),
    'TypeError',
    'evaluate: expected metrics as a list of',
  ],
  [
    'evaluate without data',
    () => model().evaluate(undefined as Wrong),
    'TypeError',
    'evaluate: expected a data set { images: Uint8Array | Float32Array',
  ],
  [
    'evaluate of a promise of data',
    () => model().evaluate(Promise.resolve(strokes(10)) as Wrong),
    'TypeError',
    'got Promise. Await it.',
  ],
  [
    'fit with targets beside the labels',
    () => model().fit({ ...strokes(10), targets: new Float32Array(100) } as Wrong),
    'TypeError',
    'fit: training data: expected labels or targets, got both. Leave out one of them.',
  ],
  [
    'fit with images in a list',
    () => model().fit({ ...strokes(1), images: Array(144).fill(0) } as Wrong),
    'TypeError',
    'got images Array and labels Uint8Array. Use arrays of these kinds.',
  ],
  [
    'fit with a name that is no text',
    () => model().fit({ ...strokes(10), name: 5 } as Wrong),
    'TypeError',
    'fit: training data: expected name to be a text, got 5. Use a text.',
  ],
  [
    'encodeModel of an object without weights',
    () => encodeModel({ spec } as Wrong),
    'TypeError',
    'encodeModel: expected a model, or { spec, seed, weights: Map } as decodeModel returns it, got an object. Use one of these.',
  ],
  [
    'encodeTfjs of a model in a worker',
    async () => {
      const worker = await createWorkerBackend();
      const remote = await worker.createModel(spec);
      try {
        return encodeTfjs(remote as Wrong);
      } finally {
        await remote.weights(); // and with it those that were asked for
        worker.dispose();
      }
    },
    'TypeError',
    'got RemoteModel. Await its weights().',
  ],
  [
    'encodeNpz with a seed that is none',
    () => encodeNpz({ spec, seed: -1, weights: model().weights() }),
    'RangeError',
    'encodeNpz: expected seed to be a whole number from 0 to 4294967295, got -1.',
  ],
  [
    'encodeModel of weights that are not finite',
    () => {
      const weights = model().weights();
      weights.get('0.bias')?.data.fill(Number.NaN);
      return encodeModel({ spec, seed: 1, weights });
    },
    'RangeError',
    'encodeModel: 0.bias: expected finite numbers, got NaN or Infinity. Use other weights.',
  ],
  [
    'padding as a list of one',
    () => layers.conv2d({ filters: 1, kernelSize: 3, padding: [1] as Wrong }),
    'TypeError',
    "layers.conv2d: expected padding to be 'valid', 'same', a number, [vertical, horizontal] or [top, left, bottom, right], got [1].",
  ],
  [
    'setWeights of a proxy of a map',
    () => model().setWeights(new Proxy(model().weights(), {})),
    'TypeError',
    'setWeights: expected a Map of tensors by name, as weights() returns it, got Map.',
  ],
  [
    'setWeights of what calls itself a map',
    () => model().setWeights({ [Symbol.toStringTag]: 'Map' } as Wrong),
    'TypeError',
    'setWeights: expected a Map of tensors by name, as weights() returns it, got an object.',
  ],
  [
    'kernels in a buffer that has gone',
    () => createBackend({ wasm: gone(new Uint8Array(9)).buffer }),
    'Error',
    'createBackend: expected a WebAssembly module from the given bytes, got 0 bytes',
  ],
  [
    'kernels in bytes that have gone',
    () => createBackend({ wasm: gone(new Uint8Array(9)) }),
    'Error',
    'createBackend: expected a WebAssembly module from the given bytes, got 0 bytes',
  ],
  [
    'decodeNpzModel of bytes that have gone',
    () => decodeNpzModel(gone(new Uint8Array(9)), spec),
    'FormatError',
    'the given bytes: expected a zip archive of arrays, as numpy.savez writes it, got a file without its end.',
  ],
  [
    'a schedule that follows itself',
    () => {
      const rise: Wrong = { type: 'warmup', start: 0 };
      rise.then = rise;
      return fit({ optimizer: optimizers.sgd({ learningRate: rise }) });
    },
    'RangeError',
    'expected at most 8 schedules one after another, got more. Use fewer.',
  ],
  [
    'toDataset of a list that holds itself',
    () => {
      const list: Wrong = [];
      list.push(list);
      return toDataset({ images: list, shape: [1, 2, 2], labels: [0] });
    },
    'ShapeError',
    'toDataset: expected images in lists at most 8 deep, got deeper ones.',
  ],
  [
    'fit on a source with weights beside it',
    () => {
      const { images, ...rest } = strokes(5);
      const read = async () => ({ images, ...rest });
      return model().fit({ ...rest, count: 5, read, weights: new Float32Array(5) } as Wrong);
    },
    'TypeError',
    'fit: training data: expected a source without weights, got Float32Array. Give each block that read() returns its weights.',
  ],
  [
    'decodeModel of a buffer',
    () => decodeModel(new ArrayBuffer(8) as Wrong, 'f'),
    'TypeError',
    'decodeModel: expected bytes as a Uint8Array, got ArrayBuffer. Use new Uint8Array(buffer).',
  ],
];

const operations: readonly Row[] = [
  [
    'conv2d groups 1.5',
    () => ops().conv2d(x, tensor(3, 2, 3, 3), null, { groups: 1.5 }),
    'RangeError',
    'conv2d: expected groups to be a whole number from 1 to 2147483647, got 1.5.',
  ],
  [
    'conv2d groups 0.5',
    () => ops().conv2d(x, tensor(3, 6, 3, 3), null, { groups: 0.5 }),
    'RangeError',
    'conv2d: expected groups to be a whole number from 1 to 2147483647, got 0.5.',
  ],
  [
    'conv2d groups of text',
    () => ops().conv2d(x, w, null, { groups: '1' as Wrong }),
    'TypeError',
    'conv2d: expected groups to be a number, got "1". Leave out the quotes.',
  ],
  [
    'conv2d groups that do not divide',
    () => ops().conv2d(x, w, null, { groups: 2 }),
    'ShapeError',
    'conv2d: expected groups to divide 3 input channels and 3 filters, got 2. Use a divisor of both.',
  ],
  [
    'conv2d with options in the place of the bias',
    () => ops().conv2d(x, w, { strides: 2 } as Wrong),
    'TypeError',
    'conv2d: bias: expected a tensor { shape, data: Float32Array }, got an object.',
  ],
  [
    'conv2dBackward without dy',
    () => ops().conv2dBackward(undefined as Wrong, x, w),
    'TypeError',
    'conv2dBackward: dy: expected a tensor',
  ],
  [
    'maxPool2d without options',
    () => (ops().maxPool2d as Wrong)(x),
    'TypeError',
    'maxPool2d: expected the option poolSize, got none. Give it a value.',
  ],
  [
    'layer with parameters in a list',
    () => ops().layer({ type: 'relu' }, [x], [] as Wrong),
    'TypeError',
    'layer relu: expected parameters as an object, got []. Use { weight, bias }, by the names of the parameters.',
  ],
  [
    'layer without a parameter',
    () => ops().layer({ type: 'dense', units: 2 }, [tensor(1, 2)], { weight: tensor(2, 2) }),
    'TypeError',
    'layer dense: expected a tensor bias 2, got none. Give it.',
  ],
  [
    'softmaxCrossEntropy with a label too high',
    () => ops().softmaxCrossEntropy(tensor(1, 3), [3]),
    'RangeError',
    'softmaxCrossEntropy: expected label 0 to be a whole number from 0 to 2, got 3.',
  ],
];

it.each([...flags, ...kinds, ...operations])('refuses %s', async (_call, run, name, message) => {
  const error = await errorOf(run);
  expectRefusal(error, [name]);
  expect((error as Error).message).toContain(message);
});

describe('in a worker', () => {
  it('what cannot be sent is named with its place, and the cause is kept', async () => {
    const worker = await createWorkerBackend();
    afterAll(() => worker.dispose());
    const remote = await worker.createModel(spec);
    const fn = () => 'a long source text';
    const cases: [() => unknown, string][] = [
      [
        () => worker.createModel({ ...spec, layers: [fn as Wrong] }),
        'createModel: expected plain data, as goes to a worker, got a function at spec.layers.0. Leave it out, or use a plain value.',
      ],
      [
        () => worker.createModel({ ...spec, inputShape: new Proxy([1, 12, 12], {}) }),
        'createModel: expected plain data, as goes to a worker, got [1, 12, 12] at spec.inputShape.',
      ],
      [
        () => remote.fit({ ...strokes(5), name: fn } as Wrong),
        'fit: expected plain data, as goes to a worker, got a function at dataset.name.',
      ],
      [
        () => remote.fit(strokes(5), { validationData: { ...strokes(5), load: fn } as Wrong }),
        'fit: expected plain data, as goes to a worker, got a function at dataset.load.',
      ],
      [
        () => remote.evaluate({ ...strokes(5), promise: Promise.resolve() } as Wrong),
        'evaluate: expected plain data, as goes to a worker, got Promise at dataset.promise.',
      ],
      [
        () => worker.sendDataset({ ...strokes(5), extra: { deep: [Symbol('s')] } } as Wrong),
        'sendDataset: expected plain data, as goes to a worker, got a symbol at dataset.extra.deep.0.',
      ],
      [
        () => remote.setWeights(new Map([['0.bias', { shape: fn, data: fn }]]) as Wrong),
        'setWeights: expected plain data, as goes to a worker, got a function at weights.0.bias.shape.',
      ],
      [
        () => remote.predict(fn as Wrong),
        'predict: expected plain data, as goes to a worker, got a function at images.',
      ],
    ];
    for (const [run, message] of cases) {
      const error = await errorOf(run);
      expectRefusal(error, ['TypeError']);
      expect((error as Error).message).toContain(message);
      expect((error as Error).cause).toMatchObject({ name: 'DataCloneError' });
    }
    await remote.fit(strokes(5)); // and nothing is stuck
  });

  it('options of a wrong kind are refused, functions too, which cannot be sent', async () => {
    const worker = await createWorkerBackend();
    afterAll(() => worker.dispose());
    const remote = await worker.createModel(spec);
    const cases: [() => unknown, string][] = [
      [() => remote.fit(strokes(5), { shuffle: (() => {}) as Wrong }), 'fit: expected shuffle'],
      [() => remote.fit(strokes(5), { epochs: '1' as Wrong }), 'fit: expected epochs'],
      [
        () => remote.fit({ ...strokes(5), images: gone(Float32Array.from(strokes(5).images)) }),
        'fit: training data: expected at least one image, got none.',
      ],
      [() => remote.fit(strokes(5), new Date() as Wrong), 'fit: expected an object of options'],
      [
        () => remote.evaluate(strokes(5), { loss: (() => {}) as Wrong }),
        'evaluate: expected a loss',
      ],
      [() => remote.predict(strokes(1).images, 0 as Wrong), 'predict: expected an object'],
      [() => worker.createModel(spec, { seed: 0.5 }), 'createModel: expected seed'],
      [() => worker.sendDataset(undefined as Wrong), 'sendDataset: expected a data set'],
      [() => worker.sendDataset(Promise.resolve() as Wrong), 'got Promise. Await it.'],
      [() => worker.sendDataset(strokes(5), { transfer: 'no' as Wrong }), 'expected transfer'],
      [
        () => createWorkerBackend({ threads: (() => 2) as Wrong }),
        "a number or 'auto', got a function",
      ],
      [() => createWorkerBackend({ threads: 99 }), 'createWorkerBackend: expected threads'],
    ];
    for (const [run, message] of cases) {
      const error = await errorOf(run);
      expectRefusal(error);
      expect((error as Error).message).toContain(message);
    }
  });

  it('validation data that are null are refused, not left out', async () => {
    const worker = await createWorkerBackend();
    const remote = await worker.createModel(spec);
    for (const validationData of [null, 0, '']) {
      const error = await errorOf(() =>
        remote.fit(strokes(5), { validationData: validationData as Wrong }),
      );
      expectRefusal(error, ['TypeError']);
      expect((error as Error).message).toContain('fit: validationData: expected a data set');
    }
    worker.dispose();
  });
});
