/**
 * Every public entry, fed with anything: it takes the value or refuses it in a sentence of ours, and is never silent.
 * One table, a row for each public function, so that one that is missing shows; the tests are the last thirty lines.
 */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Checkpoint,
  createBackend,
  createModel,
  describeDataset,
  layers,
  learningRateAt,
  losses,
  namedModels,
  optimizers,
  parseIdxDataset,
  prepareDigit,
  schedules,
  splitDataset,
  type Tensor,
  toDataset,
} from 'convlet';
import * as formats from 'convlet/formats';
import * as inline from 'convlet/inline';
import { loadKernels } from 'convlet/kernels';
import {
  createReport,
  loadDataset,
  loadMnist,
  loadModel,
  saveModel,
  writeFileAtomic,
} from 'convlet/node';
import { createWorkerBackend } from 'convlet/worker';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { errorOf, expectRefusal, junk } from '../support/junk.ts';

const spec = {
  inputShape: [1, 6, 6],
  layers: [
    layers.conv2d({ filters: 4, kernelSize: 3 }),
    layers.flatten(),
    layers.dense({ units: 3 }),
  ],
};
const dataset = () => ({
  images: Float32Array.from({ length: 20 * 36 }, (_, i) => (i % 7) / 7),
  labels: Uint8Array.from({ length: 20 }, (_, i) => i % 3),
  shape: [1, 6, 6],
  classes: 3,
});
const values = () => ({
  images: dataset().images,
  targets: new Float32Array(60),
  shape: [1, 6, 6],
});
const tensor = (...shape: number[]): Tensor => ({
  shape,
  data: new Float32Array(shape.reduce((product, size) => product * size, 1)).fill(0.5),
});

const backend = await createBackend();
const fresh = () => createModel(backend, spec);
const model = fresh();
const checkpoint = await new Promise<Checkpoint>((resolve) => {
  void fresh().fit(dataset(), { optimizer: optimizers.adam(), onCheckpoint: resolve });
});
const worker = await createWorkerBackend();
const remote = await worker.createModel(spec);
const kernels = await loadKernels();
const { ops } = backend;
const folder = mkdtempSync(join(tmpdir(), 'convlet-junk-'));
await saveModel(model, join(folder, 'kept'));
const rowsFile = join(folder, 'rows.csv');
writeFileSync(rowsFile, `label,a,b,c,d\n${'0,1,2,3,4\n1,4,3,2,1\n'.repeat(10)}`);

const [x, w, b, y] = [tensor(2, 1, 6, 6), tensor(4, 1, 3, 3), tensor(4), tensor(2, 4, 4, 4)];
const [rows, matrix] = [tensor(2, 5), tensor(3, 5)];
const schedule = schedules.step({ from: 1, factor: 0.5, every: 1 });
const idxFiles = [
  { name: 'a', bytes: Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 9) },
  { name: 'b', bytes: Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 1, 0) },
] as const;
const report = {
  title: 't',
  settings: [['a', 'b']],
  layers: [{ name: 'l', output: [1], parameters: 1 }],
  history: checkpoint.history,
  evaluation: model.evaluate(dataset()),
  testSet: dataset(),
  probabilities: model.predict(dataset().images),
  initialWeights: model.weights(),
  weights: model.weights(),
  trainSet: dataset(),
  augment: undefined,
  seed: 1,
};

// biome-ignore lint/suspicious/noExplicitAny: junk is of any type, which is the point
type Feed = (value: any) => unknown;
/** A name, how the value is passed, and the junk that is fine there. */
type Entry = readonly [name: string, feed: Feed, taken: readonly string[]];

/** An object with one field replaced, for each of its fields. */
function fieldsOf(
  name: string,
  whole: object,
  feed: Feed,
  taken: Readonly<Record<string, readonly string[]>> = {},
): Entry[] {
  return Object.keys(whole).map((field) => [
    `${name}.${field}`,
    (value) => feed({ ...whole, [field]: value }),
    taken[field] ?? [],
  ]);
}

const OPTIONS = ['undefined', '{}', 'no prototype', 'a proxy'];
/** Options within options are cloned on their way to a worker: without what they inherit, and proxies cannot be. */
const SENT_OPTIONS = ['undefined', '{}', 'no prototype', 'inherited fields'];
const TEXTS = ["'x'", 'no text'];
const NUMBER = ['5'];
const OPTIONAL_NUMBER = ['undefined', '5'];
const FLAG = ['undefined', 'true'];

