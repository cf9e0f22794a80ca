/** RMSprop (Hinton, "Neural networks for machine learning", lecture 6e, 2012), as PyTorch has it. Kernel: assembly/optimizers/optimizer.ts. @module */
import { decay, positive } from '../base/options.ts';
import { type CommonSpec, type OptimizerFactory, optimizer } from './optimizer.ts';

export interface RmspropSpec extends CommonSpec {
  readonly type: 'rmsprop';
  /** ρ, from 0 to below 1: how much of the mean square lasts to the next step. */
  readonly rho: number;
  /** ε, added to the root. */
  readonly epsilon: number;
}

/** `v = ρ·v + (1 − ρ)·dw²`, `w −= α·dw / (√v + ε)`, from `v = 0`. State: v. Defaults: α 0.001, ρ 0.99, ε 1e-8. */
export const rmsprop: OptimizerFactory<RmspropSpec> = optimizer<RmspropSpec>({
  type: 'rmsprop',
  options: { rho: decay, epsilon: positive },
  defaults: { learningRate: 0.001, rho: 0.99, epsilon: 1e-8 },
  stateBlocks: 1,
  scalars: [],
  update: (kernels, { rho, epsilon }, { w, dw, length, state: [v = 0] }, learningRate) =>
    kernels.rmsprop(w, v, dw, length, learningRate, rho, epsilon),
});
