/**
 * The comparison of the thesis: Convlet and TensorFlow.js train from the same initial weights, on the same batches in the
 * same order. `npm run compare`; options: --epochs, --data, --train-samples, --test-samples, --out.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { createBackend, createModel, namedModels, optimizers } from '../../dist/index.js';
import { loadMnist } from '../../dist/node.js';
import { optionsOf } from '../../scripts/options.js';
import { createNetwork, start, version } from './tfjs.js';

const BATCH_SIZE = 128;
const LEARNING_RATE = 0.01;

const values = optionsOf({
  epochs: { type: 'string', default: '20' },
  data: { type: 'string', default: 'mnist' },
  'train-samples': { type: 'string' },
  'test-samples': { type: 'string' },
  out: { type: 'string', default: 'runs/compare' },
});
const count = (text) => (text === undefined ? undefined : Number(text));
const { train, test } = await loadMnist({
  data: values.data,
  trainSamples: count(values['train-samples']),
  testSamples: count(values['test-samples']),
});

await start();
const model = createModel(await createBackend(), namedModels.reference([1, 28, 28], 10));
const peer = createNetwork(model.weights());
console.log(
  `TensorFlow.js ${version}, wasm backend. It lacks the gradient by the filters; ours over patches and matMul is supplied.`,
);
console.log(
  'Its cpu backend, which has that gradient, takes minutes an epoch and is not run here.',
);
console.log(`${train.labels.length} images of ${train.name}; test: ${test.name}\n`);
console.log(
  'epoch | training loss        accuracy      | test loss            accuracy      | seconds',
);
console.log(
  '      | convlet    tfjs      convlet tfjs  | convlet    tfjs      convlet tfjs  | convlet tfjs',
);

const rows = [];
for (let epoch = 1; epoch <= Number(values.epochs); epoch++) {
  const data = shuffled(train, epoch);
  const {
    epochs: [ours],
  } = await model.fit(data, {
    batchSize: BATCH_SIZE,
    shuffle: false, // the data are in order already, for both programs
    optimizer: optimizers.sgd({ learningRate: LEARNING_RATE }),
  });
  const begin = performance.now();
  const theirs = peer.trainEpoch(data, BATCH_SIZE, LEARNING_RATE);
  const seconds = (performance.now() - begin) / 1000;
  const row = {
    epoch,
    convlet: ours,
    tfjs: { ...theirs, seconds },
    convletTest: model.evaluate(test),
    tfjsTest: peer.evaluate(test),
  };
  rows.push(row);
  const pair = (key, a, b) => `${a[key].toFixed(6)}   ${b[key].toFixed(6)}`;
  const share = (a, b) => `${a.accuracy.toFixed(4)}  ${b.accuracy.toFixed(4)}`;
  console.log(
    `${String(epoch).padStart(5)} | ${pair('loss', ours, theirs)}  ${share(ours, theirs)} | ${pair('loss', row.convletTest, row.tfjsTest)}  ${share(row.convletTest, row.tfjsTest)} | ${ours.seconds.toFixed(2)}    ${seconds.toFixed(2)}`,
  );
}

const lossDifference = Math.max(
  ...rows.flatMap(({ convlet, tfjs, convletTest, tfjsTest }) => [
    Math.abs(convlet.loss - tfjs.loss),
    Math.abs(convletTest.loss - tfjsTest.loss),
  ]),
);
const theirWeights = peer.weights();
const weightDifference = Math.max(
  ...[...model.weights()].map(([key, { data }]) =>
    data.reduce((most, w, i) => Math.max(most, Math.abs(w - theirWeights.get(key)[i])), 0),
  ),
);
console.log(
  `\nlargest difference: loss ${lossDifference.toExponential(2)}, weights ${weightDifference.toExponential(2)}`,
);
await mkdir(values.out, { recursive: true });
await writeFile(
  join(values.out, 'compare.json'),
  JSON.stringify({ rows, lossDifference, weightDifference }, null, 2),
);
await writeFile(join(values.out, 'compare.html'), page());
console.log(`curves: ${join(values.out, 'compare.html')}`);
if (!(lossDifference <= 1e-3 && weightDifference <= 1e-3)) process.exitCode = 1;

/** The data set in an order that depends only on the epoch (Fisher–Yates over a linear congruential generator). */
function shuffled({ images, labels, ...rest }, epoch) {
  let state = epoch >>> 0;
  const order = Array.from(labels.keys());
  for (let i = order.length - 1; i > 0; i--) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const j = Math.floor((state / 2 ** 32) * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  const copy = {
    ...rest,
    images: new Uint8Array(images.length),
    labels: new Uint8Array(labels.length),
  };
  for (const [to, from] of order.entries()) {
    copy.images.set(images.subarray(from * 784, from * 784 + 784), to * 784);
    copy.labels[to] = labels[from];
  }
  return copy;
}

/** Both curves over the epochs: accuracy, and below it loss. */
function page() {
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const chart = (key) => {
    const points = rows.flatMap((row) =>
      [
        ['convlet, training', row.convlet],
        ['tfjs, training', row.tfjs],
        ['convlet, test', row.convletTest],
        ['tfjs, test', row.tfjsTest],
      ].map(([series, result]) => ({ epoch: row.epoch, value: result[key], series })),
    );
    const theirs = ({ series }) => series.startsWith('tfjs');
    return Plot.plot({
      document,
      width: 820,
      height: 320,
      y: { label: key, grid: true },
      color: {
        legend: true,
        domain: ['convlet, training', 'tfjs, training', 'convlet, test', 'tfjs, test'],
        range: ['#3b78c2', '#0b2545', '#d9730d', '#6b3300'],
      },
      marks: [
        Plot.lineY(
          points.filter((point) => !theirs(point)),
          { x: 'epoch', y: 'value', stroke: 'series', strokeWidth: 2 },
        ),
        Plot.dot(points.filter(theirs), { x: 'epoch', y: 'value', stroke: 'series', r: 4 }),
      ],
    }).outerHTML;
  };
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Convlet and TensorFlow.js</title><body style="font:15px system-ui,sans-serif;max-width:860px;margin:40px auto;padding:0 20px"><h1>Convlet (lines) and TensorFlow.js (circles)</h1>${chart('accuracy')}${chart('loss')}</body></html>\n`;
}
