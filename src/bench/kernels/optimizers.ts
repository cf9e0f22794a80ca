/**
 * Passes over flat blocks of parameters. Kernels: assembly/optimizers/. Oracles: src/reference/optimizers.ts; of the short
 * ones the formulas themselves, in double precision.
 * @module
 */
import {
  adadeltaStep,
  adagradStep,
  adamStep,
  momentumStep,
  nesterovStep,
  rmspropMomentumStep,
  rmspropStep,
  sgdStep,
} from '../../reference/optimizers.ts';
import type { Kernels } from '../../wasm/kernels.ts';
import type { Case, Numbers } from '../case.ts';
import { caseOf, doubles, type Operation } from './operation.ts';

/** Parameters of LeNet-5. */
const LENGTH = 61_706;
/** Those of the reference network, of LeNet-5, and of the larger network of the training bench. */
const LENGTHS: readonly number[] = [20_410, LENGTH, 1_199_882];
/** Shards whose gradients are added up. */
const SLICES = 8;
/** Numbers whose squares are added up together. */
const BLOCK = 4096;

const learningRate = 0.01;
const mu = 0.9;
const rho = 0.99;
const epsilon = 1e-8;
const [beta1, beta2, weightDecay, step] = [0.9, 0.999, 0.01, 10];
const [correction1, correction2] = [1 - beta1 ** step, 1 - beta2 ** step];
const keep = 0.999;
const [factor, limit] = [0.01, 0.25];
/** What blocks hold before the call that is verified. */
const START = 0.5;

/** A rule that updates blocks from one gradient. */
interface Rule {
  readonly kernel: keyof Kernels;
  /** Number of updated blocks, weights included; the gradient is not. @default 1 */
  readonly blocks?: number;
  readonly flops: number;
  /** False for a block that is only written. @default true */
  readonly reads?: false;
  /** Arrays of the gradients. @default 1 */
  readonly inputs?: 0;
  readonly lengths?: readonly number[];
  call(kernels: Kernels, blocks: readonly number[], dw: number, length: number): void;
  plain(blocks: readonly Numbers[], dw: Numbers): void;
  /** The blocks afterwards; `start` is a block as it was. */
  exact(start: Float64Array, dw: Numbers): readonly ArrayLike<number>[];
}

