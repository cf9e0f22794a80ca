/**
 * Convolution, both ways. Kernels: assembly/conv2d/conv2d.ts. Oracle: src/reference/conv2d.ts.
 * The operations are counted as the direct sum, even if Winograd's algorithm needs fewer.
 * @module
 */

import { type ConvSizes, convSizes } from '../../base/window.ts';
import {
  conv2dBackwardBias,
  conv2dBackwardInput,
  conv2dBackwardWeight,
  conv2dForward,
} from '../../reference/conv2d.ts';
import type { Case } from '../case.ts';
import { caseOf } from './operation.ts';
import { plainConv2d } from './plainConv2d.ts';

/**
 * Batch, channels in, size of the square image, filters, kernel size, padding; strides and groups other than 1. A shard of a
 * batch of 128 has 16 images. Four deep images are enough to stream through the caches.
 */
const SHAPES: readonly (readonly [
  batch: number,
  inC: number,
  size: number,
  outC: number,
  kernelSize: number,
  padding: number,
  others?: { readonly strides?: number; readonly groups?: number },
])[] = [
  [16, 1, 28, 12, 3, 0], // the reference network
  [16, 1, 28, 6, 5, 2], // LeNet-5, first
  [16, 6, 14, 16, 5, 0], // LeNet-5, second
  [4, 16, 28, 32, 3, 1],
  [4, 16, 14, 32, 3, 0],
  [4, 32, 28, 64, 3, 1],
  [4, 32, 14, 64, 3, 0],
  [4, 32, 26, 64, 3, 0], // the larger network of the training bench
  [4, 64, 14, 64, 3, 1, { groups: 64 }], // a separable convolution: a filter a channel, then 1×1
  [4, 64, 14, 128, 1, 0],
  [4, 32, 28, 32, 3, 1, { groups: 32, strides: 2 }], // one that halves the image
  [4, 16, 28, 32, 3, 1, { strides: 2 }], // a residual block that halves the image, and its shortcut
  [4, 16, 28, 32, 1, 0, { strides: 2 }],
  [4, 32, 28, 64, 2, 0, { strides: 2 }], // what a transposed convolution that doubles the image is made of
];
/** Batch, channels, height and width of the outputs of that convolution. */
const TRANSPOSED = [4, 32, 28, 28] as const;

export const conv2dCases: readonly Case[] = [
  ...SHAPES.flatMap(([batch, inC, size, outC, kernelSize, padding, others = {}]) => {
    const { strides = 1, groups = 1 } = others;
    const window = { kernelSize, padding, strides };
    const sizes = convSizes('bench', [batch, inC, size, size], outC, groups, window);
    const more = `${strides > 1 ? `, stride ${strides}` : ''}${groups > 1 ? `, ${groups} groups` : ''}`;
    const shape = `${batch}×${inC}×${size}×${size}, ${outC} filters ${kernelSize}×${kernelSize}, padding ${padding}${more}`;
    const [, , , , , outH, outW] = sizes;
    const flops = 2 * batch * outC * outH * outW * (inC / groups) * kernelSize * kernelSize;
    return [
      forward(shape, flops, sizes),
      backwardInput(shape, flops, sizes),
      backwardWeight(shape, flops, sizes),
      ...(more === '' ? [backwardBias(shape, sizes)] : []), // it depends on the outputs alone
    ];
  }),
  addBias(...TRANSPOSED),
];

/** Lengths of x, w and y. */
function lengths(sizes: ConvSizes): [number, number, number] {
  const [n, inC, inH, inW, outC, outH, outW, kH, kW] = sizes;
  return [n * inC * inH * inW, (outC * inC * kH * kW) / sizes[15], n * outC * outH * outW];
}

/** Bytes of images, weights and outputs, or of their gradients. Pass 2 if the weights are read and written. */
function tensorBytes(sizes: ConvSizes, weights: 1 | 2 = 1): number {
  const [x, w, y] = lengths(sizes);
  return 4 * (x + weights * w + y);
}

