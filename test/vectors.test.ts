/** Every operation agrees with PyTorch in double precision, if the golden vectors are at hand. */
import { readdirSync } from 'node:fs';
import {
  type Backend,
  createBackend,
  type LayerSpec,
  losses,
  type Padding,
  type Tensor,
  type Tensors,
} from 'convlet';
import { beforeAll, describe, expect, it } from 'vitest';
import { GuardedMemory } from './support/kernels.ts';
import { sharedPath } from './support/shared.ts';
import {
  type Block,
  decode,
  distance,
  type Encoded,
  expectNear,
  libraryVectors,
  readVector,
  type Tolerance,
} from './support/vectors.ts';

interface Vector {
  readonly name: string;
  readonly op: string;
  readonly attrs: { readonly [key: string]: unknown };
  readonly inputs: Block;
  readonly upstream: Encoded | null;
  readonly outputs: Block;
  readonly grads: Block | null;
  /** The derivatives from the other side of a kink. */
  readonly grads_alt?: Block;
  readonly tol: Tolerance;
}

type Results = { readonly [key: string]: Tensor | undefined };
type Run = (ops: Backend['ops'], vector: Vector) => Results | undefined;

function tensor(block: Block, key: string): Tensor {
  const value = block[key];
  if (value === undefined) throw new Error(`internal: no ${key} in the vector`);
  return decode(value);
}

type GlobalPool = 'globalAveragePool2d' | 'globalMaxPool2d';

const scalar = (value: number): Tensor => ({ shape: [], data: Float32Array.of(value) });

/** A layer forward and backward, its results under the names of the vectors. */
function runLayer(
  ops: Backend['ops'],
  spec: LayerSpec,
  inputs: readonly Tensor[],
  dy: Tensor,
  parameters: Tensors = {},
  mode: 'train' | 'evaluate' = 'evaluate',
): Results {
  const { y, running } = ops.layer(spec, inputs, parameters, { mode });
  const { dx, gradients } = ops.layerBackward(spec, dy, inputs, parameters, { mode });
  expect(dx.map(({ shape }) => shape)).toEqual(inputs.map(({ shape }) => shape));
  const byInput = dx.map((tensor, i) => [`dx${i}`, tensor] as const);
  return { y, ...running, ...Object.fromEntries(byInput), dx: dx[0], ...gradients };
}

/** A loss and its gradient under the names of the vectors. */
function runLoss(ops: Backend['ops'], ...given: Parameters<Backend['ops']['loss']>): Results {
  const { loss, dx } = ops.loss(...given);
  return { y: scalar(loss), dx };
}

/** Batch normalisation, with the gradients by weight and bias and the new variance under PyTorch's names. */
function runBatchNorm(
  ops: Backend['ops'],
  { attrs, inputs, upstream }: Vector,
  mode: 'train' | 'evaluate',
): Results {
  const options = mode === 'train' ? { momentum: attrs.momentum as number } : {};
  const spec: LayerSpec = { type: 'batchNorm', epsilon: attrs.eps as number, ...options };
  const parameters = {
    weight: tensor(inputs, 'gamma'),
    bias: tensor(inputs, 'beta'),
    running_mean: tensor(inputs, 'running_mean'),
    running_var: tensor(inputs, 'running_var'),
  };
  const dy = decode(upstream as Encoded);
  const results = runLayer(ops, spec, [tensor(inputs, 'x')], dy, parameters, mode);
  const { weight: dgamma, bias: dbeta, running_var } = results;
  return { ...results, dgamma, dbeta, running_var_unbiased: running_var };
}

