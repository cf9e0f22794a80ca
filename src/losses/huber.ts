/**
 * Huber's loss over all numbers of the output (Huber, "Robust estimation of a location parameter", 1964). Kernel:
 * assembly/losses/huber.ts. Oracle: src/reference/regression.ts.
 *
 *   e         = x[n, i] − target[n, i]
 *   loss[n]   = Σᵢ (|e| ≤ δ ? e² / 2 : δ·(|e| − δ / 2)) / length
 *   dx[n, i]  = min(max(e, −δ), δ) / (N·length)
 *
 * N is the number of images in the whole batch, however it is cut: torch.nn.HuberLoss.
 * @module
 */
import { positive } from '../base/options.ts';
import { type LossFactory, loss } from './loss.ts';

export interface HuberSpec {
  readonly type: 'huber';
  /** δ, above 0: errors above it count by their size, those below by their square. @default 1 */
  readonly delta: number;
}

/** Mean of `e² / 2` for small errors e and of `δ·(|e| − δ / 2)` for large ones, of an output of any shape. */
export const huber: LossFactory<HuberSpec> = loss<HuberSpec>({
  type: 'huber',
  options: { delta: positive },
  defaults: { delta: 1 },
  targets: ['values'],
  checkOutput: () => undefined,
  guess:
    ({ delta }, _length, mean) =>
    (target) => {
      const error = Math.abs(mean - target);
      return error <= delta ? (error * error) / 2 : delta * (error - delta / 2);
    },
  emit(call, { delta }, { losses, dx, x, targets, batch, length, total }) {
    call('huber', losses, dx, x, targets, batch, length, delta, 1 / (total * length));
  },
});