const RULES: readonly Rule[] = [
  {
    kernel: 'zero',
    flops: 0,
    reads: false,
    inputs: 0,
    lengths: LENGTHS,
    call: (kernels, [y], _x, length) => kernels.zero(y, length),
    plain: ([y]) => void y.fill(0),
    exact: (start) => [start.map(() => 0)],
  },
  {
    kernel: 'accumulate',
    flops: 1,
    lengths: LENGTHS,
    call: (kernels, [y], x, length) => kernels.accumulate(y, x, length, 1, 4 * length),
    plain([y], x) {
      for (let i = 0; i < y.length; i++) y[i] += x[i];
    },
    exact: (start, x) => [start.map((value, i) => value + x[i])],
  },
  {
    kernel: 'sgd',
    flops: 2,
    lengths: LENGTHS,
    call: (kernels, [w], dw, length) => kernels.sgd(w, dw, length, learningRate),
    plain([w], dw) {
      for (let i = 0; i < w.length; i++) w[i] -= learningRate * dw[i];
    },
    exact: (start, dw) => [sgdStep(start, dw, { learningRate })],
  },
  {
    kernel: 'momentum',
    blocks: 2,
    flops: 4,
    call: (kernels, [w, v], dw, length) => kernels.momentum(w, v, dw, length, learningRate, mu),
    plain([w, v], dw) {
      for (let i = 0; i < w.length; i++) {
        v[i] = mu * v[i] + dw[i];
        w[i] -= learningRate * v[i];
      }
    },
    exact(start, dw) {
      const { w, v } = momentumStep(start, start, dw, { learningRate, momentum: mu });
      return [w, v];
    },
  },
  {
    kernel: 'nesterov',
    blocks: 2,
    flops: 6,
    call: (kernels, [w, v], dw, length) => kernels.nesterov(w, v, dw, length, learningRate, mu),
    plain([w, v], dw) {
      for (let i = 0; i < w.length; i++) {
        v[i] = mu * v[i] + dw[i];
        w[i] -= learningRate * (dw[i] + mu * v[i]);
      }
    },
    exact(start, dw) {
      const { w, v } = nesterovStep(start, start, dw, { learningRate, momentum: mu });
      return [w, v];
    },
  },
  {
    kernel: 'rmsprop',
    blocks: 2,
    flops: 9,
    call: (kernels, [w, v], dw, length) =>
      kernels.rmsprop(w, v, dw, length, learningRate, rho, epsilon),
    plain([w, v], dw) {
      for (let i = 0; i < w.length; i++) {
        v[i] = rho * v[i] + (1 - rho) * dw[i] * dw[i];
        w[i] -= (learningRate * dw[i]) / (Math.sqrt(v[i]) + epsilon);
      }
    },
    exact(start, dw) {
      const { w, v } = rmspropStep(start, start, dw, { learningRate, rho, epsilon });
      return [w, v];
    },
  },
  {
    kernel: 'rmspropMomentum',
    blocks: 3,
    flops: 11,
    call: (kernels, [w, v, u], dw, length) =>
      kernels.rmspropMomentum(w, v, u, dw, length, learningRate, mu, rho, epsilon),
    plain([w, v, u], dw) {
      for (let i = 0; i < w.length; i++) {
        v[i] = rho * v[i] + (1 - rho) * dw[i] * dw[i];
        u[i] = mu * u[i] + dw[i] / (Math.sqrt(v[i]) + epsilon);
        w[i] -= learningRate * u[i];
      }
    },
    exact(start, dw) {
      const options = { learningRate, rho, epsilon, momentum: mu };
      const { w, v, u } = rmspropMomentumStep(start, start, start, dw, options);
      return [w, v, u];
    },
  },
  {
    kernel: 'adam',
    blocks: 3,
    flops: 14,
    lengths: [LENGTH, 1_199_882],
    call: (kernels, [w, m, v], dw, length) =>
      kernels.adam(
        w,
        m,
        v,
        dw,
        length,
        learningRate,
        beta1,
        beta2,
        epsilon,
        weightDecay,
        correction1,
        correction2,
      ),
    plain([w, m, v], dw) {
      for (let i = 0; i < w.length; i++) {
        m[i] = beta1 * m[i] + (1 - beta1) * dw[i];
        v[i] = beta2 * v[i] + (1 - beta2) * dw[i] * dw[i];
        const root = Math.sqrt(v[i] / correction2) + epsilon;
        w[i] -= learningRate * (weightDecay * w[i] + m[i] / correction1 / root);
      }
    },
    exact(start, dw) {
      const options = { learningRate, beta1, beta2, epsilon, weightDecay };
      const { w, m, v } = adamStep(start, start, start, dw, step, options);
      return [w, m, v];
    },
  },
  {
    kernel: 'adagrad',
    blocks: 2,
    flops: 7,
    call: (kernels, [w, v], dw, length) => kernels.adagrad(w, v, dw, length, learningRate, epsilon),
    plain([w, v], dw) {
      for (let i = 0; i < w.length; i++) {
        v[i] += dw[i] * dw[i];
        w[i] -= (learningRate * dw[i]) / (Math.sqrt(v[i]) + epsilon);
      }
    },
    exact(start, dw) {
      const { w, v } = adagradStep(start, start, dw, { learningRate, epsilon });
      return [w, v];
    },
  },
  {
    kernel: 'adadelta',
    blocks: 3,
    flops: 16,
    call: (kernels, [w, v, u], dw, length) =>
      kernels.adadelta(w, v, u, dw, length, learningRate, rho, epsilon),
    plain([w, v, u], dw) {
      for (let i = 0; i < w.length; i++) {
        v[i] = rho * v[i] + (1 - rho) * dw[i] * dw[i];
        const d = (dw[i] * Math.sqrt(u[i] + epsilon)) / Math.sqrt(v[i] + epsilon);
        u[i] = rho * u[i] + (1 - rho) * d * d;
        w[i] -= learningRate * d;
      }
    },
    exact(start, dw) {
      const { w, v, u } = adadeltaStep(start, start, start, dw, { learningRate, rho, epsilon });
      return [w, v, u];
    },
  },
  {
    kernel: 'blend',
    flops: 3,
    call: (kernels, [y], x, length) => kernels.blend(y, x, length, keep),
    plain([y], x) {
      for (let i = 0; i < y.length; i++) y[i] = keep * y[i] + (1 - keep) * x[i];
    },
    exact: (start, x) => [start.map((value, i) => keep * value + (1 - keep) * x[i])],
  },
  {
    kernel: 'addScaled',
    flops: 2,
    call: (kernels, [y], x, length) => kernels.addScaled(y, x, length, factor),
    plain([y], x) {
      for (let i = 0; i < y.length; i++) y[i] += factor * x[i];
    },
    exact: (start, x) => [start.map((value, i) => value + factor * x[i])],
  },
  {
    kernel: 'scale',
    flops: 1,
    inputs: 0,
    call: (kernels, [y], _x, length) => kernels.scale(y, length, -1),
    plain([y]) {
      for (let i = 0; i < y.length; i++) y[i] *= -1;
    },
    exact: (start) => [start.map((value) => -value)],
  },
  {
    kernel: 'clamp',
    flops: 2,
    inputs: 0,
    call: (kernels, [y], _x, length) => kernels.clamp(y, length, limit),
    plain([y]) {
      for (let i = 0; i < y.length; i++) y[i] = Math.min(Math.max(y[i], -limit), limit);
    },
    exact: (start) => [start.map((value) => Math.min(value, limit))],
  },
];

