/** `--data` of every kind from the command line: train, evaluate, predict and inspect know the classes by name. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolders } from '../support/folder.ts';

const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const folder = temporaryFolders();

function convlet(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [cli, ...args], { encoding: 'utf8' });
}

/** The JSON lines of a command that ends well. */
function json(...args: string[]): Record<string, unknown>[] {
  const { status, stdout, stderr } = convlet(...args, '--json');
  expect([status, stderr]).toEqual([0, '']);
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

const COLOURS = { blue: [20, 30, 220], green: [30, 200, 20], red: [220, 20, 30] } as const;

/** A picture 32×32 of a colour, a little darker for each `n`. */
function picture(name: keyof typeof COLOURS, n: number): Promise<Buffer> {
  const [r, g, b] = COLOURS[name].map((value) => value - n);
  const background = { r: r ?? 0, g: g ?? 0, b: b ?? 0 };
  return sharp({ create: { width: 32, height: 32, channels: 3, background } })
    .png()
    .toBuffer();
}

describe('a folder of three classes', () => {
  const data = join(folder(), 'colours');
  const out = join(folder(), 'run');
  const model = join(out, 'model.safetensors');

  beforeAll(async () => {
    for (const name of Object.keys(COLOURS) as (keyof typeof COLOURS)[]) {
      mkdirSync(join(data, name), { recursive: true });
      for (let n = 0; n < 10; n++)
        writeFileSync(join(data, name, `${n}.png`), await picture(name, n));
    }
  });

  it('trains, is evaluated, and is predicted by name', () => {
    const epochs = ['--epochs', '20', '--batch-size', '9', '--learning-rate', '0.05'];
    const lines = json('train', '--data', data, ...epochs, '--out', out);
    expect(lines.at(-2)).toMatchObject({ testSet: 'colours, 3 held out', validationAccuracy: 1 });
    const classNames = ['blue', 'green', 'red'];
    const [evaluation] = json('evaluate', model, '--data', data);
    expect(evaluation).toMatchObject({ classNames, accuracy: 1, testSet: 'colours, 3 held out' });
    const table = convlet('evaluate', model, '--data', data).stdout;
    expect(table).toMatch(/true +blue +green +red {2}\(columns: predicted\)/);
    const files = ['red', 'blue'].map((name) => join(data, name, '3.png'));
    expect(json('predict', model, ...files)).toMatchObject([
      { class: 2, className: 'red' },
      { class: 0, className: 'blue' },
    ]);
    const all = json('predict', model, data); // in the order of their names, class by class
    expect(all.map(({ className }) => className)).toEqual(
      classNames.flatMap((name) => Array.from({ length: 10 }, () => name)),
    );
    const report = readFileSync(join(out, 'report.html'), 'utf8');
    for (const name of classNames) {
      expect(report).toContain(`<tr><th scope="row">${name}</th><td>9</td>`);
    }
    expect(convlet('predict', model, ...files).stdout).toMatch(/red\/3\.png: red /);
    expect(json('inspect', model)).toMatchObject([{ classNames, preparation: 'picture' }]);
    const checkpoint = join(out, 'checkpoint.convlet');
    expect(convlet('inspect', checkpoint).stdout).toContain('classes: blue, green, red');
  });

  it('goes on from a checkpoint with its size and its channels', () => {
    const into = join(folder(), 'run');
    const shape = ['--size', '8x10', '--channels', '1', '--test-split', '0.5'];
    json('train', '--data', data, ...shape, '--epochs', '1', '--out', into);
    json('train', '--resume', join(into, 'checkpoint.convlet'), '--epochs', '2');
    expect(json('inspect', join(into, 'model.safetensors'))).toMatchObject([
      { inputShape: [1, 8, 10] },
    ]);
  });

  it('is described before the training', () => {
    const args = ['--data', data, '--epochs', '1', '--out', join(folder(), 'run')];
    const { stderr } = convlet('train', ...args);
    expect(stderr).toMatch(
      /^images 3×32×32, pixels 0\.\d+ to 0\.863, mean 0\.\d{3} 0\.\d{3} 0\.\d{3}, /m,
    );
    expect(stderr).toContain('3 classes: blue: 9, green: 9, red: 9\n');
  });

  it('is not evaluated by a model of other classes', async () => {
    const other = join(folder(), 'other');
    for (const name of ['blue', 'white']) {
      mkdirSync(join(other, name), { recursive: true });
      for (let n = 0; n < 2; n++)
        writeFileSync(join(other, name, `${n}.png`), await picture('blue', n));
    }
    const { status, stderr } = convlet('evaluate', model, '--data', other);
    expect([status, stderr.trim().split('\n').length]).toEqual([1, 1]);
    expect(stderr).toContain('expected classes of "blue", "green", "red", got "white"');
  });

  it('with a broken picture ends with its name, or passes over it', () => {
    writeFileSync(join(data, 'red', 'broken.png'), 'no picture');
    const args = ['train', '--data', data, '--epochs', '1', '--out'];
    const { status, stderr } = convlet(...args, join(folder(), 'run'));
    expect([status, stderr.trim().split('\n').length]).toEqual([1, 1]);
    expect(stderr).toContain(join('red', 'broken.png'));
    const skipped = convlet(...args, join(folder(), 'run'), '--skip-bad', '--json');
    expect(skipped.status).toBe(0);
    expect(skipped.stderr).toMatch(
      /^passed over 1 input that could not be read:\n {2}.*broken\.png: /,
    );
  });
});

it('bytes of a few dark levels are told before the training', () => {
  const rows = (most: number) =>
    Array.from({ length: 40 }, (_, n) => [n % 2, ...Array(64).fill((n % 2) * most)].join());
  const said = (most: number) => {
    const file = join(folder(), 'grey.csv');
    writeFileSync(file, rows(most).join('\n'));
    const out = join(folder(), 'run');
    return convlet('train', '--data', file, '--model', 'reference', '--epochs', '1', '--out', out)
      .stderr;
  };
  expect(said(16)).toContain(
    '\nno byte is above 16, of 255 for white: the images are nearly black.',
  );
  expect(said(255)).not.toContain('nearly black');
});

it.each([
  ['--size', '0x3'],
  ['--size', '3x3x3'],
  ['--channels', '2'],
  ['--test-split', '1'],
])('%s %s is wrong usage', (flag, value) => {
  const { status, stderr } = convlet('train', flag, value);
  expect(status).toBe(2);
  expect(stderr).toContain(`${flag}: expected`);
});
