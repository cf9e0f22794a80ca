/** Data sets of every kind are found by looking, divided, and named; what is wrong is told in one line. */
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { createBackend, createModel, type Dataset, layers, namedModels } from 'convlet';
import { decodeCheckpoint, decodeModel, encodeCheckpoint, encodeModel } from 'convlet/formats';
import { loadDataset, loadMnist } from 'convlet/node';
import { zipSync } from 'fflate';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { foldersOfFiles, temporaryFolders } from '../support/folder.ts';
import { idx, idxImages, idxLabels } from '../support/idx.ts';
import { npy } from '../support/npy.ts';
import { sharedPath } from '../support/shared.ts';

const newFolder = temporaryFolders();
const folderOf = foldersOfFiles();

/** A picture of one colour. */
function picture(
  width: number,
  height: number,
  background: string,
  format: 'png' | 'jpeg' | 'webp' | 'gif' | 'tiff' = 'png',
): Promise<Uint8Array> {
  return sharp({ create: { width, height, channels: 3, background } })
    .toFormat(format)
    .toBuffer();
}

/** A grey picture of these pixels. */
function grey(width: number, pixels: readonly number[]): Promise<Uint8Array> {
  const raw = { width, height: pixels.length / width, channels: 1 as const };
  return sharp(Uint8Array.from(pixels), { raw }).toColourspace('b-w').png().toBuffer();
}

/** The first pixel of each channel of each image. */
function corners({ images, shape: [channels = 0, height = 0, width = 0] }: Dataset): number[][] {
  const length = channels * height * width;
  return Array.from({ length: images.length / length }, (_, n) =>
    Array.from({ length: channels }, (_, c) => images[n * length + c * height * width] ?? -1),
  );
}

