/**
 * RMSprop (Hinton, "Neural networks for machine learning", lecture 6e, 2012), as PyTorch has it. Kernels:
 * assembly/optimizers/optimizer.ts, with momentum adaptive.ts.
 * @module
 */
import { decay, positive } from '../base/options.ts';
import { type CommonSpec, type OptimizerFactory, optimizer } from './optimizer.ts';

export interface RmspropSpec extends CommonSpec {
  readonly type: 'rmsprop';
  /** ρ, from 0 to below 1: how much of the mean square lasts to the next step. */
  readonly rho: number;
  /** ε, added to the root. */
  readonly epsilon: number;
  /** µ, from 0 to below 1: how much of the velocity lasts to the next step. */
  readonly momentum: number;
}

/**
 * `v = ρ·v + (1 − ρ)·dw²`, `u = µ·u + dw / (√v + ε)`, `w −= α·u`, from `v = u = 0`; without momentum
 * `w −= α·dw / (√v + ε)`. State: v, and with momentum u. Defaults: α 0.001, ρ 0.99, ε 1e-8, µ 0.
 */
export const rmsprop: OptimizerFactory<RmspropSpec> = optimizer<RmspropSpec>({
  type: 'rmsprop',
  options: { rho: decay, epsilon: positive, momentum: decay },
  defaults: { learningRate: 0.001, rho: 0.99, epsilon: 1e-8, momentum: 0 },
  initialState: ({ momentum }) => (momentum > 0 ? [0, 0] : [0]),
  scalars: [],
  update(kernels, spec, { w, dw, length, state: [v = 0, u = 0] }, learningRate) {
    const { rho, epsilon, momentum } = spec;
    if (momentum > 0) {
      kernels.rmspropMomentum(w, v, u, dw, length, learningRate, momentum, rho, epsilon);
    } else kernels.rmsprop(w, v, dw, length, learningRate, rho, epsilon);
  },
});
