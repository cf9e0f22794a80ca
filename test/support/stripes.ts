/** Data sets made for tests: pictures of stripes, whose place is their class, as CSV, .npz and IDX. */
import { gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';
import { idx } from './idx.ts';
import { npy } from './npy.ts';

export const WORDS = ['Bag', 'Coat, long', 'Ankle boot'];
const FASHION = {
  train: [9, 0, 0, 3, 0, 2, 7, 2, 5, 5],
  t10k: [9, 2, 1, 1, 6, 1, 4, 6, 5, 7],
};

/** Pictures of `side × side`: of class k the k-th part of the rows is ink, of a shade of its own for each picture. */
function stripes(labels: readonly number[], side: number, classes: number): Uint8Array {
  const pixels = new Uint8Array(labels.length * side * side);
  for (const [n, label] of labels.entries()) {
    const [top, bottom] = [label, label + 1].map((part) => Math.floor((part * side) / classes));
    pixels.fill(120 + (n % 100), (n * side + (top ?? 0)) * side, (n * side + (bottom ?? 0)) * side);
  }
  return pixels;
}

export const inTurns = (count: number, classes: number) =>
  Array.from({ length: count }, (_, n) => n % classes);

/** A CSV with a header, whose labels are words. */
export function csv(count: number, side: number): string {
  const labels = inTurns(count, WORDS.length);
  const pixels = stripes(labels, side, WORDS.length);
  const rows = labels.map((label, n) => {
    const own = pixels.subarray(n * side * side, (n + 1) * side * side);
    return `"${WORDS[label]}",${own.join(',')}`;
  });
  const names = Array.from({ length: side * side }, (_, i) => `pixel${i}`);
  return `label,${names.join(',')}\n${rows.join('\n')}\n`;
}

/** An archive of NumPy with a part for testing. */
export function npz(side: number, train = 200, test = 40): Uint8Array {
  const part = (count: number) => {
    const labels = inTurns(count, 4);
    return {
      x: npy('|u1', [count, side, side], stripes(labels, side, 4)),
      y: npy('|u1', [count], Uint8Array.from(labels)),
    };
  };
  const [first, second] = [part(train), part(test)];
  return zipSync({
    'x_train.npy': first.x,
    'y_train.npy': first.y,
    'x_test.npy': second.x,
    'y_test.npy': second.y,
  });
}

/** IDX files of as many images as Fashion-MNIST has, with its first labels. */
export function fashion(part: keyof typeof FASHION, count: number): Record<string, Uint8Array> {
  const labels = [...FASHION[part], ...inTurns(count - 10, 10)];
  return {
    [`${part}-images-idx3-ubyte.gz`]: gzipSync(
      idx([0x803, count, 28, 28], stripes(labels, 28, 10)),
      { level: 1 },
    ),
    [`${part}-labels-idx1-ubyte.gz`]: gzipSync(idx([0x801, count], Uint8Array.from(labels))),
  };
}