export const optimizerCases: readonly Case[] = [
  ...RULES.flatMap((rule) =>
    (rule.lengths ?? [LENGTH]).map((length) => caseOf(update(rule, length))),
  ),
  caseOf(slices(LENGTH)),
  caseOf(norms(LENGTH)),
];

function update(rule: Rule, length: number): Operation {
  const { kernel, blocks = 1, flops, reads, inputs = 1, call, plain, exact } = rule;
  return {
    kernel,
    shape: String(length),
    flops: flops * length,
    ...(reads !== false && { start: START }),
    outputs: Array.from({ length: blocks }, () => length),
    inputs: inputs === 1 ? [length] : [],
    call: (kernels, outputs, [dw = 0]) => call(kernels, outputs, dw, length),
    plain: (outputs, [dw]) => plain(outputs, dw),
    exact: ([dw]) => exact(new Float64Array(length).fill(START), dw),
  };
}

/** The sum over shards: the gradients of all of them in one call. */
function slices(length: number): Operation {
  return {
    kernel: 'accumulate',
    shape: `${length}, ${SLICES} slices`,
    flops: SLICES * length,
    start: 0,
    outputs: [length],
    inputs: [SLICES * length],
    call: (kernels, [y], [x]) => kernels.accumulate(y, x, length, SLICES, 4 * length),
    plain([y], [x]) {
      for (let at = 0; at < x.length; at += length) {
        for (let i = 0; i < length; i++) y[i] += x[at + i];
      }
    },
    exact: ([x]) => [
      Float64Array.from({ length }, (_, i) => {
        let sum = 0;
        for (let at = i; at < x.length; at += length) sum += x[at];
        return sum;
      }),
    ],
  };
}

/** The squares of a gradient, for its norm. */
function norms(length: number): Operation {
  const count = Math.ceil(length / BLOCK);
  return {
    kernel: 'squaredNorms',
    shape: String(length),
    flops: 2 * length,
    outputs: [[count, doubles]],
    inputs: [length],
    call: (kernels, [sums], [x]) => kernels.squaredNorms(sums, x, length, BLOCK),
    plain([sums], [x]) {
      for (let k = 0; k < count; k++) {
        let sum = 0;
        for (let i = k * BLOCK; i < Math.min((k + 1) * BLOCK, length); i++) sum += x[i] * x[i];
        sums[k] = sum;
      }
    },
    exact: ([x]) => [
      Float64Array.from({ length: count }, (_, k) =>
        Array.from(x.subarray(k * BLOCK, (k + 1) * BLOCK)).reduce((sum, v) => sum + v ** 2, 0),
      ),
    ],
  };
}
