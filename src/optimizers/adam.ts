/**
 * Adam (Kingma & Ba, "Adam: a method for stochastic optimization", 2015, algorithm 1) and AdamW (Loshchilov & Hutter,
 * "Decoupled weight decay regularization", 2019, algorithm 2). Kernel: assembly/optimizers/optimizer.ts.
 * @module
 */
import { checkDecay, checkNotNegative, checkPositive } from '../base/checks.ts';
import type { Kernels } from '../wasm/kernels.ts';
import type { OptimizerDefinition, UpdateTensors } from './optimizer.ts';

export interface AdamOptions {
  /** α; 0.001 unless said otherwise. */
  readonly learningRate?: number;
  /** β₁, from 0 to below 1: how much of the mean gradient lasts to the next step; 0.9 unless said otherwise. */
  readonly beta1?: number;
  /** β₂, from 0 to below 1: how much of the mean square lasts to the next step; 0.999 unless said otherwise. */
  readonly beta2?: number;
  /** ε, added to the root; 1e-8 unless said otherwise. */
  readonly epsilon?: number;
}

export interface AdamwOptions extends AdamOptions {
  /** λ, 0 or more: each step takes the share α·λ off every parameter; 0.01 unless said otherwise. */
  readonly weightDecay?: number;
}

export interface AdamSpec extends Required<AdamOptions> {
  readonly type: 'adam';
}

export interface AdamwSpec extends Required<AdamwOptions> {
  readonly type: 'adamw';
}

/**
 * `m = β₁·m + (1 − β₁)·dw`, `v = β₂·v + (1 − β₂)·dw²`, both from 0, and at step t
 * `w −= α·(m / (1 − β₁ᵗ)) / (√(v / (1 − β₂ᵗ)) + ε)`.
 */
export function adam(options: AdamOptions = {}): AdamSpec {
  const { learningRate = 0.001, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options;
  return { type: 'adam', learningRate, beta1, beta2, epsilon };
}

/** `w −= α·λ·w` of all parameters, biases too, then the step of Adam. */
export function adamw({ weightDecay = 0.01, ...options }: AdamwOptions = {}): AdamwSpec {
  return { ...adam(options), type: 'adamw', weightDecay };
}

/** State: m, v, and the numbers β₁ᵗ and β₂ᵗ. */
export const adamOptimizer: OptimizerDefinition<AdamSpec> = {
  stateBlocks: 2,
  scalars: [1, 1],
  check: checkMoments,
  advance,
  update: (kernels, spec, tensors) => step(kernels, spec, 0, tensors),
};

/** State: as Adam's. */
export const adamwOptimizer: OptimizerDefinition<AdamwSpec> = {
  stateBlocks: 2,
  scalars: [1, 1],
  check(spec) {
    checkMoments(spec);
    checkNotNegative('adamw', 'weightDecay', spec.weightDecay);
  },
  advance,
  update: (kernels, spec, tensors) => step(kernels, spec, spec.weightDecay, tensors),
};

/**
 * The powers grow by a factor a step, in f64: Math.pow differs between engines, and where β changes between two calls of
 * `fit`, 1 minus the product of the factors used is still the weight of all gradients in the mean.
 */
function advance({ beta1, beta2 }: AdamSpec | AdamwSpec, scalars: Float64Array): void {
  scalars[0] = (scalars[0] ?? 1) * beta1;
  scalars[1] = (scalars[1] ?? 1) * beta2;
}

function step(
  kernels: Kernels,
  { learningRate, beta1, beta2, epsilon }: AdamSpec | AdamwSpec,
  weightDecay: number,
  { w, dw, length, state: [m = 0, v = 0], scalars: [power1 = 0, power2 = 0] }: UpdateTensors,
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

function checkMoments({ type, learningRate, beta1, beta2, epsilon }: AdamSpec | AdamwSpec): void {
  checkPositive(type, 'learningRate', learningRate);
  checkDecay(type, 'beta1', beta1);
  checkDecay(type, 'beta2', beta2);
  checkPositive(type, 'epsilon', epsilon);
}
