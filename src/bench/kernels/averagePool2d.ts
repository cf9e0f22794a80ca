/**
 * Average pooling, of windows and of whole channels, both ways. Kernels: assembly/pooling/. Oracles:
 * src/reference/averagePool2d.ts, src/reference/globalPool2d.ts.
 * @module
 */
import { type AveragePoolSizes, averagePoolSizes, type PoolOptions } from '../../base/window.ts';
import { averagePool2dBackward, averagePool2dForward } from '../../reference/averagePool2d.ts';
import {
  globalAveragePool2dBackward,
  globalAveragePool2dForward,
} from '../../reference/globalPool2d.ts';
import type { Case } from '../case.ts';
import { caseOf, type Operation } from './operation.ts';

/** Batch, channels and size of the square image; windows. */
const SHAPES: readonly (readonly [
  batch: number,
  channels: number,
  size: number,
  window: PoolOptions & { readonly poolSize: number },
])[] = [
  [16, 16, 28, { poolSize: 2 }],
  [16, 16, 28, { poolSize: 3, strides: 2, padding: 1 }],
];
/** Batch, channels and pixels: the end of a small residual network on images of 28×28, and of 32×32. */
const GLOBAL: readonly (readonly [batch: number, channels: number, pixels: number])[] = [
  [16, 64, 7 * 7],
  [16, 64, 8 * 8],
];

export const averagePool2dCases: readonly Case[] = [
  ...SHAPES.flatMap(([batch, channels, size, window]) => {
    const { poolSize, strides = poolSize, padding = 0 } = window;
    const sizes = averagePoolSizes('bench', [batch, channels, size, size], window);
    const shape = `${batch}×${channels}×${size}×${size}, ${poolSize}×${poolSize}, stride ${strides}, padding ${padding}`;
    return windows(shape, sizes);
  }),
  ...GLOBAL.flatMap((sizes) => channelMeans(...sizes)),
].map(caseOf);

function windows(shape: string, sizes: AveragePoolSizes): readonly Operation[] {
  const [batch, channels, inH, inW, outH, outW, kH, kW] = sizes;
  const [xLength, yLength] = [batch * channels * inH * inW, batch * channels * outH * outW];
  const flops = yLength * kH * kW;
  return [
    {
      kernel: 'averagePool2dForward',
      shape,
      flops,
      outputs: [yLength],
      inputs: [xLength],
      call: (kernels, [y], [x]) => kernels.averagePool2dForward(y, x, ...sizes),
      plain([y], [x]) {
        forEachWindow(sizes, (at, start, rows, columns) => {
          let sum = 0;
          for (let row = 0; row < rows; row++) {
            const first = start + row * inW;
            for (let i = first; i < first + columns; i++) sum += x[i];
          }
          y[at] = sum / (rows * columns);
        });
      },
      exact: ([x]) => [averagePool2dForward(x, sizes)],
    },
    {
      kernel: 'averagePool2dBackward',
      shape,
      flops,
      outputs: [xLength],
      inputs: [yLength],
      call: (kernels, [dx], [dy]) => kernels.averagePool2dBackward(dx, dy, ...sizes),
      plain([dx], [dy]) {
        dx.fill(0);
        forEachWindow(sizes, (at, start, rows, columns) => {
          const share = dy[at] / (rows * columns);
          for (let row = 0; row < rows; row++) {
            const first = start + row * inW;
            for (let i = first; i < first + columns; i++) dx[i] += share;
          }
        });
      },
      exact: ([dy]) => [averagePool2dBackward(dy, sizes)],
    },
  ];
}

/** Visits the part of every window that is inside the image. */
function forEachWindow(
  [batch, channels, inH, inW, outH, outW, kH, kW, strideH, strideW, padH, padW]: AveragePoolSizes,
  visit: (at: number, start: number, rows: number, columns: number) => void,
): void {
  let at = 0;
  for (let plane = 0; plane < batch * channels; plane++) {
    for (let i = 0; i < outH; i++) {
      const top = Math.max(0, i * strideH - padH);
      const rows = Math.min(inH, i * strideH - padH + kH) - top;
      for (let j = 0; j < outW; j++) {
        const left = Math.max(0, j * strideW - padW);
        const columns = Math.min(inW, j * strideW - padW + kW) - left;
        visit(at++, (plane * inH + top) * inW + left, rows, columns);
      }
    }
  }
}

function channelMeans(batch: number, channels: number, pixels: number): readonly Operation[] {
  const [rows, length] = [batch * channels, batch * channels * pixels];
  const shape = `${batch}×${channels}×${pixels}`;
  return [
    {
      kernel: 'globalAveragePool2dForward',
      shape,
      flops: length,
      outputs: [rows],
      inputs: [length],
      call: (kernels, [y], [x]) =>
        kernels.globalAveragePool2dForward(y, x, batch, channels, pixels),
      plain([y], [x]) {
        for (let row = 0; row < rows; row++) {
          let sum = 0;
          for (let i = row * pixels; i < (row + 1) * pixels; i++) sum += x[i];
          y[row] = sum / pixels;
        }
      },
      exact: ([x]) => [globalAveragePool2dForward(x, pixels)],
    },
    {
      kernel: 'globalAveragePool2dBackward',
      shape,
      flops: rows,
      outputs: [length],
      inputs: [rows],
      call: (kernels, [dx], [dy]) =>
        kernels.globalAveragePool2dBackward(dx, dy, batch, channels, pixels),
      plain([dx], [dy]) {
        for (let row = 0; row < rows; row++) {
          dx.fill(dy[row] / pixels, row * pixels, (row + 1) * pixels);
        }
      },
      exact: ([dy]) => [globalAveragePool2dBackward(dy, pixels)],
    },
  ];
}
