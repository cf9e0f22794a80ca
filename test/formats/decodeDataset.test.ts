/** Data sets out of bytes are those that `loadDataset` reads from files, to the byte; what is none is refused in one line. */
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { FormatError } from 'convlet';
import { decodeDataset } from 'convlet/formats';
import { loadDataset } from 'convlet/node';
import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { foldersOfFiles } from '../support/folder.ts';
import { npy } from '../support/npy.ts';

const folderOf = foldersOfFiles();
const bytesOf = (text: string) => new TextEncoder().encode(text);

/** `count` images of `pixels` bytes. */
const images = (count: number, pixels: number) =>
  Uint8Array.from({ length: count * pixels }, (_, i) => (i * 7) % 256);
const labels = (count: number, classes = 3) =>
  Uint8Array.from({ length: count }, (_, i) => i % classes);

/** A CSV of 2 × 2 pixels, with a header. */
function csv(
  count: number,
  label: (n: number) => string,
  delimiter = ',',
): Uint8Array<ArrayBuffer> {
  const rows = Array.from({ length: count }, (_, n) => [label(n), n, 2 * n, 3 * n, 200 - n]);
  const text = [['label', 'p0', 'p1', 'p2', 'p3'], ...rows].map((row) => row.join(delimiter));
  return bytesOf(`\ufeff${text.join('\r\n')}\r\n`);
}