const datasetFields = { ...dataset(), targets: undefined, name: 'n' };
const datasetTaken = { targets: ['undefined'], name: ['undefined', ...TEXTS] };
/** What is a record, whatever is in it. */
const RECORDS = [
  '{}',
  'no prototype',
  'a proxy',
  '{ type: {} }',
  "{ type: 'toString' }",
  '{ nothing: 1 }',
  '{ constructor: {} }',
];

const fitOptions: Record<string, readonly string[]> = {
  epochs: OPTIONAL_NUMBER,
  batchSize: OPTIONAL_NUMBER,
  optimizer: ['undefined'],
  loss: ['undefined'],
  metrics: ['undefined', '[]'],
  shuffle: FLAG,
  validationData: ['undefined'],
  validationSplit: ['undefined', '0.5'],
  earlyStopping: ['undefined'],
  augment: OPTIONS,
  averageWeights: OPTIONS,
  accumulate: OPTIONAL_NUMBER,
  shards: OPTIONAL_NUMBER,
  onWarning: ['undefined', 'a function'],
  onStepEnd: ['undefined', 'a function'],
  onEpochEnd: ['undefined', 'a function'],
  signal: ['undefined'],
  maxSteps: OPTIONAL_NUMBER,
  onCheckpoint: ['undefined', 'a function'],
  checkpointEvery: OPTIONAL_NUMBER,
  resume: ['undefined'],
};

const labelled = {
  images: [[[0, 1]], [[1, 0]]],
  shape: [1, 1, 2],
  layout: 'NCHW',
  range: [0, 1],
  labels: [0, 1],
  classes: 2,
  classNames: ['a', 'b'],
} as const;
const canvas = { data: new Uint8ClampedArray(12), width: 3, height: 1 };
const TARGETS = ['[1, 1, 6, 6]', 'doubles'];
const PIXELS = ['5', '-1', '0.5', '2 ** 53'];
const loadOptions: Record<string, readonly string[]> = {
  size: OPTIONAL_NUMBER,
  channels: ['undefined'],
  classNames: ['undefined'],
  testSplit: ['undefined', '0.5'],
  trainSamples: OPTIONAL_NUMBER,
  testSamples: OPTIONAL_NUMBER,
  labelColumn: ['undefined'],
  seed: OPTIONAL_NUMBER,
  skipBad: FLAG,
  onProgress: ['undefined', 'a function'],
};

const checkpointTaken = {
  settings: ['undefined', ...RECORDS],
  epochsBefore: NUMBER,
  metrics: ['[]'],
  batchSize: NUMBER,
  shuffle: ['true'],
  history: ['[]'],
};

