/**
 * Activations, both ways. Kernels: assembly/activations/. Oracles: src/reference/activations.ts, src/reference/prelu.ts. The
 * plain loops may use the engine's own exp, tanh and log, as their results reach no weight. Each has loops of its own: one
 * loop for all functions would call them and not inline them.
 * @module
 */
import * as reference from '../../reference/activations.ts';
import { type PreluSizes, preluBackward, preluForward } from '../../reference/prelu.ts';
import type { Kernels } from '../../wasm/kernels.ts';
import type { Case, Numbers } from '../case.ts';
import { caseOf, type Lay, type Operation, wide } from './operation.ts';

/** Elements: the first activations of the reference network for one shard; ReLU also on more than a cache holds. */
const LENGTH = 16 * 12 * 26 * 26;
const LARGE = 4 * 2 ** 20;
/** One shard of the first block of a small residual network. */
const PRELU: PreluSizes = [16, 16, 28 * 28];

const oracle: typeof reference = reference;

/** `relu` of `reluForward`, if there is a `reluBackward`. */
type Stem<Name> = Name extends `${infer Own}Forward`
  ? `${Own}Backward` extends keyof Kernels & keyof typeof reference
    ? Own
    : never
  : never;

interface Activation {
  readonly name: Stem<keyof Kernels>;
  /** What the slope is computed from. */
  readonly reads: 'x' | 'y';
  /** Operations an element, forward and backward. */
  readonly flops: readonly [number, number];
  readonly options?: readonly number[];
  forward(y: Numbers, x: Numbers): void;
  /** v is x or y. */
  backward(dx: Numbers, dy: Numbers, v: Numbers): void;
}

const SLOPE = 0.01;
const ALPHA = 1;
const [SELU_SCALE, SELU_LIMIT] = [1.0507009873554805, 1.7580993408473766];

