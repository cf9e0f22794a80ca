/**
 * The study of docs/precision.md: what fewer bits cost the networks reference, lenet5, tiny and resnet8 on MNIST.
 *
 *   node scripts/precision.js --data FOLDER --models FOLDER [--only NAME,…] [--part files|training]
 *                             [--test-samples N] [--plot FILE.svg]
 *
 *   files      each network, trained in f32, in f32, f16, bf16 and int8; a network without NAME/model.safetensors in the
 *              folder of models is trained first, by `convlet train` as `TRAINED` says; --plot draws changed answers by size
 *   training   each network trained anew in single precision, and with weights, activations, or both rounded to f16 in
 *              every step: a plain loop over the library's own operations, one seed, one order of the images
 *
 * Prints tables in Markdown. Needs a build (`npm run build`). Takes long: about half an hour on a machine of its own.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromHalfBits, halfBits } from '../dist/base/half.js';
import { shuffledOrder } from '../dist/base/random.js';
import { inferNetwork } from '../dist/compile/network.js';
import { placesOf } from '../dist/data/source.js';
import { measurePrecisions } from '../dist/formats/convlet/precision.js';
import { createBackend, createModel, namedModels } from '../dist/index.js';
import { loadCharts } from '../dist/node/report/charts.js';
import { loadDataset, loadModel } from '../dist/node.js';
import { optionsOf } from './options.js';

/** Options of `convlet train` for the first part. */
const TRAINED = {
  reference: ['--recipe', 'reference'],
  lenet5: ['--model', 'lenet5', '--epochs', '5', '--optimizer', 'adam'],
  tiny: ['--recipe', 'tiny'],
  resnet8: ['--model', 'resnet8', '--epochs', '2', '--optimizer', 'adam'],
};

/** How networks are trained in the second part: SGD with momentum; the reference network as in the thesis, without. */
const TRAINING = {
  reference: { images: 12_000, epochs: 4, rate: 0.01, momentum: 0 },
  lenet5: { images: 6000, epochs: 3, rate: 0.01, momentum: 0.9 },
  tiny: { images: 12_000, epochs: 2, rate: 0.02, momentum: 0.9 },
  resnet8: { images: 4000, epochs: 1, rate: 0.02, momentum: 0.9 },
};

const VARIANTS = [
  { name: 'f32' },
  { name: 'weights in f16', weights: true },
  { name: 'activations in f16', activations: true },
  { name: 'both in f16', weights: true, activations: true },
];

const BATCH = 64;
/** Of the second part; the networks of the first are measured on all. */
const TEST_IMAGES = 2000;
const CALIBRATION_IMAGES = 500;
const SEED = 1;

const options = optionsOf({
  data: { type: 'string', default: 'mnist' },
  models: { type: 'string' },
  only: { type: 'string', default: Object.keys(TRAINED).join() },
  part: { type: 'string', default: 'files,training' },
  plot: { type: 'string' },
  'test-samples': { type: 'string' },
});
const names = options.only.split(',');
const parts = options.part.split(',');
const backend = await createBackend();
const samples = options['test-samples'];
const testSamples = samples === undefined ? samples : Number(samples);
const { train, test } = await loadDataset(options.data, { testSamples });

if (parts.includes('files')) await measureFiles();
if (parts.includes('training')) measureTraining();

/** The first part. */
async function measureFiles() {
  row('network', 'precision', 'file, bytes', 'accuracy', 'loss', 'changed answers');
  row('---', '---', '--:', '--:', '--:', '--:');
  const points = [];
  for (const name of names) {
    const model = await loadModel(backend, trainedFile(name));
    const calibration = imagesAt(train, placesOf(train.labels.length, CALIBRATION_IMAGES)).data;
    for (const result of measurePrecisions(backend, model, test, calibration)) {
      const { dtype, bytes, evaluation, changed } = result;
      const { accuracy, loss } = evaluation;
      const share = `${(100 * changed).toFixed(2)} %`;
      row(name, dtype, bytes.toLocaleString('en'), accuracy.toFixed(4), loss.toFixed(4), share);
      points.push({ network: name, dtype, kilobytes: bytes / 1000, changed: 100 * changed });
    }
  }
  if (options.plot !== undefined) writeFileSync(options.plot, await plotOf(points));
}