const local: Entry[] = [
  ['createBackend', (v) => createBackend(v), OPTIONS],
  ['createBackend threads', (v) => createBackend({ threads: v }), OPTIONAL_NUMBER],
  ['createBackend wasm', (v) => createBackend({ wasm: v }), OPTIONS],
  ['createBackend of convlet/inline', (v) => inline.createBackend(v), OPTIONS],
  ['createModel backend', (v) => createModel(v, spec), []],
  ['createModel spec', (v) => createModel(backend, v), []],
  ['createModel options', (v) => createModel(backend, spec, v), OPTIONS],
  ['createModel seed', (v) => createModel(backend, spec, { seed: v }), OPTIONAL_NUMBER],
  ['createModel fuse', (v) => createModel(backend, spec, { fuse: v }), FLAG],
  ...fieldsOf('createModel spec', spec, (v) => createModel(backend, v)),
  ['normalize', (v) => createModel(backend, { ...spec, normalize: v }), ['undefined']],
  ['createModel loss', (v) => createModel(backend, spec, { loss: v }), ['undefined']],
  ['a layer of the spec', (v) => createModel(backend, { ...spec, layers: [v] }), []],
  ['fit data', (v) => fresh().fit(v), []],
  ['fit options', (v) => fresh().fit(dataset(), v), OPTIONS],
  ...Object.entries(fitOptions).map(
    ([name, taken]): Entry => [
      `fit ${name}`,
      (v) => fresh().fit(dataset(), { maxSteps: 1, [name]: v }),
      taken,
    ],
  ),
  ...fieldsOf('fit data', datasetFields, (v) => fresh().fit(v), datasetTaken),
  ...fieldsOf('fit values', values(), (v) => fresh().fit(v, { loss: 'meanSquaredError' })),
  ...fieldsOf(
    'fit resume',
    { ...checkpoint, settings: {} },
    (v) => fresh().fit(dataset(), { epochs: 2, resume: v }),
    checkpointTaken,
  ),
  ...fieldsOf('fit resume state', checkpoint.state, (v) =>
    fresh().fit(dataset(), { epochs: 2, resume: { ...checkpoint, state: v } }),
  ),
  ...fieldsOf(
    'fit resume begun',
    checkpoint.begun,
    (v) => fresh().fit(dataset(), { epochs: 2, resume: { ...checkpoint, begun: v } }),
    {
      loss: ['5', '-1', '0.5', '2 ** 53'],
      metrics: RECORDS,
      seconds: ['5', '0.5', '2 ** 53', 'Infinity'],
    },
  ),
  ['evaluate data', (v) => model.evaluate(v), []],
  ['evaluate options', (v) => model.evaluate(dataset(), v), OPTIONS],
  ['evaluate loss', (v) => model.evaluate(dataset(), { loss: v }), ['undefined']],
  ['evaluate metrics', (v) => model.evaluate(dataset(), { metrics: v }), ['undefined', '[]']],
  ['evaluate batchSize', (v) => model.evaluate(dataset(), { batchSize: v }), OPTIONAL_NUMBER],
  ['predict images', (v) => model.predict(v), []],
  ...fieldsOf('predict images', tensor(1, 1, 6, 6), (v) => model.predict(v), {
    shape: ['[1, 1, 6, 6]'],
  }),
  ['predict options', (v) => model.predict(tensor(1, 1, 6, 6), v), OPTIONS],
  [
    'predict outputs',
    (v) => model.predict(tensor(1, 1, 6, 6), { outputs: v }),
    ['undefined', '[]'],
  ],
  ['predictClasses', (v) => model.predictClasses(v), []],
  ['setWeights', (v) => model.setWeights(v), []],
  ['setWeights strict', (v) => model.setWeights(model.weights(), { strict: v }), FLAG],
  ['setWeights name', (v) => model.setWeights(new Map([...model.weights(), [v, b]])), []],
  ['setWeights tensor', (v) => model.setWeights(new Map([...model.weights(), ['0.bias', v]])), []],
  ...fieldsOf('setWeights tensor', b, (v) =>
    model.setWeights(new Map([...model.weights(), ['0.bias', v]])),
  ),
  ['setWeights options', (v) => model.setWeights(model.weights(), v), OPTIONS],
];

const factories: Entry[] = Object.entries({ layers, losses, optimizers, schedules }).flatMap(
  ([room, makes]) =>
    Object.entries(makes).map(([name, make]): Entry => {
      const checks: readonly { isRequired?: true }[] = Object.values(make.definition.options);
      const needs = checks.some(({ isRequired }) => isRequired);
      return [`${room}.${name}`, make as Feed, needs ? [] : OPTIONS];
    }),
);

const options: Entry[] = [
  ['a name', (v) => layers.relu({ name: v }), ['undefined', "'x'"]],
  ['inputs', (v) => layers.add({ inputs: v }), ['undefined']],
  ['an input', (v) => layers.add({ inputs: ['a', v] }), TEXTS],
  ['filters', (v) => layers.conv2d({ filters: v, kernelSize: 1 }), NUMBER],
  ['kernelSize', (v) => layers.conv2d({ filters: 1, kernelSize: v }), NUMBER],
  ['strides', (v) => layers.conv2d({ filters: 1, kernelSize: 1, strides: v }), OPTIONAL_NUMBER],
  [
    'padding',
    (v) => layers.conv2d({ filters: 1, kernelSize: 1, padding: v }),
    [...OPTIONAL_NUMBER, '[1, 1, 6, 6]'],
  ],
  ['useBias', (v) => layers.dense({ units: 1, useBias: v }), FLAG],
  ['a rate of dropout', (v) => layers.dropout({ rate: v }), ['undefined', '0.5']],
  ['perChannel', (v) => layers.dropout({ perChannel: v }), FLAG],
  [
    'learningRate',
    (v) => optimizers.sgd({ learningRate: v }),
    ['undefined', '5', '0.5', '2 ** 53', '{ type: {} }', "{ type: 'toString' }"], // fit asks for its type
  ],
  ['clipNorm', (v) => optimizers.sgd({ clipNorm: v }), ['undefined', '5', '0.5', '2 ** 53']],
  ['unit', (v) => schedules.step({ from: 1, factor: 1, every: 1, unit: v }), ['undefined']],
  ['learningRateAt schedule', (v) => learningRateAt(v, 0), []],
  ['learningRateAt step', (v) => learningRateAt(schedule, v, { stepsPerEpoch: 2 }), NUMBER],
  ['learningRateAt options', (v) => learningRateAt(schedule, 1, v), []],
  [
    'learningRateAt stepsPerEpoch',
    (v) => learningRateAt(schedule, 1, { stepsPerEpoch: v }),
    ['5', '0.5', '2 ** 53'],
  ],
  ['namedModels shape', (v) => namedModels.reference(v, 10), []],
  ['namedModels classes', (v) => namedModels.lenet5([1, 28, 28], v), NUMBER],
];