describe('IDX', () => {
  const files = (beginning = '', test = 't10k') => ({
    [`${beginning}train-images-idx3-ubyte`]: idxImages(30, 4, 3),
    [`${beginning}train-labels-idx1-ubyte`]: idxLabels(30),
    [`${beginning}${test}-images-idx3-ubyte`]: idxImages(20, 4, 3),
    [`${beginning}${test}-labels-idx1-ubyte`]: idxLabels(20),
  });

  it('is read under the names of MNIST, as loadMnist reads it', async () => {
    const folder = folderOf(files());
    const { train, test, classNames, skipped } = await loadDataset(folder);
    const digits = await loadMnist({ data: folder });
    expect(train).toMatchObject(digits.train);
    expect(test).toMatchObject(digits.test);
    expect(classNames).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
    expect(train.classNames).toEqual(classNames);
    expect(skipped).toEqual([]);
  });

  it('of EMNIST is turned upright; of several sets one is chosen by the beginning of its names', async () => {
    const names = files('emnist-letters-', 'test');
    const zipped = Object.entries(names).map(([name, data]) => [`${name}.gz`, gzipSync(data)]);
    const folder = folderOf({ ...Object.fromEntries(zipped), ...files('emnist-digits-', 'test') });
    await expect(loadDataset(folder)).rejects.toThrow('expected one data set, got emnist-digits-');
    const { train, test } = await loadDataset(join(folder, 'emnist-letters'));
    expect(train).toMatchObject({ shape: [1, 3, 4], name: 'emnist-letters train' });
    expect(test.name).toBe('emnist-letters test');
    const stored = idxImages(30, 4, 3).subarray(16);
    for (let n = 0; n < 30; n++) {
      for (let row = 0; row < 3; row++) {
        for (let column = 0; column < 4; column++) {
          expect(train.images[n * 12 + row * 4 + column]).toBe(stored[n * 12 + column * 3 + row]);
        }
      }
    }
  });

  it.each([
    ['first', [2, 3, 1, 2], [3, 1, 2], [0, 1, 2, 3, 4, 5]],
    ['last', [2, 2, 1, 3], [3, 2, 1], [0, 3, 1, 4, 2, 5]],
  ])('of four axes has its channels %s', async (_name, sizes, shape, order) => {
    const data = Uint8Array.from({ length: 12 }, (_, i) => i);
    const part = {
      images: idx([0x804, ...sizes], data),
      labels: idx([0x801, 2], Uint8Array.of(7, 9)),
    };
    const folder = folderOf({
      'train-images-idx4-ubyte': part.images,
      'train-labels-idx1-ubyte': part.labels,
      't10k-images-idx4-ubyte': part.images,
      't10k-labels-idx1-ubyte': part.labels,
    });
    const { train, classNames } = await loadDataset(folder);
    expect(train).toMatchObject({ shape, labels: Uint8Array.of(0, 1), classes: 2 });
    expect([...train.images]).toEqual([...order, ...order.map((i) => i + 6)]);
    expect(classNames).toEqual(['7', '9']);
  });

  it('has as classes the labels of both parts, which names may replace', async () => {
    const own = files();
    own['train-labels-idx1-ubyte'] = idx([0x801, 30], new Uint8Array(30).fill(26));
    own['t10k-labels-idx1-ubyte'] = idx([0x801, 20], new Uint8Array(20).fill(3));
    const folder = folderOf(own);
    expect((await loadDataset(folder)).classNames).toEqual(['3', '26']);
    const { train, classNames } = await loadDataset(folder, { classNames: ['c', 'z'] });
    expect([train.labels[0], classNames]).toEqual([1, ['c', 'z']]);
    const more = await loadDataset(folder, { classNames: ['26', '3', '4'] });
    expect([more.train.labels[0], more.test.labels[0], more.train.classes]).toEqual([0, 1, 3]);
  });

  it('without a test part holds out a tenth, of each class alike, by seed', async () => {
    const labels = Uint8Array.from({ length: 200 }, (_, i) => (i < 150 ? 0 : 1));
    const images = Uint8Array.from({ length: 200 }, (_, i) => i);
    const folder = folderOf({
      'train-images-idx3-ubyte': idx([0x803, 200, 1, 1], images),
      'train-labels-idx1-ubyte': idx([0x801, 200], labels),
    });
    const { train, test } = await loadDataset(folder);
    expect([train.labels.length, test.labels.length]).toEqual([180, 20]);
    expect([...test.labels].filter((label) => label === 0)).toHaveLength(15);
    expect(test.name).toMatch(/ train, 20 held out$/);
    expect([...train.images, ...test.images].sort((a, b) => a - b)).toEqual([...images]);
    const again = await loadDataset(folder);
    expect(again.test.images).toEqual(test.images);
    const other = await loadDataset(folder, { seed: 2, testSplit: 0.25 });
    expect(other.test.labels).toHaveLength(50);
    expect((await loadDataset(folder, { seed: 2 })).test.images).not.toEqual(test.images);
  });

  it('is resized and coloured if that is asked for', async () => {
    const { train, test } = await loadDataset(folderOf(files()), { size: [8, 9], channels: 3 });
    expect([train.shape, test.shape]).toEqual([
      [3, 8, 9],
      [3, 8, 9],
    ]);
    expect(train.images).toHaveLength(30 * 3 * 8 * 9);
  });

  it.each<[string, Record<string, Uint8Array>, string]>([
    [
      'labels too few',
      { 'train-labels-idx1-ubyte': idxLabels(29) },
      'a label for each of 30 images, got 29',
    ],
    [
      'files exchanged',
      { 'train-labels-idx1-ubyte': idxImages(30, 4, 3) },
      'expected IDX labels, got IDX images',
    ],
    [
      'a test part of another size',
      { 't10k-images-idx3-ubyte': idxImages(20, 3, 4) },
      'expected images 1×4×3, as',
    ],
  ])('with %s is refused', async (_title, wrong, message) => {
    await expect(loadDataset(folderOf({ ...files(), ...wrong }))).rejects.toThrow(message);
  });

  it.each(['train-images', 'train-labels', 't10k-images', 't10k-labels'])(
    'without its %s is refused',
    async (missing) => {
      const some = Object.entries(files()).filter(([name]) => !name.startsWith(missing));
      const folder = folderOf(Object.fromEntries(some));
      const kind = missing.endsWith('labels') ? 'idx1-ubyte' : 'idx3-ubyte';
      await expect(loadDataset(folder)).rejects.toThrow(
        `${folder}: expected ${missing}-${kind}, raw or .gz, got none. Check the path.`,
      );
    },
  );
});

