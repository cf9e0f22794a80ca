/**
 * Convolution in plain JavaScript, as a good programmer writes it: one weight at a time along whole rows of the image, so
 * that the inner loop is short, straight and free of tests. One group, strides and dilation 1, as in the bench.
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
    forEachRow(sizes, (yAt, xAt, wAt, length) => {
      const weight = w[wAt];
      for (let j = 0; j < length; j++) y[yAt + j] += weight * x[xAt + j];
    });
  },

  backwardInput(dx, dy, w, sizes) {
    dx.fill(0);
    forEachRow(sizes, (yAt, xAt, wAt, length) => {
      const weight = w[wAt];
      for (let j = 0; j < length; j++) dx[xAt + j] += weight * dy[yAt + j];
    });
  },

  backwardWeight(dw, dy, x, sizes) {
    forEachRow(sizes, (yAt, xAt, wAt, length) => {
      let sum = 0;
      for (let j = 0; j < length; j++) sum += dy[yAt + j] * x[xAt + j];
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

/** Visits the parts of rows of y and x that one weight connects. */
function forEachRow(
  [batch, inC, inH, inW, outC, outH, outW, kH, kW, , , padH, padW, , , groups]: ConvSizes,
  visit: (yAt: number, xAt: number, wAt: number, length: number) => void,
): void {
  const groupC = inC / groups;
  for (let n = 0; n < batch; n++) {
    for (let o = 0; o < outC; o++) {
      const firstC = Math.floor((o * groups) / outC) * groupC;
      for (let c = 0; c < groupC; c++) {
        for (let p = 0; p < kH; p++) {
          for (let q = 0; q < kW; q++) {
            const wAt = ((o * groupC + c) * kH + p) * kW + q;
            const first = Math.max(0, padW - q);
            const length = Math.min(outW, inW + padW - q) - first;
            const [start, end] = [Math.max(0, padH - p), Math.min(outH, inH + padH - p)];
            for (let i = start; i < end; i++) {
              const yAt = ((n * outC + o) * outH + i) * outW + first;
              const xAt = ((n * inC + firstC + c) * inH + i + p - padH) * inW + first + q - padW;
              visit(yAt, xAt, wAt, length);
            }
          }
        }
      }
    }
  }
}
