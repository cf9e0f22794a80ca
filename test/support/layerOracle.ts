/** Every layer in double precision, of the operations of convlet/reference: an oracle for any spec. */
import type { LayerSpec, Tensor, Tensors } from 'convlet';
import * as reference from 'convlet/reference';
import {
  type BatchNormSizes,
  batchNormBackward,
  batchNormForward,
  batchNormRunning,
  conv2dBackwardBias,
  conv2dBackwardInput,
  conv2dBackwardWeight,
  conv2dForward,
  type Draw,
  denseBackwardBias,
  denseBackwardInput,
  denseBackwardWeight,
  denseForward,
} from 'convlet/reference';
import type { Shape } from '../../src/base/types.ts';
import {
  averagePoolSizes,
  type ConvSizes,
  convSizes,
  fourSides,
  pair,
  poolSizes,
  transposeSizes,
} from '../../src/base/window.ts';

/** Numbers of all images, and the shape of one. */
export interface Value {
  readonly shape: Shape;
  readonly data: Float64Array;
}

export type Numbers = ArrayLike<number>;

export interface Backward {
  /** One an input. */
  readonly dxs: readonly Float64Array[];
  /** By bare names. */
  readonly gradients?: Readonly<Record<string, Float64Array>>;
}

/** A batch of training: what random layers draw from. */
export type Batch = Pick<Draw, 'seed' | 'epoch' | 'step'>;

/** What a layer puts out, and how its gradients follow. */
interface Result {
  readonly y: Float64Array;
  readonly shape: Shape;
  readonly backward: (dy: Float64Array) => Backward;
  /** Running statistics after the batch. */
  readonly running?: Readonly<Record<string, Float64Array>>;
}

export interface Call<Spec> {
  readonly spec: Spec;
  readonly batch: number;
  readonly xs: readonly Value[];
  readonly x: Value;
  readonly parameter: (name: string) => Numbers;
  /** What a random layer draws from; none in evaluation. */
  readonly training: Draw | undefined;
}

type Of<Type extends LayerSpec['type']> = Extract<LayerSpec, { readonly type: Type }>;

export const size = (shape: Shape) => shape.reduce((product, length) => product * length, 1);
const batched = ({ batch, x }: Call<unknown>) => [batch, ...x.shape];
const planeSize = ([, ...plane]: Shape) => size(plane);

/** The kernels' formulas of an activation, and the options that both of the pair take. */
function activation(call: Call<LayerSpec>): Result {
  const { spec, x } = call;
  const { type } = spec;
  const pairOf = reference as unknown as Record<string, (...args: unknown[]) => Float64Array>;
  const [forward, backward] = [pairOf[`${type}Forward`], pairOf[`${type}Backward`]];
  if (forward === undefined || backward === undefined) throw new Error(`internal: no ${type}`);
  const rest =
    spec.type === 'leakyRelu'
      ? [spec.negativeSlope ?? 0.01]
      : spec.type === 'elu'
        ? [spec.alpha ?? 1]
        : [];
  const y = forward(x.data, ...rest);
  const saved = ['gelu', 'silu', 'hardSwish', 'hardSigmoid'].includes(type) ? x.data : y;
  return { y, shape: x.shape, backward: (dy) => ({ dxs: [backward(dy, saved, ...rest)] }) };
}

/** A convolution with the weight `w`, its gradients as dx, dw and db. */
function convolve(sizes: ConvSizes, x: Numbers, w: Numbers, b: Numbers | null) {
  const [batch, , , , outC, outH, outW] = sizes;
  return {
    y: conv2dForward(x, w, b, sizes),
    shape: [outC, outH, outW],
    backward: (dy: Numbers) => ({
      dx: conv2dBackwardInput(dy, w, sizes),
      dw: conv2dBackwardWeight(dy, x, sizes),
      db: conv2dBackwardBias(dy, batch, outC, outH, outW),
    }),
  };
}

const biasOf = ({ spec, parameter }: Call<{ readonly useBias?: boolean }>) =>
  spec.useBias === false ? null : parameter('bias');

/** The gradients that a layer with a weight and a bias, or none, gives. */
const weighed = (hasBias: boolean, { dx, dw, db }: Record<'dx' | 'dw' | 'db', Float64Array>) => ({
  dxs: [dx],
  gradients: { weight: dw, ...(hasBias && { bias: db }) },
});