describe('class folders', () => {
  it('are decoded from every format, RGB if one has colours, in the median size', async () => {
    const folder = folderOf({
      'dog/1.png': await picture(20, 20, '#ff0000'),
      'dog/deep/2.webp': await picture(30, 30, '#ff0000'),
      'cat/1.gif': await picture(40, 40, '#00ff00'),
      'cat/2.tiff': await grey(30, new Array(900).fill(9)),
      'cat/.DS_Store': 'x',
      'notes.txt': 'not a class',
    });
    const { train, test, classNames } = await loadDataset(folder, { testSplit: 0.5 });
    expect(classNames).toEqual(['cat', 'dog']);
    expect(train.shape).toEqual([3, 30, 30]);
    const labels = [...train.labels, ...test.labels];
    expect(labels.sort()).toEqual([0, 0, 1, 1]);
    for (const part of [train, test]) {
      for (const [n, corner] of corners(part).entries()) {
        const expected =
          part.labels[n] === 1
            ? [[255, 0, 0]]
            : [
                [0, 255, 0],
                [9, 9, 9],
              ];
        expect(expected).toContainEqual(corner);
      }
    }
    const small = await loadDataset(folder, { size: 8, channels: 1, testSplit: 0.5 });
    expect(small.train.shape).toEqual([1, 8, 8]);
  });

  it.each([
    ['train', 'test'],
    ['training', 'testing'],
    ['Train', 'val'],
  ])('are taken from %s and %s', async (training, testing) => {
    const folder = folderOf({
      [`${training}/a/1.png`]: await grey(2, [1, 1, 1, 1]),
      [`${training}/b/1.png`]: await grey(2, [2, 2, 2, 2]),
      [`${testing}/b/1.png`]: await grey(2, [3, 3, 3, 3]),
    });
    const { train, test } = await loadDataset(folder);
    expect(train).toMatchObject({
      images: Uint8Array.of(1, 1, 1, 1, 2, 2, 2, 2),
      labels: Uint8Array.of(0, 1),
      shape: [1, 2, 2],
      preparation: 'picture',
    });
    expect(test).toMatchObject({
      images: new Uint8Array(4).fill(3),
      labels: Uint8Array.of(1),
      classes: 2,
    });
    await expect(loadDataset(folder, { testSplit: 0.2 })).rejects.toThrow(
      'has a test part, got 0.2',
    );
  });

  it('keep proportions: pictures are centred, and the rest is the median of their border', async () => {
    const one = await grey(4, [5, 5, 5, 5, 5, 200, 200, 5]);
    const folder = folderOf({ 'train/a/1.png': one, 'test/a/1.png': one });
    const { train } = await loadDataset(folder, { size: 4 });
    expect([...train.images]).toEqual([5, 5, 5, 5, 5, 5, 5, 5, 5, 200, 200, 5, 5, 5, 5, 5]);
  });

  it('lay transparency on white, and turn pictures upright', async () => {
    const clear = await sharp({
      create: { width: 2, height: 1, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } },
    })
      .png()
      .toBuffer();
    const turned = await sharp(await picture(3, 2, '#000000', 'jpeg'))
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer();
    const white = folderOf({ 'train/a/1.png': clear, 'test/a/1.png': clear });
    expect((await loadDataset(white)).train.images).toEqual(new Uint8Array(6).fill(255));
    const upright = folderOf({ 'train/a/1.jpg': turned, 'test/a/1.jpg': turned });
    expect((await loadDataset(upright)).train.shape).toEqual([3, 3, 2]);
  });

  it('give a drawn sample of each class', async () => {
    const files: Record<string, Uint8Array> = {};
    for (let n = 0; n < 20; n++) {
      files[`a/${n}.png`] = await grey(1, [n]);
      files[`b/${n}.png`] = await grey(1, [100 + n]);
    }
    const folder = folderOf(files);
    const { train, test } = await loadDataset(folder, { trainSamples: 10, testSamples: 2 });
    expect([...train.labels]).toEqual([0, 0, 0, 0, 0, 1, 1, 1, 1, 1]);
    expect([...test.labels]).toEqual([0, 1]);
    expect(train.name).toMatch(/, 10 drawn$/);
    expect(test.name).toMatch(/, 4 held out, 2 drawn$/);
    const pixels = [...train.images, ...test.images];
    expect(new Set(pixels).size).toBe(12);
    await expect(loadDataset(folder, { trainSamples: 37 })).rejects.toThrow('at most 36 images');
  });

  it('with a bad picture: one line with its name, or it is passed over and counted', async () => {
    const good = await grey(2, [1, 2, 3, 4]);
    const folder = folderOf({
      'train/a/1.png': good,
      'train/a/2.png': good.subarray(0, 40),
      'train/a/3.txt': 'hello',
      'train/a/4.png': good,
      'train/b/1.png': good,
      'train/b/2.svg': '<svg xmlns="http://www.w3.org/2000/svg" width="2" height="2"/>',
      'test/a/1.png': good,
    });
    const load = loadDataset(folder);
    await expect(load).rejects.toThrow(join(folder, 'train', 'a', '2.png'));
    await expect(load).rejects.toThrow(/^[^\n]+ skipBad, --skip-bad\.$/);
    for (const options of [{}, { size: 2, channels: 1 } as const]) {
      const { train, skipped } = await loadDataset(folder, { ...options, skipBad: true });
      expect([...train.labels]).toEqual([0, 0, 1]);
      expect([...train.images]).toEqual([1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4]);
      expect(skipped).toHaveLength(3);
      expect(skipped[1]).toContain('3.txt: expected a picture');
      expect(skipped[2]).toContain('got a drawing (SVG) or a page');
    }
  });

  it('tell of their progress', async () => {
    const one = await grey(1, [1]);
    const folder = folderOf({ 'train/a/1.png': one, 'train/a/2.png': one, 'test/a/1.png': one });
    const seen: number[][] = [];
    await loadDataset(folder, { onProgress: (...args) => void seen.push(args) });
    expect(seen).toEqual([
      [1, 3],
      [2, 3],
      [3, 3],
    ]);
  });

  it('take the classes that are named, in that order', async () => {
    const one = await grey(1, [1]);
    const folder = folderOf({ 'train/a/1.png': one, 'train/b/1.png': one, 'test/b/1.png': one });
    const { train, test } = await loadDataset(folder, { classNames: ['c', 'b', 'a'] });
    expect([[...train.labels], [...test.labels], train.classes]).toEqual([[2, 1], [1], 3]);
    await expect(loadDataset(folder, { classNames: ['a', 'c'] })).rejects.toThrow(
      'expected classes of "a", "c", got "b" among 2 classes.',
    );
  });

  it('without a picture are refused', async () => {
    const folder = folderOf({ 'a/1.png': await grey(1, [1]), 'b/.hidden': '' });
    await expect(loadDataset(folder)).rejects.toThrow('pictures of the class "b", got none');
    await expect(loadDataset(newFolder())).rejects.toThrow('got an empty folder');
    await expect(loadDataset(folderOf({ 'a.txt': '' }))).rejects.toThrow('got a.txt');
    await expect(loadDataset(folderOf({ 'train/1.png': '', 'test/a/1.png': '' }))).rejects.toThrow(
      'train: expected a folder of pictures for each class, got no folders.',
    );
  });
});