/** A layer on all inputs of a vector, in their order. */
function runOnAll(ops: Backend['ops'], vector: Vector, spec: LayerSpec): Results {
  const inputs = Object.keys(vector.inputs).map((key) => tensor(vector.inputs, key));
  return runLayer(ops, spec, inputs, decode(vector.upstream as Encoded));
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

/** Global pooling: PyTorch keeps images of one pixel, [N, C, 1, 1]; ours are [N, C]. */
function runGlobalPool(ops: Backend['ops'], vector: Vector, type: GlobalPool): Results {
  const { shape, data } = decode(vector.upstream as Encoded);
  const dy = { shape: shape.slice(0, 2), data };
  return runLayer(ops, { type }, [tensor(vector.inputs, 'x')], dy);
}

/** The layers that are functions of one number, by their op. */
const activations: { readonly [op: string]: (attrs: Vector['attrs']) => LayerSpec } = {
  relu: () => ({ type: 'relu' }),
  relu6: () => ({ type: 'relu6' }),
  leaky_relu: ({ alpha }) => ({ type: 'leakyRelu', negativeSlope: alpha as number }),
  elu: ({ alpha = 1 }) => ({ type: 'elu', alpha: alpha as number }),
  selu: () => ({ type: 'selu' }),
  gelu: () => ({ type: 'gelu' }),
  silu: () => ({ type: 'silu' }),
  hard_swish: () => ({ type: 'hardSwish' }),
  hard_sigmoid: () => ({ type: 'hardSigmoid' }),
  sigmoid: () => ({ type: 'sigmoid' }),
  tanh: () => ({ type: 'tanh' }),
  softplus: () => ({ type: 'softplus' }),
};

/** What to run for each op; undefined where a vector asks for what is not in our API. */
const runs: { readonly [op: string]: Run } = {
  ...Object.fromEntries(
    Object.entries(activations).map(([op, specOf]): [string, Run] => [
      op,
      (ops, { attrs, inputs, upstream }) =>
        runLayer(ops, specOf(attrs), [tensor(inputs, 'x')], decode(upstream as Encoded)),
    ]),
  ),
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
  conv_transpose2d(ops, { attrs, inputs, upstream }) {
    const { stride, padding, crop_tlbr: sides, dilation, groups = 1, output_padding } = attrs;
    const [weight, bias] = [tensor(inputs, 'w'), inputs.b && decode(inputs.b)];
    const [, perGroup = 0, kH = 0, kW = 0] = weight.shape;
    const spec: LayerSpec = {
      type: 'conv2dTranspose',
      filters: perGroup * (groups as number),
      kernelSize: [kH, kW],
      strides: stride as [number, number],
      padding: (sides ?? padding) as [number, number],
      outputPadding: (output_padding ?? 0) as [number, number],
      dilation: (dilation ?? 1) as [number, number],
      groups: groups as number,
      useBias: bias !== undefined,
    };
    const parameters = bias === undefined ? { weight } : { weight, bias };
    const x = tensor(inputs, 'x');
    const results = runLayer(ops, spec, [x], decode(upstream as Encoded), parameters);
    return { ...results, dw: results.weight, db: results.bias };
  },
  separable_conv2d(ops, { attrs, inputs, upstream }) {
    const { stride, padding, dilation } = attrs as { [key: string]: [number, number] };
    const multiplier = attrs.depth_multiplier as number;
    const window = {
      kernelSize: tensor(inputs, 'wd').shape.slice(2) as [number, number],
      ...{ strides: stride ?? 1, padding: padding ?? 0, dilation: dilation ?? 1 },
    };
    const [x, wd, wp] = [tensor(inputs, 'x'), tensor(inputs, 'wd'), tensor(inputs, 'wp')];
    const [filters = 0] = wp.shape;
    const dy = decode(upstream as Encoded);
    if (inputs.bd === undefined) {
      const spec: LayerSpec = { type: 'separableConv2d', filters, multiplier, ...window };
      const weights = { 'depthwise.weight': wd, 'pointwise.weight': wp };
      const results = runLayer(ops, { ...spec, useBias: false }, [x], dy, weights);
      return { ...results, dwd: results['depthwise.weight'], dwp: results['pointwise.weight'] };
    }
    // ours has a bias after the second alone: the two layers
    const first: LayerSpec = { type: 'depthwiseConv2d', multiplier, ...window };
    const second: LayerSpec = { type: 'conv2d', filters, kernelSize: 1 };
    const depthwise = { weight: wd, bias: tensor(inputs, 'bd') };
    const pointwise = { weight: wp, bias: tensor(inputs, 'bp') };
    const { y: z } = ops.layer(first, [x], depthwise);
    const { y, dx: dz, weight: dwp, bias: dbp } = runLayer(ops, second, [z], dy, pointwise);
    const { dx, weight, bias } = runLayer(ops, first, [x], dz as Tensor, depthwise);
    return { y, dx, dwd: weight, dbd: bias, dwp, dbp };
  },
  group_norm(ops, { attrs, inputs, upstream }) {
    const { groups, eps: epsilon } = attrs as { groups: number; eps: number };
    const parameters = { weight: tensor(inputs, 'gamma'), bias: tensor(inputs, 'beta') };
    const dy = decode(upstream as Encoded);
    const spec: LayerSpec = { type: 'groupNorm', groups, epsilon };
    const results = runLayer(ops, spec, [tensor(inputs, 'x')], dy, parameters);
    return { ...results, dgamma: results.weight, dbeta: results.bias };
  },
  max_pool2d(ops, vector) {
    const { dilation } = vector.attrs as { dilation: [number, number] };
    if (dilation[0] !== 1) return undefined;
    return runOnAll(ops, vector, { type: 'maxPool2d', ...poolOptions(vector) });
  },
  avg_pool2d(ops, vector) {
    const countIncludePad = vector.attrs.count_include_pad as boolean;
    return runOnAll(ops, vector, {
      type: 'averagePool2d',
      ...poolOptions(vector),
      countIncludePad,
    });
  },
  global_max_pool2d: (ops, vector) => runGlobalPool(ops, vector, 'globalMaxPool2d'),
  upsample_nearest2d: (ops, vector) =>
    runOnAll(ops, vector, { type: 'upsample2d', size: vector.attrs.scale as [number, number] }),
  concat: (ops, vector) => runOnAll(ops, vector, { type: 'concat' }),
  softmax(ops, { inputs, upstream }) {
    const x = tensor(inputs, 'x');
    return { y: ops.softmax(x), dx: ops.softmaxBackward(decode(upstream as Encoded), x) };
  },
  softmax_cross_entropy(ops, { attrs, inputs }) {
    const isWeighted = attrs.class_weights === true;
    if (attrs.reduction !== 'mean' || (isWeighted && attrs.divided_by === 'N')) return undefined;
    const [x, { data: labels }] = [tensor(inputs, 'x'), tensor(inputs, 'labels')];
    const labelSmoothing = attrs.label_smoothing as number | undefined;
    if (isWeighted || labelSmoothing) {
      const classWeights = isWeighted ? [...tensor(inputs, 'class_weights').data] : undefined;
      const options = {
        ...(classWeights && { classWeights }),
        ...(labelSmoothing && { labelSmoothing }),
      };
      return runLoss(ops, losses.categoricalCrossentropy(options), x, labels);
    }
    const result = ops.softmaxCrossEntropy(x, labels);
    expect(ops.loss('categoricalCrossentropy', x, labels)).toEqual(result);
    return { y: scalar(result.loss), dx: result.dx };
  },
  bce_with_logits(ops, { inputs }) {
    const given = inputs.pos_weight && { positiveWeights: [...decode(inputs.pos_weight).data] };
    const loss = losses.binaryCrossentropy(given);
    return runLoss(ops, loss, tensor(inputs, 'x'), tensor(inputs, 'targets'));
  },
  mse: (ops, { inputs }) =>
    runLoss(ops, 'meanSquaredError', tensor(inputs, 'x'), tensor(inputs, 'targets')),
  mae: (ops, { inputs }) =>
    runLoss(ops, 'meanAbsoluteError', tensor(inputs, 'x'), tensor(inputs, 'targets')),
  huber(ops, { attrs, inputs }) {
    const loss = losses.huber({ delta: attrs.delta as number });
    return runLoss(ops, loss, tensor(inputs, 'x'), tensor(inputs, 'targets'));
  },
  add(ops, { attrs, inputs, upstream }) {
    const xs = (attrs.inputs as string[]).map((name) => tensor(inputs, name));
    return runLayer(ops, { type: 'add' }, xs, decode(upstream as Encoded));
  },
  global_avg_pool2d: (ops, vector) => runGlobalPool(ops, vector, 'globalAveragePool2d'),
  batch_norm_train: (ops, vector) => runBatchNorm(ops, vector, 'train'),
  batch_norm_eval: (ops, vector) => runBatchNorm(ops, vector, 'evaluate'),
};

/** What another version of Keras keeps, and what has no name of its own in our results. */
const ELSEWHERE = ['probs', 'running_var_biased'];

const folder = sharedPath('vectors');
const isOperation = (file: string) =>
  file.endsWith('.json') &&
  !/^(MANIFEST|trajectory|netgrad|network|optimizer|schedule|affine)/.test(file);
const vectors = ['', 'library/'].flatMap((inside) =>
  folder === undefined
    ? []
    : readdirSync(`${folder}/${inside}`)
        .filter(isOperation)
        .map((file) => ({
          file: inside + file,
          ...readVector<Vector>(`${folder}/${inside}${file}`),
        })),
);
const known = vectors.filter(({ op }) => runs[op] !== undefined);
const unknown = vectors.filter(({ op }) => runs[op] === undefined).map(({ op }) => op);
if (unknown.length > 0) {
  const list = [...new Set(unknown)].sort().join(', ');
  console.info(`skipped: ${unknown.length} vectors of operations that are not run here: ${list}`);
}

describe.skipIf(folder === undefined)('PyTorch', () => {
  let backend: Backend;
  beforeAll(async () => {
    backend = await createBackend();
  });

  it.for(known)('gives the results of $file', (vector, context) => {
    const results = runs[vector.op]?.(backend.ops, vector);
    if (results === undefined) {
      const { rule: _, ...options } = vector.attrs;
      const why = `an option that is not in the API: ${JSON.stringify(options)}`;
      // a vector of an option that we leave out: the reason is printed, as for the operations above
      console.info(`skipped: ${vector.file} asks for ${why}`);
      return context.skip(why);
    }
    let compared = 0;
    for (const [key, value] of Object.entries({ ...vector.outputs, ...vector.grads })) {
      if (ELSEWHERE.includes(key)) continue;
      const other = vector.grads_alt?.[key];
      const got = results[key] ?? scalar(Number.NaN);
      expectNear(got, decode(value), vector.tol, key, other && decode(other));
      compared++;
    }
    expect(compared).toBeGreaterThan(1);
  });
});

/** Images moved by an affine map: the kernel itself, since training alone runs it. */
interface AffineVector {
  readonly pixel_matrix: readonly (readonly number[])[];
  readonly inputs: { readonly images: { readonly shape: number[]; readonly data: string } };
  readonly outputs: Block;
  readonly tol: { readonly abs: number };
}

const affine = libraryVectors<AffineVector>(/^affine/);

describe.skipIf(affine.length === 0)('PyTorch, augmentation', () => {
  it.for(affine)('samples the images of $name, as bytes and as floats', (vector) => {
    const { shape, data } = vector.inputs.images;
    const [batch = 0, channels = 0, height = 0, width = 0] = shape;
    const bytes = Uint8Array.from(Buffer.from(data, 'base64'));
    const floats = Float32Array.from(bytes, (byte) => byte / 255);
    const images = Array.from({ length: batch }, (_, n) => n);
    const memory = new GuardedMemory('release');
    const { kernels } = memory;
    memory.reset();
    const [x, same] = [memory.output(bytes.length), memory.output(bytes.length)];
    const indices = memory.integers(images);
    const maps = memory.input(images.flatMap(() => vector.pixel_matrix.flat()));
    const scratch = memory.scratch(kernels.affineScratchBytes(height, width));
    const rest = [indices, maps, scratch, batch, channels, height, width, 0] as const;
    kernels.affineU8(x, memory.bytes(bytes), ...rest);
    kernels.affineF32(same, memory.input(floats), ...rest);
    memory.check();
    const expected = tensor(vector.outputs, 'y').data;
    const error = distance(memory.f32(x, bytes.length), expected);
    expect(error).toBeLessThanOrEqual(vector.tol.abs);
    expect(memory.f32(same, bytes.length)).toEqual(memory.f32(x, bytes.length));
  });
});

it('finds all vectors, or none', () => {
  expect(folder === undefined || known.length > 90).toBe(true);
});
