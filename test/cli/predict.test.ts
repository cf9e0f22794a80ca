/** `convlet predict` on folders, and its three outputs: text, JSON lines, CSV. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { layers } from 'convlet';
import { encodeModel } from 'convlet/formats';
import { parse } from 'csv-parse/sync';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { commandIn } from '../support/command.ts';
import { temporaryFolders } from '../support/folder.ts';

const cwd = temporaryFolders()();
const convlet = commandIn(cwd);

const lines = (text: string) => text.trim().split('\n');

/** One class for each channel of a picture of one pixel: the brightest channel wins. */
const model = (classNames?: readonly string[], preparation: 'picture' | 'digit' = 'picture') =>
  encodeModel({
    spec: {
      inputShape: [3, 1, 1],
      layers: [layers.flatten(), layers.dense({ units: 3 }), layers.softmax()],
    },
    seed: 1,
    weights: new Map([
      ['1.weight', { shape: [3, 3], data: Float32Array.of(9, 0, 0, 0, 9, 0, 0, 0, 9) }],
      ['1.bias', { shape: [3], data: new Float32Array(3) }],
    ]),
    ...(classNames && { classNames }),
    preparation,
  });
const NAMES = ['red, "hot"', 'green', 'blue\nsea'];

async function write(path: string, r: number, g: number, b: number): Promise<void> {
  mkdirSync(dirname(join(cwd, path)), { recursive: true });
  const create = { width: 3, height: 2, channels: 3, background: { r, g, b } } as const;
  await sharp({ create }).png().toFile(join(cwd, path));
}

beforeAll(async () => {
  writeFileSync(join(cwd, 'named'), model(NAMES));
  writeFileSync(join(cwd, 'plain'), model());
  await write('all/b.png', 0, 255, 0);
  await write('all/a, "1".png', 255, 0, 0);
  await write('all/deep/c.png', 0, 0, 255);
  await write('one.png', 0, 255, 0);
  writeFileSync(join(cwd, 'all/.hidden'), 'no picture');
  writeFileSync(join(cwd, 'all/Thumbs.db'), 'no picture');
  await write('bad/good.png', 255, 0, 0);
  writeFileSync(join(cwd, 'bad/worse.png'), 'no picture');
  mkdirSync(join(cwd, 'empty'));
});

describe('a folder', () => {
  it('gives all of its pictures, sorted, those of its folders too', () => {
    const { status, stdout, stderr } = convlet('predict', 'named', 'one.png', 'all', '--json');
    expect([status, stderr]).toEqual([0, '']);
    const predictions = lines(stdout).map((line) => JSON.parse(line));
    const known = predictions.map(({ image, class: index, className }) => [
      image,
      index,
      className,
    ]);
    expect(known).toEqual([
      ['one.png', 1, 'green'],
      [join('all', 'a, "1".png'), 0, 'red, "hot"'],
      [join('all', 'b.png'), 1, 'green'],
      [join('all', 'deep', 'c.png'), 2, 'blue\nsea'],
    ]);
    for (const { event, class: index, probability, probabilities } of predictions) {
      expect([event, probabilities.length]).toEqual(['prediction', 3]);
      expect(probability).toBe(probabilities[index]);
      expect(probability).toBe(Math.max(...probabilities));
    }
  });

  it('with a picture that cannot be read ends with one line that names it', () => {
    const { status, stdout, stderr } = convlet('predict', 'named', 'bad');
    expect([status, stdout, lines(stderr).length]).toEqual([1, '', 1]);
    expect(stderr).toContain(join('bad', 'worse.png'));
  });

  it('with --skip-bad gives the others', () => {
    const { status, stdout, stderr } = convlet('predict', 'named', 'bad', '--skip-bad');
    expect([status, lines(stdout).length, lines(stderr).length]).toEqual([0, 1, 2]);
    expect(stderr).toContain(join('bad', 'worse.png'));
  });

  it('of which no picture can be read is refused, also with --skip-bad', () => {
    const worse = join('bad', 'worse.png');
    const { status, stdout, stderr } = convlet('predict', 'named', worse, '--skip-bad', '--csv');
    expect([status, stdout]).toEqual([1, '']);
    expect(lines(stderr).at(-1)).toBe(
      'convlet: predict: expected at least one picture that can be read, got none. Use other pictures.',
    );
  });

  it.each(['empty', 'nowhere'])('is refused if it is %s', (name) => {
    const { status, stdout, stderr } = convlet('predict', 'named', name);
    expect([status, stdout, lines(stderr).length]).toEqual([1, '', 1]);
    expect(stderr).toMatch(
      new RegExp(`^convlet: ${name}: expected .+, got .+\\. Check the path\\.`),
    );
  });
});

