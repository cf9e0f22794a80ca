/**
 * Scaled exponential linear unit, element by element: what keeps a mean of 0 and a variance of 1.
 *
 *   forward    y[i]  = x[i] > 0 ? λ·x[i] : λα·(eˣ − 1)
 *   backward   dx[i] = y[i] > 0 ? λ·dy[i] : dy[i]·(y[i] + λα)        (slope at 0 is λα)
 *
 * x, y, dx, dy: f32[length], byte addresses. In place is allowed: y may be x, dx may be dy. The slope is within two units
 * in the last place of λα. A NaN in x stays a NaN in y and dx.
 * (Klambauer, Unterthiner, Mayr & Hochreiter, "Self-normalizing neural networks", 2017, eq. 2)
 */
import { scaledEluBackward, scaledEluForward } from './elu';

/** λ, and λ·α with α = 1.6732632423543772 */
const SCALE: f32 = 1.0507009873554805;
const SCALED_ALPHA: f32 = 1.7580993408473766;

/**
 * y = x > 0 ? λ·x : λα·(eˣ − 1)
 *
 * @writes y
 * @inPlace y x
 */
export function seluForward(y: usize, x: usize, length: i32): void {
  scaledEluForward(y, x, length, SCALE, SCALED_ALPHA);
}

/**
 * dx = y > 0 ? λ·dy : dy·(y + λα)
 *
 * @writes dx
 * @inPlace dx dy
 */
export function seluBackward(dx: usize, dy: usize, y: usize, length: i32): void {
  scaledEluBackward(dx, dy, y, length, SCALE, SCALED_ALPHA);
}