const ACTIVATIONS: readonly Activation[] = [
  {
    name: 'relu',
    reads: 'y',
    flops: [1, 1],
    forward(y, x) {
      for (let i = 0; i < y.length; i++) y[i] = x[i] > 0 ? x[i] : 0;
    },
    backward(dx, dy, y) {
      for (let i = 0; i < dx.length; i++) dx[i] = y[i] > 0 ? dy[i] : 0;
    },
  },
  {
    name: 'relu6',
    reads: 'y',
    flops: [2, 2],
    forward(y, x) {
      for (let i = 0; i < y.length; i++) y[i] = Math.min(Math.max(x[i], 0), 6);
    },
    backward(dx, dy, y) {
      for (let i = 0; i < dx.length; i++) dx[i] = y[i] > 0 && y[i] < 6 ? dy[i] : 0;
    },
  },
  {
    name: 'leakyRelu',
    reads: 'y',
    flops: [2, 2],
    options: [SLOPE],
    forward(y, x) {
      for (let i = 0; i < y.length; i++) y[i] = x[i] > 0 ? x[i] : SLOPE * x[i];
    },
    backward(dx, dy, y) {
      for (let i = 0; i < dx.length; i++) dx[i] = y[i] > 0 ? dy[i] : SLOPE * dy[i];
    },
  },
  {
    name: 'elu',
    reads: 'y',
    flops: [4, 3],
    options: [ALPHA],
    forward(y, x) {
      for (let i = 0; i < y.length; i++) y[i] = x[i] > 0 ? x[i] : ALPHA * Math.expm1(x[i]);
    },
    backward(dx, dy, y) {
      for (let i = 0; i < dx.length; i++) dx[i] = y[i] > 0 ? dy[i] : dy[i] * (y[i] + ALPHA);
    },
  },
  {
    name: 'selu',
    reads: 'y',
    flops: [4, 3],
    forward(y, x) {
      for (let i = 0; i < y.length; i++) {
        y[i] = x[i] > 0 ? SELU_SCALE * x[i] : SELU_LIMIT * Math.expm1(x[i]);
      }
    },
    backward(dx, dy, y) {
      for (let i = 0; i < dx.length; i++) {
        dx[i] = dy[i] * (y[i] > 0 ? SELU_SCALE : y[i] + SELU_LIMIT);
      }
    },
  },
  {
    name: 'gelu',
    reads: 'x',
    flops: [16, 20],
    forward(y, x) {
      for (let i = 0; i < y.length; i++) y[i] = x[i] * normalDistribution(x[i]);
    },
    backward(dx, dy, x) {
      for (let i = 0; i < dx.length; i++) {
        const density = Math.exp((-x[i] * x[i]) / 2) / Math.sqrt(2 * Math.PI);
        dx[i] = dy[i] * (normalDistribution(x[i]) + x[i] * density);
      }
    },
  },
  {
    name: 'silu',
    reads: 'x',
    flops: [4, 8],
    forward(y, x) {
      for (let i = 0; i < y.length; i++) y[i] = x[i] / (1 + Math.exp(-x[i]));
    },
    backward(dx, dy, x) {
      for (let i = 0; i < dx.length; i++) {
        const share = 1 / (1 + Math.exp(-x[i]));
        dx[i] = dy[i] * share * (1 + x[i] * (1 - share));
      }
    },
  },
  {
    name: 'hardSwish',
    reads: 'x',
    flops: [5, 5],
    forward(y, x) {
      for (let i = 0; i < y.length; i++) y[i] = (x[i] * Math.min(Math.max(x[i] + 3, 0), 6)) / 6;
    },
    backward(dx, dy, x) {
      for (let i = 0; i < dx.length; i++) {
        dx[i] = dy[i] * (x[i] < -3 ? 0 : x[i] > 3 ? 1 : x[i] / 3 + 0.5);
      }
    },
  },
  {
    name: 'hardSigmoid',
    reads: 'x',
    flops: [4, 3],
    forward(y, x) {
      for (let i = 0; i < y.length; i++) y[i] = Math.min(Math.max(x[i] + 3, 0), 6) / 6;
    },
    backward(dx, dy, x) {
      for (let i = 0; i < dx.length; i++) dx[i] = x[i] > -3 && x[i] < 3 ? dy[i] / 6 : 0;
    },
  },
  {
    name: 'sigmoid',
    reads: 'y',
    flops: [3, 3],
    forward(y, x) {
      for (let i = 0; i < y.length; i++) y[i] = 1 / (1 + Math.exp(-x[i]));
    },
    backward(dx, dy, y) {
      for (let i = 0; i < dx.length; i++) dx[i] = dy[i] * y[i] * (1 - y[i]);
    },
  },
  {
    name: 'tanh',
    reads: 'y',
    flops: [5, 3],
    forward(y, x) {
      for (let i = 0; i < y.length; i++) y[i] = Math.tanh(x[i]);
    },
    backward(dx, dy, y) {
      for (let i = 0; i < dx.length; i++) dx[i] = dy[i] * (1 - y[i] * y[i]);
    },
  },
  {
    name: 'softplus',
    reads: 'y',
    flops: [5, 3],
    forward(y, x) {
      for (let i = 0; i < y.length; i++) {
        y[i] = Math.max(x[i], 0) + Math.log1p(Math.exp(-Math.abs(x[i])));
      }
    },
    backward(dx, dy, y) {
      for (let i = 0; i < dx.length; i++) dx[i] = dy[i] * -Math.expm1(-y[i]);
    },
  },
];

export const activationCases: readonly Case[] = [
  ...ACTIVATIONS.flatMap((activation) => pairOf(activation, LENGTH)),
  ...ACTIVATIONS.filter(({ name }) => name === 'relu').flatMap((relu) => pairOf(relu, LARGE)),
  ...preluOperations(PRELU).map(caseOf),
];

