/** Activations that take one number at a time, in double precision. @module */
import { normalDensity, normalDistribution } from './normal.ts';

/** y[i] = f(x[i]) */
function forward(x: ArrayLike<number>, f: (x: number) => number): Float64Array {
  return Float64Array.from(x, f);
}

/** dx[i] = dy[i]·slope(v[i]), v being x or y */
function backward(
  dy: ArrayLike<number>,
  v: ArrayLike<number>,
  slope: (v: number) => number,
): Float64Array {
  return Float64Array.from(dy, (value, at) => value * slope(v[at]));
}

/** `y = max(x, 0)`; a NaN stays one. */
export function reluForward(x: ArrayLike<number>): Float64Array {
  return Float64Array.from(x, (value) => (value < 0 ? 0 : value));
}

/** `dx = y > 0 ? dy : 0` */
export function reluBackward(dy: ArrayLike<number>, y: ArrayLike<number>): Float64Array {
  return Float64Array.from(dy, (value, at) => (y[at] > 0 ? value : 0));
}

/** `y = x > 0 ? x : negativeSlope·x` */
export function leakyReluForward(x: ArrayLike<number>, negativeSlope: number): Float64Array {
  return Float64Array.from(x, (value) => (value > 0 ? value : negativeSlope * value));
}

/** `dx = y > 0 ? dy : negativeSlope·dy` */
export function leakyReluBackward(
  dy: ArrayLike<number>,
  y: ArrayLike<number>,
  negativeSlope: number,
): Float64Array {
  return Float64Array.from(dy, (value, at) => (y[at] > 0 ? value : negativeSlope * value));
}

/** `y = min(max(x, 0), 6)`; a NaN stays one. */
export function relu6Forward(x: ArrayLike<number>): Float64Array {
  return forward(x, (v) => Math.min(Math.max(v, 0), 6));
}

/** `dx = 0 < y < 6 ? dy : 0` */
export function relu6Backward(dy: ArrayLike<number>, y: ArrayLike<number>): Float64Array {
  return Float64Array.from(dy, (value, at) => (y[at] > 0 && y[at] < 6 ? value : 0));
}

/** `y = x > 0 ? x : alpha·(eˣ − 1)` */
export function eluForward(x: ArrayLike<number>, alpha: number): Float64Array {
  return forward(x, (v) => (v > 0 ? v : alpha * Math.expm1(v)));
}

/** `dx = y > 0 ? dy : dy·(y + alpha)` */
export function eluBackward(
  dy: ArrayLike<number>,
  y: ArrayLike<number>,
  alpha: number,
): Float64Array {
  return backward(dy, y, (v) => (v > 0 ? 1 : v + alpha));
}

const SELU_SCALE = 1.0507009873554805;
const SELU_ALPHA = 1.6732632423543772;

/** `y = λ·(x > 0 ? x : α·(eˣ − 1))` */
export function seluForward(x: ArrayLike<number>): Float64Array {
  return forward(x, (v) => SELU_SCALE * (v > 0 ? v : SELU_ALPHA * Math.expm1(v)));
}

/** `dx = y > 0 ? λ·dy : dy·(y + λα)` */
export function seluBackward(dy: ArrayLike<number>, y: ArrayLike<number>): Float64Array {
  return backward(dy, y, (v) => (v > 0 ? SELU_SCALE : v + SELU_SCALE * SELU_ALPHA));
}

/** `y = x·Φ(x)`, Φ the normal distribution */
export function geluForward(x: ArrayLike<number>): Float64Array {
  return forward(x, (v) => v * normalDistribution(v));
}

/** `dx = dy·(Φ(x) + x·φ(x))`, φ the density */
export function geluBackward(dy: ArrayLike<number>, x: ArrayLike<number>): Float64Array {
  return backward(dy, x, (v) => normalDistribution(v) + v * normalDensity(v));
}

/** `y = x·σ(x)` */
export function siluForward(x: ArrayLike<number>): Float64Array {
  return forward(x, (v) => v * sigmoid(v));
}

/** `dx = dy·σ(x)·(1 + x·(1 − σ(x)))` */
export function siluBackward(dy: ArrayLike<number>, x: ArrayLike<number>): Float64Array {
  return backward(dy, x, (v) => sigmoid(v) * (1 + v * sigmoid(-v)));
}

/** `y = x·min(max(x + 3, 0), 6) / 6` */
export function hardSwishForward(x: ArrayLike<number>): Float64Array {
  return forward(x, (v) => (v * Math.min(Math.max(v + 3, 0), 6)) / 6);
}

/** The slope is 0 below −3, `x / 3 + ½` from −3 to 3, and 1 above. */
export function hardSwishBackward(dy: ArrayLike<number>, x: ArrayLike<number>): Float64Array {
  return backward(dy, x, (v) => (v < -3 ? 0 : v > 3 ? 1 : v / 3 + 0.5));
}

/** `y = min(max(x + 3, 0), 6) / 6` */
export function hardSigmoidForward(x: ArrayLike<number>): Float64Array {
  return forward(x, (v) => Math.min(Math.max(v + 3, 0), 6) / 6);
}

/** `dx = −3 < x < 3 ? dy / 6 : 0` */
export function hardSigmoidBackward(dy: ArrayLike<number>, x: ArrayLike<number>): Float64Array {
  return Float64Array.from(dy, (value, at) => (x[at] > -3 && x[at] < 3 ? value / 6 : 0));
}

/** `y = σ(x)` */
export function sigmoidForward(x: ArrayLike<number>): Float64Array {
  return forward(x, sigmoid);
}

/** `dx = dy·y·(1 − y)` */
export function sigmoidBackward(dy: ArrayLike<number>, y: ArrayLike<number>): Float64Array {
  return backward(dy, y, (v) => v * (1 - v));
}

/** `y = (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ)` */
export function tanhForward(x: ArrayLike<number>): Float64Array {
  return forward(x, Math.tanh);
}

/** `dx = dy·(1 − y²)` */
export function tanhBackward(dy: ArrayLike<number>, y: ArrayLike<number>): Float64Array {
  return backward(dy, y, (v) => 1 - v * v);
}

/** `y = ln(1 + eˣ)` */
export function softplusForward(x: ArrayLike<number>): Float64Array {
  return forward(x, (v) => Math.max(v, 0) + Math.log1p(Math.exp(-Math.abs(v))));
}

/** `dx = dy·(1 − e⁻ʸ)` */
export function softplusBackward(dy: ArrayLike<number>, y: ArrayLike<number>): Float64Array {
  return backward(dy, y, (v) => -Math.expm1(-v));
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}
