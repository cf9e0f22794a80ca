/** Sliding windows as other libraries describe them: every size as a pair, and padding for each of the four sides. @module */

import type { Shape } from '../base/types.ts';
import { convSizes, poolSizes } from '../base/window.ts';
import type { Conv2dSpec } from '../layers/conv2d.ts';
import type { MaxPool2dSpec } from '../layers/maxPool2d.ts';

type Pair = readonly [height: number, width: number];

export interface Window {
  readonly kernel: Pair;
  readonly strides: Pair;
  readonly dilation: Pair;
  /** How far windows reach beyond the image on each side. Padding that no window reaches is not counted. */
  readonly sides: {
    readonly top: number;
    readonly left: number;
    readonly bottom: number;
    readonly right: number;
  };
  readonly output: Pair;
}

/** The window of a convolution over an image `[C, H, W]`. */
export function convWindow(spec: Conv2dSpec, input: Shape): Window {
  const sizes = convSizes('export', [1, ...input], spec.filters, spec.groups ?? 1, spec);
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
  // from the first pixel of the first window to the last pixel of the last window, less the padding before and the image
  const after = (axis: 0 | 1) => {
    const span = dilation[axis] * (kernel[axis] - 1) + 1;
    return Math.max(0, (output[axis] - 1) * strides[axis] + span - input[axis] - before[axis]);
  };
  const sides = { top: before[0], left: before[1], bottom: after(0), right: after(1) };
  return { kernel, strides, dilation, sides, output };
}
