/** Sliding windows as other libraries describe them: every size as a pair, and padding for each of the four sides. @module */

import type { Shape } from '../base/types.ts';
import {
  averagePoolSizes,
  convSizes,
  fourSides,
  type PoolOptions,
  pair,
  poolSizes,
  type TransposeOptions,
  transposeSizes,
  type WindowOptions,
} from '../base/window.ts';
import type { AveragePool2dSpec } from '../layers/averagePool2d.ts';

type Pair = readonly [height: number, width: number];

export interface Window {
  readonly kernel: Pair;
  readonly strides: Pair;
  readonly dilation: Pair;
  /** How far windows reach beyond the image on each side. Padding that no window reaches is not counted. */
  readonly sides: SidesOf;
  readonly output: Pair;
}

/** The same of a transposed convolution. */
export interface TransposeWindow extends Window {
  /** Rows below and columns on the right that no window needs to reach. */
  readonly outputPadding: Pair;
}

/** Pixels on each side. */
export interface SidesOf {
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
}

/** Whether there are pixels on any side. */
export function hasSides(sides: SidesOf): boolean {
  return Object.values(sides).some((pixels) => pixels > 0);
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
export function transposeWindow(spec: TransposeOptions, input: Shape): TransposeWindow {
  const [, , outH, outW] = transposeSizes('export', [1, ...input], 1, 1, spec);
  const [top, left, bottom, right] = fourSides(spec.padding ?? 0);
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
export function poolWindow(options: PoolOptions, input: Shape): Window {
  const sizes = poolSizes('export', [1, ...input], options);
  const [, , inH, inW, outH, outW, kH, kW, strideH, strideW, padH, padW] = sizes;
  return windowOf([inH, inW], [outH, outW], [kH, kW], [strideH, strideW], [padH, padW], [1, 1]);
}

/**
 * An average pooling over an image `[C, H, W]` as two: zeros around the image, which count as pixels, and a pooling of that image
 * which counts nothing past its end. Without `countIncludePad` there are no zeros.
 */
export function averagePoolWindows(
  spec: AveragePool2dSpec,
  input: Shape,
): { readonly zeros: SidesOf; readonly padded: Shape; readonly window: Window } {
  const sizes = averagePoolSizes('export', [1, ...input], spec);
  const [, channels, inH, inW, outH, outW, kH, kW, strideH, strideW, top, left, bottom, right] =
    sizes;
  if (!spec.countIncludePad) {
    const zeros = { top: 0, left: 0, bottom: 0, right: 0 };
    return { zeros, padded: input, window: poolWindow(spec, input) };
  }
  const padded = [top + inH + bottom, left + inW + right] as const;
  const window = windowOf(padded, [outH, outW], [kH, kW], [strideH, strideW], [0, 0], [1, 1]);
  return { zeros: { top, left, bottom, right }, padded: [channels, ...padded], window };
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