/** Changed answers by the size of the file, a line for each network. */
async function plotOf(points) {
  const { plot: Plot, document } = await loadCharts();
  const most = Math.max(...points.map(({ changed }) => changed));
  const chart = Plot.plot({
    document,
    width: 760,
    height: 360,
    marginLeft: 60,
    marginRight: 90,
    style: { background: 'white', color: 'black', fontSize: 12 },
    x: { type: 'log', label: 'file, kB' },
    y: { label: 'changed answers, %', grid: true, domain: [0, 1.25 * most] },
    color: { scheme: 'Dark2' },
    marks: [
      Plot.ruleY([0]),
      Plot.line(points, { x: 'kilobytes', y: 'changed', stroke: 'network' }),
      Plot.dot(points, { x: 'kilobytes', y: 'changed', fill: 'network', symbol: 'dtype', r: 5 }),
      Plot.text(
        points.filter(({ dtype }) => dtype === 'int8'),
        { x: 'kilobytes', y: 'changed', text: 'network', dy: -14 },
      ),
    ],
  });
  chart.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  return `${chart.outerHTML}\n`;
}

/** The file of a trained network, which is made if there is none. */
function trainedFile(name) {
  const folder = join(options.models, name);
  const file = join(folder, 'model.safetensors');
  if (existsSync(file)) return file;
  const args = ['train', ...TRAINED[name], '--data', options.data, '--out', folder, '--quiet'];
  const { status } = spawnSync(process.execPath, ['dist/cli.js', ...args], { stdio: 'inherit' });
  if (status !== 0) throw new Error(`convlet train ended with ${status}`);
  return file;
}

/** The second part. */
function measureTraining() {
  row('network', 'rounded', 'loss of the last epoch', 'accuracy', 'updates lost');
  row('---', '---', '--:', '--:', '--:');
  for (const name of names) {
    for (const variant of VARIANTS) {
      const { loss, accuracy, lost } = trainRounded(name, variant);
      row(name, variant.name, loss.toFixed(4), accuracy.toFixed(4), `${(100 * lost).toFixed(1)} %`);
    }
  }
}

/** Trains a network by hand. @returns loss of the last epoch, accuracy, and the share of updates that changed no weight. */
function trainRounded(name, { weights = false, activations = false }) {
  const { images, epochs, rate, momentum } = TRAINING[name];
  const network = inferNetwork(namedModels[name](train.shape, train.classes));
  const model = createModel(backend, network.spec, { seed: SEED });
  const parameters = model.weights();
  model.dispose();
  const velocities = new Map();
  const counts = { updates: 0, lost: 0 };
  if (weights) for (const [key, tensor] of parameters) parameters.set(key, rounded(tensor));
  const order = new Int32Array(images);
  let loss = 0;
  for (let epoch = 1; epoch <= epochs; epoch++) {
    shuffledOrder(order, SEED, epoch);
    loss = 0;
    for (let start = 0, step = 0; start < images; start += BATCH, step++) {
      const places = order.subarray(start, start + BATCH);
      const labels = Array.from(places, (place) => train.labels[place]);
      const clock = { mode: 'train', seed: SEED, epoch, step };
      const values = forward(network, parameters, imagesAt(train, places), clock, activations);
      const result = backend.ops.loss('categoricalCrossentropy', values.at(-2), labels);
      loss += (result.loss * places.length) / images;
      const gradients = backward(network, parameters, values, result.dx, clock);
      for (const [key, gradient] of gradients) {
        const tensor = update(parameters.get(key), gradient, velocities, key, { rate, momentum });
        const next = weights ? rounded(tensor) : tensor;
        countLost(counts, parameters.get(key).data, next.data, gradient.data);
        parameters.set(key, next);
      }
      if (!weights) continue;
      for (const { key, role } of network.parameters) {
        if (role === 'running') parameters.set(key, rounded(parameters.get(key)));
      }
    }
  }
  const accuracy = accuracyOf(network, parameters, activations);
  return { loss, accuracy, lost: counts.lost / counts.updates };
}

