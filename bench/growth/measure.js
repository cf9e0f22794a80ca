/** What the growth study measures: series of points, each the training of one network on noise, which has no blank paper. */
import { createBackend, createModel, layers, namedModels, optimizers } from '../../dist/index.js';

const BATCH = 128;
const SIDE = 28;
/** Images of an epoch where their number is not what grows. */
const IMAGES = 1024;
/** Milliseconds that a point is timed for, after an epoch to warm up. */
const LEAST_MS = 700;
const MOST_EPOCHS = 50;

const powersOf2 = (from, to) =>
  Array.from({ length: Math.log2(to / from) + 1 }, (_, i) => from * 2 ** i);

const reference = (side = SIDE) => namedModels.reference([1, side, side], 10);

/** The reference network with other filters. */
const withFilters = (filters) => ({
  inputShape: [1, SIDE, SIDE],
  layers: [
    layers.conv2d({ filters, kernelSize: 3 }),
    layers.relu(),
    layers.maxPool2d({ poolSize: 2 }),
    layers.flatten(),
    layers.dense({ units: 10 }),
    layers.softmax(),
  ],
});

/** Two dense layers. */
const withUnits = (units) => ({
  inputShape: [1, SIDE, SIDE],
  layers: [
    layers.flatten(),
    layers.dense({ units }),
    layers.relu(),
    layers.dense({ units: 10 }),
    layers.softmax(),
  ],
});

/** Two convolutions over channels. */
const withChannels = (filters) => ({
  inputShape: [1, 14, 14],
  layers: [
    layers.conv2d({ filters, kernelSize: 3, padding: 1 }),
    layers.relu(),
    layers.conv2d({ filters, kernelSize: 3, padding: 1 }),
    layers.relu(),
    layers.globalAveragePool2d(),
    layers.dense({ units: 10 }),
    layers.softmax(),
  ],
});

const perImage = ({ ms, images }) => (ms / images) * 1000;
const megabytes = ({ bytes }) => bytes / 1e6;
const IMAGE = 'µs an image';

/**
 * All points, one after another, and then again: of two figures the smaller counts, as others slow a machine for minutes.
 *
 * @returns `{ xLabel, unit, power, points: [{ x, y }] }`, each: with no cost but the work, y grows as x to this power
 */
export async function measure(isTiny) {
  const first = await measureOnce(isTiny);
  const again = await measureOnce(isTiny);
  return first.map(({ points, ...rest }, i) => ({
    ...rest,
    points: points.map(({ x, y }, n) => ({ x, y: Math.min(y, again[i].points[n].y) })),
  }));
}

async function measureOnce(isTiny) {
  const backend = await createBackend();
  const runs = async (from, to, work) => {
    const timed = [];
    for (const value of powersOf2(from, isTiny ? from * 2 : to)) {
      timed.push({ value, ...(await train(backend, { images: IMAGES, isTiny, ...work(value) })) });
    }
    return timed;
  };
  const byImages = await runs(1024, 65_536, (images) => ({ spec: reference(), images }));
  const byBatch = await runs(1, 1024, (batchSize) => ({ spec: reference(), batchSize }));
  const byFilters = await runs(4, 256, (filters) => ({ spec: withFilters(filters) }));
  const byChannels = await runs(4, 256, (channels) => ({ spec: withChannels(channels) }));
  const bySide = await runs(8, 128, (side) => ({ spec: reference(side) }));
  const byUnits = await runs(16, 8192, (units) => ({ spec: withUnits(units) }));
  const byEpochs = await runs(2, 64, (epochs) => ({ spec: reference(), epochs }));
  backend.dispose();

  const series = (xLabel, unit, power, timed, y, x = ({ value }) => value) => {
    const points = timed.map((run) => ({ x: x(run), y: y(run) }));
    return { xLabel, unit, power, points };
  };
  const parameters = (run) => run.parameters;
  return [
    series('images', 'ms an epoch', 1, byImages, ({ ms }) => ms),
    series('images a batch', IMAGE, 0, byBatch, perImage),
    series('filters', IMAGE, 1, byFilters, perImage),
    series('channels, in and out', IMAGE, 2, byChannels, perImage),
    series('pixels of a side', IMAGE, 2, bySide, perImage),
    series('parameters', IMAGE, 1, byUnits, perImage, parameters),
    series('images', 'MB', 1, byImages, megabytes),
    series('parameters', 'MB', 1, byUnits, megabytes, parameters),
    series('epochs', 'MB', 0, byEpochs, megabytes),
  ];
}

/** @returns the shortest epoch, and the parameters and linear memory of the model at the end */
async function train(backend, { spec, images, batchSize = BATCH, epochs, isTiny }) {
  const model = createModel(backend, spec);
  const data = noise(spec.inputShape, images);
  const samples = [];
  let last = performance.now();
  const onEpochEnd = () => {
    const now = performance.now();
    samples.push(now - last);
    last = now;
  };
  const fit = (count) => {
    last = performance.now();
    const optimizer = optimizers.sgd({ learningRate: 0.001 });
    return model.fit(data, { batchSize, optimizer, epochs: count, onEpochEnd });
  };
  await fit(1);
  const enough = isTiny ? 2 : Math.ceil(LEAST_MS / samples[0]);
  await fit(epochs ?? Math.min(Math.max(enough, 2), MOST_EPOCHS));
  const { parameterCount: parameters, memoryBytes: bytes } = model;
  model.dispose();
  return { ms: Math.min(...samples.slice(1)), images, parameters, bytes };
}

/** Bytes without meaning, the same for the same sizes. */
function noise(shape, count) {
  let state = 1;
  const images = new Uint8Array(count * shape[0] * shape[1] * shape[2]).map(() => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
  const labels = new Uint8Array(count).map((_, i) => i % 10);
  return { images, labels, shape, classes: 10 };
}