function conv2d(call: Call<Of<'conv2d' | 'depthwiseConv2d'>>): Result {
  const { spec, x, parameter } = call;
  const [channels = 0] = x.shape;
  const { filters, groups = 1 } =
    spec.type === 'conv2d'
      ? spec
      : { filters: channels * (spec.multiplier ?? 1), groups: channels };
  const b = biasOf(call);
  const sizes = convSizes('oracle', batched(call), filters, groups, spec);
  const { backward, ...rest } = convolve(sizes, x.data, parameter('weight'), b);
  return { ...rest, backward: (dy) => weighed(b !== null, backward(dy)) };
}

function separableConv2d(call: Call<Of<'separableConv2d'>>): Result {
  const { spec, x, batch, parameter } = call;
  const [channels = 0] = x.shape;
  const middle = channels * (spec.multiplier ?? 1);
  const b = biasOf(call);
  const sizes = convSizes('oracle', batched(call), middle, channels, spec);
  const first = convolve(sizes, x.data, parameter('depthwise.weight'), null);
  const between = [batch, ...first.shape];
  const mixing = convSizes('oracle', between, spec.filters, 1, { kernelSize: 1 });
  const second = convolve(mixing, first.y, parameter('pointwise.weight'), b);
  return {
    y: second.y,
    shape: second.shape,
    backward(dy) {
      const after = second.backward(dy);
      const before = first.backward(after.dx);
      const weights = { 'depthwise.weight': before.dw, 'pointwise.weight': after.dw };
      return { dxs: [before.dx], gradients: { ...weights, ...(b && { bias: after.db }) } };
    },
  };
}

/** The roles of x and y exchanged: forward is the gradient of a convolution by its input. */
function conv2dTranspose(call: Call<Of<'conv2dTranspose'>>): Result {
  const { spec, x, batch, parameter } = call;
  const sizes = transposeSizes('oracle', batched(call), spec.filters, spec.groups ?? 1, spec);
  const [, filters, outH, outW] = sizes;
  const w = parameter('weight');
  const b = biasOf(call);
  const sums = conv2dBackwardInput(x.data, w, sizes);
  return {
    y: b === null ? sums : reference.conv2dAddBias(sums, b, filters, outH, outW),
    shape: [filters, outH, outW],
    backward: (dy) =>
      weighed(b !== null, {
        dx: conv2dForward(dy, w, null, sizes),
        dw: conv2dBackwardWeight(x.data, dy, sizes),
        db: conv2dBackwardBias(dy, batch, filters, outH, outW),
      }),
  };
}

function dense(call: Call<Of<'dense'>>): Result {
  const { spec, x, batch, parameter } = call;
  const [inputs, outputs] = [size(x.shape), spec.units];
  const w = parameter('weight');
  const b = biasOf(call);
  return {
    y: denseForward(x.data, w, b, batch, inputs, outputs),
    shape: [outputs],
    backward: (dy) =>
      weighed(b !== null, {
        dx: denseBackwardInput(dy, w, batch, inputs, outputs),
        dw: denseBackwardWeight(dy, x.data, batch, inputs, outputs),
        db: denseBackwardBias(dy, batch, outputs),
      }),
  };
}

function batchNorm({ spec, x, batch, parameter, training }: Call<Of<'batchNorm'>>): Result {
  const { epsilon = 1e-5, momentum = 0.1, trainable = true } = spec;
  const sizes: BatchNormSizes = [batch, x.shape[0] ?? 0, planeSize(x.shape)];
  const [w, b] = [parameter('weight'), parameter('bias')];
  const running = {
    mean: Float64Array.from(parameter('running_mean')),
    variance: Float64Array.from(parameter('running_var')),
  };
  if (training === undefined || !trainable) {
    return { ...scaled(x, w, b, running, sizes, epsilon), shape: x.shape };
  }
  const moments = reference.batchNormMoments(x.data, sizes);
  const after = batchNormRunning(running, x.data, sizes, momentum);
  return {
    y: batchNormForward(x.data, w, b, moments, sizes, epsilon),
    shape: x.shape,
    running: { running_mean: after.mean, running_var: after.variance },
    backward(dy) {
      const { dx, dw, db } = batchNormBackward(dy, x.data, w, sizes, epsilon);
      return { dxs: [dx], gradients: { weight: dw, bias: db } };
    },
  };
}

