/** Which input pixels an output pixel of a convolution or a pooling comes from. @module */
import type { Padding, Size2d } from 'convlet';

export interface Window {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
  /** Pixels from one tap to the next. */
  readonly dilation: readonly [vertical: number, horizontal: number];
}

interface WindowOptions {
  readonly size: readonly [height: number, width: number];
  readonly strides: Size2d;
  readonly dilation?: Size2d;
  readonly padding: Padding;
}

type Extent = readonly [height: number, width: number];

/** The window under output pixel `[row, column]`; it may begin outside the input, in the padding. */
export function windowOf(
  { size, strides, dilation = 1, padding }: WindowOptions,
  input: Extent,
  output: Extent,
  [row, column]: readonly [number, number],
): Window {
  const stride = pair(strides);
  const spread = pair(dilation);
  const [top, left] = [0, 1].map((axis) => {
    const span = (at(size, axis) - 1) * at(spread, axis) + 1;
    const total = (at(output, axis) - 1) * at(stride, axis) + span - at(input, axis);
    return before(padding, axis, Math.max(0, total));
  });
  return {
    top: row * stride[0] - (top ?? 0),
    left: column * stride[1] - (left ?? 0),
    height: size[0],
    width: size[1],
    dilation: spread,
  };
}

export function pair(size: Size2d): [number, number] {
  return typeof size === 'number' ? [size, size] : [size[0], size[1]];
}

/** Padding above (axis 0) or to the left (axis 1); `total` is what `'same'` adds, the odd pixel at the end. */
function before(padding: Padding, axis: number, total: number): number {
  if (padding === 'valid') return 0;
  if (padding === 'same') return Math.floor(total / 2);
  return typeof padding === 'number' ? padding : at(padding, axis);
}

function at(numbers: readonly number[], index: number): number {
  return numbers[index] ?? 0;
}