describe('CSV', () => {
  const rows = (count: number, row: (n: number) => string) =>
    Array.from({ length: count }, (_, n) => row(n)).join('\n');
  const kaggle = `label,pixel0,pixel1,pixel2,pixel3\n${rows(20, (n) => `${n % 2},${n},255,0,7`)}\n`;

  it('of Kaggle has a label and a square of bytes in each row', async () => {
    const path = join(folderOf({ 'train.csv': kaggle }), 'train.csv');
    const { train, test, classNames } = await loadDataset(path);
    expect([train.shape, classNames]).toEqual([
      [1, 2, 2],
      ['0', '1'],
    ]);
    expect([train.labels.length, test.labels.length]).toEqual([18, 2]);
    const first = train.images[0] ?? 0;
    expect([train.labels[0], ...train.images.subarray(0, 4)]).toEqual([
      first % 2,
      first,
      255,
      0,
      7,
    ]);
    expect(train.images).toBeInstanceOf(Uint8Array);
    expect((await loadDataset(path, { trainSamples: 3 })).train.name).toBe('train.csv, first 3');
    const packed = folderOf({ 'TRAIN.CSV.GZ': gzipSync(kaggle) });
    for (const given of [packed, join(packed, 'TRAIN.CSV.GZ')]) {
      expect((await loadDataset(given)).train.images).toEqual(train.images);
    }
  });

  it.each<[string, string, object]>([
    ['no header', rows(20, (n) => `${n % 2},${n},255,0,7`), {}],
    ['semicolons', kaggle.replaceAll(',', ';'), {}],
    [
      'tabs, CRLF and a byte order mark',
      `\ufeff${kaggle.replaceAll(',', '\t').replaceAll('\n', '\r\n')}`,
      {},
    ],
    ['quotes', kaggle.replaceAll(/[^,\n]+/g, '"$&"'), {}],
    ['the label last', `p0,p1,p2,p3,label\n${rows(20, (n) => `${n},255,0,7,${n % 2}`)}`, {}],
    ['another name', kaggle.replace('label', 'digit'), { labelColumn: 'digit' }],
    [
      'the label last and no header',
      rows(20, (n) => `${n},255,0,7,${n % 2}.0`),
      { labelColumn: '4' },
    ],
  ])('with %s is the same', async (_title, text, options) => {
    const load = (content: string, more: object) =>
      loadDataset(join(folderOf({ 'a.csv': content }), 'a.csv'), more);
    const [got, expected] = [await load(text, options), await load(kaggle, {})];
    expect(got).toEqual(expected);
  });

  it('may have names as labels, floats as pixels, RGB, and a size', async () => {
    const text = rows(10, (n) => `${n % 2 === 0 ? 'owl' : 'cat'},0,0.5,1,0.25,0,0`);
    const path = join(folderOf({ 'a.csv': text }), 'a.csv');
    const { train, classNames } = await loadDataset(path, { size: [2, 3] });
    expect([train.shape, classNames]).toEqual([
      [1, 2, 3],
      ['cat', 'owl'],
    ]);
    expect([...train.images.subarray(0, 6)]).toEqual([0, 0.5, 1, 0.25, 0, 0]);
    const rgb = await loadDataset(path, { size: [2, 1], channels: 3 });
    expect([...rgb.train.images.subarray(0, 6)]).toEqual([0, 0.25, 0.5, 0, 1, 0]);
    await expect(loadDataset(path)).rejects.toThrow('got 6 pixels. Give the size');
  });

  it.each<[string, readonly string[], readonly string[]]>([
    [
      'that are whole numbers in several spellings',
      ['3', '3.0', ' +3', '3.000000000000000000e+00', '1.2e+01'],
      ['3', '12'],
    ],
    ['beyond 2⁵³ − 1', ['9007199254740992', '9007199254740993'], []],
    ['with exponents', ['0e1', '0e2', '1e1', '10'], []],
    ['in other bases', ['0x10', '16'], []],
    ['with fractions', ['0.1', '0.10000000000000001'], []],
  ])('with labels %s has a class for each different one', async (_title, labels, names) => {
    const text = rows(20, (n) => `${labels[n % labels.length]},${n},255,0,7`);
    const { classNames } = await loadDataset(join(folderOf({ 'a.csv': text }), 'a.csv'));
    const expected = names.length > 0 ? names : labels;
    expect([...classNames].sort()).toEqual([...expected].sort());
  });

  it('of a folder is train.csv and test.csv, which is left out if it has no labels', async () => {
    const both = await loadDataset(folderOf({ 'x_train.csv': kaggle, 'x_test.csv': kaggle }));
    expect([both.train.labels.length, both.test.labels.length]).toEqual([20, 20]);
    const bare = kaggle.replaceAll(/^[^,]+,/gm, '');
    const one = await loadDataset(folderOf({ 'train.csv': kaggle, 'test.csv': bare }));
    expect(one.test.name).toBe('train.csv, 2 held out');
  });

  it.each<[string, string, string]>([
    ['a cell too few', '1,2,3,4', 'line 22: expected 5 cells, got 4.'],
    ['a cell too many', '1,2,3,4,5,6', 'line 22: expected 5 cells, got 6.'],
    ['no label', ',2,3,4,5', 'line 22: expected a label, got an empty cell.'],
    ['an empty pixel', '1,2,,4,5', 'line 22: expected a number in column 3, got "".'],
    ['a word', '1,2,3,x,5', 'line 22: expected a number in column 4, got "x".'],
    ['NaN', '1,2,3,NaN,5', 'got "NaN".'],
    ['more than a float holds', '1,2,3,1e39,5', 'got "1e39".'],
  ])('with %s: one line, or the row is passed over', async (_title, row, message) => {
    const path = join(folderOf({ 'a.csv': `${kaggle}${row}\n` }), 'a.csv');
    await expect(loadDataset(path)).rejects.toThrow(
      `${path}: ${message.startsWith('line') ? message : ''}`,
    );
    await expect(loadDataset(path)).rejects.toThrow(message);
    const { train, test, skipped } = await loadDataset(path, { skipBad: true });
    expect(train.labels.length + test.labels.length).toBe(20);
    expect(skipped).toHaveLength(1);
  });

  it.each<[string, string, object, string]>([
    ['a header alone', 'label,pixel0\n', {}, 'expected rows of a label and pixels, got none'],
    ['nothing', '', {}, 'expected rows of a label and pixels, got none'],
    ['no column label', kaggle.replace('label', 'digit'), {}, 'got "digit", "pixel0"'],
    ['an open quote', `${kaggle}"1,2`, {}, 'expected CSV, got what could not be read'],
    ['a quote in a cell', '1,2\n\u009b"1",3', {}, 'read (invalid opening quote, line 2). Save'],
    ['a place that is none', '1,2\n1,3', { labelColumn: 'label' }, 'by its place from 0 to 1'],
  ])('with %s is refused', async (_title, text, options, message) => {
    const path = join(folderOf({ 'a.csv': text }), 'a.csv');
    await expect(loadDataset(path, options)).rejects.toThrow(message);
  });
});

