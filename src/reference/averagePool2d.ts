/** Average pooling in double precision, naive, with PyTorch's divisor. @module */
import type { AveragePoolSizes } from '../base/window.ts';

/** The mean of each window. */
export function averagePool2dForward(x: ArrayLike<number>, sizes: AveragePoolSizes): Float64Array {
  const y = new Float64Array(sizes[0] * sizes[1] * sizes[4] * sizes[5]);
  forEachTap(sizes, (output, input, divisor) => {
    y[output] += x[input] / divisor;
  });
  return y;
}

/** `dx += dy / divisor` for every pixel of every window. */
export function averagePool2dBackward(
  dy: ArrayLike<number>,
  sizes: AveragePoolSizes,
): Float64Array {
  const dx = new Float64Array(sizes[0] * sizes[1] * sizes[2] * sizes[3]);
  forEachTap(sizes, (output, input, divisor) => {
    dx[input] += dy[output] / divisor;
  });
  return dx;
}

/** Visits the pixels of all windows in order: their place in y, their place in x, and what the window divides by. */
function forEachTap(
  sizes: AveragePoolSizes,
  visit: (output: number, input: number, divisor: number) => void,
): void {
  const [batch, channels, inH, inW, outH, outW, kH, kW, strideH, strideW, padH, padW] = sizes;
  const [padBottom, padRight, countsPadding] = sizes.slice(12);
  for (let plane = 0; plane < batch * channels; plane++) {
    for (let i = 0; i < outH; i++) {
      for (let j = 0; j < outW; j++) {
        const pixels: number[] = [];
        let padding = 0;
        for (let h = i * strideH - padH; h < i * strideH - padH + kH; h++) {
          for (let v = j * strideW - padW; v < j * strideW - padW + kW; v++) {
            if (h >= 0 && h < inH && v >= 0 && v < inW) pixels.push(h * inW + v);
            else if (h < inH + padBottom && v < inW + padRight) padding++;
          }
        }
        const divisor = pixels.length + (countsPadding === 1 ? padding : 0);
        const output = (plane * outH + i) * outW + j;
        for (const pixel of pixels) visit(output, plane * inH * inW + pixel, divisor);
      }
    }
  }
}
