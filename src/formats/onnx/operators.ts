/** What each of our layers is in ONNX: an operator, or a few, one in the inputs of another. @module */
import type { Shape } from '../../base/types.ts';
import { fourSides, pair, type WindowOptions } from '../../base/window.ts';
import type { Shapes } from '../../layers/layer.ts';
import type { LayerSpec } from '../../layers/registry.ts';
import {
  averagePoolWindows,
  convWindow,
  hasSides,
  poolWindow,
  type SidesOf,
  transposeWindow,
  type Window,
} from '../window.ts';
import type { Attributes, Constant, Operand, Operator } from './graph.ts';

/**
 * What a layer is in ONNX.
 * @param input Shape of its first input. @param xs Names of its inputs. @param weights Its parameters.
 * @param inputs Shapes of all inputs.
 */
type Row<Spec> = (
  spec: Spec,
  input: Shape,
  xs: readonly string[],
  weights: readonly Constant[],
  inputs: Shapes,
) => Operator;

const operators: { readonly [Spec in LayerSpec as Spec['type']]: Row<Spec> } = {
  add: () => ({ opType: 'Sum' }),
  averagePool2d(spec, input, [x = '']) {
    const { zeros, window } = averagePoolWindows(spec, input);
    const attributes = windowAttributes(window);
    if (!hasSides(zeros)) return { opType: 'AveragePool', attributes };
    if (hasSides(window.sides)) {
      // the padding counts and what is past it does not: the zeros become pixels first
      return { opType: 'AveragePool', attributes, inputs: [padOf(x, zeros)] };
    }
    const all = windowAttributes({ ...window, sides: zeros });
    return { opType: 'AveragePool', attributes: { ...all, count_include_pad: 1 } };
  },
  batchNorm: ({ epsilon = 1e-5 }) => ({
    opType: 'BatchNormalization',
    attributes: { epsilon: { float: epsilon } },
  }),
  concat: () => ({ opType: 'Concat', attributes: { axis: 1 } }),
  conv2d: (spec, input) => convOf(spec, input, spec.groups ?? 1),
  conv2dTranspose,
  crop2d({ cropping }, [, height = 0, width = 0], xs) {
    const [top, left, bottom, right] = fourSides(cropping);
    const ends = integers(height - bottom, width - right);
    return { opType: 'Slice', inputs: [...xs, integers(top, left), ends, integers(2, 3)] };
  },
  dense: () => ({ opType: 'Gemm', attributes: { transB: 1 } }),
  depthwiseConv2d: (spec, input) => convOf(spec, input, input[0] ?? 1),
  dropout: () => ({ opType: 'Identity' }), // as it is when nothing trains
  elu: ({ alpha = 1 }) => ({ opType: 'Elu', attributes: { alpha: { float: alpha } } }),
  flatten: () => ({ opType: 'Flatten', attributes: { axis: 1 } }),
  gelu(_spec, _input, [x = '']) {
    // opset 17 has no Gelu: x·½·(1 + erf(x / √2))
    const erf = { opType: 'Erf', inputs: [{ opType: 'Div', inputs: [x, scalar(Math.SQRT2)] }] };
    const sum = { opType: 'Add', inputs: [erf, scalar(1)] };
    return { opType: 'Mul', inputs: [{ opType: 'Mul', inputs: [x, scalar(0.5)] }, sum] };
  },
  globalAveragePool2d: (_spec, _input, xs) => globalPool('GlobalAveragePool', xs),
  globalMaxPool2d: (_spec, _input, xs) => globalPool('GlobalMaxPool', xs),
  groupNorm({ groups, epsilon = 1e-5 }, input, [x = ''], weights) {
    // opset 17 has no GroupNormalization: each group is a channel of an instance, its pixels in a row
    const ones = { shape: [groups], data: new Float32Array(groups).fill(1) };
    const zeros = { shape: [groups], data: new Float32Array(groups) };
    const rows = { opType: 'Reshape', inputs: [x, integers(0, groups, -1)] };
    const normal = {
      opType: 'InstanceNormalization',
      attributes: { epsilon: { float: epsilon } },
      inputs: [rows, ones, zeros],
    };
    const shaped = { opType: 'Reshape', inputs: [normal, integers(0, ...input)] };
    const [w = '', b = ''] = alongPixels(weights, input);
    return { opType: 'Add', inputs: [{ opType: 'Mul', inputs: [shaped, w] }, b] };
  },
  hardSigmoid: () => ({
    opType: 'HardSigmoid',
    attributes: { alpha: { float: 1 / 6 }, beta: { float: 0.5 } },
  }),
  hardSwish: () => ({ opType: 'HardSwish' }),
  identity: () => ({ opType: 'Identity' }),
  leakyRelu: ({ negativeSlope = 0.01 }) => ({
    opType: 'LeakyRelu',
    attributes: { alpha: { float: negativeSlope } },
  }),
  maxPool2d: (spec, input) => ({
    opType: 'MaxPool',
    attributes: windowAttributes(poolWindow(spec, input)),
  }),
  multiply(_spec, _input, xs, _weights, inputs) {
    const rank = Math.max(...inputs.map(({ length }) => length));
    const factors = xs.map((x, i) => {
      const isGate = inputs[i]?.length !== rank; // one number a channel
      return isGate ? { opType: 'Unsqueeze', inputs: [x, integers(2, 3)] } : x;
    });
    return product(factors);
  },
  prelu: (_spec, input, xs, weights) => ({
    opType: 'PRelu',
    inputs: [...xs, ...alongPixels(weights, input)],
  }),
  relu: () => ({ opType: 'Relu' }),
  relu6: (_spec, _input, xs) => ({ opType: 'Clip', inputs: [...xs, scalar(0), scalar(6)] }),
  reshape: ({ shape }, _input, xs) => ({
    opType: 'Reshape',
    inputs: [...xs, integers(0, ...shape)], // 0: as many images as there are
  }),
  selu: () => ({ opType: 'Selu' }),
  separableConv2d(spec, input, [x = ''], [depthwise = '', ...pointwise]) {
    const z = { ...convOf(spec, input, input[0] ?? 1), inputs: [x, depthwise] };
    return { opType: 'Conv', attributes: { kernel_shape: [1, 1] }, inputs: [z, ...pointwise] };
  },
  sigmoid: () => ({ opType: 'Sigmoid' }),
  silu: (_spec, _input, xs) => ({
    opType: 'Mul',
    inputs: [...xs, { opType: 'Sigmoid', inputs: xs }],
  }),
  softmax: () => ({ opType: 'Softmax', attributes: { axis: -1 } }),
  softplus: () => ({ opType: 'Softplus' }),
  tanh: () => ({ opType: 'Tanh' }),
  upsample2d: ({ size = 2 }, _input, xs) => ({
    opType: 'Resize',
    attributes: {
      mode: 'nearest',
      coordinate_transformation_mode: 'asymmetric',
      nearest_mode: 'floor',
    },
    inputs: [...xs, '', { shape: [4], data: Float32Array.of(1, 1, ...pair(size)) }],
  }),
  zeroPad2d(spec, _input, [x = '']) {
    const [top, left, bottom, right] = fourSides(spec.padding);
    const padded = padOf(x, { top, left, bottom, right });
    // ONNX Runtime merges a Pad into a pool that follows: max pooling then ignores the zeros, and more padding than half a
    // window is refused. It does not merge across this Concat of one input
    return { opType: 'Concat', attributes: { axis: 1 }, inputs: [padded] };
  },
};