/** Batch normalisation by moments that do not follow x. */
function scaled(
  { data }: Value,
  w: Numbers,
  b: Numbers,
  moments: reference.Moments,
  sizes: BatchNormSizes,
  epsilon: number,
): Pick<Result, 'y' | 'backward'> {
  const [batch, channels, pixels] = sizes;
  const by = (values: Numbers, i: number) =>
    values[Math.floor(i / pixels) % channels] ?? Number.NaN;
  const normal = data.map(
    (value, i) => (value - by(moments.mean, i)) / Math.sqrt(by(moments.variance, i) + epsilon),
  );
  return {
    y: batchNormForward(data, w, b, moments, sizes, epsilon),
    backward: (dy) => ({
      dxs: [dy.map((d, i) => (d * by(w, i)) / Math.sqrt(by(moments.variance, i) + epsilon))],
      gradients: {
        weight: conv2dBackwardBias(
          dy.map((d, i) => d * (normal[i] ?? Number.NaN)),
          batch,
          channels,
          pixels,
          1,
        ),
        bias: conv2dBackwardBias(dy, batch, channels, pixels, 1),
      },
    }),
  };
}

function groupNorm({ spec, x, batch, parameter }: Call<Of<'groupNorm'>>): Result {
  const { groups, epsilon = 1e-5 } = spec;
  const sizes = [batch, x.shape[0] ?? 0, planeSize(x.shape), groups] as const;
  const w = parameter('weight');
  return {
    y: reference.groupNormForward(x.data, w, parameter('bias'), sizes, epsilon),
    shape: x.shape,
    backward(dy) {
      const { dx, dw, db } = reference.groupNormBackward(dy, x.data, w, sizes, epsilon);
      return { dxs: [dx], gradients: { weight: dw, bias: db } };
    },
  };
}

function dropout({ spec, x, batch, training }: Call<Of<'dropout'>>): Result {
  const { rate = 0.5, perChannel = false } = spec;
  const [channels = 1, ...plane] = x.shape;
  const sizes = perChannel
    ? ([batch, channels, size(plane)] as const)
    : ([batch, size(x.shape), 1] as const);
  const drop = (values: Float64Array) =>
    training === undefined ? values : reference.dropout(values, sizes, rate, training);
  return { y: drop(x.data), shape: x.shape, backward: (dy) => ({ dxs: [drop(dy)] }) };
}

/** Another shape. */
const view = ({ x }: Call<unknown>, shape: Shape): Result => ({
  y: x.data,
  shape,
  backward: (dy) => ({ dxs: [dy] }),
});

