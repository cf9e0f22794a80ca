/**
 * Mean absolute error over all numbers of the output. Kernel: assembly/losses/meanAbsoluteError.ts. Oracle:
 * src/reference/regression.ts.
 *
 *   loss[n]   = Σᵢ |x[n, i] − target[n, i]| / length
 *   dx[n, i]  = sign(x[n, i] − target[n, i]) / (N·length), 0 if they are equal
 *
 * N is the number of images in the whole batch, however it is cut.
 * @module
 */
import { type LossFactory, loss } from './loss.ts';

export interface MeanAbsoluteErrorSpec {
  readonly type: 'meanAbsoluteError';
}

/** Mean of `|output − target|`, of an output of any shape. */
export const meanAbsoluteError: LossFactory<MeanAbsoluteErrorSpec> = loss<MeanAbsoluteErrorSpec>({
  type: 'meanAbsoluteError',
  options: {},
  targets: ['values'],
  checkOutput: () => undefined,
  guess: (_spec, _length, mean) => (target) => Math.abs(mean - target),
  emit(call, _spec, { losses, dx, x, targets, batch, length, total }) {
    call('meanAbsoluteError', losses, dx, x, targets, batch, length, 1 / (total * length));
  },
});