type SpecOf<Type extends LayerSpec['type']> = Extract<LayerSpec, { readonly type: Type }>;

export function rowOf<Spec extends LayerSpec>({ type }: Spec): Row<Spec> {
  return operators[type] as unknown as Row<Spec>; // keyed by the very `type` that tells the specs apart
}

function convOf(options: WindowOptions, input: Shape, group: number): Operator {
  return { opType: 'Conv', attributes: convAttributes(convWindow(options, input), group) };
}

function convAttributes(window: Window, group: number): Attributes {
  return { ...windowAttributes(window), dilations: window.dilation, group };
}

/**
 * ONNX Runtime takes output padding below the stride alone. More of it, which dilation allows, is less cropping; if there is
 * too little to crop, outputs that hold the bias follow.
 */
function conv2dTranspose(
  spec: SpecOf<'conv2dTranspose'>,
  input: Shape,
  xs: readonly string[],
  weights: readonly Constant[],
): Operator {
  const window = transposeWindow(spec, input);
  const { outputPadding, strides, sides } = window;
  const attributes = convAttributes(window, spec.groups ?? 1);
  const opType = 'ConvTranspose';
  if (outputPadding.every((extra, axis) => extra < (strides[axis] ?? 0))) {
    return { opType, attributes: { ...attributes, output_padding: outputPadding } };
  }
  const below = sides.bottom - outputPadding[0];
  const right = sides.right - outputPadding[1];
  const pads = [sides.top, sides.left, Math.max(below, 0), Math.max(right, 0)];
  const cropped = { opType, attributes: { ...attributes, pads } };
  if (below >= 0 && right >= 0) return cropped;
  const zeros = { top: 0, left: 0, bottom: Math.max(-below, 0), right: Math.max(-right, 0) };
  const y = padOf({ ...cropped, inputs: [...xs, ...weights.slice(0, 1)] }, zeros);
  const bias = weights.slice(1);
  return bias.length === 0 ? y : { opType: 'Add', inputs: [y, ...alongPixels(bias, input)] };
}

/** Parameters of a channel each, shaped to be broadcast over pixels: that goes from the last axis on. */
function alongPixels(weights: readonly Constant[], [, ...plane]: Shape): readonly Constant[] {
  return weights.map((w) => ({ ...w, shape: [...w.shape, ...plane.map(() => 1)] }));
}

function scalar(value: number): Constant {
  return { shape: [], data: Float32Array.of(value) };
}

function integers(...values: readonly number[]): Constant {
  return { shape: [values.length], data: BigInt64Array.from(values, BigInt) };
}

/** Zeros around an image. */
function padOf(x: Operand, { top, left, bottom, right }: SidesOf): Operator {
  return { opType: 'Pad', inputs: [x, integers(0, 0, top, left, 0, 0, bottom, right)] };
}

/** `[N, C, H, W]` → `[N, C]`, for which ONNX has `[N, C, 1, 1]`. */
function globalPool(opType: string, xs: readonly string[]): Operator {
  return { opType: 'Flatten', attributes: { axis: 1 }, inputs: [{ opType, inputs: xs }] };
}

/** The product of two factors or more. */
function product([first = '', ...others]: readonly Operand[]): Operator {
  const [second = '', ...rest] = others;
  const two = { opType: 'Mul', inputs: [first, second] };
  return rest.length === 0 ? two : product([two, ...rest]);
}

function windowAttributes({ kernel, strides, sides }: Window): Attributes {
  const pads = [sides.top, sides.left, sides.bottom, sides.right];
  return { kernel_shape: kernel, strides, pads };
}
