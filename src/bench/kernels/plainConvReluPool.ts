/**
 * Convolution, ReLU and 2×2 max pooling in plain JavaScript. Forward runs the loops of `plainConv2d` and a pass over their
 * outputs. Backward visits only the winners, as the kernel does.
 * @module
 */
import type { ConvSizes } from '../../base/window.ts';
import { plainConv2d } from './plainConv2d.ts';

interface PlainConvReluPool {
  /**
   * `outputs`: room for the outputs of the convolution. `winners`: for each window the index of its largest output, or −1
   * if ReLU gave 0.
   */
  forward(
    y: Float32Array,
    winners: Int32Array,
    outputs: Float32Array,
    x: Float32Array,
    w: Float32Array,
    b: Float32Array,
    sizes: ConvSizes,
  ): void;
  backwardWeight(
    dw: Float32Array,
    db: Float32Array,
    dy: Float32Array,
    winners: Int32Array,
    x: Float32Array,
    sizes: ConvSizes,
  ): void;
  backwardInput(
    dx: Float32Array,
    dy: Float32Array,
    winners: Int32Array,
    w: Float32Array,
    sizes: ConvSizes,
  ): void;
}

export const plainConvReluPool: PlainConvReluPool = {
  forward(y, winners, outputs, x, w, b, sizes) {
    const [batch, , , , outC, outH, outW] = sizes;
    plainConv2d.forward(outputs, x, w, b, sizes);
    let at = 0;
    for (let plane = 0; plane < batch * outC; plane++) {
      for (let i = 0; i + 1 < outH; i += 2) {
        for (let j = 0; j + 1 < outW; j += 2) {
          const corner = (plane * outH + i) * outW + j;
          let winner = corner;
          if (outputs[corner + 1] > outputs[winner]) winner = corner + 1;
          if (outputs[corner + outW] > outputs[winner]) winner = corner + outW;
          if (outputs[corner + outW + 1] > outputs[winner]) winner = corner + outW + 1;
          const isPositive = outputs[winner] > 0;
          y[at] = isPositive ? outputs[winner] : 0;
          winners[at++] = isPositive ? winner : -1;
        }
      }
    }
  },

  backwardWeight(dw, db, dy, winners, x, sizes) {
    const [, , , , outC, outH, outW] = sizes;
    for (let at = 0; at < dy.length; at++) {
      if (winners[at] >= 0) db[Math.floor(winners[at] / (outH * outW)) % outC] += dy[at];
    }
    forEachPatchRow(dy, winners, sizes, (gradient, xAt, wAt, length) => {
      for (let q = 0; q < length; q++) dw[wAt + q] += gradient * x[xAt + q];
    });
  },

  backwardInput(dx, dy, winners, w, sizes) {
    dx.fill(0);
    forEachPatchRow(dy, winners, sizes, (gradient, xAt, wAt, length) => {
      for (let q = 0; q < length; q++) dx[xAt + q] += gradient * w[wAt + q];
    });
  },
};

/** Visits the rows of the patch under each winner and the rows of its weights, with the winner's gradient. */
function forEachPatchRow(
  dy: Float32Array,
  winners: Int32Array,
  [, inC, inH, inW, outC, outH, outW, kH, kW, , , padH, padW]: ConvSizes,
  visit: (gradient: number, xAt: number, wAt: number, length: number) => void,
): void {
  for (let at = 0; at < dy.length; at++) {
    const winner = winners[at];
    if (winner < 0) continue;
    const plane = Math.floor(winner / (outH * outW));
    const [n, o] = [Math.floor(plane / outC), plane % outC];
    const [top, left] = [(Math.floor(winner / outW) % outH) - padH, (winner % outW) - padW];
    const [firstRow, endRow] = [Math.max(0, -top), Math.min(kH, inH - top)];
    const first = Math.max(0, -left);
    const length = Math.min(kW, inW - left) - first;
    for (let c = 0; c < inC; c++) {
      for (let p = firstRow; p < endRow; p++) {
        const xAt = ((n * inC + c) * inH + top + p) * inW + left + first;
        visit(dy[at], xAt, ((o * inC + c) * kH + p) * kW + first, length);
      }
    }
  }
}
