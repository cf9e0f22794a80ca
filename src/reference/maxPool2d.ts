/**
 * Max pooling in double precision, naive. The first maximum in row-major order wins; a NaN beats any number, and padding
 * never wins.
 * @module
 */
import type { PoolSizes } from '../base/window.ts';

/** The largest value of each window, and the index of its pixel in the plane. */
export function maxPool2dForward(
  x: ArrayLike<number>,
  sizes: PoolSizes,
): { y: Float64Array; argmax: Int32Array } {
  const [batch, channels, inH, inW, outH, outW, kH, kW, strideH, strideW, padH, padW] = sizes;
  const y = new Float64Array(batch * channels * outH * outW);
  const argmax = new Int32Array(y.length);
  for (let plane = 0; plane < batch * channels; plane++) {
    for (let i = 0; i < outH; i++) {
      for (let j = 0; j < outW; j++) {
        const window: number[] = [];
        for (let h = i * strideH - padH; h < i * strideH - padH + kH; h++) {
          for (let v = j * strideW - padW; v < j * strideW - padW + kW; v++) {
            if (h >= 0 && h < inH && v >= 0 && v < inW) window.push(h * inW + v);
          }
        }
        const value = (at: number) => x[plane * inH * inW + at] ?? Number.NaN;
        const largest = Math.max(...window.map(value)); // NaN if the window has one
        const at = (plane * outH + i) * outW + j;
        const winner =
          window.find((pixel) => value(pixel) === largest || Number.isNaN(value(pixel))) ?? -1;
        argmax[at] = winner;
        y[at] = value(winner); // −0 if that came before 0
      }
    }
  }
  return { y, argmax };
}

/** `dx[winner] += dy` */
export function maxPool2dBackward(
  dy: ArrayLike<number>,
  argmax: ArrayLike<number>,
  [batch, channels, inH, inW, outH, outW]: PoolSizes,
): Float64Array {
  const dx = new Float64Array(batch * channels * inH * inW);
  for (let at = 0; at < batch * channels * outH * outW; at++) {
    const plane = Math.floor(at / (outH * outW));
    dx[plane * inH * inW + argmax[at]] += dy[at];
  }
  return dx;
}
