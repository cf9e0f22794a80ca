/** Stochastic gradient descent. Kernel: assembly/optimizers/optimizer.ts. @module */
import { type CommonSpec, type OptimizerFactory, optimizer } from './optimizer.ts';

export interface SgdSpec extends CommonSpec {
  readonly type: 'sgd';
}

/** Mini-batch gradient descent, `w −= α·dw`, where dw is the mean over the batch. Default: α 0.01. */
export const sgd: OptimizerFactory<SgdSpec> = optimizer<SgdSpec>({
  type: 'sgd',
  options: {},
  defaults: { learningRate: 0.01 },
  initialState: () => [],
  scalars: [],
  update: (kernels, _spec, { w, dw, length }, learningRate) =>
    kernels.sgd(w, dw, length, learningRate),
});