/** Forward and backward. */
function pairOf(activation: Activation, length: number): readonly Case[] {
  const { name, reads, flops, options = [], forward, backward } = activation;
  // all have the same arguments, then the options
  const [onward, back] = [`${name}Forward` as 'reluForward', `${name}Backward` as 'reluBackward'];
  const rest = options as readonly [];
  const output: Lay = (workspace, size) => {
    const placed = wide(workspace, size);
    workspace.kernels[onward](placed.at, placed.at, size, ...rest);
    return placed;
  };
  return [
    caseOf({
      kernel: onward,
      shape: String(length),
      flops: flops[0] * length,
      outputs: [length],
      inputs: [[length, wide]],
      call: (kernels, [y], [x]) => kernels[onward](y, x, length, ...rest),
      plain: ([y], [x]) => forward(y, x),
      exact: ([x]) => [oracle[onward](x, ...rest)],
    }),
    caseOf({
      kernel: back,
      shape: String(length),
      flops: flops[1] * length,
      outputs: [length],
      inputs: [length, [length, reads === 'x' ? wide : output]],
      call: (kernels, [dx], [dy, v]) => kernels[back](dx, dy, v, length, ...rest),
      plain: ([dx], [dy, v]) => backward(dx, dy, v),
      exact: ([dy, v]) => [oracle[back](dy, v, ...rest)],
    }),
  ];
}

function preluOperations(sizes: PreluSizes): readonly Operation[] {
  const [batch, channels, pixels] = sizes;
  const length = batch * channels * pixels;
  const shape = sizes.join('×');
  return [
    {
      kernel: 'preluForward',
      shape,
      flops: 2 * length,
      outputs: [length],
      inputs: [length, channels],
      call: (kernels, [y], [x, w]) => kernels.preluForward(y, x, w, ...sizes),
      plain([y], [x, w]) {
        for (let plane = 0; plane < batch * channels; plane++) {
          const slope = w[plane % channels];
          for (let i = plane * pixels; i < (plane + 1) * pixels; i++) {
            y[i] = x[i] > 0 ? x[i] : slope * x[i];
          }
        }
      },
      exact: ([x, w]) => [preluForward(x, w, sizes)],
    },
    {
      kernel: 'preluBackwardInput',
      shape,
      flops: 2 * length,
      outputs: [length],
      inputs: [length, length, channels],
      call: (kernels, [dx], [dy, x, w]) => kernels.preluBackwardInput(dx, dy, x, w, ...sizes),
      plain([dx], [dy, x, w]) {
        for (let plane = 0; plane < batch * channels; plane++) {
          const slope = w[plane % channels];
          for (let i = plane * pixels; i < (plane + 1) * pixels; i++) {
            dx[i] = x[i] > 0 ? dy[i] : slope * dy[i];
          }
        }
      },
      exact: ([dy, x, w]) => [preluBackward(dy, x, w, sizes).dx],
    },
    {
      kernel: 'preluBackwardWeight',
      shape,
      flops: 3 * length,
      start: 0,
      outputs: [channels],
      inputs: [length, length],
      call: (kernels, [dw], [dy, x]) => kernels.preluBackwardWeight(dw, dy, x, ...sizes),
      plain([dw], [dy, x]) {
        for (let plane = 0; plane < batch * channels; plane++) {
          let sum = 0;
          for (let i = plane * pixels; i < (plane + 1) * pixels; i++) {
            if (!(x[i] > 0)) sum += dy[i] * x[i];
          }
          dw[plane % channels] += sum;
        }
      },
      exact: ([dy, x]) => [preluBackward(dy, x, new Float64Array(channels), sizes).dw],
    },
  ];
}

/** Φ(x) within 10⁻⁷, by Abramowitz & Stegun (1964), 7.1.26. */
function normalDistribution(x: number): number {
  const z = Math.abs(x) * Math.SQRT1_2;
  const t = 1 / (1 + 0.3275911 * z);
  const series =
    t *
    (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const tail = (series * Math.exp(-z * z)) / 2;
  return x < 0 ? tail : 1 - tail;
}
