/**
 * Every rule about sizes, once: layers, operations and the compiler ask here.
 *
 *   effective kernel   e   = dilation · (k − 1) + 1
 *   output             out = floor((in + padding before + padding after − e) / stride) + 1
 *
 * as in Dumoulin & Visin, "A guide to convolution arithmetic for deep learning" (2016), relationship 14.
 * @module
 */
import { checkInteger } from './checks.ts';
import { describe, ShapeError } from './errors.ts';
import type { Padding, Shape, Size2d, Tensor } from './types.ts';

/** Sizes of a convolution, in the order its kernels take them. Padding is what stands before the first row and column. */
export type ConvSizes = [
  batch: number,
  inC: number,
  inH: number,
  inW: number,
  outC: number,
  outH: number,
  outW: number,
  kH: number,
  kW: number,
  strideH: number,
  strideW: number,
  padH: number,
  padW: number,
  dilationH: number,
  dilationW: number,
  groups: number,
];

/** Sizes of a convolution that is pooled at once, in the order the fused kernels take them: neither dilation nor groups. */
export type ConvReluPoolSizes = [
  batch: number,
  inC: number,
  inH: number,
  inW: number,
  outC: number,
  outH: number,
  outW: number,
  kH: number,
  kW: number,
  strideH: number,
  strideW: number,
  padH: number,
  padW: number,
];

/** Sizes of a pooling, in the order its forward kernel takes them. */
export type PoolSizes = [
  batch: number,
  channels: number,
  inH: number,
  inW: number,
  outH: number,
  outW: number,
  kH: number,
  kW: number,
  strideH: number,
  strideW: number,
  padH: number,
  padW: number,
];

/** What a caller may say of a sliding window. */
export interface WindowOptions {
  readonly kernelSize: Size2d;
  readonly strides?: Size2d;
  readonly padding?: Padding;
  readonly dilation?: Size2d;
}

/** What a caller may say of a pooling. */
export interface PoolOptions {
  readonly poolSize: Size2d;
  /** The pool size unless said otherwise. */
  readonly strides?: Size2d;
  readonly padding?: Padding;
}

