/** Adagrad (Duchi, Hazan & Singer, 2011, figure 1, diagonal), as PyTorch has it. Kernel: assembly/optimizers/adaptive.ts. @module */
import { notNegative, positive } from '../base/options.ts';
import { type CommonSpec, type OptimizerFactory, optimizer } from './optimizer.ts';

export interface AdagradSpec extends CommonSpec {
  readonly type: 'adagrad';
  /** What the sums of squares begin with, 0 or more. */
  readonly initialAccumulator: number;
  /** ε, added to the root. */
  readonly epsilon: number;
}

/**
 * `v = v + dw²`, `w −= α·dw / (√v + ε)`, from v = `initialAccumulator`. State: v.
 *
 * Defaults: α 0.01, `initialAccumulator` 0, ε 1e-10.
 */
export const adagrad: OptimizerFactory<AdagradSpec> = optimizer<AdagradSpec>({
  type: 'adagrad',
  options: { initialAccumulator: notNegative, epsilon: positive },
  defaults: { learningRate: 0.01, initialAccumulator: 0, epsilon: 1e-10 },
  initialState: ({ initialAccumulator }) => [initialAccumulator],
  scalars: [],
  update: (kernels, { epsilon }, { w, dw, length, state: [v = 0] }, learningRate) =>
    kernels.adagrad(w, v, dw, length, learningRate, epsilon),
});
