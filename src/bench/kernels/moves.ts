/**
 * Numbers that only move, or are added to one another: blocks of rows, upsampling, patches, transposition. Kernels:
 * assembly/shape/, assembly/conv2d/im2col.ts, assembly/gemm/transpose.ts. Oracles: src/reference, and for patches the
 * formula itself.
 * @module
 */
import { concatForward } from '../../reference/concat.ts';
import { transpose } from '../../reference/matmul.ts';
import { cropSides, padSides, type SideSizes } from '../../reference/sides.ts';
import { upsample2dBackward, upsample2dForward } from '../../reference/upsample2d.ts';
import type { Case, Numbers } from '../case.ts';
import { caseOf, type Operation } from './operation.ts';

const BATCH = 16;
/** Two tensors of so many channels become one. */
const CONCAT = { channels: 32, size: 14 };
/** An image and its border. */
const SIDES = { channels: 16, size: 28, border: 1 };
const UPSAMPLE = { channels: 32, size: 14, scale: 2 };
/** Patches of one image: 3×3, padding 1. */
const PATCHES = { channels: 16, size: 28, kernel: 3, padding: 1 };
/** Rows and columns. */
const MATRICES: readonly (readonly [rows: number, columns: number])[] = [
  [128, 400],
  [16, 9 * 64],
];

export const moveCases: readonly Case[] = [
  concat(),
  ...sides(),
  ...upsampling(),
  ...patches(),
  ...MATRICES.map(([rows, columns]) => transposition(rows, columns)),
].map(caseOf);

/** The first of two inputs that are put behind one another. */
function concat(): Operation {
  const { channels, size } = CONCAT;
  const count = channels * size * size;
  return {
    kernel: 'copyRows',
    shape: `${BATCH}×${channels}×${size}×${size} into ${2 * channels} channels`,
    flops: 0,
    bytes: 8 * BATCH * count,
    start: 0, // what lies between the rows stays
    outputs: [2 * BATCH * count],
    inputs: [BATCH * count],
    call: (kernels, [y], [x]) => kernels.copyRows(y, x, BATCH, 1, count, 2 * count, 0, count, 0),
    plain: ([y], [x]) => copyRows(y, x, BATCH, count, 2 * count, count),
    exact: ([x]) => [concatForward([x, new Float64Array(x.length)], BATCH)],
  };
}

/** An image into a larger one, and out of it. */
function sides(): readonly Operation[] {
  const { channels, size, border } = SIDES;
  const outer = size + 2 * border;
  const planes = BATCH * channels;
  const sizes: SideSizes = [planes, size, size, border, border, border, border];
  const [inside, outside] = [planes * size * size, planes * outer * outer];
  const first = border * outer + border;
  const shape = `${BATCH}×${channels}×${size}×${size}`;
  const [inner, wide] = [[size * size, size] as const, [outer * outer, outer] as const];
  return [
    {
      kernel: 'copyRows',
      shape: `${shape} into ${outer}×${outer}`,
      flops: 0,
      bytes: 8 * inside,
      start: 0,
      outputs: [outside],
      inputs: [inside],
      call: (kernels, [y], [x]) =>
        kernels.copyRows(y + 4 * first, x, planes, size, size, ...wide, ...inner),
      plain([y], [x]) {
        for (let plane = 0; plane < planes; plane++) {
          const to = plane * outer * outer + first;
          for (let row = 0; row < size; row++) {
            const from = (plane * size + row) * size;
            for (let i = 0; i < size; i++) y[to + row * outer + i] = x[from + i];
          }
        }
      },
      exact: ([x]) => [padSides(x, sizes)],
    },
    {
      kernel: 'copyRows',
      shape: `${shape} out of ${outer}×${outer}`,
      flops: 0,
      bytes: 8 * inside,
      outputs: [inside],
      inputs: [outside],
      call: (kernels, [y], [x]) =>
        kernels.copyRows(y, x + 4 * first, planes, size, size, ...inner, ...wide),
      plain([y], [x]) {
        for (let plane = 0; plane < planes; plane++) {
          const from = plane * outer * outer + first;
          for (let row = 0; row < size; row++) {
            const to = (plane * size + row) * size;
            for (let i = 0; i < size; i++) y[to + i] = x[from + row * outer + i];
          }
        }
      },
      exact: ([x]) => [cropSides(x, sizes)],
    },
  ];
}