const data: Entry[] = [
  ['splitDataset', (v) => splitDataset(v, 5, 1), []],
  ...fieldsOf('splitDataset', datasetFields, (v) => splitDataset(v, 5, 1), {
    ...datasetTaken,
    classes: NUMBER,
  }),
  ['splitDataset testCount', (v) => splitDataset(dataset(), v, 1), NUMBER],
  ['splitDataset seed', (v) => splitDataset(dataset(), 5, v), NUMBER],
  ['prepareDigit', (v) => prepareDigit(v), []],
  ...fieldsOf(
    'prepareDigit',
    { width: 1, height: 3, pixels: Uint8Array.of(0, 9, 0) },
    prepareDigit,
  ),
  ['parseIdxDataset', (v) => parseIdxDataset(v, v, 10, 'x'), []],
  [
    'parseIdxDataset bytes',
    (v) => parseIdxDataset({ name: 'a', bytes: v }, { name: 'b', bytes: v }, 10, 'x'),
    [],
  ],
  ['parseIdxDataset classes', (v) => parseIdxDataset(...idxFiles, v, 'x'), NUMBER],
  ['parseIdxDataset name', (v) => parseIdxDataset(...idxFiles, 10, v), TEXTS],
  ['toDataset', (v) => toDataset(v), []],
  ...fieldsOf('toDataset', labelled, (v) => toDataset(v), {
    shape: ['undefined'],
    layout: ['undefined'],
    range: ['undefined'],
    images: ['[1, 1, 6, 6]'], // four numbers, two for each image
    classes: ['undefined'],
    classNames: ['undefined'],
  }),
  ['toDataset row', (v) => toDataset({ ...labelled, images: [[[0, 1]], v] }), []],
  ['toDataset pixel', (v) => toDataset({ ...labelled, images: [[[0, 1]], [[0, v]]] }), PIXELS],
  ['toDataset label', (v) => toDataset({ images: labelled.images, labels: [0, v] }), ['5', '10n']],
  ['toDataset names', (v) => toDataset({ images: labelled.images, labels: ['a', v] }), TEXTS],
  ['toDataset oneHot', (v) => toDataset({ images: labelled.images, oneHot: v }), []],
  ['toDataset targets', (v) => toDataset({ images: labelled.images, targets: v }), TARGETS],
  ...fieldsOf('toDataset picture', canvas, (v) => toDataset({ images: v, labels: [0] })),
  ['describeDataset', (v) => describeDataset(v), []],
  ...fieldsOf('describeDataset', datasetFields, (v) => describeDataset(v), {
    ...datasetTaken,
    classes: NUMBER,
  }),
  ...fieldsOf('describeDataset values', values(), (v) => describeDataset(v)),
  ['loadDataset path', (v) => loadDataset(v), []],
  ['loadDataset', (v) => loadDataset(rowsFile, v), OPTIONS],
  ...Object.entries(loadOptions).map(
    ([name, taken]): Entry => [
      `loadDataset ${name}`,
      (v) => loadDataset(rowsFile, { testSplit: 0.5, [name]: v }),
      taken,
    ],
  ),
  ['loadMnist', (v) => loadMnist(v === undefined ? { testSamples: 1 } : v), OPTIONS],
  ['loadMnist seed', (v) => loadMnist({ seed: v }), OPTIONAL_NUMBER],
  ['loadMnist trainSamples', (v) => loadMnist({ trainSamples: v }), OPTIONAL_NUMBER],
  ['loadModel backend', (v) => loadModel(v, join(folder, 'kept')), []],
  ['loadModel path', (v) => loadModel(backend, v), []],
  ['saveModel model', (v) => saveModel(v, join(folder, 'model')), []],
  ['saveModel path', (v) => saveModel(model, v === 'x' ? join(folder, v) : v), ["'x'"]],
  ['createReport', (v) => createReport(v), []],
  ...fieldsOf('createReport', report, (v) => createReport(v), {
    title: TEXTS,
    settings: ['[]'],
    layers: ['[]'],
    history: ['[]'],
    initialWeights: ['a map'],
    weights: ['a map'],
    trainSet: ['undefined'],
    augment: OPTIONS,
    seed: OPTIONAL_NUMBER,
  }),
  ['writeFileAtomic path', (v) => writeFileAtomic(v === 'x' ? join(folder, v) : v, 'x'), ["'x'"]],
  [
    'writeFileAtomic data',
    (v) => writeFileAtomic(join(folder, 'file'), v),
    [...TEXTS, 'no bytes', 'three bytes'],
  ],
];