describe('NumPy', () => {
  const x = Uint8Array.from({ length: 2 * 2 * 1 * 3 }, (_, i) => i); // [2, 2, 1, 3]
  const y = npy('|u1', [2], Uint8Array.of(9, 4));
  const archive = (files: Readonly<Record<string, Uint8Array>>) =>
    join(folderOf({ 'a.npz': zipSync(files) }), 'a.npz');

  it('is read from an archive, the channels last', async () => {
    const path = archive({
      'x_train.npy': npy('|u1', [2, 2, 1, 3], x),
      'y_train.npy': y,
      'x_test.npy': npy('|u1', [2, 2, 1, 3], x),
      'y_test.npy': y,
    });
    const { train, test, classNames } = await loadDataset(path);
    expect(classNames).toEqual(['4', '9']);
    expect(train).toMatchObject({
      shape: [3, 2, 1],
      images: Uint8Array.of(0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8, 11),
      labels: Uint8Array.of(1, 0),
      name: 'a.npz train',
    });
    expect(test.images).toEqual(train.images);
  });

  it('has its channels last if there are four of them and more of both others', async () => {
    const data = Uint8Array.from({ length: 240 }, (_, i) => i);
    const load = (shape: readonly number[]) =>
      loadDataset(archive({ 'x.npy': npy('|u1', [2, ...shape], data), 'y.npy': y }), {
        testSplit: 0.5,
      });
    const { train } = await load([6, 5, 4]);
    const [first = 0] = train.images;
    expect(train.shape).toEqual([4, 6, 5]);
    expect([...train.images.subarray(0, 3), train.images[30]]).toEqual([
      first,
      first + 4,
      first + 8,
      first + 1,
    ]);
    expect((await load([30, 1, 4])).train.shape).toEqual([30, 1, 4]);
  });

  it('keeps labels of 64 bits apart, or refuses them', async () => {
    const load = (labels: BigInt64Array | BigUint64Array, type: string) =>
      loadDataset(
        archive({
          'x.npy': npy('|u1', [2, 2, 3], x),
          'y.npy': npy(type, [2], new Uint8Array(labels.buffer)),
        }),
        { testSplit: 0.5 },
      );
    const most = 2n ** 53n - 1n;
    const { classNames } = await load(BigInt64Array.of(most, -most), '<i8');
    expect(classNames).toEqual([String(-most), String(most)]);
    for (const label of [2n ** 53n, 2n ** 60n]) {
      const message = `a.npz: y: expected labels within ±(2⁵³ − 1), which are read exactly, got about ${Number(label)}. Save them as texts.`;
      await expect(load(BigUint64Array.of(label, label + 1n), '<u8')).rejects.toThrow(message);
      await expect(load(BigInt64Array.of(0n, -label), '<i8')).rejects.toThrow(
        `about -${Number(label)}`,
      );
    }
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])(
    'with %d in an image is refused, by file and image',
    async (value) => {
      for (const shape of [
        [3, 2, 2],
        [3, 4],
        [3, 1, 2, 2],
      ]) {
        const pixels = new Float32Array(12);
        pixels[9] = value;
        const path = archive({
          'x.npy': npy('<f4', shape, new Uint8Array(pixels.buffer)),
          'y.npy': npy('|u1', [3], Uint8Array.of(0, 1, 0)),
        });
        await expect(loadDataset(path)).rejects.toThrow(
          `${path}: x: expected finite numbers, got ${value} in image 2. Mend the image, or leave it out.`,
        );
      }
    },
  );

  it('is read from files of a folder, or by one of them', async () => {
    const files = {
      'train_images.npy': npy('|u1', [2, 2, 3], x),
      'train_labels.npy': y,
      'val_images.npy': npy('|u1', [2, 2, 3], x),
      'val_labels.npy': y,
    };
    const folder = folderOf(files);
    for (const path of [folder, join(folder, 'train_images.npy')]) {
      const { train, test } = await loadDataset(path);
      expect(train).toMatchObject({ shape: [1, 2, 3], images: x });
      expect(test.labels).toEqual(Uint8Array.of(1, 0));
    }
  });

  it('takes whole numbers as bytes, floats as they are, and rows with one 1 as classes', async () => {
    const bytesOf = (array: ArrayBufferView) => new Uint8Array(array.buffer);
    const load = (type: string, numbers: Float32Array | Float64Array | BigInt64Array) =>
      loadDataset(
        archive({
          'X.npy': npy(type, [2, 2, 2], bytesOf(numbers)),
          'labels.npy': npy('|b1', [2, 3], Uint8Array.of(0, 0, 1, 1, 0, 0)),
        }),
        { testSplit: 0.5 },
      );
    const both = ({ train, test }: { train: Dataset; test: Dataset }) =>
      [...train.images, ...test.images].sort((a, b) => a - b);
    const whole = await load('<i8', BigInt64Array.of(0n, 1n, 2n, 3n, 4n, 5n, 6n, 255n));
    expect(whole.train.images).toBeInstanceOf(Uint8Array);
    expect(both(whole)).toEqual([0, 1, 2, 3, 4, 5, 6, 255]);
    expect(whole.classNames).toEqual(['0', '1', '2']);
    const floats = await load('<f8', Float64Array.of(0, 0.5, 1, 0, 0, 0, 0, 0.25));
    expect(both(floats)).toEqual([0, 0, 0, 0, 0, 0.25, 0.5, 1]);
    const binary = await load('<f4', Float32Array.of(0, 1, 1, 0, 0, 0, 0, 1));
    expect(binary.train.images).toBeInstanceOf(Float32Array);
  });

  it.each<[string, Record<string, Uint8Array>, string]>([
    ['no labels', { 'x.npy': npy('|u1', [2, 2, 3], x) }, 'x_train and y_train, got x.'],
    ['no arrays of these names', { 'a.npy': y }, 'or x and y, got a.'],
    [
      'labels that are values',
      {
        'x.npy': npy('|u1', [1, 2, 2], x.slice(0, 4)),
        'y.npy': npy('<f4', [1], new Uint8Array(Float32Array.of(0.5).buffer)),
      },
      'whole numbers or texts as labels, got 0.5',
    ],
    [
      'two arrays of images',
      { 'x.npy': y, 'images.npy': y, 'y.npy': y },
      'one array of images of train',
    ],
    [
      'labels too many',
      { 'x.npy': npy('|u1', [1, 2, 2], x.slice(0, 4)), 'y.npy': y },
      'each of 1 images, got 2',
    ],
    ['texts as images', { 'x.npy': npy('|S1', [2], Uint8Array.of(1, 2)), 'y.npy': y }, 'got texts'],
  ])('with %s is refused', async (_title, files, message) => {
    const path = archive(files);
    await expect(loadDataset(path)).rejects.toThrow(message);
    await expect(loadDataset(path)).rejects.toThrow(path);
  });
});

