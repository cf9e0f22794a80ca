/** ReLU with a trained slope for each channel, in double precision. @module */

/** `[batch, channels, pixels]` */
export type PreluSizes = readonly [batch: number, channels: number, pixels: number];

/** `y = x > 0 ? x : w[c]·x` */
export function preluForward(
  x: ArrayLike<number>,
  w: ArrayLike<number>,
  [, channels, pixels]: PreluSizes,
): Float64Array {
  const slope = (at: number) => w[Math.floor(at / pixels) % channels];
  return Float64Array.from(x, (value, at) => (value > 0 ? value : slope(at) * value));
}

/** `dx = x > 0 ? dy : w[c]·dy` and `dw[c] = Σ dy·x` where x is not above 0 */
export function preluBackward(
  dy: ArrayLike<number>,
  x: ArrayLike<number>,
  w: ArrayLike<number>,
  [, channels, pixels]: PreluSizes,
): { dx: Float64Array; dw: Float64Array } {
  const dx = new Float64Array(x.length);
  const dw = new Float64Array(channels);
  for (let at = 0; at < x.length; at++) {
    const c = Math.floor(at / pixels) % channels;
    dx[at] = x[at] > 0 ? dy[at] : w[c] * dy[at];
    if (!(x[at] > 0)) dw[c] += dy[at] * x[at];
  }
  return { dx, dw };
}
