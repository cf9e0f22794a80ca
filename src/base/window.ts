/**
 * Sliding windows: every rule about their sizes, once. Layers, exports and benches ask here.
 *
 *   effective kernel   e   = dilation · (k − 1) + 1
 *   output             out = floor((in + padding before + padding after − e) / stride) + 1
 *
 * as in Dumoulin & Visin, "A guide to convolution arithmetic for deep learning" (2016), relationship 14. With `ceilMode` a
 * pooling rounds up, but drops a last window that would begin after the last pixel, as PyTorch does.
 * @module
 */
import { checkInteger, wrongKind } from './checks.ts';
import { describe, ShapeError } from './errors.ts';
import { flag, type OptionCheck, type OptionChecks, required } from './options.ts';
import type { Padding, Shape, Sides, Size2d } from './types.ts';

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

/** Sizes of an average pooling: the padding after the last row and column too, and 1 if the divisor counts padding. */
export type AveragePoolSizes = [
  ...PoolSizes,
  padBottom: number,
  padRight: number,
  countsPadding: number,
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
  /** At most half of the pool size; of four sides each is below the pool size. @default 'valid' */
  readonly padding?: Padding;
  /** Whether a last window may reach past the image and its padding; it must begin inside the image. @default false */
  readonly ceilMode?: boolean;
}

/** An option that may be given once for height and width: whole numbers of at least `least`. */
export function size2d(least: number): OptionCheck {
  return (where, name, value) => {
    const sizes: readonly unknown[] = Array.isArray(value) ? value : [value, value];
    if (sizes.length !== 2) throw wrongKind(where, name, 'a number or [height, width]', value);
    for (const size of sizes) checkInteger(where, name, size, least);
  };
}

/** An option for the four sides of an image. */
export const sides: OptionCheck = (where, name, value) => checkSides(where, name, value, '');

/** The option `padding` of a window. */
export const padding: OptionCheck = (where, name, value) => {
  if (value !== 'valid' && value !== 'same') checkSides(where, name, value, "'valid', 'same', ");
};

/** The options of a pooling. */
export const poolChecks: OptionChecks<PoolOptions> = {
  poolSize: required(size2d(1)),
  strides: size2d(1),
  padding,
  ceilMode: flag,
};