it.each([
  ['an answer of yes or no', [layers.dense({ units: 1 }), layers.sigmoid()], 'binaryCrossentropy'],
  ['the logit of one', [layers.dense({ units: 1 })], 'binaryCrossentropy'],
  ['logits', [layers.dense({ units: 2 })], 'categoricalCrossentropy'],
] as const)('%s tells the class', (_, last, type) => {
  const units = last[0].units;
  const weight = units === 1 ? [9, 0, -9] : [0, 0, 0, 9, 0, -9]; // red is yes, blue is no
  const bytes = encodeModel({
    spec: { inputShape: [3, 1, 1], layers: [layers.flatten(), ...last] },
    seed: 1,
    weights: new Map([
      ['1.weight', { shape: [units, 3], data: Float32Array.from(weight) }],
      ['1.bias', { shape: [units], data: new Float32Array(units) }],
    ]),
    loss: { type },
    classNames: ['no', 'yes'],
    preparation: 'picture',
  });
  writeFileSync(join(cwd, 'other'), bytes);
  const { status, stdout } = convlet('predict', 'other', 'all', '--json');
  expect(status).toBe(0);
  const [red, green, blue] = lines(stdout).map((line) => JSON.parse(line));
  expect([red.className, blue.className]).toEqual(['yes', 'no']);
  expect(green.probabilities).toEqual([0.5, 0.5]);
  expect(red.probabilities).toHaveLength(2);
  expect(red.probability).toBeCloseTo(1 / (1 + Math.exp(-9)), 5);
});

describe('--csv', () => {
  it('prints the columns that --help names, with quotes where they are needed', () => {
    const { status, stdout, stderr } = convlet('predict', 'named', 'all', '--csv');
    expect([status, stderr]).toEqual([0, '']);
    const [head, ...rows] = parse(stdout) as string[][];
    const names = ['image', 'class', 'className', 'probability'];
    expect(head).toEqual([...names, ...NAMES.map((name) => `probability.${name}`)]);
    expect(rows.map((row) => row.slice(0, 3))).toEqual([
      [join('all', 'a, "1".png'), '0', 'red, "hot"'],
      [join('all', 'b.png'), '1', 'green'],
      [join('all', 'deep', 'c.png'), '2', 'blue\nsea'],
    ]);
    const json = lines(convlet('predict', 'named', 'all', '--json').stdout);
    expect(rows.map((row) => row.slice(3).map(Number))).toEqual(
      json.map((line) => {
        const { probability, probabilities } = JSON.parse(line);
        return [probability, ...probabilities];
      }),
    );
    const help = convlet('predict', '--help').stdout;
    for (const name of names) expect(help).toMatch(new RegExp(`\\s${name} \\(`));
  });

  it('changes no character of a name, unlike --json, whose escapes mean the same', async () => {
    const name = 'left\u200Eright.png';
    await write(`marks/${name}`, 0, 255, 0);
    const { stdout } = convlet('predict', 'plain', 'marks', '--csv');
    const [, row] = parse(stdout) as string[][];
    expect(row?.[0]).toBe(join('marks', name));
    const json = convlet('predict', 'plain', 'marks', '--json').stdout;
    expect(json).toContain('\\u200e');
    expect(JSON.parse(json).image).toBe(join('marks', name));
  });

  it('leaves the name empty if the model has no names', () => {
    const { stdout } = convlet('predict', 'plain', 'one.png', '--csv');
    const [head = '', row = ''] = lines(stdout);
    expect(head).toBe(
      'image,class,className,probability,probability.0,probability.1,probability.2',
    );
    expect(row).toMatch(/^one\.png,1,,0\.\d+,/);
    expect(JSON.parse(convlet('predict', 'plain', 'one.png', '--json').stdout)).not.toHaveProperty(
      'className',
    );
  });

  it('and --json are not printed at once', () => {
    const { status, stdout, stderr } = convlet('predict', 'named', 'all', '--csv', '--json');
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain('expected --json or --csv, got both.');
  });
});
