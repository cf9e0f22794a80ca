/**
 * The work of all peers, as a folder that programs in any language can read:
 *
 *   work.json     { spec, batchSize, learningRate, parameters: [{ key, shape }] }
 *   images.u8     N · 28 · 28 pixels        labels.u8     N class indices
 *   weights.f32   the initial weights, little-endian, in layer order, weight before bias, in their public layouts
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export function writeWork(folder, { spec, batchSize, learningRate, images, labels, weights }) {
  const parameters = [...weights].map(([key, { shape }]) => ({ key, shape }));
  const about = { spec, batchSize, learningRate, parameters };
  const block = Buffer.concat([...weights.values()].map(({ data }) => Buffer.from(data.buffer)));
  writeFileSync(join(folder, 'work.json'), JSON.stringify(about, null, 2));
  writeFileSync(join(folder, 'images.u8'), images);
  writeFileSync(join(folder, 'labels.u8'), labels);
  writeFileSync(join(folder, 'weights.f32'), block);
}

/** @returns the argument of `writeWork`. */
export function readWork(folder) {
  const { parameters, ...rest } = JSON.parse(readFileSync(join(folder, 'work.json'), 'utf8'));
  const bytes = readFileSync(join(folder, 'weights.f32'));
  const block = new Float32Array(new Uint8Array(bytes).buffer);
  const weights = new Map();
  let offset = 0;
  for (const { key, shape } of parameters) {
    const length = shape.reduce((product, size) => product * size, 1);
    weights.set(key, { shape, data: block.slice(offset, offset + length) });
    offset += length;
  }
  const images = new Uint8Array(readFileSync(join(folder, 'images.u8')));
  const labels = new Uint8Array(readFileSync(join(folder, 'labels.u8')));
  return { ...rest, images, labels, weights };
}

/** `count` images from `start` on, without a copy. */
export function slice({ images, labels }, start, count) {
  const pixels = images.length / labels.length;
  return {
    images: images.subarray(start * pixels, (start + count) * pixels),
    labels: labels.subarray(start, start + count),
  };
}

/** Returns a function that shuffles the images anew at every call (Fisher–Yates over a linear congruential generator). */
export function createShuffle(count) {
  const order = Int32Array.from({ length: count }, (_, i) => i);
  let state = 1;
  return () => {
    for (let i = count - 1; i > 0; i--) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      const j = Math.floor((state / 2 ** 32) * (i + 1));
      const kept = order[i];
      order[i] = order[j];
      order[j] = kept;
    }
    return order;
  };
}

/** The images of `order` from `start` on, as f32 from 0 to 1, and their labels. */
export function gather({ images, labels }, order, start, count) {
  const pixels = images.length / labels.length;
  const x = new Float32Array(count * pixels);
  const y = new Int32Array(count);
  for (let n = 0; n < count; n++) {
    const from = order[start + n];
    for (let i = 0; i < pixels; i++) x[n * pixels + i] = images[from * pixels + i] / 255;
    y[n] = labels[from];
  }
  return { x, y };
}