const content = { spec: model.spec, seed: 1, weights: model.weights(), loss: model.loss };
const encoders: readonly [string, Feed][] = [
  ['encodeModel', formats.encodeModel],
  ['encodeNpz', formats.encodeNpz],
  ['encodeOnnx', formats.encodeOnnx],
  ['encodeTfjs', formats.encodeTfjs],
];
const decoders: readonly [string, Feed][] = [
  ['decodeModel', formats.decodeModel],
  ['decodeCheckpoint', formats.decodeCheckpoint],
  ['decodeSafetensors', formats.decodeSafetensors],
];
const files: Entry[] = [
  ...decoders.map(([name, decode]): Entry => [name, decode, []]),
  ...encoders.flatMap(([name, encode]): Entry[] => [
    [name, encode, []],
    ...fieldsOf(name, content, encode, { seed: OPTIONAL_NUMBER, loss: ['undefined'] }),
    [
      `${name} tensor`,
      (v) => encode({ ...content, weights: new Map([...content.weights, ['0.bias', v]]) }),
      [],
    ],
    ...fieldsOf(`${name} tensor`, b, (v) =>
      encode({ ...content, weights: new Map([...content.weights, ['0.bias', v]]) }),
    ),
  ]),
  ['encodeOnnx options', (v) => formats.encodeOnnx(model, v), OPTIONS],
  ['encodeOnnx preprocessing', (v) => formats.encodeOnnx(model, { preprocessing: v }), FLAG],
  ['encodeCheckpoint', (v) => formats.encodeCheckpoint(v), []],
  ...fieldsOf(
    'encodeCheckpoint',
    { ...checkpoint, settings: {} },
    (v) => formats.encodeCheckpoint(v),
    { ...checkpointTaken, seed: NUMBER },
  ),
  ['encodeSafetensors', (v) => formats.encodeSafetensors(v), ['[]', 'a map', 'no bytes']],
  ['encodeSafetensors entry', (v) => formats.encodeSafetensors([v]), []],
  ['encodeSafetensors name', (v) => formats.encodeSafetensors([[v, b]]), TEXTS],
  ['encodeSafetensors tensor', (v) => formats.encodeSafetensors([['a', v]]), []],
  ...fieldsOf('encodeSafetensors tensor', b, (v) => formats.encodeSafetensors([['a', v]])),
  [
    'encodeSafetensors metadata',
    (v) => formats.encodeSafetensors([['a', b]], v),
    [...OPTIONS, "{ type: 'toString' }"],
  ],
  ['encodeSafetensors text', (v) => formats.encodeSafetensors([['a', b]], { k: v }), TEXTS],
];

