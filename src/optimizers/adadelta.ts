/** Adadelta (Zeiler, 2012, algorithm 1), as PyTorch has it. Kernel: assembly/optimizers/adaptive.ts. @module */
import { decay, positive } from '../base/options.ts';
import { type CommonSpec, type OptimizerFactory, optimizer } from './optimizer.ts';

export interface AdadeltaSpec extends CommonSpec {
  readonly type: 'adadelta';
  /** ρ, from 0 to below 1: how much of the mean squares lasts to the next step. */
  readonly rho: number;
  /** ε, added under the roots. */
  readonly epsilon: number;
}

/**
 * `v = ρ·v + (1 − ρ)·dw²`, `d = dw·√(u + ε) / √(v + ε)`, `u = ρ·u + (1 − ρ)·d²`, `w −= α·d`, from `v = u = 0`; d takes the u
 * before the step. State: v, u. Defaults: α 1, ρ 0.9, ε 1e-6.
 */
export const adadelta: OptimizerFactory<AdadeltaSpec> = optimizer<AdadeltaSpec>({
  type: 'adadelta',
  options: { rho: decay, epsilon: positive },
  defaults: { learningRate: 1, rho: 0.9, epsilon: 1e-6 },
  initialState: () => [0, 0],
  scalars: [],
  update: (kernels, { rho, epsilon }, { w, dw, length, state: [v = 0, u = 0] }, learningRate) =>
    kernels.adadelta(w, v, u, dw, length, learningRate, rho, epsilon),
});
