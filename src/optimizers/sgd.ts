/** Stochastic gradient descent. Kernel: assembly/optimizers/optimizer.ts. @module */
import { checkPositive } from '../base/checks.ts';
import type { OptimizerDefinition } from './optimizer.ts';

export interface SgdOptions {
  /** α: how far a step goes along the gradient; 0.01 unless said otherwise. */
  readonly learningRate?: number;
}

export interface SgdSpec {
  readonly type: 'sgd';
  readonly learningRate: number;
}

/** Mini-batch gradient descent, `w −= α·dw`, where dw is the mean over the batch. */
export function sgd({ learningRate = 0.01 }: SgdOptions = {}): SgdSpec {
  return { type: 'sgd', learningRate };
}

export const sgdOptimizer: OptimizerDefinition<SgdSpec> = {
  stateBlocks: 0,
  scalars: [],
  check: ({ learningRate }) => checkPositive('sgd', 'learningRate', learningRate),
  update: (kernels, { learningRate }, { w, dw, length }) =>
    kernels.sgd(w, dw, length, learningRate),
};