/** All values of the network; running statistics are taken over while it trains. */
function forward({ layers }, parameters, images, clock, isRounded) {
  const values = [isRounded ? rounded(images) : images];
  for (const layer of layers) {
    const xs = layer.inputs.map((value) => values[value]);
    const { y, running = {} } = backend.ops.layer(layer.spec, xs, own(layer, parameters), clock);
    for (const { name, key } of layer.parameters) {
      if (running[name] !== undefined) parameters.set(key, running[name]);
    }
    values.push(isRounded ? rounded(y) : y);
  }
  return values;
}

/** The gradients of all trained parameters by name. @param dx Of the value before the softmax. */
function backward({ layers }, parameters, values, dx, clock) {
  const gradients = new Map();
  const dys = [];
  dys[layers.length - 1] = dx;
  for (const layer of layers.slice(0, -1).reverse()) {
    const xs = layer.inputs.map((value) => values[value]);
    const dy = dys[layer.index + 1];
    const result = backend.ops.layerBackward(layer.spec, dy, xs, own(layer, parameters), clock);
    for (const { name, key } of layer.parameters) {
      if (result.gradients[name] !== undefined) gradients.set(key, result.gradients[name]);
    }
    for (const [i, value] of layer.inputs.entries()) {
      const before = dys[value];
      const { shape, data } = result.dx[i];
      dys[value] = { shape, data: before ? data.map((d, at) => d + before.data[at]) : data };
    }
  }
  return gradients;
}

/** `v = momentum·v + gradient`, `w − rate·v`, in single precision. */
function update({ shape, data }, gradient, velocities, key, { rate, momentum }) {
  const velocity = velocities.get(key) ?? new Float32Array(data.length);
  velocities.set(key, velocity);
  const next = new Float32Array(data.length);
  for (const [i, g] of gradient.data.entries()) {
    velocity[i] = momentum * velocity[i] + g;
    next[i] = data[i] - Math.fround(rate * velocity[i]);
  }
  return { shape, data: next };
}

/** Counts numbers that had a gradient, and those of them that stayed what they were. */
function countLost(counts, before, after, gradient) {
  for (const [i, g] of gradient.entries()) {
    if (g === 0) continue;
    counts.updates++;
    if (before[i] === after[i]) counts.lost++;
  }
}

/** Of the first test images, with the same rounding. */
function accuracyOf(network, parameters, isRounded) {
  const clock = { mode: 'evaluate' };
  const count = Math.min(TEST_IMAGES, test.labels.length);
  let correct = 0;
  for (let start = 0; start < count; start += BATCH) {
    const length = Math.min(BATCH, count - start);
    const places = Array.from({ length }, (_, n) => start + n);
    const { data } = forward(network, parameters, imagesAt(test, places), clock, isRounded).at(-1);
    for (const [n, place] of places.entries()) {
      const row = data.subarray(n * test.classes, (n + 1) * test.classes);
      if (row.indexOf(Math.max(...row)) === test.labels[place]) correct++;
    }
  }
  return correct / count;
}

/** Images of bytes as a tensor. */
function imagesAt({ images, shape }, places) {
  const pixels = shape.reduce((product, size) => product * size, 1);
  const data = new Float32Array(places.length * pixels);
  for (const [n, place] of places.entries()) {
    for (let i = 0; i < pixels; i++) data[n * pixels + i] = images[place * pixels + i] / 255;
  }
  return { shape: [places.length, ...shape], data };
}

/** A tensor in f16. */
function rounded({ shape, data }) {
  return { shape, data: fromHalfBits(halfBits(data)) };
}

/** Parameters of a layer by their bare names. */
function own({ parameters }, all) {
  return Object.fromEntries(parameters.map(({ name, key }) => [name, all.get(key)]));
}

function row(...cells) {
  console.log(`| ${cells.join(' | ')} |`);
}
