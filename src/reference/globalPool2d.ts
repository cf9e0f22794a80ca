/** Pooling of whole channels in double precision. x, dx: `[batch, channels, pixels]`; y, dy: `[batch, channels]`. @module */

/** The mean of each channel. */
export function globalAveragePool2dForward(x: ArrayLike<number>, pixels: number): Float64Array {
  const y = new Float64Array(x.length / pixels);
  for (let i = 0; i < x.length; i++) y[Math.floor(i / pixels)] += x[i] / pixels;
  return y;
}

/** `dy / pixels` at every pixel of the channel. */
export function globalAveragePool2dBackward(dy: ArrayLike<number>, pixels: number): Float64Array {
  return Float64Array.from(
    { length: dy.length * pixels },
    (_, i) => dy[Math.floor(i / pixels)] / pixels,
  );
}