describe('mnist', () => {
  it('is what loadMnist loads, with names', async () => {
    const [{ train, test, classNames }, digits] = [await loadDataset('mnist'), await loadMnist()];
    expect(Buffer.from(train.images).equals(Buffer.from(digits.train.images))).toBe(true);
    expect(Buffer.from(train.labels).equals(Buffer.from(digits.train.labels))).toBe(true);
    expect(Buffer.from(test.images).equals(Buffer.from(digits.test.images))).toBe(true);
    expect([train.name, test.name]).toEqual([digits.train.name, digits.test.name]);
    expect(classNames).toHaveLength(10);
    expect(train.preparation).toBe('digit');
    expect((await loadDataset('mnist', { testSplit: 0.25 })).test.labels).toHaveLength(2500);
  });
});

describe('refuses', () => {
  it.each<[string, object, string]>([
    ['', {}, "expected a path, or 'mnist', got"],
    ['mnist', { size: 0 }, 'expected size to be a whole number from 1'],
    ['mnist', { size: [1, 2, 3] }, 'expected size to be a number or [height, width]'],
    ['mnist', { channels: 2 }, 'expected channels to be 1 or 3, got 2.'],
    ['mnist', { classNames: ['a', 'a'] }, 'a list of different texts'],
    ['mnist', { testSplit: 1 }, 'expected testSplit to be above 0 and below 1'],
    ['mnist', { labelColum: 'x' }, 'Use labelColumn.'],
    ['mnist', { trainSamples: 9001 }, 'trainSamples: expected at most 9000 images'],
    ['/dev/zero', {}, 'got a device'],
    ['/dev/null/x', {}, 'got ENOTDIR'],
    ['nothing-here', {}, 'got ENOENT'],
  ])('%j with %j', async (path, options, message) => {
    await expect(loadDataset(path, options)).rejects.toThrow(message);
  });

  it('a file of another kind', async () => {
    const folder = folderOf({ 'a.bin': 'hello', 'train-images-idx3-ubyte': idxImages(1, 1, 1) });
    await expect(loadDataset(join(folder, 'a.bin'))).rejects.toThrow('got another file');
    await expect(loadDataset(join(folder, 'train-images-idx3-ubyte'))).rejects.toThrow(
      `got one of them. Use ${folder}.`,
    );
  });
});

