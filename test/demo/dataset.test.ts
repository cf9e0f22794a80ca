/** Data sets that are dropped on the page: files that do not belong together, and a worker that does not read them. */
import { afterEach, expect, it, vi } from 'vitest';
import { digitsOfIdx } from '../../demo/src/dataset/idx.ts';
import { readDataset } from '../../demo/src/dataset/read.ts';
import type { NamedFile } from '../../demo/src/fileKind.ts';
import { idxImages, idxLabels } from '../support/idx.ts';

afterEach(() => vi.unstubAllGlobals());

const images: NamedFile = {
  name: 'a-images',
  kind: 'images',
  bytes: new Uint8Array(idxImages(100, 5, 5)),
};
const labels: NamedFile = {
  name: 'a-labels',
  kind: 'labels',
  bytes: new Uint8Array(idxLabels(100)),
};

it('divides images and their labels, and refuses IDX files that are no pair', () => {
  expect(digitsOfIdx([images, labels]).train.labels).toHaveLength(90);
  const unpaired = [[images], [labels], [images, images], [images, labels, labels]];
  for (const files of unpaired) {
    const names = files.map(({ name }) => name).join(', ');
    expect(() => digitsOfIdx(files)).toThrow(
      `IDX: expected a file of images and one of labels, or four with train in the names of two, got ${names}. Drop them together.`,
    );
  }
});

it('divides a few images so that each class is in both parts', () => {
  const [few, theirs] = [idxImages(30, 5, 5), idxLabels(30)].map((bytes) => new Uint8Array(bytes));
  const { train, test } = digitsOfIdx([
    { ...images, bytes: few ?? new Uint8Array() },
    { ...labels, bytes: theirs ?? new Uint8Array() },
  ]);
  expect([train, test].map((part) => new Set(part.labels).size)).toEqual([10, 10]);
  expect(test.labels).toHaveLength(10);
});

it('tells that the worker that reads it is missing', async () => {
  class MissingWorker extends EventTarget {
    postMessage() {
      queueMicrotask(() => this.dispatchEvent(new Event('error')));
    }
    terminate() {}
  }
  vi.stubGlobal('Worker', MissingWorker);
  await expect(readDataset([images, labels])).rejects.toThrow(
    'data set: expected the worker that reads it, got none. Load the page anew.',
  );
});
