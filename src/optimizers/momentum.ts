/** Gradient descent with momentum (Polyak 1964) and with Nesterov's. Kernels: assembly/optimizers/optimizer.ts. @module */
import { decay } from '../base/options.ts';
import { type CommonSpec, type OptimizerFactory, optimizer } from './optimizer.ts';

interface Settings extends CommonSpec {
  /** µ, from 0 to below 1: how much of the velocity lasts to the next step. */
  readonly momentum: number;
}

export interface MomentumSpec extends Settings {
  readonly type: 'momentum';
}

export interface NesterovSpec extends Settings {
  readonly type: 'nesterov';
}

const defaults = { learningRate: 0.01, momentum: 0.9 };

/** Descent with momentum, `v = µ·v + dw`, `w −= α·v`, from `v = 0`. State: v. Defaults: α 0.01, µ 0.9. */
export const momentum: OptimizerFactory<MomentumSpec> = optimizer<MomentumSpec>({
  type: 'momentum',
  options: { momentum: decay },
  defaults,
  initialState: () => [0],
  scalars: [],
  update: (kernels, { momentum }, { w, dw, length, state: [v = 0] }, learningRate) =>
    kernels.momentum(w, v, dw, length, learningRate, momentum),
});

/** Descent with Nesterov's momentum, `v = µ·v + dw`, `w −= α·(dw + µ·v)`, from `v = 0`. State: v. Defaults: α 0.01, µ 0.9. */
export const nesterov: OptimizerFactory<NesterovSpec> = optimizer<NesterovSpec>({
  type: 'nesterov',
  options: { momentum: decay },
  defaults,
  initialState: () => [0],
  scalars: [],
  update: (kernels, { momentum }, { w, dw, length, state: [v = 0] }, learningRate) =>
    kernels.nesterov(w, v, dw, length, learningRate, momentum),
});
