/**
 * Sliding windows: every rule about their sizes, once. Layers, exports and benches ask here.
 *
 *   effective kernel   e   = dilation · (k − 1) + 1
 *   output             out = floor((in + padding before + padding after − e) / stride) + 1
 *
 * as in Dumoulin & Visin, "A guide to convolution arithmetic for deep learning" (2016), relationship 14.
 * @module
 */
import { checkInteger } from './checks.ts';
import { describe, ShapeError } from './errors.ts';
import { type OptionCheck, wrongKind } from './options.ts';
import type { Margins, Padding, Shape, Size2d } from './types.ts';

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
  /** @default the pool size */
  readonly strides?: Size2d;
  readonly padding?: Padding;
}

/** An option that may be given once for height and width: whole numbers of at least `least`. */
export function size2d(least: number): OptionCheck {
  return (where, name, value) => {
    const sizes: readonly unknown[] = Array.isArray(value) ? value : [value, value];
    if (sizes.length !== 2) throw wrongKind(where, name, 'a number or [height, width]', value);
    for (const size of sizes) checkInteger(where, name, size, least);
  };
}

/** The option `padding` of a window. */
export const padding: OptionCheck = (where, name, value) => {
  if (value === 'valid' || value === 'same') return;
  checkMargins(where, name, value, "'valid', 'same', a number");
};

/** An option in pixels on every side. */
export const margins: OptionCheck = (where, name, value) =>
  checkMargins(where, name, value, 'a number');

function checkMargins(where: string, name: string, value: unknown, kinds: string): void {
  const sides: readonly unknown[] =
    typeof value === 'number' ? [value] : Array.isArray(value) ? value : [];
  if (![1, 2, 4].includes(sides.length)) {
    const lists = '[vertical, horizontal] or [top, left, bottom, right]';
    throw wrongKind(where, name, `${kinds}, ${lists}`, value);
  }
  for (const side of sides) checkInteger(where, name, side, 0);
}

/** Sizes of a convolution over `x[batch, inC, inH, inW]`. */
export function convSizes(
  where: string,
  [batch = 0, inC = 0, inH = 0, inW = 0]: Shape,
  outC: number,
  groups: number,
  options: WindowOptions,
): ConvSizes {
  const [kH, kW] = pair(options.kernelSize);
  const [strideH, strideW] = pair(options.strides ?? 1);
  const [dilationH, dilationW] = pair(options.dilation ?? 1);
  const rows = { input: inH, span: dilationH * (kH - 1) + 1, stride: strideH };
  const columns = { input: inW, span: dilationW * (kW - 1) + 1, stride: strideW };
  const sides = resolvePadding(options.padding ?? 'valid', rows, columns);
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

/** What a caller may say of a transposed convolution. */
export interface TransposeOptions extends Omit<WindowOptions, 'padding'> {
  readonly padding?: Margins;
  readonly outputPadding?: Size2d;
}

/**
 * Sizes of the convolution from y to x that a transposed convolution over `x[batch, C, H, W]` is the gradient of: its
 * channels and its images are exchanged.
 *
 *   output             out = (in − 1)·stride − (padding before + padding after) + e + output padding
 */
export function transposeSizes(
  where: string,
  [batch = 0, channels = 0, height = 0, width = 0]: Shape,
  filters: number,
  groups: number,
  options: TransposeOptions,
): ConvSizes {
  const [kH, kW] = pair(options.kernelSize);
  const strides = pair(options.strides ?? 1);
  const dilation = pair(options.dilation ?? 1);
  const extra = pair(options.outputPadding ?? 0);
  if (extra.some((size, axis) => size >= Math.max(strides[axis] ?? 0, dilation[axis] ?? 0))) {
    throw new RangeError(
      `${where}: expected outputPadding below strides or dilation, got outputPadding ${describe(extra)} with strides ${describe(strides)} and dilation ${describe(dilation)}. Use less outputPadding, or none.`,
    );
  }
  const sides = marginsOf(options.padding ?? 0);
  const [top, left, bottom, right] = sides;
  const full = [
    (height - 1) * strides[0] + dilation[0] * (kH - 1) + 1 + extra[0],
    (width - 1) * strides[1] + dilation[1] * (kW - 1) + 1 + extra[1],
  ] as const;
  const [outH, outW] = [full[0] - top - bottom, full[1] - left - right];
  if (!(outH > 0 && outW > 0)) {
    throw new ShapeError(
      `${where}: expected padding that leaves some of ${full.join('×')} outputs, got padding ${describe(sides)}. Use less padding.`,
    );
  }
  return [
    batch,
    filters,
    outH,
    outW,
    channels,
    height,
    width,
    kH,
    kW,
    ...strides,
    top,
    left,
    ...dilation,
    groups,
  ];
}

/** Bytes of the patches of one group of one image, a column for each output. */
export function patchBytes(sizes: ConvSizes): number {
  const [, inC, , , , outH, outW, kH, kW] = sizes;
  const groups = sizes[15];
  return (inC / groups) * kH * kW * outH * outW * Float32Array.BYTES_PER_ELEMENT;
}

/** Sizes of a pooling over `x[batch, channels, inH, inW]`. */
export function poolSizes(
  where: string,
  [batch = 0, channels = 0, inH = 0, inW = 0]: Shape,
  options: PoolOptions,
): PoolSizes {
  const [kH, kW] = pair(options.poolSize);
  const [strideH, strideW] = pair(options.strides ?? [kH, kW]);
  const rows = { input: inH, span: kH, stride: strideH };
  const columns = { input: inW, span: kW, stride: strideW };
  const sides = resolvePadding(options.padding ?? 'valid', rows, columns);
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
export type Sides = [top: number, left: number, bottom: number, right: number];

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

function resolvePadding(padding: Padding, rows: Axis, columns: Axis): Sides {
  if (padding === 'valid') return [0, 0, 0, 0];
  if (padding === 'same') {
    const [h, w] = [samePadding(rows), samePadding(columns)];
    return [Math.floor(h / 2), Math.floor(w / 2), Math.ceil(h / 2), Math.ceil(w / 2)];
  }
  return marginsOf(padding);
}

/** All four sides. */
export function marginsOf(margins: Margins): Sides {
  const [top = 0, left = top, bottom = top, right = left] =
    typeof margins === 'number' ? [margins] : margins;
  return [top, left, bottom, right];
}

/** Both axes. */
export function pair(size: Size2d): readonly [height: number, width: number] {
  return typeof size === 'number' ? [size, size] : size;
}

/** Pixels that make the output `ceil(input / stride)`. */
function samePadding({ input, span, stride }: Axis): number {
  return Math.max(0, (Math.ceil(input / stride) - 1) * stride + span - input);
}