const layerOf: { readonly [Type in LayerSpec['type']]?: (call: Call<Of<Type>>) => Result } = {
  conv2d,
  depthwiseConv2d: conv2d,
  separableConv2d,
  conv2dTranspose,
  dense,
  batchNorm,
  groupNorm,
  dropout,
  prelu({ x, batch, parameter }) {
    const w = parameter('weight');
    const sizes = [batch, x.shape[0] ?? 0, planeSize(x.shape)] as const;
    return {
      y: reference.preluForward(x.data, w, sizes),
      shape: x.shape,
      backward(dy) {
        const { dx, dw } = reference.preluBackward(dy, x.data, w, sizes);
        return { dxs: [dx], gradients: { weight: dw } };
      },
    };
  },
  maxPool2d(call) {
    const sizes = poolSizes('oracle', batched(call), call.spec);
    const { y, argmax } = reference.maxPool2dForward(call.x.data, sizes);
    const backward = (dy: Float64Array) => ({
      dxs: [reference.maxPool2dBackward(dy, argmax, sizes)],
    });
    return { y, shape: [sizes[1], sizes[4], sizes[5]], backward };
  },
  averagePool2d(call) {
    const sizes = averagePoolSizes('oracle', batched(call), call.spec);
    return {
      y: reference.averagePool2dForward(call.x.data, sizes),
      shape: [sizes[1], sizes[4], sizes[5]],
      backward: (dy) => ({ dxs: [reference.averagePool2dBackward(dy, sizes)] }),
    };
  },
  globalAveragePool2d: ({ x }) => ({
    y: reference.globalAveragePool2dForward(x.data, planeSize(x.shape)),
    shape: x.shape.slice(0, 1),
    backward: (dy) => ({
      dxs: [reference.globalAveragePool2dBackward(dy, planeSize(x.shape))],
    }),
  }),
  globalMaxPool2d(call) {
    const [, channels = 0, height = 0, width = 0] = batched(call);
    const sizes = poolSizes('oracle', batched(call), { poolSize: [height, width] });
    const { y, argmax } = reference.maxPool2dForward(call.x.data, sizes);
    return {
      y,
      shape: [channels],
      backward: (dy) => ({ dxs: [reference.maxPool2dBackward(dy, argmax, sizes)] }),
    };
  },
  upsample2d({ spec, x, batch }) {
    const [channels = 0, height = 0, width = 0] = x.shape;
    const [scaleH, scaleW] = pair(spec.size ?? 2);
    const sizes = [batch * channels, height, width, scaleH, scaleW] as const;
    return {
      y: reference.upsample2dForward(x.data, sizes),
      shape: [channels, height * scaleH, width * scaleW],
      backward: (dy) => ({ dxs: [reference.upsample2dBackward(dy, sizes)] }),
    };
  },
  zeroPad2d({ spec, x, batch }) {
    const [channels = 0, height = 0, width = 0] = x.shape;
    const [top, left, bottom, right] = fourSides(spec.padding);
    const sizes = [batch * channels, height, width, top, left, bottom, right] as const;
    return {
      y: reference.padSides(x.data, sizes),
      shape: [channels, top + height + bottom, left + width + right],
      backward: (dy) => ({ dxs: [reference.cropSides(dy, sizes)] }),
    };
  },
  crop2d({ spec, x, batch }) {
    const [channels = 0, height = 0, width = 0] = x.shape;
    const [top, left, bottom, right] = fourSides(spec.cropping);
    const [inH, inW] = [height - top - bottom, width - left - right];
    const sizes = [batch * channels, inH, inW, top, left, bottom, right] as const;
    return {
      y: reference.cropSides(x.data, sizes),
      shape: [channels, inH, inW],
      backward: (dy) => ({ dxs: [reference.padSides(dy, sizes)] }),
    };
  },
  add: ({ xs, x }) => ({
    y: reference.add(...xs.map(({ data }) => data)),
    shape: x.shape,
    backward: (dy) => ({ dxs: xs.map(() => dy) }),
  }),
  multiply: ({ xs, x }) => ({
    y: reference.multiplyForward(xs.map(({ data }) => data)),
    shape: xs.find(({ shape }) => shape.length > 1)?.shape ?? x.shape,
    backward: (dy) => ({
      dxs: reference.multiplyBackward(
        dy,
        xs.map(({ data }) => data),
      ),
    }),
  }),
  concat({ xs, x, batch }) {
    const channels = xs.reduce((sum, { shape }) => sum + (shape[0] ?? 0), 0);
    return {
      y: reference.concatForward(
        xs.map(({ data }) => data),
        batch,
      ),
      shape: [channels, ...x.shape.slice(1)],
      backward: (dy) => ({
        dxs: reference.concatBackward(
          dy,
          xs.map(({ shape }) => size(shape)),
          batch,
        ),
      }),
    };
  },
  flatten: (call) => view(call, [size(call.x.shape)]),
  identity: (call) => view(call, call.x.shape),
  reshape(call) {
    const { shape } = call.spec;
    const known = size(shape.filter((length) => length !== -1));
    const rest = size(call.x.shape) / known;
    return view(
      call,
      shape.map((length) => (length === -1 ? rest : length)),
    );
  },
  softmax({ x, batch }) {
    const classes = size(x.shape);
    const y = reference.softmaxForward(x.data, batch, classes);
    return {
      y,
      shape: x.shape,
      backward: (dy) => ({ dxs: [reference.softmaxBackward(dy, y, batch, classes)] }),
    };
  },
};

/** Runs any layer. */
export function runLayer(call: Call<LayerSpec>): Result {
  const layer = (layerOf[call.spec.type] ?? activation) as (call: Call<LayerSpec>) => Result;
  return layer(call);
}

/** The gradients of what learns: none of a frozen layer. */
export function learning(spec: LayerSpec, { gradients = {} }: Backward) {
  return 'trainable' in spec && spec.trainable === false ? {} : gradients;
}

/** One layer over tensors `[N, …]`, as `ops.layer` and `ops.layerBackward` run it; `training` as there, none to evaluate. */
export function oracleLayer(
  spec: LayerSpec,
  dy: Tensor,
  inputs: readonly Tensor[],
  parameters: Tensors,
  training?: Batch,
) {
  const batch = inputs[0]?.shape[0] ?? 0;
  const xs = inputs.map(({ shape, data }) => ({
    shape: shape.slice(1),
    data: Float64Array.from(data),
  }));
  const parameter = (name: string) => parameters[name]?.data ?? [];
  const draw = training && { ...training, layer: 0, first: 0 };
  const result = runLayer({ spec, batch, xs, x: xs[0] as Value, parameter, training: draw });
  const back = result.backward(Float64Array.from(dy.data));
  return { ...result, dxs: back.dxs, gradients: learning(spec, back) };
}
