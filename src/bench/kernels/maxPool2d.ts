/** Max pooling, both ways. Kernels: assembly/pooling/maxPool2d.ts. Oracle: src/reference/maxPool2d.ts. @module */

import { type PoolSizes, poolSizes } from '../../base/window.ts';
import { maxPool2dBackward, maxPool2dForward } from '../../reference/maxPool2d.ts';
import type { Case } from '../case.ts';

/** Channels, size of the square image and of the windows, padding; batch 16, one shard of a batch of 128. */
const SHAPES: readonly (readonly [
  channels: number,
  size: number,
  poolSize: number,
  strides?: number,
  padding?: number,
])[] = [
  [12, 26, 2], // the reference network
  [16, 10, 2], // LeNet-5, second
  [64, 24, 2], // the larger network of the training bench
  [16, 28, 3, 2, 1], // the windows of residual networks
  [64, 7, 7], // a whole channel
];
const BATCH = 16;

export const maxPool2dCases: readonly Case[] = SHAPES.flatMap(
  ([channels, size, poolSize, strides = poolSize, padding = 0]) => {
    const window = { poolSize, strides, padding };
    const sizes = poolSizes('bench', [BATCH, channels, size, size], window);
    const overlap = strides === poolSize ? '' : `, stride ${strides}, padding ${padding}`;
    const shape = `${BATCH}×${channels}×${size}×${size}, ${poolSize}×${poolSize}${overlap}`;
    return [forward(shape, sizes), backward(shape, sizes)];
  },
);

/** Lengths of x and y. */
function lengths([batch, channels, inH, inW, outH, outW]: PoolSizes): [x: number, y: number] {
  return [batch * channels * inH * inW, batch * channels * outH * outW];
}

function forward(shape: string, sizes: PoolSizes): Case {
  const [xLength, yLength] = lengths(sizes);
  const [kH, kW] = sizes.slice(6);
  return {
    kernel: 'maxPool2dForward',
    shape,
    work: {
      limit: 'memory',
      flops: (kH * kW - 1) * yLength,
      bytes: 4 * (xLength + 2 * yLength),
    },
    prepare(workspace) {
      const { kernels } = workspace;
      const x = workspace.uniform(xLength);
      const [y, argmax] = [workspace.f32(yLength), workspace.i32(yLength)];
      const [plain, plainArgmax] = [new Float32Array(yLength), new Int32Array(yLength)];
      return {
        kernel: {
          run: () => kernels.maxPool2dForward(y.at, argmax.at, x.at, ...sizes),
          results: [y.view, argmax.view],
        },
        plain: {
          run: () => plainForward(plain, plainArgmax, x.view, sizes),
          results: [plain, plainArgmax],
        },
        expected() {
          const oracle = maxPool2dForward(x.view, sizes);
          return [oracle.y, oracle.argmax];
        },
      };
    },
  };
}

function backward(shape: string, sizes: PoolSizes): Case {
  const [batch, channels, inH, inW, outH, outW] = sizes;
  const [xLength, yLength] = lengths(sizes);
  return {
    kernel: 'maxPool2dBackward',
    shape,
    work: { limit: 'memory', flops: yLength, bytes: 4 * (xLength + 2 * yLength) },
    prepare(workspace) {
      const { kernels } = workspace;
      const [dy, dx] = [workspace.uniform(yLength), workspace.f32(xLength)];
      const [argmax, y] = [workspace.i32(yLength), workspace.f32(yLength)];
      kernels.maxPool2dForward(y.at, argmax.at, workspace.uniform(xLength).at, ...sizes);
      const plain = new Float32Array(xLength);
      return {
        kernel: {
          run: () =>
            kernels.maxPool2dBackward(
              dx.at,
              dy.at,
              argmax.at,
              batch,
              channels,
              inH,
              inW,
              outH,
              outW,
            ),
          results: [dx.view],
        },
        plain: {
          run: () => plainBackward(plain, dy.view, argmax.view, inH * inW, outH * outW),
          results: [plain],
        },
        expected: () => [maxPool2dBackward(dy.view, argmax.view, sizes)],
      };
    },
  };
}

function plainForward(
  y: Float32Array,
  argmax: Int32Array,
  x: Float32Array,
  sizes: PoolSizes,
): void {
  const [batch, channels, inH, inW, outH, outW, kH, kW, strideH, strideW, padH, padW] = sizes;
  let at = 0;
  for (let plane = 0; plane < batch * channels; plane++) {
    const start = plane * inH * inW;
    for (let i = 0; i < outH; i++) {
      const top = Math.max(0, i * strideH - padH);
      const bottom = Math.min(inH, i * strideH - padH + kH);
      for (let j = 0; j < outW; j++) {
        const left = Math.max(0, j * strideW - padW);
        const right = Math.min(inW, j * strideW - padW + kW);
        let winner = top * inW + left;
        for (let h = top; h < bottom; h++) {
          for (let pixel = h * inW + left; pixel < h * inW + right; pixel++) {
            if (x[start + pixel] > x[start + winner]) winner = pixel;
          }
        }
        y[at] = x[start + winner];
        argmax[at++] = winner;
      }
    }
  }
}

function plainBackward(
  dx: Float32Array,
  dy: Float32Array,
  argmax: Int32Array,
  inPixels: number,
  outPixels: number,
): void {
  dx.fill(0);
  for (let plane = 0; plane * outPixels < dy.length; plane++) {
    for (let i = plane * outPixels; i < (plane + 1) * outPixels; i++) {
      dx[plane * inPixels + argmax[i]] += dy[i];
    }
  }
}