describe('decodeDataset', () => {
  const words = ['"bag, large"', 'coat', '"a ""sneaker"""'];
  it.each<[string, string, Uint8Array]>([
    ['a CSV of words', 'set.csv', csv(40, (n) => words[n % 3] ?? '')],
    ['a CSV with semicolons', 'set.csv', csv(40, (n) => String(n % 4), ';')],
    [
      'an archive of one part',
      'set.npz',
      zipSync({
        'x.npy': npy('|u1', [40, 3, 4], images(40, 12)),
        'y.npy': npy('|u1', [40], labels(40)),
      }),
    ],
    [
      'an archive of two parts, in colour',
      'set.npz',
      zipSync({
        'x_train.npy': npy('|u1', [12, 4, 4, 3], images(12, 48)),
        'y_train.npy': npy('|u1', [12, 1], labels(12)),
        'x_test.npy': npy('|u1', [6, 4, 4, 3], images(6, 48)),
        'y_test.npy': npy('|u1', [6, 1], labels(6)),
      }),
    ],
  ])('gives what loadDataset gives of %s', async (_title, name, bytes) => {
    const folder = folderOf({ [name]: bytes });
    for (const options of [{}, { channels: 1, seed: 5 }] as const) {
      const decoded = await decodeDataset({ name, bytes }, options);
      const loaded = await loadDataset(join(folder, name), options);
      expect(decoded).toEqual(loaded);
      expect(decoded.train.labels.length).toBeGreaterThan(decoded.test.labels.length);
    }
  });

  const letters = csv(3000, (n) => ['é', 'è', '€'][n % 3] ?? ''); // some lie across two blocks of a file
  const utf16 = Buffer.from(new TextDecoder().decode(letters), 'utf16le'); // the decoder took the mark
  const marked = Buffer.concat([Buffer.of(0xff, 0xfe), utf16]);
  it.each<[string, string, Uint8Array]>([
    ['text in UTF-8', 'set.csv', letters],
    ['text in UTF-8 named as gzip', 'set.csv.gz', letters],
    ['gzip', 'set.csv.gz', gzipSync(letters)],
    ['gzip named as text', 'set.csv', gzipSync(letters)],
    ['text in UTF-16', 'set.csv', marked],
    ['text in UTF-16, the high bytes first', 'set.csv', Buffer.from(marked).swap16()],
    ['text in UTF-16 in gzip', 'set.csv.gz', gzipSync(marked)],
  ])('knows %s by its bytes, as loadDataset does', async (_title, name, content) => {
    const bytes = Uint8Array.from(content);
    const decoded = await decodeDataset({ name, bytes });
    expect(decoded).toEqual(await loadDataset(join(folderOf({ [name]: bytes }), name)));
    expect(decoded.classNames).toEqual(['è', 'é', '€']);
  });

  const damaged = gzipSync(letters);
  damaged.fill(0, 200, 300);
  const noText = 'expected CSV, got what could not be read (not UTF-8). Save it as CSV in UTF-8.';
  const noGzip =
    'expected gzip that is whole, got what cannot be unpacked. The file is damaged; fetch it again.';
  it.each<[string, Uint8Array, string]>([
    ['Latin-1, in which é and è are no UTF-8', Buffer.from('\xe9,1\n\xe8,2\n', 'latin1'), noText],
    ['a character cut short at the end', Buffer.concat([letters, Buffer.of(0xc3)]), noText],
    ['half a character of UTF-16', marked.subarray(0, 99), noText.replace('UTF-8', 'UTF-16LE')],
    ['gzip cut short', gzipSync(letters).subarray(0, 200), noGzip],
    ['damaged gzip', damaged, noGzip],
  ])('refuses %s, as loadDataset does', async (_title, content, message) => {
    const bytes = Uint8Array.from(content);
    const path = join(folderOf({ 'a.csv': bytes }), 'a.csv');
    for (const refused of [decodeDataset({ name: path, bytes }), loadDataset(path)]) {
      await expect(refused).rejects.toThrow(FormatError);
      await expect(refused).rejects.toThrow(`${path}: ${message}`);
    }
  });

  it('refuses a small file in gzip that would fill the memory', async () => {
    const bytes = new Uint8Array(gzipSync(Buffer.alloc(40_000_000, '1,')));
    expect(bytes.length).toBeLessThan(50_000);
    await expect(decodeDataset({ name: 'a.csv', bytes })).rejects.toThrow(
      /^a\.csv: expected gzip of at most \d+ bytes, got more\. Unpack the file first\.$/,
    );
  });

  it('takes words as the names of the classes, and holds out a tenth', async () => {
    const { train, test, classNames } = await decodeDataset({
      name: 'set.csv',
      bytes: csv(40, (n) => words[n % 3] ?? ''),
    });
    expect(classNames).toEqual(['a "sneaker"', 'bag, large', 'coat']);
    expect(train).toMatchObject({ classNames, classes: 3, shape: [1, 2, 2], name: 'set.csv' });
    expect([train.labels.length, test.labels.length]).toEqual([36, 4]);
    expect(test.name).toBe('set.csv, 4 held out');
  });

  it('takes two CSV, of which one has test in its name; one without labels is left out', async () => {
    const train = { name: 'shapes_train.csv', bytes: csv(40, (n) => String(n % 4)) };
    const test = { name: 'shapes_test.csv', bytes: csv(8, (n) => String(n % 4)) };
    for (const files of [
      [train, test],
      [test, train],
    ]) {
      const found = await decodeDataset(files);
      expect([found.train.labels.length, found.test.labels.length]).toEqual([40, 8]);
    }
    const latest = [
      { ...train, name: 'latest_train.csv' },
      { ...test, name: 'latest_test.csv' },
    ];
    for (const files of [latest, latest.toReversed()]) {
      expect((await decodeDataset(files)).train.labels).toHaveLength(40);
    }
    await expect(
      decodeDataset(['a_test.csv', 'b_test.csv'].map((name) => ({ ...train, name }))),
    ).rejects.toThrow('two CSV of which one has test in its name, got "a_test.csv", "b_test.csv"');
    const bare = { name: 'test.csv', bytes: bytesOf('p0,p1,p2,p3\n1,2,3,4\n') };
    expect((await decodeDataset([train, bare])).test.labels).toHaveLength(4);
    await expect(decodeDataset([train, { ...test, name: 'other.csv' }])).rejects.toThrow(
      'expected a .npz, a CSV, or two CSV of which one has test in its name, got "shapes_train.csv", "other.csv"',
    );
  });

  it('takes a name of labels beside counted columns for a header', async () => {
    const rows = Array.from({ length: 20 }, (_, n) => `${n % 2},${n},0,7,255`).join('\n');
    for (const head of ['label,0,1,2,3', 'y,1,2,3,4']) {
      const { train, classNames } = await decodeDataset({
        name: 'set.csv',
        bytes: bytesOf(`${head}\n${rows}\n`),
      });
      expect([train.labels.length, classNames, train.shape]).toEqual([18, ['0', '1'], [1, 2, 2]]);
      expect(train.images).toBeInstanceOf(Uint8Array);
    }
    const letters = rows.replaceAll(/^0,/gm, 'y,').replaceAll(/^1,/gm, 'z,'); // no header: pixels are not counted
    const found = await decodeDataset({ name: 'set.csv', bytes: bytesOf(letters) });
    expect(found.classNames).toEqual(['y', 'z']);
  });

  it('makes grey of colours or the reverse, and of nothing else', async () => {
    const arrays = (channels: number) => ({
      name: 'set.npz',
      bytes: zipSync({
        'x.npy': npy('|u1', [20, channels, 2, 5], images(20, 10 * channels)),
        'y.npy': npy('|u1', [20], labels(20)),
      }),
    });
    expect((await decodeDataset(arrays(3), { channels: 1 })).train.shape).toEqual([1, 2, 5]);
    await expect(decodeDataset(arrays(4), { channels: 3 })).rejects.toThrow(
      'set.npz: set.npz train: expected images of 1 or 3 channels to make 3 of them, got 4. Leave out channels.',
    );
  });

  const good = csv(40, (n) => String(n % 4));
  it.each<[string, Uint8Array, string]>([
    ['an empty file', new Uint8Array(), 'bad: expected rows of a label and pixels, got none'],
    ['a header alone', bytesOf('label,p0\n'), 'bad: expected rows of a label and pixels, got none'],
    ['a header without labels', bytesOf('a,b\n1,2\n'), 'bad: expected a column label'],
    [
      'a short row',
      bytesOf('1,2,3,4,5\n1,2\n'),
      'bad: line 2: expected 5 cells, got 2. Give every',
    ],
    ['a word as a pixel', bytesOf('1,2,3,4,x\n'), 'bad: line 1: expected a number in column 5'],
    [
      'an open quote',
      bytesOf('1,2,3,4,5\n"1,2,3'),
      'bad: expected CSV, got what could not be read',
    ],
    ['rows that are no square', bytesOf('1,2,3\n1,2,3\n'), 'bad: expected rows of a square image'],
    ['one image', bytesOf('1,2,3,4,5\n'), 'bad: expected testSplit to leave at least one image'],
    [
      'an archive that is cut',
      zipSync({ 'x.npy': npy('|u1', [4], labels(4)) }).subarray(0, 90),
      'bad: ',
    ],
    [
      'an archive of weights',
      zipSync({ 'a.npy': npy('|u1', [4], labels(4)) }),
      'bad: expected arrays x_train',
    ],
    [
      'images without labels',
      zipSync({ 'x.npy': npy('|u1', [4, 2, 2], images(4, 4)) }),
      'bad: expected images and labels',
    ],
    [
      'fewer labels than images',
      zipSync({
        'x.npy': npy('|u1', [4, 2, 2], images(4, 4)),
        'y.npy': npy('|u1', [3], labels(3)),
      }),
      'bad: bad train: expected a label for each of 4 images, got 3 labels',
    ],
  ])('refuses %s', async (title, bytes, message) => {
    const refused = decodeDataset({ name: 'bad', bytes });
    await expect(refused).rejects.toThrow(message);
    await expect(refused).rejects.not.toThrow('skip');
    if (title === 'a word as a pixel') await expect(refused).rejects.toThrow(FormatError);
  });

  it('refuses options and files that are none', async () => {
    const file = { name: 'set.csv', bytes: good };
    await expect(decodeDataset(file, { stream: true } as object)).rejects.toThrow('stream');
    await expect(decodeDataset([])).rejects.toThrow('decodeDataset: expected files');
    await expect(decodeDataset({ name: 'a' } as never)).rejects.toThrow('decodeDataset: files');
    await expect(decodeDataset(file, { testSplit: 2 })).rejects.toThrow('testSplit');
    const bytes = zipSync({
      'x.npy': npy('|u1', [20, 2, 2], images(20, 4)),
      'y.npy': npy('|u1', [20], labels(20)),
    });
    await expect(decodeDataset({ name: 'set.npz', bytes }, { labelColumn: 'y' })).rejects.toThrow(
      'set.npz: expected no labelColumn, as it is no CSV, got "y". Leave it out.',
    );
  });
});
