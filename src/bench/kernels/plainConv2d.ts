/**
 * Convolution in plain JavaScript, as a good programmer writes it: one weight at a time along whole rows of the image, so
 * that the inner loop is short, straight and free of tests. Dilation 1, as in the bench.
 * @module
 */
import type { ConvSizes } from '../../base/window.ts';

interface PlainConv2d {
  forward(
    y: Float32Array,
    x: Float32Array,
    w: Float32Array,
    b: Float32Array,
    sizes: ConvSizes,
  ): void;
  backwardInput(dx: Float32Array, dy: Float32Array, w: Float32Array, sizes: ConvSizes): void;
  backwardWeight(dw: Float32Array, dy: Float32Array, x: Float32Array, sizes: ConvSizes): void;
  backwardBias(
    db: Float32Array,
    dy: Float32Array,
    batch: number,
    outC: number,
    pixels: number,
  ): void;
}

export const plainConv2d: PlainConv2d = {
  forward(y, x, w, b, sizes) {
    const [batch, , , , outC, outH, outW] = sizes;
    const pixels = outH * outW;
    for (let plane = 0; plane < batch * outC; plane++) {
      y.fill(b[plane % outC], plane * pixels, (plane + 1) * pixels);
    }
    forEachRow(sizes, (yAt, xAt, wAt, length, step) => {
      const weight = w[wAt];
      for (let j = 0, at = xAt; j < length; j++, at += step) y[yAt + j] += weight * x[at];
    });
  },

  backwardInput(dx, dy, w, sizes) {
    dx.fill(0);
    forEachRow(sizes, (yAt, xAt, wAt, length, step) => {
      const weight = w[wAt];
      for (let j = 0, at = xAt; j < length; j++, at += step) dx[at] += weight * dy[yAt + j];
    });
  },

  backwardWeight(dw, dy, x, sizes) {
    forEachRow(sizes, (yAt, xAt, wAt, length, step) => {
      let sum = 0;
      for (let j = 0, at = xAt; j < length; j++, at += step) sum += dy[yAt + j] * x[at];
      dw[wAt] += sum;
    });
  },

  backwardBias(db, dy, batch, outC, pixels) {
    for (let plane = 0; plane < batch * outC; plane++) {
      let sum = 0;
      for (let i = plane * pixels; i < (plane + 1) * pixels; i++) sum += dy[i];
      db[plane % outC] += sum;
    }
  },
};

/** Visits the parts of rows of y and x that one weight connects; `step` is from one pixel of x to the next. */
function forEachRow(
  sizes: ConvSizes,
  visit: (yAt: number, xAt: number, wAt: number, length: number, step: number) => void,
): void {
  const [batch, inC, inH, inW, outC, outH, outW, kH, kW, strideH, strideW, padH, padW] = sizes;
  const groups = sizes[15];
  const groupC = inC / groups;
  for (let n = 0; n < batch; n++) {
    for (let o = 0; o < outC; o++) {
      const firstC = Math.floor((o * groups) / outC) * groupC;
      for (let c = 0; c < groupC; c++) {
        for (let p = 0; p < kH; p++) {
          const [top, bottom] = within(p - padH, inH, strideH, outH);
          for (let q = 0; q < kW; q++) {
            const wAt = ((o * groupC + c) * kH + p) * kW + q;
            const [left, right] = within(q - padW, inW, strideW, outW);
            for (let i = top; i < bottom; i++) {
              const yAt = ((n * outC + o) * outH + i) * outW + left;
              const row = (n * inC + firstC + c) * inH + i * strideH + p - padH;
              visit(yAt, row * inW + left * strideW + q - padW, wAt, right - left, strideW);
            }
          }
        }
      }
    }
  }
}

/** The outputs, first and end, whose pixel `output·stride + offset` is inside the image. */
function within(
  offset: number,
  pixels: number,
  stride: number,
  outputs: number,
): [first: number, end: number] {
  const first = Math.max(0, Math.ceil(-offset / stride));
  return [first, Math.max(first, Math.min(outputs, Math.ceil((pixels - offset) / stride)))];
}
