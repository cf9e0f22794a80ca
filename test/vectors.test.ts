/** Every operation agrees with PyTorch in double precision, if the golden vectors are at hand. */
import { readdirSync, readFileSync } from 'node:fs';
import { type Backend, createBackend, type Padding, type Tensor } from 'convlet';
import { beforeAll, describe, expect, it } from 'vitest';
import { sharedPath } from './support/shared.ts';

interface Encoded {
  readonly shape: number[];
  readonly encoding?: 'base64-le';
  readonly data: string | (number | string)[];
}

interface Vector {
  readonly name: string;
  readonly op: string;
  readonly attrs: { [key: string]: unknown };
  readonly inputs: { [key: string]: Encoded };
  readonly upstream: Encoded | number | null;
  readonly outputs: { [key: string]: Encoded };
  readonly grads: { [key: string]: Encoded } | null;
  readonly tol: { readonly rtol: number; readonly atol_rel_to_absmax: number };
}

type Results = { [key: string]: Tensor };
type Run = (ops: Backend['ops'], vector: Vector) => Results | undefined;

function decode({ shape, encoding, data }: Encoded): Tensor {
  if (encoding === undefined) return { shape, data: Float32Array.from(data as number[], Number) };
  return {
    shape,
    data: new Float32Array(Uint8Array.from(Buffer.from(data as string, 'base64')).buffer),
  };
}

function tensor(block: { [key: string]: Encoded }, key: string): Tensor {
  const value = block[key];
  if (value === undefined) throw new Error(`internal: no ${key} in the vector`);
  return decode(value);
}

const scalar = (value: number): Tensor => ({ shape: [], data: Float32Array.of(value) });

/** What to run for each op; undefined where a vector asks for what is not in our API. */
const runs: { readonly [op: string]: Run } = {
  conv2d(ops, { attrs, inputs, upstream }) {
    const { stride, padding, pads_tlbr: sides, dilation, groups } = attrs;
    const options = {
      strides: stride as [number, number],
      padding: (sides ?? padding) as Padding,
      dilation: dilation as [number, number],
      groups: groups as number,
    };
    const [x, w] = [tensor(inputs, 'x'), tensor(inputs, 'w')];
    const b = inputs.b === undefined ? null : tensor(inputs, 'b');
    return {
      y: ops.conv2d(x, w, b, options),
      ...ops.conv2dBackward(decode(upstream as Encoded), x, w, options),
    };
  },
  linear(ops, { inputs, upstream }) {
    const [x, w] = [tensor(inputs, 'x'), tensor(inputs, 'w')];
    const b = inputs.b === undefined ? null : tensor(inputs, 'b');
    return { y: ops.dense(x, w, b), ...ops.denseBackward(decode(upstream as Encoded), x, w) };
  },
  max_pool2d(ops, { attrs, inputs, outputs, upstream }) {
    const { kernel, stride, padding, dilation } = attrs as { [key: string]: [number, number] };
    if (
      kernel === undefined ||
      stride === undefined ||
      padding === undefined ||
      dilation?.[0] !== 1
    )
      return undefined;
    const x = tensor(inputs, 'x');
    // ceil_mode reaches beyond the image: explicit padding after the last row and column
    const after = (axis: 0 | 1) =>
      ((outputs.y?.shape[axis + 2] ?? 0) - 1) * stride[axis] +
      kernel[axis] -
      padding[axis] -
      (x.shape[axis + 2] ?? 0);
    const sides: Padding = [padding[0], padding[1], Math.max(0, after(0)), Math.max(0, after(1))];
    const options = { poolSize: kernel, strides: stride, padding: sides };
    return {
      y: ops.maxPool2d(x, options),
      dx: ops.maxPool2dBackward(decode(upstream as Encoded), x, options),
    };
  },
  relu(ops, { inputs, upstream }) {
    const x = tensor(inputs, 'x');
    return { y: ops.relu(x), dx: ops.reluBackward(decode(upstream as Encoded), x) };
  },
  softmax(ops, { inputs, upstream }) {
    const x = tensor(inputs, 'x');
    return { y: ops.softmax(x), dx: ops.softmaxBackward(decode(upstream as Encoded), x) };
  },
  softmax_cross_entropy(ops, { attrs, inputs }) {
    if (attrs.reduction !== 'mean' || attrs.label_smoothing) return undefined;
    const { loss, dx } = ops.softmaxCrossEntropy(
      tensor(inputs, 'x'),
      tensor(inputs, 'labels').data,
    );
    return { y: scalar(loss), dx };
  },
};

/** Largest excess over the tolerance of the file; NaN must meet NaN. */
function compare(
  got: Tensor,
  expected: Tensor,
  { rtol, atol_rel_to_absmax: atol }: Vector['tol'],
): void {
  expect(got.data.length).toBe(expected.data.length);
  expect(got.data.length).toBeGreaterThan(0);
  const largest = expected.data.reduce(
    (most, value) => (Number.isFinite(value) ? Math.max(most, Math.abs(value)) : most),
    1,
  );
  const wrong = [...expected.data].flatMap((value, i) => {
    const actual = got.data[i];
    const allowed = atol * largest + rtol * Math.abs(value);
    const isRight = Object.is(actual, value) || Math.abs((actual ?? Number.NaN) - value) <= allowed;
    return isRight ? [] : [{ i, actual, value }];
  });
  expect(wrong).toEqual([]);
}

const folder = sharedPath('vectors');
const files =
  folder === undefined
    ? []
    : readdirSync(folder).filter((file) => /^(conv2d|linear|max_pool2d|relu|softmax)_/.test(file));

describe.skipIf(folder === undefined)('PyTorch', () => {
  let backend: Backend;
  beforeAll(async () => {
    backend = await createBackend();
  });

  it.each(files)('gives the results of %s', (file) => {
    const vector: Vector = JSON.parse(readFileSync(`${folder}/${file}`, 'utf8'));
    const results = runs[vector.op]?.(backend.ops, vector);
    if (results === undefined) {
      console.info(
        `skipped: ${file} asks for an option that is not in the API (${JSON.stringify(vector.attrs)})`,
      );
      return;
    }
    const expected = { ...vector.outputs, ...vector.grads };
    for (const [key, value] of Object.entries(expected)) {
      if (key === 'probs') continue;
      compare(results[key] ?? scalar(Number.NaN), decode(value), vector.tol);
    }
  });
});

it('finds all vectors, or none', () => {
  expect(folder === undefined || files.length > 30).toBe(true);
});
