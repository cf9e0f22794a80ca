/**
 * Convolution, ReLU and pooling in one step. Kernels: assembly/convReluPool/convReluPool.ts. Oracle: the three operations
 * of src/reference, one after another.
 *
 * Forward counts the operations of the direct sum, even if Winograd's algorithm needs fewer.
 * The inputs have no zeros. In real digits the windows over blank paper are skipped, so a one-channel layer trains
 * faster than its case shows.
 * @module
 */

import { type ConvReluPoolSizes, type ConvSizes, convSizes, poolSizes } from '../../base/window.ts';
import { reluBackward, reluForward } from '../../reference/activations.ts';
import {
  conv2dBackwardBias,
  conv2dBackwardInput,
  conv2dBackwardWeight,
  conv2dForward,
} from '../../reference/conv2d.ts';
import { maxPool2dBackward, maxPool2dForward } from '../../reference/maxPool2d.ts';
import type { Case } from '../case.ts';
import type { Placed, Workspace } from '../workspace.ts';
import { plainConvReluPool } from './plainConvReluPool.ts';

/** Batch, channels in, size of the square image, filters, kernel size, padding; windows of 2×2. */
const SHAPES: readonly (readonly [
  batch: number,
  inC: number,
  size: number,
  outC: number,
  kernelSize: number,
  padding: number,
])[] = [
  [16, 1, 28, 12, 3, 0], // the reference network
  [16, 1, 28, 6, 5, 2], // LeNet-5, first
  [16, 6, 14, 16, 5, 0], // LeNet-5, second
  [4, 32, 26, 64, 3, 0], // the larger network of the training bench
];

export const convReluPoolCases: readonly Case[] = SHAPES.flatMap(
  ([batch, inC, size, outC, kernelSize, padding]) => {
    const sizes = convSizes('bench', [batch, inC, size, size], outC, 1, { kernelSize, padding });
    const shape = `${batch}×${inC}×${size}×${size}, ${outC} filters ${kernelSize}×${kernelSize}, padding ${padding}`;
    const [, , , , , outH, outW] = sizes;
    const taps = inC * kernelSize * kernelSize;
    const windows = batch * outC * Math.floor(outH / 2) * Math.floor(outW / 2);
    return [
      forward(shape, 2 * 4 * windows * taps, sizes),
      backwardWeight(shape, 2 * windows * taps, sizes), // only for the winners
      backwardInput(shape, 2 * batch * outC * outH * outW * taps, sizes),
    ];
  },
);

/** Bytes of x, of w once or twice, and of the pooled map once (y) or twice (y and dy). */
function tensorBytes(sizes: ConvSizes, weights: 1 | 2, maps: 1 | 2): number {
  const [batch, inC, inH, inW, outC, outH, outW, kH, kW] = sizes;
  const pooled = batch * outC * Math.floor(outH / 2) * Math.floor(outW / 2);
  return 4 * (batch * inC * inH * inW + weights * outC * inC * kH * kW + maps * pooled);
}

function forward(shape: string, flops: number, sizes: ConvSizes): Case {
  return {
    kernel: 'convReluPoolForward',
    shape,
    work: { limit: 'compute', flops, bytes: tensorBytes(sizes, 1, 1) },
    prepare(workspace) {
      const { x, w, b, y, run, plainForward } = prepareForward(workspace, sizes);
      const plain = plainForward();
      return {
        kernel: { run, results: [y.view] },
        plain: { run: plain.run, results: [plain.y] },
        expected: () => [oracle(x, w, b, sizes).y],
      };
    },
  };
}

function backwardWeight(shape: string, flops: number, sizes: ConvSizes): Case {
  const [batch, , , , outC, outH, outW] = sizes;
  return {
    kernel: 'convReluPoolBackwardWeight',
    shape,
    work: { limit: 'compute', flops, bytes: tensorBytes(sizes, 2, 2) },
    start: 0,
    prepare(workspace) {
      const { kernels } = workspace;
      const { x, w, b, y, saved, scratch, fused, winners } = prepareBackward(workspace, sizes);
      const dy = workspace.uniform(y.view.length);
      const [dw, db] = [workspace.f32(w.view.length), workspace.f32(outC)];
      const [plain, plainBias] = [new Float32Array(w.view.length), new Float32Array(outC)];
      return {
        kernel: {
          run: () =>
            kernels.convReluPoolBackwardWeight(
              dw.at,
              db.at,
              dy.at,
              y.at,
              saved,
              x.at,
              scratch,
              ...fused,
            ),
          results: [dw.view, db.view],
        },
        plain: {
          run: () =>
            plainConvReluPool.backwardWeight(plain, plainBias, dy.view, winners, x.view, sizes),
          results: [plain, plainBias],
        },
        expected() {
          const gradient = oracle(x, w, b, sizes).gradient(dy.view);
          return [
            conv2dBackwardWeight(gradient, x.view, sizes),
            conv2dBackwardBias(gradient, batch, outC, outH, outW),
          ];
        },
      };
    },
  };
}

