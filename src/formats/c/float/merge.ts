/** Layers of several inputs in C. @module */
import { elementCount } from '../../../base/shape.ts';
import { type Call, cFunction } from '../program.ts';
import type { CLayer, Rows } from './row.ts';

type MergeLayer = Pick<CLayer<unknown>, 'y' | 'xs' | 'inputShapes' | 'output'>;

const addFunction = cFunction(
  'add',
  `
/* y[i] = a[i] + b[i]; y may be a */
static void add(float *y, const float *a, const float *b, int length)
{
  int i;
  for (i = 0; i < length; i++) y[i] = a[i] + b[i];
}
`,
);

const multiplyFunction = cFunction(
  'multiply',
  `
/* y[i] = a[i] * b[i], of which one number stands for a_run or b_run in a row; y may be a or b of the same length */
static void multiply(float *y, const float *a, const float *b, int length, int a_run, int b_run)
{
  int i;
  for (i = 0; i < length; i++) y[i] = a[i / a_run] * b[i / b_run];
}
`,
);

const copyFunction = cFunction(
  'copy',
  `
/* y[i] = x[i] */
static void copy(float *y, const float *x, int length)
{
  int i;
  for (i = 0; i < length; i++) y[i] = x[i];
}
`,
);

/** A copy of values. */
export function copyCall(y: string, x: string, length: number): Call {
  return { to: copyFunction, args: [y, x, length] };
}

function add({ y, xs: [first, second = first, ...others], output }: MergeLayer): Call[] {
  const length = elementCount(output);
  return [
    { to: addFunction, args: [y, first, second, length] },
    ...others.map((x) => ({ to: addFunction, args: [y, y, x, length] })),
  ];
}

function concat({ y, xs, inputShapes }: MergeLayer): Call[] {
  const calls: Call[] = [];
  let start = 0;
  for (const [i, x] of xs.entries()) {
    const length = elementCount(inputShapes[i] ?? []);
    calls.push(copyCall(start === 0 ? y : `${y} + ${start}`, x, length));
    start += length;
  }
  return calls;
}

function multiply(layer: MergeLayer): Call[] {
  const { y, inputShapes, output } = layer;
  const [first, second = first, ...others] = layer.xs;
  const length = elementCount(output);
  const runs = inputShapes.map((shape) => length / elementCount(shape));
  const [runA = 1, runB = runA] = runs;
  return [
    { to: multiplyFunction, args: [y, first, second, length, runA, runB] },
    ...others.map((x, i) => ({
      to: multiplyFunction,
      args: [y, y, x, length, 1, runs[i + 2] ?? 1],
    })),
  ];
}

export const rows: Rows<'add' | 'concat' | 'multiply'> = {
  add: { inPlace: add },
  concat,
  multiply,
};