/** Number of elements of a tensor of this shape. */
export function elementCount(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** `[2, 3]` as people write it: `2×3`. */
export function formatShape(shape: Shape): string {
  return shape.length === 0 ? 'scalar' : shape.join('×');
}

/** Throws unless `shape` is a list of `rank` sizes of at least `least`, small enough to count exactly. */
export function checkShape(where: string, shape: unknown, rank?: number, least: number = 1): void {
  if (!Array.isArray(shape) || (rank !== undefined && shape.length !== rank)) {
    const expected = rank === undefined ? 'a list of sizes' : `a list of ${rank} sizes`;
    throw new ShapeError(`${where}: expected ${expected}, got ${describe(shape)}.`);
  }
  for (const [axis, size] of shape.entries()) checkInteger(where, `size ${axis}`, size, least);
  if (!(elementCount(shape) < 2 ** 31)) {
    throw new RangeError(
      `${where}: expected fewer than 2³¹ elements, got ${formatShape(shape)}. Use smaller sizes.`,
    );
  }
}

/** Throws unless two shapes are equal; `where` says whose they are. */
export function checkSameShape(where: string, expected: Shape, got: Shape): void {
  if (expected.length !== got.length || expected.some((size, axis) => size !== got[axis])) {
    throw new ShapeError(
      `${where}: expected shape ${formatShape(expected)}, got ${formatShape(got)}.`,
    );
  }
}

/** Throws unless `tensor` is a shape of `rank` sizes with as many f32 as it says; `where` names it. */
export function checkTensor(where: string, tensor: Tensor, rank?: number): void {
  const { shape, data }: { shape?: unknown; data?: unknown } = tensor ?? {};
  if (!(data instanceof Float32Array)) {
    throw new TypeError(
      `${where}: expected a tensor { shape, data: Float32Array }, got ${describe(tensor)}.`,
    );
  }
  checkShape(where, shape, rank);
  const length = elementCount(tensor.shape);
  if (data.length !== length) {
    throw new ShapeError(
      `${where}: expected ${length} numbers for shape ${formatShape(tensor.shape)}, got ${data.length}.`,
    );
  }
}

/** Both sizes of an option that may be given once for height and width. */
export function pair(
  where: string,
  name: string,
  value: Size2d,
  least: number = 1,
): [height: number, width: number] {
  const sizes: readonly unknown[] = Array.isArray(value) ? value : [value, value];
  const [height, width] = sizes;
  if (sizes.length !== 2) {
    throw new TypeError(
      `${where}: expected ${name} to be a number or [height, width], got ${describe(value)}.`,
    );
  }
  checkInteger(where, name, height, least);
  checkInteger(where, name, width, least);
  return [height, width];
}

/** Channels, height and width of an image, or a `ShapeError`. */
export function imageShape(where: string, shape: Shape): [channels: number, h: number, w: number] {
  const [channels, height, width] = shape;
  if (shape.length === 3 && channels && height && width) return [channels, height, width];
  throw new ShapeError(
    `${where}: expected images [channels, height, width], got ${formatShape(shape)}.`,
  );
}

/** Sizes of a convolution over `x[batch, inC, inH, inW]`. */
export function convSizes(
  where: string,
  [batch = 0, inC = 0, inH = 0, inW = 0]: Shape,
  outC: number,
  groups: number,
  options: WindowOptions,
): ConvSizes {
  const [kH, kW] = pair(where, 'kernel size', options.kernelSize);
  const [strideH, strideW] = pair(where, 'strides', options.strides ?? 1);
  const [dilationH, dilationW] = pair(where, 'dilation', options.dilation ?? 1);
  const rows = { input: inH, span: dilationH * (kH - 1) + 1, stride: strideH };
  const columns = { input: inW, span: dilationW * (kW - 1) + 1, stride: strideW };
  const sides = resolvePadding(where, options.padding ?? 'valid', rows, columns);
  const [outH, outW] = outputSize(where, rows, columns, sides);
  const [padH, padW] = sides;
  return [
    batch,
    inC,
    inH,
    inW,
    outC,
    outH,
    outW,
    kH,
    kW,
    strideH,
    strideW,
    padH,
    padW,
    dilationH,
    dilationW,
    groups,
  ];
}

/** Sizes of a pooling over `x[batch, channels, inH, inW]`. */
export function poolSizes(
  where: string,
  [batch = 0, channels = 0, inH = 0, inW = 0]: Shape,
  options: PoolOptions,
): PoolSizes {
  const [kH, kW] = pair(where, 'pool size', options.poolSize);
  const [strideH, strideW] = pair(where, 'strides', options.strides ?? [kH, kW]);
  const rows = { input: inH, span: kH, stride: strideH };
  const columns = { input: inW, span: kW, stride: strideW };
  const sides = resolvePadding(where, options.padding ?? 'valid', rows, columns);
  const [padH, padW, bottom, right] = sides;
  // before the image as PyTorch has it, after it anything that leaves a pixel in the last window
  if (padH > kH / 2 || padW > kW / 2 || bottom >= kH || right >= kW) {
    throw new RangeError(
      `${where}: expected padding <= poolSize / 2, got padding ${describe(sides)} with pool size ${kH}×${kW}. Use padding from 0 to ${Math.floor(Math.min(kH, kW) / 2)}.`,
    );
  }
  const [outH, outW] = outputSize(where, rows, columns, sides);
  return [batch, channels, inH, inW, outH, outW, kH, kW, strideH, strideW, padH, padW];
}

/** One axis of a sliding window: the image, the extent of the dilated kernel, the step. */
interface Axis {
  readonly input: number;
  readonly span: number;
  readonly stride: number;
}

/** Padding as given to every side. */
type Sides = [top: number, left: number, bottom: number, right: number];

function outputSize(
  where: string,
  rows: Axis,
  columns: Axis,
  [top, left, bottom, right]: Sides,
): [outH: number, outW: number] {
  const height = rows.input + top + bottom;
  const width = columns.input + left + right;
  if (rows.span > height || columns.span > width) {
    const padded = top + left + bottom + right > 0 ? ' (padding included)' : '';
    throw new ShapeError(
      `${where}: expected a kernel no larger than its image, got ${rows.span}×${columns.span} on ${height}×${width}${padded}. Use a smaller kernel or more padding.`,
    );
  }
  return [
    Math.floor((height - rows.span) / rows.stride) + 1,
    Math.floor((width - columns.span) / columns.stride) + 1,
  ];
}

function resolvePadding(where: string, padding: Padding, rows: Axis, columns: Axis): Sides {
  if (padding === 'valid') return [0, 0, 0, 0];
  if (padding === 'same') {
    const [h, w] = [samePadding(rows), samePadding(columns)];
    return [Math.floor(h / 2), Math.floor(w / 2), Math.ceil(h / 2), Math.ceil(w / 2)];
  }
  const sides: readonly unknown[] | undefined =
    typeof padding === 'number' ? [padding] : Array.isArray(padding) ? padding : undefined;
  if (sides === undefined || ![1, 2, 4].includes(sides.length)) {
    throw new TypeError(
      `${where}: expected padding to be 'valid', 'same', a number, [vertical, horizontal] or [top, left, bottom, right], got ${describe(padding)}.`,
    );
  }
  const [top, left = top, bottom = top, right = left] = sides;
  checkInteger(where, 'padding', top, 0);
  checkInteger(where, 'padding', left, 0);
  checkInteger(where, 'padding', bottom, 0);
  checkInteger(where, 'padding', right, 0);
  return [top, left, bottom, right];
}

/** Pixels that make the output `ceil(input / stride)`. */
function samePadding({ input, span, stride }: Axis): number {
  return Math.max(0, (Math.ceil(input / stride) - 1) * stride + span - input);
}