const memory: Entry[] = [
  ['loadKernels', (v) => loadKernels(v), OPTIONS],
  ['loadKernels memory', (v) => loadKernels({ memory: v }), ['undefined']],
  ['loadKernels wasm', (v) => loadKernels({ wasm: v }), ['undefined']],
  ['loadKernels start', (v) => loadKernels({ start: v }), OPTIONAL_NUMBER],
  ['arena.alloc', (v) => kernels.arena.alloc(v), NUMBER],
  ['arena.reset', (v) => kernels.arena.reset(v), ['undefined']],
  ['arena.u8 address', (v) => kernels.arena.u8(v, 1), NUMBER],
  ...(['f32', 'i32', 'u32'] as const).flatMap((kind): Entry[] => [
    [`arena.${kind} address`, (v) => kernels.arena[kind](v, 1), []],
    [`arena.${kind} length`, (v) => kernels.arena[kind](64, v), NUMBER],
  ]),
];

const run = { mode: 'train', seed: 1, epoch: 1, step: 0 };
const operations: Entry[] = [
  ['ops.layer', (v) => ops.layer(v, [x]), []],
  ['ops.layer inputs', (v) => ops.layer({ type: 'relu' }, v), []],
  ['ops.layer input', (v) => ops.layer({ type: 'relu' }, [v]), []],
  ['ops.layer parameters', (v) => ops.layer({ type: 'relu' }, [x], v), OPTIONS],
  [
    'ops.layer parameter',
    (v) => ops.layer({ type: 'dense', units: 3 }, [rows], { weight: v, bias: tensor(3) }),
    [],
  ],
  ['ops.layer options', (v) => ops.layer({ type: 'relu' }, [x], {}, v), OPTIONS],
  ...fieldsOf('ops.layer', run, (v) => ops.layer({ type: 'dropout' }, [x], {}, v), {
    mode: ['undefined'],
    seed: OPTIONAL_NUMBER,
    epoch: OPTIONAL_NUMBER,
    step: OPTIONAL_NUMBER,
  }),
  ['ops.layerBackward', (v) => ops.layerBackward(v, x, [x]), []],
  ['ops.layerBackward dy', (v) => ops.layerBackward({ type: 'relu' }, v, [x]), []],
  ['ops.layerBackward inputs', (v) => ops.layerBackward({ type: 'relu' }, x, v), []],
  ['ops.layerBackward parameters', (v) => ops.layerBackward({ type: 'relu' }, x, [x], v), OPTIONS],
  ['ops.layerBackward options', (v) => ops.layerBackward({ type: 'relu' }, x, [x], {}, v), OPTIONS],
  ['ops.loss', (v) => ops.loss(v, rows, [0, 1]), []],
  ['ops.loss output', (v) => ops.loss('categoricalCrossentropy', v, [0, 1]), []],
  ['ops.loss labels', (v) => ops.loss('categoricalCrossentropy', rows, v), []],
  ['ops.loss label', (v) => ops.loss('categoricalCrossentropy', rows, [0, v]), []],
  ['ops.loss targets', (v) => ops.loss('meanSquaredError', rows, v), []],
  ['ops.conv2d x', (v) => ops.conv2d(v, w, b), []],
  ['ops.conv2d w', (v) => ops.conv2d(x, v, b), []],
  ['ops.conv2d b', (v) => ops.conv2d(x, w, v), ['null']],
  ['ops.conv2d options', (v) => ops.conv2d(x, w, b, v), OPTIONS],
  ['ops.conv2d groups', (v) => ops.conv2d(x, w, b, { groups: v }), ['undefined']],
  ['ops.conv2d strides', (v) => ops.conv2d(x, w, b, { strides: v }), OPTIONAL_NUMBER],
  ['ops.conv2d dilation', (v) => ops.conv2d(x, w, b, { dilation: v }), ['undefined']],
  [
    'ops.conv2d padding',
    (v) => ops.conv2d(x, w, b, { padding: v }),
    [...OPTIONAL_NUMBER, '[1, 1, 6, 6]'],
  ],
  ['ops.conv2dBackward dy', (v) => ops.conv2dBackward(v, x, w), []],
  ['ops.conv2dBackward x', (v) => ops.conv2dBackward(y, v, w), []],
  ['ops.conv2dBackward w', (v) => ops.conv2dBackward(y, x, v), []],
  ['ops.conv2dBackward options', (v) => ops.conv2dBackward(y, x, w, v), OPTIONS],
  ['ops.maxPool2d x', (v) => ops.maxPool2d(v, { poolSize: 2 }), []],
  ['ops.maxPool2d options', (v) => ops.maxPool2d(x, v), []],
  ['ops.maxPool2d poolSize', (v) => ops.maxPool2d(x, { poolSize: v }), NUMBER],
  ['ops.maxPool2dBackward dy', (v) => ops.maxPool2dBackward(v, x, { poolSize: 2 }), []],
  ['ops.maxPool2dBackward options', (v) => ops.maxPool2dBackward(tensor(2, 1, 3, 3), x, v), []],
  ['ops.dense x', (v) => ops.dense(v, matrix, null), []],
  ['ops.dense w', (v) => ops.dense(rows, v, null), []],
  ['ops.dense b', (v) => ops.dense(rows, matrix, v), ['null']],
  ['ops.denseBackward dy', (v) => ops.denseBackward(v, rows, matrix), []],
  ['ops.denseBackward w', (v) => ops.denseBackward(tensor(2, 3), rows, v), []],
  ['ops.matmul a', (v) => ops.matmul(v, tensor(5, 2)), []],
  ['ops.matmul b', (v) => ops.matmul(rows, v), []],
  ['ops.matmul options', (v) => ops.matmul(rows, tensor(5, 2), v), OPTIONS],
  [
    'ops.matmul transposeA',
    (v) => ops.matmul(rows, tensor(5, 2), { transposeA: v }),
    ['undefined'],
  ],
  ['ops.leakyRelu options', (v) => ops.leakyRelu(rows, v), OPTIONS],
  ['ops.softmaxCrossEntropy logits', (v) => ops.softmaxCrossEntropy(v, [0, 1]), []],
  ['ops.softmaxCrossEntropy labels', (v) => ops.softmaxCrossEntropy(rows, v), []],
  ...(['relu', 'leakyRelu', 'softmax'] as const).flatMap((name): Entry[] => [
    [`ops.${name} x`, (v) => ops[name](v), []],
    [`ops.${name}Backward dy`, (v) => ops[`${name}Backward`](v, rows), []],
    [`ops.${name}Backward x`, (v) => ops[`${name}Backward`](rows, v), []],
  ]),
  ...fieldsOf('a tensor', tensor(36), (v) => ops.relu(v), { shape: ['[1, 1, 6, 6]'] }),
];

