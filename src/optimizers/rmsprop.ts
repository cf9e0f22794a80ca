/** RMSprop (Hinton, "Neural networks for machine learning", lecture 6e, 2012), as PyTorch has it. Kernel: assembly/optimizers/optimizer.ts. @module */
import { checkDecay, checkPositive } from '../base/checks.ts';
import type { OptimizerDefinition } from './optimizer.ts';

export interface RmspropOptions {
  /** α; 0.001 unless said otherwise. */
  readonly learningRate?: number;
  /** ρ, from 0 to below 1: how much of the mean square lasts to the next step; 0.99 unless said otherwise. */
  readonly rho?: number;
  /** ε, added to the root; 1e-8 unless said otherwise. */
  readonly epsilon?: number;
}

export interface RmspropSpec {
  readonly type: 'rmsprop';
  readonly learningRate: number;
  readonly rho: number;
  readonly epsilon: number;
}

/** `v = ρ·v + (1 − ρ)·dw²`, `w −= α·dw / (√v + ε)`, from `v = 0`. */
export function rmsprop(options: RmspropOptions = {}): RmspropSpec {
  const { learningRate = 0.001, rho = 0.99, epsilon = 1e-8 } = options;
  return { type: 'rmsprop', learningRate, rho, epsilon };
}

/** State: v. */
export const rmspropOptimizer: OptimizerDefinition<RmspropSpec> = {
  stateBlocks: 1,
  scalars: [],
  check({ learningRate, rho, epsilon }) {
    checkPositive('rmsprop', 'learningRate', learningRate);
    checkDecay('rmsprop', 'rho', rho);
    checkPositive('rmsprop', 'epsilon', epsilon);
  },
  update: (kernels, { learningRate, rho, epsilon }, { w, dw, length, state: [v = 0] }) =>
    kernels.rmsprop(w, v, dw, length, learningRate, rho, epsilon),
};
