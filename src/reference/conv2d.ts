/**
 * Two-dimensional convolution in double precision, naive: the formulas of assembly/conv2d/conv2d.ts, written out.
 * Outputs are returned; unlike in the kernels, gradients are not added to earlier ones.
 * @module
 */
import type { ConvSizes } from '../base/window.ts';

/** `y[n, o, i, j] = b[o] + Σ x[n, c, i·stride + p·dilation − pad, …]·w[o, c, p, q]` */
export function conv2dForward(
  x: ArrayLike<number>,
  w: ArrayLike<number>,
  b: ArrayLike<number> | null,
  sizes: ConvSizes,
): Float64Array {
  const [batch, , , , outC, outH, outW] = sizes;
  const pixels = outH * outW;
  const y = Float64Array.from({ length: batch * outC * pixels }, (_, at) =>
    b === null ? 0 : b[Math.floor(at / pixels) % outC],
  );
  forEachProduct(sizes, (yAt, xAt, wAt) => {
    y[yAt] += x[xAt] * w[wAt];
  });
  return y;
}

/** `dx[pixel] = Σ dy·w` over the products that the pixel was part of. */
export function conv2dBackwardInput(
  dy: ArrayLike<number>,
  w: ArrayLike<number>,
  sizes: ConvSizes,
): Float64Array {
  const [batch, inC, inH, inW] = sizes;
  const dx = new Float64Array(batch * inC * inH * inW);
  forEachProduct(sizes, (yAt, xAt, wAt) => {
    dx[xAt] += dy[yAt] * w[wAt];
  });
  return dx;
}

/** `dw[o, c, p, q] = Σ dy·x` over the products that the weight was part of. */
export function conv2dBackwardWeight(
  dy: ArrayLike<number>,
  x: ArrayLike<number>,
  sizes: ConvSizes,
): Float64Array {
  const [, inC, , , outC, , , kH, kW] = sizes;
  const groups = sizes[15];
  const dw = new Float64Array(outC * (inC / groups) * kH * kW);
  forEachProduct(sizes, (yAt, xAt, wAt) => {
    dw[wAt] += dy[yAt] * x[xAt];
  });
  return dw;
}

/** `y[n, o, i, j] + b[o]` */
export function conv2dAddBias(
  y: ArrayLike<number>,
  b: ArrayLike<number>,
  outC: number,
  outH: number,
  outW: number,
): Float64Array {
  return Float64Array.from(y, (value, at) => value + b[Math.floor(at / (outH * outW)) % outC]);
}

/** `db[o] = Σ dy[n, o, i, j]` */
export function conv2dBackwardBias(
  dy: ArrayLike<number>,
  batch: number,
  outC: number,
  outH: number,
  outW: number,
): Float64Array {
  const db = new Float64Array(outC);
  const pixels = outH * outW;
  for (let at = 0; at < batch * outC * pixels; at++) db[Math.floor(at / pixels) % outC] += dy[at];
  return db;
}

/** Visits every product of the convolution whose pixel lies inside the image, with its indices in y, x and w. */
function forEachProduct(
  sizes: ConvSizes,
  visit: (yAt: number, xAt: number, wAt: number) => void,
): void {
  const [batch, inC, inH, inW, outC, outH, outW, kH, kW, strideH, strideW] = sizes;
  const [padH, padW, dilationH, dilationW, groups] = sizes.slice(11);
  const groupC = inC / groups;
  let yAt = 0;
  for (let n = 0; n < batch; n++) {
    for (let o = 0; o < outC; o++) {
      const firstC = Math.floor(o / (outC / groups)) * groupC;
      for (let i = 0; i < outH; i++) {
        for (let j = 0; j < outW; j++, yAt++) {
          let wAt = o * groupC * kH * kW;
          for (let c = 0; c < groupC; c++) {
            for (let p = 0; p < kH; p++) {
              for (let q = 0; q < kW; q++, wAt++) {
                const h = i * strideH + p * dilationH - padH;
                const v = j * strideW + q * dilationW - padW;
                if (h < 0 || h >= inH || v < 0 || v >= inW) continue;
                visit(yAt, ((n * inC + firstC + c) * inH + h) * inW + v, wAt);
              }
            }
          }
        }
      }
    }
  }
}
