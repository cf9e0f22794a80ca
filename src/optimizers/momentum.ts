/** Gradient descent with momentum (Polyak 1964) and with Nesterov's. Kernels: assembly/optimizers/optimizer.ts. @module */
import { checkDecay, checkPositive } from '../base/checks.ts';
import type { OptimizerDefinition } from './optimizer.ts';

export interface MomentumOptions {
  /** α; 0.01 unless said otherwise. */
  readonly learningRate?: number;
  /** µ, from 0 to below 1: how much of the velocity lasts to the next step; 0.9 unless said otherwise. */
  readonly momentum?: number;
}

interface Settings {
  readonly learningRate: number;
  readonly momentum: number;
}

export interface MomentumSpec extends Settings {
  readonly type: 'momentum';
}

export interface NesterovSpec extends Settings {
  readonly type: 'nesterov';
}

/** Descent with momentum, `v = µ·v + dw`, `w −= α·v`, from `v = 0`. */
export function momentum(options: MomentumOptions = {}): MomentumSpec {
  const { learningRate = 0.01, momentum = 0.9 } = options;
  return { type: 'momentum', learningRate, momentum };
}

/** Descent with Nesterov's momentum, `v = µ·v + dw`, `w −= α·(dw + µ·v)`, from `v = 0`. */
export function nesterov(options: MomentumOptions = {}): NesterovSpec {
  const { learningRate = 0.01, momentum = 0.9 } = options;
  return { type: 'nesterov', learningRate, momentum };
}

/** State: v. */
export const momentumOptimizer: OptimizerDefinition<MomentumSpec> = {
  stateBlocks: 1,
  scalars: [],
  check: checkSettings,
  update: (kernels, { learningRate, momentum }, { w, dw, length, state: [v = 0] }) =>
    kernels.momentum(w, v, dw, length, learningRate, momentum),
};

/** State: v. */
export const nesterovOptimizer: OptimizerDefinition<NesterovSpec> = {
  stateBlocks: 1,
  scalars: [],
  check: checkSettings,
  update: (kernels, { learningRate, momentum }, { w, dw, length, state: [v = 0] }) =>
    kernels.nesterov(w, v, dw, length, learningRate, momentum),
};

function checkSettings({ type, learningRate, momentum }: MomentumSpec | NesterovSpec): void {
  checkPositive(type, 'learningRate', learningRate);
  checkDecay(type, 'momentum', momentum);
}