function backwardInput(shape: string, flops: number, sizes: ConvSizes): Case {
  return {
    kernel: 'convReluPoolBackwardInput',
    shape,
    work: { limit: 'compute', flops, bytes: tensorBytes(sizes, 1, 2) },
    prepare(workspace) {
      const { kernels } = workspace;
      const { x, w, b, y, saved, scratch, fused, winners } = prepareBackward(workspace, sizes);
      const [dy, dx] = [workspace.uniform(y.view.length), workspace.f32(x.view.length)];
      const plain = new Float32Array(x.view.length);
      return {
        kernel: {
          run: () =>
            kernels.convReluPoolBackwardInput(dx.at, dy.at, y.at, saved, w.at, scratch, ...fused),
          results: [dx.view],
        },
        plain: {
          run: () => plainConvReluPool.backwardInput(plain, dy.view, winners, w.view, sizes),
          results: [plain],
        },
        expected() {
          const gradient = oracle(x, w, b, sizes).gradient(dy.view);
          return [conv2dBackwardInput(gradient, w.view, sizes)];
        },
      };
    },
  };
}

/** Inputs, and the forward calls of the kernel and of plain JavaScript. */
function prepareForward(workspace: Workspace, sizes: ConvSizes) {
  const { kernels } = workspace;
  const [batch, inC, inH, inW, outC, outH, outW, kH, kW, ...window] = sizes;
  const [strideH, strideW, padH, padW] = window;
  const image = [batch, inC, inH, inW, outC, outH, outW] as const;
  const fused: ConvReluPoolSizes = [...image, kH, kW, strideH, strideW, padH, padW];
  const [x, w] = [
    workspace.uniform(batch * inC * inH * inW),
    workspace.uniform(outC * inC * kH * kW),
  ];
  const b = workspace.uniform(outC);
  const y = workspace.f32(batch * outC * Math.floor(outH / 2) * Math.floor(outW / 2));
  const saved = workspace.scratch(batch * kernels.convReluPoolSavedBytes(outC, outH, outW));
  const scratch = workspace.scratch(kernels.convReluPoolScratchBytes(...fused));
  const run = () => kernels.convReluPoolForward(y.at, saved, x.at, w.at, b.at, scratch, ...fused);
  const plainForward = () => {
    const outputs = new Float32Array(batch * outC * outH * outW);
    const [own, winners] = [new Float32Array(y.view.length), new Int32Array(y.view.length)];
    const values = [x.view, w.view, b.view] as const;
    const run = () => plainConvReluPool.forward(own, winners, outputs, ...values, sizes);
    return { y: own, winners, run };
  };
  return { x, w, b, y, saved, scratch, fused, run, plainForward };
}

/** `prepareForward`, after a forward run of both. */
function prepareBackward(workspace: Workspace, sizes: ConvSizes) {
  const prepared = prepareForward(workspace, sizes);
  const plain = prepared.plainForward();
  prepared.run();
  plain.run();
  return { ...prepared, winners: plain.winners };
}

/** The three oracles, one after another: the outputs, and the gradient of the convolution's outputs. */
function oracle(
  x: Placed<Float32Array>,
  w: Placed<Float32Array>,
  b: Placed<Float32Array>,
  sizes: ConvSizes,
) {
  const [batch, , , , outC, outH, outW] = sizes;
  const pool = poolSizes('bench', [batch, outC, outH, outW], { poolSize: 2 });
  const outputs = reluForward(conv2dForward(x.view, w.view, b.view, sizes));
  const { y, argmax } = maxPool2dForward(outputs, pool);
  return {
    y,
    gradient: (dy: Float32Array) => reluBackward(maxPool2dBackward(dy, argmax, pool), outputs),
  };
}
