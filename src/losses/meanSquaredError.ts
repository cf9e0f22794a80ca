/**
 * Mean squared error over all numbers of the output. Kernel: assembly/losses/meanSquaredError.ts. Oracle:
 * src/reference/regression.ts.
 *
 *   loss[n]   = Σᵢ (x[n, i] − target[n, i])² / length
 *   dx[n, i]  = 2·(x[n, i] − target[n, i]) / (N·length)
 *
 * N is the number of images in the whole batch, however it is cut.
 * @module
 */
import { type LossFactory, loss } from './loss.ts';

export interface MeanSquaredErrorSpec {
  readonly type: 'meanSquaredError';
}

/** Mean of `(output − target)²`, of an output of any shape. */
export const meanSquaredError: LossFactory<MeanSquaredErrorSpec> = loss<MeanSquaredErrorSpec>({
  type: 'meanSquaredError',
  options: {},
  targets: ['values'],
  checkOutput: () => undefined,
  guess: (_spec, _length, mean) => (target) => (mean - target) ** 2,
  emit(call, _spec, { losses, dx, x, targets, batch, length, total }) {
    call('meanSquaredError', losses, dx, x, targets, batch, length, 1 / (total * length));
  },
});