it('names and preparation travel through model file and checkpoint', async () => {
  const one = await grey(8, new Array(64).fill(200));
  const folder = folderOf({ 'train/ä/1.png': one, 'train/b/1.png': one, 'test/b/1.png': one });
  const { train } = await loadDataset(folder);
  const spec = {
    inputShape: train.shape,
    layers: [layers.flatten(), layers.dense({ units: 2 }), layers.softmax()],
  };
  const model = createModel(await createBackend(), spec);
  expect(model.classNames).toBeUndefined();
  let checkpoint: Uint8Array | undefined;
  await model.fit(train, {
    onCheckpoint(given) {
      checkpoint = encodeCheckpoint(given);
    },
  });
  const known = { classNames: ['b', 'ä'], preparation: 'picture' };
  expect(model).toMatchObject(known);
  expect(decodeModel(encodeModel(model), 'm')).toMatchObject(known);
  expect(decodeCheckpoint(checkpoint ?? new Uint8Array(), 'c')).toMatchObject(known);
  expect(decodeModel(checkpoint ?? new Uint8Array(), 'c')).toMatchObject(known);
});

describe.each<[string, string, number, readonly number[], number]>([
  ['png', 'cases/data/csv-and-folders/png', 10, [10, 10], 10],
  ['csv', 'cases/data/csv-and-folders/train.csv', 10, [45, 5], 10],
  ['EMNIST letters', 'cases/data/emnist-letters', 26, [200, 200], 26],
])('the case %s', (_name, path, classes, counts, names) => {
  const full = sharedPath(path);
  it.skipIf(full === undefined)('loads, and trains', async () => {
    const { train, test, classNames } = await loadDataset(full ?? '');
    expect([train.labels.length, test.labels.length]).toEqual(counts);
    expect(classNames).toHaveLength(names);
    const spec = namedModels.reference(train.shape, train.classes);
    const model = createModel(await createBackend(), spec);
    const { epochs } = await model.fit(train, { epochs: 3, validationData: test });
    expect(epochs[2]?.loss).toBeLessThan(epochs[0]?.loss ?? 0);
    expect(train.classes).toBe(classes);
  });
});