/** Functions of layers with parameters: what each argument may be beside what is right, the options last. */
const one = tensor(1);
const [bias, running] = [['null'], ['null', 'undefined']];
const weighted: Entry[] = (
  [
    ['depthwiseConv2d', [x, w, b, {}], [[], [], bias, OPTIONS]],
    ['separableConv2d', [x, w, tensor(2, 4, 1, 1), tensor(2), {}], [[], [], [], bias, OPTIONS]],
    ['conv2dTranspose', [x, tensor(1, 4, 3, 3), b, {}], [[], [], bias, OPTIONS]],
    ['prelu', [x, one, {}], [[], [], OPTIONS]],
    ['groupNorm', [x, one, one, { groups: 1 }], [[], [], [], []]],
    ['batchNorm', [x, one, one, one, one, {}], [[], [], [], running, running, OPTIONS]],
    ['dropout', [x, {}], [[], OPTIONS]],
    ['depthwiseConv2dBackward', [y, x, w, {}], [[], [], [], OPTIONS]],
    ['groupNormBackward', [x, x, one, { groups: 1 }], [[], [], [], []]],
    ['batchNormBackward', [x, x, one, one, one, {}], [[], [], [], running, running, OPTIONS]],
    ['dropoutBackward', [x, x, {}], [[], [], OPTIONS]],
  ] as const
).flatMap(([name, args, taken]) => {
  const operation = ops[name] as (...given: readonly unknown[]) => unknown;
  operation(...args);
  return taken.map(
    (may, place): Entry => [
      `ops.${name} argument ${place}`,
      (v) => operation(...args.map((given, at) => (at === place ? v : given))),
      may,
    ],
  );
});

/** Operations without options refuse them by name all the same. */
const others: Entry[] = (
  [
    ['dense', rows, matrix, null],
    ['denseBackward', tensor(2, 3), rows, matrix],
    ['relu', rows],
    ['reluBackward', rows, rows],
    ['softmax', rows],
    ['softmaxBackward', rows, rows],
    ['softmaxCrossEntropy', rows, [0, 1]],
    ['loss', 'meanSquaredError', rows, rows],
  ] as const
).map(([name, ...args]): Entry => {
  const operation = ops[name] as (...given: unknown[]) => unknown;
  return [`ops.${name} options`, (v) => operation(...args, v), OPTIONS];
});

