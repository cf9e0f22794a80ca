/** Sizes that wrapped below 0, and trapped, are refused with the bytes that they ask for, before memory is taken. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createModel, layers, type ModelSpec, type Tensor } from 'convlet';
import { expect, it } from 'vitest';
import { useBackend } from '../support/network.ts';

const backend = useBackend();

type ConvOptions = Parameters<typeof layers.conv2d>[0];
type Case = readonly [
  text: string,
  shape: readonly number[],
  conv: ConvOptions,
  output: readonly number[],
];

const same: Case = [
  "kernel 2001, padding 'same'",
  [1, 28, 28],
  { filters: 1, kernelSize: 2001, padding: 'same' },
  [28, 28],
];
const cases: readonly Case[] = [
  same,
  [
    '28×28, kernel 800, padding 400',
    [1, 28, 28],
    { filters: 1, kernelSize: 800, padding: 400 },
    [29, 29],
  ],
  ['64 channels, 11×11 on 400×400', [64, 400, 400], { filters: 1, kernelSize: 11 }, [390, 390]],
];
const specOf = (inputShape: readonly number[], conv: ConvOptions): ModelSpec => ({
  inputShape,
  layers: [layers.conv2d(conv), layers.flatten(), layers.dense({ units: 2 }), layers.softmax()],
});
const refusedBy = (where: string) =>
  new RegExp(
    `(^|: )${where}: expected at most 2,048 MiB of scratch memory, got [\\d,]+ MiB for the patches of one image alone\\. Use a smaller kernel, or strides\\.$`,
    'm',
  );
const FIRST_LAYER = 'layers\\[0\\] conv2d';

it.each(cases)('createModel refuses %s', (_text, shape, conv) => {
  expect(() => createModel(backend(), specOf(shape, conv))).toThrow(refusedBy(FIRST_LAYER));
});

it.each(cases)('ops.conv2d and its gradients refuse %s', (_text, shape, conv, output) => {
  const zeros = (...sizes: number[]): Tensor => ({
    shape: sizes,
    data: new Float32Array(sizes.reduce((product, size) => product * size, 1)),
  });
  const { kernelSize, filters: _, ...options } = conv;
  const [channels = 1] = shape;
  const w = zeros(1, channels, Number(kernelSize), Number(kernelSize));
  const x = zeros(1, ...shape);
  const dy = zeros(1, 1, ...output);
  const { ops } = backend();
  expect(() => ops.conv2d(x, w, null, options)).toThrow(refusedBy('^conv2d'));
  expect(() => ops.conv2dBackward(dy, x, w, options)).toThrow(refusedBy('^conv2dBackward'));
  expect(() => ops.layer(layers.conv2d({ ...conv, useBias: false }), [x], { weight: w })).toThrow(
    refusedBy('^layer conv2d'),
  );
});

it('the command line refuses a kernel of 2001 in a line', () => {
  const folder = mkdtempSync(join(tmpdir(), 'convlet-large-'));
  const [, shape, conv] = same;
  writeFileSync(join(folder, 'large.json'), JSON.stringify(specOf(shape, conv)));
  const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, 'inspect', 'large.json'], {
    cwd: folder,
    encoding: 'utf8',
  });
  rmSync(folder, { recursive: true });
  expect([status, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(refusedBy(FIRST_LAYER));
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
});
