/** Whole networks in double precision, layer by layer, of the operations of convlet/reference: an oracle for random specs. */
import type { LayerSpec, ModelSpec, Tensor } from 'convlet';
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
  denseBackwardBias,
  denseBackwardInput,
  denseBackwardWeight,
  denseForward,
  softmaxCrossEntropy,
} from 'convlet/reference';
import type { Shape } from '../../src/base/types.ts';
import { averagePoolSizes, convSizes, fourSides, pair, poolSizes } from '../../src/base/window.ts';

/** Numbers of all images, and the shape of one. */
interface Value {
  readonly shape: Shape;
  readonly data: Float64Array;
}

type Numbers = ArrayLike<number>;

interface Backward {
  /** One an input. */
  readonly dxs: readonly Float64Array[];
  /** By bare names. */
  readonly gradients?: Readonly<Record<string, Float64Array>>;
}

/** What a layer puts out, and how its gradients follow. */
interface Result {
  readonly y: Float64Array;
  readonly shape: Shape;
  readonly backward: (dy: Float64Array) => Backward;
  /** Running statistics after the batch. */
  readonly running?: Readonly<Record<string, Float64Array>>;
}

interface Call<Spec> {
  readonly spec: Spec;
  readonly batch: number;
  readonly xs: readonly Value[];
  readonly x: Value;
  readonly parameter: (name: string) => Numbers;
  readonly isTraining: boolean;
}

type Of<Type extends LayerSpec['type']> = Extract<LayerSpec, { readonly type: Type }>;

const size = (shape: Shape) => shape.reduce((product, length) => product * length, 1);
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

function conv2d(call: Call<Of<'conv2d'>>): Result {
  const { spec, x, batch, parameter } = call;
  const sizes = convSizes('oracle', batched(call), spec.filters, spec.groups ?? 1, spec);
  const [, , , , outC, outH, outW] = sizes;
  const w = parameter('weight');
  const hasBias = spec.useBias !== false;
  return {
    y: conv2dForward(x.data, w, hasBias ? parameter('bias') : null, sizes),
    shape: [outC, outH, outW],
    backward: (dy) => ({
      dxs: [conv2dBackwardInput(dy, w, sizes)],
      gradients: {
        weight: conv2dBackwardWeight(dy, x.data, sizes),
        ...(hasBias && { bias: conv2dBackwardBias(dy, batch, outC, outH, outW) }),
      },
    }),
  };
}

function dense({ spec, x, batch, parameter }: Call<Of<'dense'>>): Result {
  const [inputs, outputs] = [size(x.shape), spec.units];
  const w = parameter('weight');
  return {
    y: denseForward(x.data, w, parameter('bias'), batch, inputs, outputs),
    shape: [outputs],
    backward: (dy) => ({
      dxs: [denseBackwardInput(dy, w, batch, inputs, outputs)],
      gradients: {
        weight: denseBackwardWeight(dy, x.data, batch, inputs, outputs),
        bias: denseBackwardBias(dy, batch, outputs),
      },
    }),
  };
}

function batchNorm({ spec, x, batch, parameter, isTraining }: Call<Of<'batchNorm'>>): Result {
  const { epsilon = 1e-5, momentum = 0.1 } = spec;
  const sizes: BatchNormSizes = [batch, x.shape[0] ?? 0, planeSize(x.shape)];
  const [w, b] = [parameter('weight'), parameter('bias')];
  const running = {
    mean: Float64Array.from(parameter('running_mean')),
    variance: Float64Array.from(parameter('running_var')),
  };
  const moments = isTraining ? reference.batchNormMoments(x.data, sizes) : running;
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

const layerOf: { readonly [Type in LayerSpec['type']]?: (call: Call<Of<Type>>) => Result } = {
  conv2d,
  dense,
  batchNorm,
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
  add: ({ xs, x }) => ({
    y: reference.add(...xs.map(({ data }) => data)),
    shape: x.shape,
    backward: (dy) => ({ dxs: xs.map(() => dy) }),
  }),
  multiply: ({ xs, x }) => ({
    y: reference.multiplyForward(xs.map(({ data }) => data)),
    shape: x.shape,
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
  flatten: ({ x }) => ({
    y: x.data,
    shape: [size(x.shape)],
    backward: (dy) => ({ dxs: [dy] }),
  }),
};

/** The layers but a last softmax, with the numbers of the values that each reads; 0 is the images. */
function wiringOf({ layers }: ModelSpec) {
  const places = new Map([['input', 0]]);
  const list = layers.filter(({ type }) => type !== 'softmax');
  return list.map((spec, index) => {
    const inputs = spec.inputs?.map((name) => places.get(name) ?? Number.NaN) ?? [index];
    if (spec.name !== undefined) places.set(spec.name, index + 1);
    return { spec, inputs, key: spec.name ?? String(index) };
  });
}

function forward(
  spec: ModelSpec,
  weights: ReadonlyMap<string, Tensor>,
  images: Numbers,
  isTraining: boolean,
) {
  const batch = images.length / size(spec.inputShape);
  const values: Value[] = [{ shape: spec.inputShape, data: Float64Array.from(images) }];
  const layers = wiringOf(spec).map(({ spec: layer, inputs, key }) => {
    const xs = inputs.map((place) => values[place] as Value); // made before it is read
    const run = (layerOf[layer.type] ?? activation) as (call: Call<LayerSpec>) => Result;
    const parameter = (name: string) => weights.get(`${key}.${name}`)?.data ?? [];
    const result = run({ spec: layer, batch, xs, x: xs[0] as Value, parameter, isTraining });
    values.push({ shape: result.shape, data: result.y });
    return { ...result, inputs, key };
  });
  return { batch, values, layers, logits: values.at(-1)?.data ?? new Float64Array() };
}

/** The logits of evaluation, `[N, outputs]`. */
export function oracleLogits(
  spec: ModelSpec,
  weights: ReadonlyMap<string, Tensor>,
  images: Numbers,
): Float64Array {
  return forward(spec, weights, images, false).logits;
}

/** Loss, gradients and new running statistics of one batch under cross-entropy, by the names of the parameters. */
export function oracleStep(
  spec: ModelSpec,
  weights: ReadonlyMap<string, Tensor>,
  images: Numbers,
  labels: Numbers,
) {
  const { batch, values, layers, logits } = forward(spec, weights, images, true);
  const classes = logits.length / batch;
  const { losses, dx } = softmaxCrossEntropy(logits, labels, batch, classes, 1 / batch);
  const dys = values.map(({ data }) => new Float64Array(data.length));
  dys[layers.length]?.set(dx);
  const gradients = new Map<string, Float64Array>();
  const running = new Map<string, Float64Array>();
  for (const [index, layer] of [...layers.entries()].reverse()) {
    const back = layer.backward(dys[index + 1] ?? new Float64Array());
    for (const [i, place] of layer.inputs.entries()) {
      const own = back.dxs[i] ?? [];
      dys[place] = (dys[place] ?? new Float64Array()).map(
        (sum, at) => sum + (own[at] ?? Number.NaN),
      );
    }
    for (const [name, values] of Object.entries(back.gradients ?? {})) {
      gradients.set(`${layer.key}.${name}`, values);
    }
    for (const [name, values] of Object.entries(layer.running ?? {})) {
      running.set(`${layer.key}.${name}`, values);
    }
  }
  const loss = losses.reduce((sum, value) => sum + value, 0) / batch;
  return { loss, gradients, running };
}
