/** Every operation against PyTorch in double precision, where the golden vectors are at hand. */
import { readdirSync, readFileSync } from 'node:fs';
import { type Backend, createBackend, type LayerSpec, type Padding, type Tensor } from 'convlet';
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
  /** The derivatives from the other side of a kink. */
  readonly grads_alt?: { [key: string]: Encoded };
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

function activation(
  ops: Backend['ops'],
  { inputs, upstream }: Vector,
  spec: LayerSpec,
): Results | undefined {
  const x = tensor(inputs, 'x');
  const { dx } = ops.layerBackward(spec, decode(upstream as Encoded), [x]);
  return { y: ops.layer(spec, [x]).y, dx: dx[0] ?? scalar(Number.NaN) };
}

/** A layer on all inputs of a vector, its gradients under the names of the vectors. */
function layer(ops: Backend['ops'], { inputs, upstream }: Vector, spec: LayerSpec): Results {
  const xs = Object.keys(inputs).map((key) => tensor(inputs, key));
  const { y } = ops.layer(spec, xs);
  const { data } = decode(upstream as Encoded); // of global pooling [N, C, 1, 1], ours is [N, C]
  const { dx } = ops.layerBackward(spec, { shape: y.shape, data }, xs);
  const byInput = dx.map((gradient, i) => [xs.length === 1 ? 'dx' : `dx${i}`, gradient] as const);
  return { y, ...Object.fromEntries(byInput) };
}

function poolOptions({ attrs }: Vector) {
  const { kernel, stride, padding } = attrs as { [key: string]: [number, number] };
  return {
    poolSize: kernel ?? 0,
    strides: stride ?? 0,
    padding: padding ?? 0,
    ceilMode: attrs.ceil_mode as boolean,
  };
}

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
  max_pool2d(ops, vector) {
    const { dilation } = vector.attrs as { dilation: [number, number] };
    if (dilation[0] !== 1) return undefined;
    return layer(ops, vector, { type: 'maxPool2d', ...poolOptions(vector) });
  },
  avg_pool2d(ops, vector) {
    const countIncludePad = vector.attrs.count_include_pad as boolean;
    return layer(ops, vector, { type: 'averagePool2d', ...poolOptions(vector), countIncludePad });
  },
  global_max_pool2d: (ops, vector) => layer(ops, vector, { type: 'globalMaxPool2d' }),
  upsample_nearest2d: (ops, vector) =>
    layer(ops, vector, { type: 'upsample2d', size: vector.attrs.scale as [number, number] }),
  concat: (ops, vector) => layer(ops, vector, { type: 'concat' }),
  relu: (ops, vector) => activation(ops, vector, { type: 'relu' }),
  relu6: (ops, vector) => activation(ops, vector, { type: 'relu6' }),
  leaky_relu: (ops, vector) =>
    activation(ops, vector, { type: 'leakyRelu', negativeSlope: vector.attrs.alpha as number }),
  elu: (ops, vector) =>
    activation(ops, vector, { type: 'elu', alpha: (vector.attrs.alpha ?? 1) as number }),
  selu: (ops, vector) => activation(ops, vector, { type: 'selu' }),
  gelu: (ops, vector) => activation(ops, vector, { type: 'gelu' }),
  silu: (ops, vector) => activation(ops, vector, { type: 'silu' }),
  hard_swish: (ops, vector) => activation(ops, vector, { type: 'hardSwish' }),
  hard_sigmoid: (ops, vector) => activation(ops, vector, { type: 'hardSigmoid' }),
  sigmoid: (ops, vector) => activation(ops, vector, { type: 'sigmoid' }),
  tanh: (ops, vector) => activation(ops, vector, { type: 'tanh' }),
  softplus: (ops, vector) => activation(ops, vector, { type: 'softplus' }),
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
  other: Tensor = expected,
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
    const isRight = [value, other.data[i] ?? value].some(
      (right) => Object.is(actual, right) || Math.abs((actual ?? Number.NaN) - right) <= allowed,
    );
    return isRight ? [] : [{ i, actual, value }];
  });
  expect(wrong).toEqual([]);
}

const ACTIVATIONS =
  'relu|relu6|leaky_relu|elu|selu|gelu|silu|hard_swish|hard_sigmoid|sigmoid|tanh|softplus';
const OPERATIONS = new RegExp(
  `^((conv2d|linear|softmax)_|(library/)?(${ACTIVATIONS}|max_pool2d|avg_pool2d|global_max_pool2d|upsample_nearest2d|concat)_)`,
);

const folder = sharedPath('vectors');
const files =
  folder === undefined
    ? []
    : ['', 'library/'].flatMap((part) =>
        readdirSync(`${folder}/${part}`)
          .filter((file) => OPERATIONS.test(`${part}${file}`))
          .map((file) => `${part}${file}`),
      );

describe.skipIf(folder === undefined)('PyTorch', () => {
  let backend: Backend;
  beforeAll(async () => {
    backend = await createBackend();
  });

  it.each(files)('%s', (file) => {
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
      const other = vector.grads_alt?.[key];
      const got = results[key] ?? scalar(Number.NaN);
      compare(got, decode(value), vector.tol, other && decode(other));
    }
  });
});

it('says so where the vectors are absent', () => {
  expect(folder === undefined || files.length > 30).toBe(true);
});