function upsampling(): readonly Operation[] {
  const { channels, size, scale } = UPSAMPLE;
  const planes = BATCH * channels;
  const sizes = [size, size, scale, scale] as const;
  const [small, large] = [planes * size * size, planes * size * size * scale * scale];
  const width = size * scale;
  const shape = `${BATCH}×${channels}×${size}×${size}, ${scale}×${scale}`;
  return [
    {
      kernel: 'upsample2dForward',
      shape,
      flops: 0,
      outputs: [large],
      inputs: [small],
      call: (kernels, [y], [x]) => kernels.upsample2dForward(y, x, BATCH, channels, ...sizes),
      plain([y], [x]) {
        for (let row = 0; row < planes * width; row++) {
          const from = Math.floor(row / scale) * size;
          for (let j = 0; j < width; j++) y[row * width + j] = x[from + Math.floor(j / scale)];
        }
      },
      exact: ([x]) => [upsample2dForward(x, [planes, ...sizes])],
    },
    {
      kernel: 'upsample2dBackward',
      shape,
      flops: large,
      outputs: [small],
      inputs: [large],
      call: (kernels, [dx], [dy]) => kernels.upsample2dBackward(dx, dy, BATCH, channels, ...sizes),
      plain([dx], [dy]) {
        for (let row = 0; row < planes * size; row++) {
          for (let j = 0; j < size; j++) {
            let sum = 0;
            for (let p = 0; p < scale; p++) {
              const from = (row * scale + p) * width + j * scale;
              for (let q = 0; q < scale; q++) sum += dy[from + q];
            }
            dx[row * size + j] = sum;
          }
        }
      },
      exact: ([dy]) => [upsample2dBackward(dy, [planes, ...sizes])],
    },
  ];
}

/** An image as the matrix of its patches, and back. */
function patches(): readonly Operation[] {
  const { channels, size, kernel, padding } = PATCHES;
  const [length, pixels] = [channels * size * size, size * size];
  const entries = channels * kernel * kernel * pixels;
  const image = [channels, size, size, size, size] as const;
  const sizes = [...image, kernel, kernel, 1, 1, padding, padding, 1, 1] as const;
  const shape = `${channels}×${size}×${size}, ${kernel}×${kernel}, padding ${padding}`;
  /** The pixel that an entry of `col` is, or −1 outside the image. */
  const pixelOf = (entry: number) => {
    const [tap, at] = [Math.floor(entry / pixels), entry % pixels];
    const p = Math.floor(tap / kernel) % kernel;
    const [h, v] = [Math.floor(at / size) + p - padding, (at % size) + (tap % kernel) - padding];
    if (h < 0 || h >= size || v < 0 || v >= size) return -1;
    return (Math.floor(tap / (kernel * kernel)) * size + h) * size + v;
  };
  return [
    {
      kernel: 'im2col',
      shape,
      flops: 0,
      outputs: [entries],
      inputs: [length],
      call: (kernels, [col], [x]) => kernels.im2col(col, x, ...sizes),
      plain([col], [x]) {
        col.fill(0);
        forEachRow((to, from, columns) => {
          for (let j = 0; j < columns; j++) col[to + j] = x[from + j];
        });
      },
      exact: ([x]) => [
        Float64Array.from({ length: entries }, (_, entry) => {
          const pixel = pixelOf(entry);
          return pixel < 0 ? 0 : x[pixel];
        }),
      ],
    },
    {
      kernel: 'col2im',
      shape,
      flops: entries,
      start: 0,
      outputs: [length],
      inputs: [entries],
      call: (kernels, [dx], [col]) => kernels.col2im(dx, col, ...sizes),
      plain([dx], [col]) {
        forEachRow((from, to, columns) => {
          for (let j = 0; j < columns; j++) dx[to + j] += col[from + j];
        });
      },
      exact([col]) {
        const dx = new Float64Array(length);
        for (let entry = 0; entry < entries; entry++) {
          const pixel = pixelOf(entry);
          if (pixel >= 0) dx[pixel] += col[entry];
        }
        return [dx];
      },
    },
  ];
}

/** Visits the rows of `col` inside the image, with their rows of pixels. */
function forEachRow(visit: (inCol: number, inImage: number, columns: number) => void): void {
  const { channels, size, kernel, padding } = PATCHES;
  for (let c = 0; c < channels; c++) {
    for (let p = 0; p < kernel; p++) {
      for (let q = 0; q < kernel; q++) {
        const left = Math.max(0, padding - q);
        const columns = Math.min(size, size + padding - q) - left;
        for (let i = Math.max(0, padding - p); i < Math.min(size, size + padding - p); i++) {
          const inCol = (((c * kernel + p) * kernel + q) * size + i) * size + left;
          visit(inCol, (c * size + i + p - padding) * size + left + q - padding, columns);
        }
      }
    }
  }
}

function transposition(rows: number, columns: number): Operation {
  const length = rows * columns;
  return {
    kernel: 'transpose',
    shape: `${rows}×${columns}`,
    flops: 0,
    outputs: [length],
    inputs: [length],
    call: (kernels, [y], [x]) => kernels.transpose(y, x, rows, columns),
    plain([y], [x]) {
      for (let j = 0; j < columns; j++) {
        for (let i = 0; i < rows; i++) y[j * rows + i] = x[i * columns + j];
      }
    },
    exact: ([x]) => [transpose(x, rows, columns)],
  };
}

/** y = x, row by row. */
function copyRows(
  y: Numbers,
  x: Numbers,
  rows: number,
  columns: number,
  yRow: number,
  xRow: number,
): void {
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < columns; i++) y[row * yRow + i] = x[row * xRow + i];
  }
}
