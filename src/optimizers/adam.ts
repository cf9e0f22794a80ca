/**
 * Adam (Kingma & Ba, "Adam: a method for stochastic optimization", 2015, algorithm 1) and AdamW (Loshchilov & Hutter,
 * "Decoupled weight decay regularization", 2019, algorithm 2). Kernel: assembly/optimizers/optimizer.ts.
 * @module
 */
import { decay, positive } from '../base/options.ts';
import type { Kernels } from '../wasm/kernels.ts';
import {
  type CommonSpec,
  type OptimizerFactory,
  optimizer,
  type UpdateTensors,
} from './optimizer.ts';

interface Moments extends CommonSpec {
  /** β₁, from 0 to below 1: how much of the mean gradient lasts to the next step. */
  readonly beta1: number;
  /** β₂, from 0 to below 1: how much of the mean square lasts to the next step. */
  readonly beta2: number;
  /** ε, added to the root. */
  readonly epsilon: number;
}

export interface AdamSpec extends Moments {
  readonly type: 'adam';
}

export interface AdamwSpec extends Moments {
  readonly type: 'adamw';
  readonly weightDecay: number;
}

const options = { beta1: decay, beta2: decay, epsilon: positive };
const defaults = { learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

/**
 * `m = β₁·m + (1 − β₁)·dw`, `v = β₂·v + (1 − β₂)·dw²`, both from 0, and at step t
 * `w −= α·(m / (1 − β₁ᵗ)) / (√(v / (1 − β₂ᵗ)) + ε)`. State: m, v, and the numbers β₁ᵗ and β₂ᵗ.
 *
 * Defaults: α 0.001, β₁ 0.9, β₂ 0.999, ε 1e-8.
 */
export const adam: OptimizerFactory<AdamSpec> = optimizer<AdamSpec>({
  type: 'adam',
  options,
  defaults,
  initialState: () => [0, 0],
  scalars: [1, 1],
  advance,
  update: (kernels, spec, ...rest) => step(kernels, spec, 0, ...rest),
});

/** `w −= α·λ·w`, then the step of Adam. Defaults: those of Adam, λ 0.01. */
export const adamw: OptimizerFactory<AdamwSpec> = optimizer<AdamwSpec>({
  type: 'adamw',
  options,
  defaults: { ...defaults, weightDecay: 0.01 },
  decaysItself: true,
  initialState: () => [0, 0],
  scalars: [1, 1],
  advance,
  update: (kernels, spec, ...rest) => step(kernels, spec, spec.weightDecay, ...rest),
});

/**
 * The powers grow by a factor a step, in f64: Math.pow differs between engines, and if β changes between two calls of
 * `fit`, 1 minus the product of the factors used is still the weight of all gradients in the mean.
 */
function advance({ beta1, beta2 }: Moments, scalars: Float64Array): void {
  scalars[0] = (scalars[0] ?? 1) * beta1;
  scalars[1] = (scalars[1] ?? 1) * beta2;
}

function step(
  kernels: Kernels,
  { beta1, beta2, epsilon }: Moments,
  weightDecay: number,
  { w, dw, length, state: [m = 0, v = 0] }: UpdateTensors,
  learningRate: number,
  [power1 = 0, power2 = 0]: Float64Array,
): void {
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
    1 - power1,
    1 - power2,
  );
}
