/** Sliding windows as other libraries describe them: every size as a pair, padding on all four sides. @module */

import type { Shape } from '../base/types.ts';
import {
  convSizes,
  marginsOf,
  pair,
  poolSizes,
  transposeSizes,
  type WindowOptions,
} from '../base/window.ts';
import type { Conv2dTransposeSpec } from '../layers/conv2dTranspose.ts';
import type { MaxPool2dSpec } from '../layers/maxPool2d.ts';

type Pair = readonly [height: number, width: number];

export interface Window {
  readonly kernel: Pair;
  readonly strides: Pair;
  readonly dilation: Pair;
  /** Pixels before and after the image that windows reach; what a last stride leaves out is left out. */
  readonly sides: {
    readonly top: number;
    readonly left: number;
    readonly bottom: number;
    readonly right: number;
  };
  readonly output: Pair;
}

/** The same of a transposed convolution. */
export interface TransposeWindow extends Window {
  /** Rows below and columns on the right that no window needs to reach. */
  readonly outputPadding: Pair;
}

/** The window of a convolution over an image `[C, H, W]`. */
export function convWindow(spec: WindowOptions, input: Shape): Window {
  const sizes = convSizes('export', [1, ...input], 1, 1, spec);
  const [, , inH, inW, , outH, outW, kH, kW, strideH, strideW, padH, padW, dilationH, dilationW] =
    sizes;
  return windowOf(
    [inH, inW],
    [outH, outW],
    [kH, kW],
    [strideH, strideW],
    [padH, padW],
    [dilationH, dilationW],
  );
}

/** The window of a transposed convolution over an image `[C, H, W]`; its sides are cut off the output. */
export function transposeWindow(spec: Conv2dTransposeSpec, input: Shape): TransposeWindow {
  const [, , outH, outW] = transposeSizes('export', [1, ...input], 1, 1, spec);
  const [top, left, bottom, right] = marginsOf(spec.padding ?? 0);
  return {
    kernel: pair(spec.kernelSize),
    strides: pair(spec.strides ?? 1),
    dilation: pair(spec.dilation ?? 1),
    sides: { top, left, bottom, right },
    output: [outH, outW],
    outputPadding: pair(spec.outputPadding ?? 0),
  };
}

/** The window of a pooling over an image `[C, H, W]`. */
export function poolWindow(spec: MaxPool2dSpec, input: Shape): Window {
  const sizes = poolSizes('export', [1, ...input], spec);
  const [, , inH, inW, outH, outW, kH, kW, strideH, strideW, padH, padW] = sizes;
  return windowOf([inH, inW], [outH, outW], [kH, kW], [strideH, strideW], [padH, padW], [1, 1]);
}

function windowOf(
  input: Pair,
  output: Pair,
  kernel: Pair,
  strides: Pair,
  before: Pair,
  dilation: Pair,
): Window {
  // from the first pixel of the first window to the last of the last, less what lies before and inside the image
  const after = (axis: 0 | 1) => {
    const span = dilation[axis] * (kernel[axis] - 1) + 1;
    return Math.max(0, (output[axis] - 1) * strides[axis] + span - input[axis] - before[axis]);
  };
  const sides = { top: before[0], left: before[1], bottom: after(0), right: after(1) };
  return { kernel, strides, dilation, sides, output };
}