function checkSides(where: string, name: string, value: unknown, others: string): void {
  const given: readonly unknown[] =
    typeof value === 'number' ? [value, value] : Array.isArray(value) ? value : [];
  if (![2, 4].includes(given.length)) {
    const kinds = `${others}a number, [vertical, horizontal] or [top, left, bottom, right]`;
    throw wrongKind(where, name, kinds, value);
  }
  for (const side of given) checkInteger(where, name, side, 0);
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
  readonly padding?: Sides;
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
  const around = fourSides(options.padding ?? 0);
  const [top, left, bottom, right] = around;
  const full = [
    (height - 1) * strides[0] + dilation[0] * (kH - 1) + 1 + extra[0],
    (width - 1) * strides[1] + dilation[1] * (kW - 1) + 1 + extra[1],
  ] as const;
  const [outH, outW] = [full[0] - top - bottom, full[1] - left - right];
  if (!(outH > 0 && outW > 0)) {
    throw new ShapeError(
      `${where}: expected padding that leaves some of ${full.join('×')} outputs, got padding ${describe(around)}. Use less padding.`,
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
export function poolSizes(where: string, shape: Shape, options: PoolOptions): PoolSizes {
  return measurePool(where, shape, options).sizes;
}

/** Sizes of an average pooling over `x[batch, channels, inH, inW]`. */
export function averagePoolSizes(
  where: string,
  shape: Shape,
  options: PoolOptions & { readonly countIncludePad?: boolean },
): AveragePoolSizes {
  const { sizes, bottom, right } = measurePool(where, shape, options);
  return [...sizes, bottom, right, options.countIncludePad ? 1 : 0];
}

function measurePool(
  where: string,
  [batch = 0, channels = 0, inH = 0, inW = 0]: Shape,
  { poolSize, strides = poolSize, padding = 'valid', ceilMode = false }: PoolOptions,
): { readonly sizes: PoolSizes; readonly bottom: number; readonly right: number } {
  const [kH, kW] = pair(poolSize);
  const [strideH, strideW] = pair(strides);
  const rows = { input: inH, span: kH, stride: strideH };
  const columns = { input: inW, span: kW, stride: strideW };
  const around = resolvePadding(padding, rows, columns);
  const [padH, padW, bottom, right] = around;
  checkPoolPadding(where, padding, around, kH, kW);
  const [outH, outW] = outputSize(where, rows, columns, around, ceilMode);
  return {
    sizes: [batch, channels, inH, inW, outH, outW, kH, kW, strideH, strideW, padH, padW],
    bottom,
    right,
  };
}

/** Every window must hold a pixel. What is said of two sides at once is at most half of the pool size, as in PyTorch. */
function checkPoolPadding(
  where: string,
  padding: Padding,
  around: FourSides,
  kH: number,
  kW: number,
): void {
  const [top, left, bottom, right] = around;
  const isOneByOne =
    typeof padding === 'string' || (Array.isArray(padding) && padding.length === 4);
  const [mostH, mostW] = isOneByOne ? [kH - 1, kW - 1] : [Math.floor(kH / 2), Math.floor(kW / 2)];
  if (Math.max(top, bottom) <= mostH && Math.max(left, right) <= mostW) return;
  const rule = isOneByOne ? 'padding below poolSize' : 'padding <= poolSize / 2';
  throw new RangeError(
    `${where}: expected ${rule}, got padding ${describe(around)} with pool size ${kH}×${kW}. Use padding from 0 to ${Math.min(mostH, mostW)}.`,
  );
}

/** One axis of a sliding window: the image, the extent of the dilated kernel, the step. */
interface Axis {
  readonly input: number;
  readonly span: number;
  readonly stride: number;
}

/** A number for each side. */
export type FourSides = [top: number, left: number, bottom: number, right: number];

function outputSize(
  where: string,
  rows: Axis,
  columns: Axis,
  [top, left, bottom, right]: FourSides,
  ceilMode = false,
): [outH: number, outW: number] {
  const outH = outputLength(rows, top, bottom, ceilMode);
  const outW = outputLength(columns, left, right, ceilMode);
  if (outH > 0 && outW > 0) return [outH, outW];
  const height = rows.input + top + bottom;
  const width = columns.input + left + right;
  const padded = top + left + bottom + right > 0 ? ' (padding included)' : '';
  throw new ShapeError(
    `${where}: expected a kernel no larger than its image, got ${rows.span}×${columns.span} on ${height}×${width}${padded}. Use a smaller kernel or more padding.`,
  );
}

function outputLength(
  { input, span, stride }: Axis,
  before: number,
  after: number,
  ceilMode: boolean,
): number {
  const steps = (input + before + after - span) / stride;
  if (!ceilMode) return Math.floor(steps) + 1;
  const length = Math.ceil(steps) + 1;
  return (length - 1) * stride >= input + before ? length - 1 : length;
}

function resolvePadding(padding: Padding, rows: Axis, columns: Axis): FourSides {
  if (padding === 'valid') return [0, 0, 0, 0];
  if (padding === 'same') {
    const [h, w] = [samePadding(rows), samePadding(columns)];
    return [Math.floor(h / 2), Math.floor(w / 2), Math.ceil(h / 2), Math.ceil(w / 2)];
  }
  return fourSides(padding);
}

/** Each side of a checked option. */
export function fourSides(value: Sides): FourSides {
  const [top = 0, left = top, bottom = top, right = left] =
    typeof value === 'number' ? [value] : value;
  return [top, left, bottom, right];
}

/** Height and width of a checked option. */
export function pair(size: Size2d): readonly [height: number, width: number] {
  return typeof size === 'number' ? [size, size] : size;
}

/** Pixels that make the output `ceil(input / stride)`. */
function samePadding({ input, span, stride }: Axis): number {
  return Math.max(0, (Math.ceil(input / stride) - 1) * stride + span - input);
}
