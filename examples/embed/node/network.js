/** The reference network of docs/abi.md, "A step", on the kernels and a memory that is laid out once. */
import { CLASSES, PIXELS } from './data.js';
import { generator } from './random.js';

const SHARDS = 8;
const POOLED = 12 * 13 * 13;
/** inC inH inW, outC outH outW, kH kW, strideH strideW, padH padW. */
const CONV = [1, 28, 28, 12, 26, 26, 3, 3, 1, 1, 0, 0];

/** Weight before bias, layer after layer: number of elements, and of inputs per output. Biases begin at 0. */
const PARAMETERS = [
  { length: 12 * 9, fanIn: 9 },
  { length: 12 },
  { length: CLASSES * POOLED, fanIn: POOLED },
  { length: CLASSES },
];
const LENGTH = PARAMETERS.reduce((sum, { length }) => sum + length, 0);

/** Lays regions out one after another, each at a multiple of 64, then grows the memory. @returns the addresses. */
export function layOut(kernels, memory, batch, count) {
  const shard = Math.ceil(batch / SHARDS);
  let end = 64;
  const reserve = (bytes) => {
    const address = end;
    end = Math.ceil((end + bytes) / 64) * 64;
    return address;
  };
  const f32 = (length) => reserve(length * 4);
  const at = {
    weights: f32(LENGTH),
    slices: Array.from({ length: SHARDS }, () => f32(LENGTH)),
    images: reserve(count * PIXELS),
    labels: reserve(count),
    indices: reserve(batch * 4),
    batchLabels: reserve(batch * 4),
    losses: f32(batch),
    predictions: reserve(batch * 4),
    x: f32(shard * PIXELS),
    pooled: f32(shard * POOLED),
    dPooled: f32(shard * POOLED),
    logits: f32(shard * CLASSES),
    dLogits: f32(shard * CLASSES),
    saved: reserve(shard * kernels.convReluPoolSavedBytes(12, 26, 26)),
    scratch: reserve(
      Math.max(
        kernels.convReluPoolScratchBytes(shard, ...CONV),
        kernels.denseScratchBytes(shard, POOLED, CLASSES),
      ),
    ),
  };
  memory.grow(Math.ceil(end / 65_536));
  return at;
}

/** He-normal weights, biases of 0. */
export function initialise(kernels, memory, at, seed) {
  let address = at.weights;
  for (const [index, { length, fanIn }] of PARAMETERS.entries()) {
    const { next } = generator(seed, 1, index);
    const bits = new Uint32Array(memory.buffer, address, length);
    if (fanIn === undefined) bits.fill(0);
    else {
      for (let i = 0; i < length; i++) bits[i] = next();
      kernels.randomNormal(address, address, length, Math.sqrt(2 / fanIn));
    }
    address += length * 4;
  }
}

/** The parameters, or the gradients of a slice, as addresses. */
function addresses(block) {
  let address = block;
  return PARAMETERS.map(({ length }) => {
    const start = address;
    address += length * 4;
    return start;
  });
}

/** Forward, loss and backward of the images `start` to `end` of a batch of `count`, into a slice of gradients. */
function runShard(kernels, at, slice, start, end, count) {
  const n = end - start;
  const [w, b, denseW, denseB] = addresses(at.weights);
  const [dw, db, denseDw, denseDb] = addresses(slice);
  const { x, pooled, dPooled, logits, dLogits, saved, scratch } = at;
  const indices = at.indices + start * 4;
  const labels = at.batchLabels + start * 4;
  kernels.gatherU8(x, at.images, indices, n, PIXELS);
  kernels.gatherLabels(labels, at.labels, indices, n);
  kernels.convReluPoolForward(pooled, saved, x, w, b, scratch, n, ...CONV);
  kernels.denseForward(logits, pooled, denseW, denseB, scratch, n, POOLED, CLASSES);
  const losses = at.losses + start * 4;
  kernels.softmaxCrossEntropy(losses, dLogits, logits, labels, n, CLASSES, 1 / count);
  kernels.argmax(at.predictions + start * 4, logits, n, CLASSES);
  kernels.zero(slice, LENGTH);
  kernels.denseBackwardWeight(denseDw, dLogits, pooled, scratch, n, POOLED, CLASSES);
  kernels.denseBackwardBias(denseDb, dLogits, n, CLASSES);
  kernels.denseBackwardInput(dPooled, dLogits, denseW, scratch, n, POOLED, CLASSES);
  kernels.convReluPoolBackwardWeight(dw, db, dPooled, pooled, saved, x, scratch, n, ...CONV);
}

/** One step on the `count` images whose indices are in place. */
export function step(kernels, at, count, learningRate) {
  let used = 0;
  for (let s = 0; s < SHARDS; s++) {
    const [start, end] = [s, s + 1].map((i) => Math.ceil((i * count) / SHARDS));
    if (start < end) runShard(kernels, at, at.slices[used++], start, end, count);
  }
  // add up the even slices and the odd slices, then both sums
  const [even, odd] = at.slices;
  const stride = odd - even;
  kernels.accumulate(even, even + 2 * stride, LENGTH, Math.ceil(used / 2) - 1, 2 * stride);
  if (used > 1) {
    kernels.accumulate(odd, odd + 2 * stride, LENGTH, Math.floor(used / 2) - 1, 2 * stride);
    kernels.accumulate(even, odd, LENGTH, 1, stride);
  }
  kernels.sgd(at.weights, even, LENGTH, learningRate);
}

/** SHA-256 of all parameters, in hexadecimal. */
export async function weightsSha256(memory, at) {
  const bytes = new Uint8Array(memory.buffer, at.weights, LENGTH * 4).slice();
  return toHex(await crypto.subtle.digest('SHA-256', bytes));
}

function toHex(digest) {
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