function forward(shape: string, flops: number, sizes: ConvSizes): Case {
  return {
    kernel: 'conv2dForward',
    shape,
    work: { limit: 'compute', flops, bytes: tensorBytes(sizes) },
    prepare(workspace) {
      const { kernels } = workspace;
      const [xLength, wLength, yLength] = lengths(sizes);
      const [x, w] = [workspace.uniform(xLength), workspace.uniform(wLength)];
      const [b, y] = [workspace.uniform(sizes[4]), workspace.f32(yLength)];
      const scratch = workspace.scratch(kernels.conv2dScratchBytes(...sizes));
      const plain = new Float32Array(yLength);
      return {
        kernel: {
          run: () => kernels.conv2dForward(y.at, x.at, w.at, b.at, scratch, ...sizes),
          results: [y.view],
        },
        plain: {
          run: () => plainConv2d.forward(plain, x.view, w.view, b.view, sizes),
          results: [plain],
        },
        expected: () => [conv2dForward(x.view, w.view, b.view, sizes)],
      };
    },
  };
}

function backwardInput(shape: string, flops: number, sizes: ConvSizes): Case {
  return {
    kernel: 'conv2dBackwardInput',
    shape,
    work: { limit: 'compute', flops, bytes: tensorBytes(sizes) },
    prepare(workspace) {
      const { kernels } = workspace;
      const [xLength, wLength, yLength] = lengths(sizes);
      const [dy, w] = [workspace.uniform(yLength), workspace.uniform(wLength)];
      const dx = workspace.f32(xLength);
      const scratch = workspace.scratch(kernels.conv2dScratchBytes(...sizes));
      const plain = new Float32Array(xLength);
      return {
        kernel: {
          run: () => kernels.conv2dBackwardInput(dx.at, dy.at, w.at, scratch, ...sizes),
          results: [dx.view],
        },
        plain: {
          run: () => plainConv2d.backwardInput(plain, dy.view, w.view, sizes),
          results: [plain],
        },
        expected: () => [conv2dBackwardInput(dy.view, w.view, sizes)],
      };
    },
  };
}

function backwardWeight(shape: string, flops: number, sizes: ConvSizes): Case {
  return {
    kernel: 'conv2dBackwardWeight',
    shape,
    work: { limit: 'compute', flops, bytes: tensorBytes(sizes, 2) },
    start: 0,
    prepare(workspace) {
      const { kernels } = workspace;
      const [xLength, wLength, yLength] = lengths(sizes);
      const [dy, x] = [workspace.uniform(yLength), workspace.uniform(xLength)];
      const dw = workspace.f32(wLength);
      const scratch = workspace.scratch(kernels.conv2dScratchBytes(...sizes));
      const plain = new Float32Array(wLength);
      return {
        kernel: {
          run: () => kernels.conv2dBackwardWeight(dw.at, dy.at, x.at, scratch, ...sizes),
          results: [dw.view],
        },
        plain: {
          run: () => plainConv2d.backwardWeight(plain, dy.view, x.view, sizes),
          results: [plain],
        },
        expected: () => [conv2dBackwardWeight(dy.view, x.view, sizes)],
      };
    },
  };
}

function backwardBias(shape: string, sizes: ConvSizes): Case {
  const [batch, , , , outC, outH, outW] = sizes;
  const length = batch * outC * outH * outW;
  return {
    kernel: 'conv2dBackwardBias',
    shape,
    work: { limit: 'memory', flops: length, bytes: 4 * length },
    start: 0,
    prepare(workspace) {
      const [dy, db] = [workspace.uniform(length), workspace.f32(outC)];
      const plain = new Float32Array(outC);
      return {
        kernel: {
          run: () => workspace.kernels.conv2dBackwardBias(db.at, dy.at, batch, outC, outH, outW),
          results: [db.view],
        },
        plain: {
          run: () => plainConv2d.backwardBias(plain, dy.view, batch, outC, outH * outW),
          results: [plain],
        },
        expected: () => [conv2dBackwardBias(dy.view, batch, outC, outH, outW)],
      };
    },
  };
}

/** The bias of a transposed convolution. */
function addBias(batch: number, outC: number, outH: number, outW: number): Case {
  const pixels = outH * outW;
  const length = batch * outC * pixels;
  const start = 0.5;
  return caseOf({
    kernel: 'conv2dAddBias',
    shape: `${batch}×${outC}×${outH}×${outW}`,
    flops: length,
    start,
    outputs: [length],
    inputs: [outC],
    call: (kernels, [y], [b]) => kernels.conv2dAddBias(y, b, batch, outC, outH, outW),
    plain([y], [b]) {
      for (let plane = 0; plane < batch * outC; plane++) {
        const bias = b[plane % outC];
        for (let i = plane * pixels; i < (plane + 1) * pixels; i++) y[i] += bias;
      }
    },
    exact: ([b]) => [
      Float64Array.from({ length }, (_, i) => start + b[Math.floor(i / pixels) % outC]),
    ],
  });
}