const remotely: Entry[] = [
  ['createWorkerBackend', (v) => createWorkerBackend(v), OPTIONS],
  ['createWorkerBackend threads', (v) => createWorkerBackend({ threads: v }), OPTIONAL_NUMBER],
  ['createWorkerBackend wasm', (v) => createWorkerBackend({ wasm: v }), OPTIONS],
  ['remote createModel spec', (v) => worker.createModel(v), []],
  ['remote createModel options', (v) => worker.createModel(spec, v), OPTIONS],
  ['a layer of a remote spec', (v) => worker.createModel({ ...spec, layers: [v] }), []],
  ['sendDataset', (v) => worker.sendDataset(v), []],
  ['sendDataset options', (v) => worker.sendDataset(dataset(), v), OPTIONS],
  ['sendDataset transfer', (v) => worker.sendDataset(dataset(), { transfer: v }), FLAG],
  ['forgetDataset', (v) => worker.forgetDataset(v), []],
  ['remote fit data', (v) => remote.fit(v), []],
  ['remote fit options', (v) => remote.fit(dataset(), v), OPTIONS],
  ...Object.entries(fitOptions).map(
    ([name, taken]): Entry => [
      `remote fit ${name}`,
      (v) => remote.fit(dataset(), { maxSteps: 1, [name]: v }),
      taken === OPTIONS ? SENT_OPTIONS : taken,
    ],
  ),
  ...fieldsOf('remote fit data', datasetFields, (v) => remote.fit(v), datasetTaken),
  ['remote evaluate data', (v) => remote.evaluate(v), []],
  ['remote evaluate options', (v) => remote.evaluate(dataset(), v), OPTIONS],
  ['remote evaluate loss', (v) => remote.evaluate(dataset(), { loss: v }), ['undefined']],
  ['remote predict images', (v) => remote.predict(v), []],
  ['remote predict options', (v) => remote.predict(tensor(1, 1, 6, 6), v), OPTIONS],
  ['remote predictClasses', (v) => remote.predictClasses(v), []],
  ['remote setWeights', (v) => remote.setWeights(v), []],
  ['remote setWeights name', (v) => remote.setWeights(new Map([[v, b]])), []],
  ['remote setWeights tensor', (v) => remote.setWeights(new Map([['0.bias', v]])), []],
  ['remote setWeights options', (v) => remote.setWeights(model.weights(), v), OPTIONS],
];

const entries = [
  ...local,
  ...factories,
  ...options,
  ...data,
  ...files,
  ...memory,
  ...operations,
  ...weighted,
  ...others,
  ...remotely,
];

/** Files and modules that are not there are no mistake of kind: plain errors, with a reason of the system's. */
const REACHES_OUT = /wasm|loadDataset path|writeFileAtomic|loadModel path|saveModel path/;

/** Ends what a call has started. */
async function feed([name, call]: Entry, value: unknown): Promise<unknown> {
  const error = await errorOf(async () => {
    const made = await call(value);
    if (/^create\w*Backend/.test(name)) (made as { dispose(): void }).dispose();
  });
  const isOutside = error instanceof Error && error.name === 'Error' && REACHES_OUT.test(name);
  if (error !== undefined && !isOutside) expectRefusal(error);
  return error;
}

describe('a public entry takes what fits and refuses the rest in our words', () => {
  it.each(entries)('%s', async (...entry) => {
    const [, , taken] = entry;
    const accepted: string[] = [];
    for (const [kind, value] of Object.entries(junk)) {
      if ((await feed(entry, value)) === undefined) accepted.push(kind);
    }
    expect(accepted.sort()).toEqual([...taken].sort());
  });

  it('whatever fast-check makes of it', async () => {
    const anything = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withNullPrototype: true,
      withTypedArray: true,
      withSparseArray: true,
      withBoxedValues: true,
      withUnicodeString: true,
    });
    const quick = entries.filter(([name]) => !/create\w*Backend|loadMnist|write/.test(name));
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...quick), anything, async (entry, value) => {
        await feed(entry, value);
      }),
      { seed: 1, numRuns: 5000 },
    );
  });
});
