/**
 * The sizes of a convolution, and numbers that follow from them, as a struct: a kernel writes it once, to the start of its
 * scratch, and hands on one address instead of sixteen arguments.
 *
 * An unmanaged class is a view of an address. It is never created, so it needs no runtime: a field is one `i32.load` with a
 * constant offset. A function whose loops store numbers reads the fields into locals first, because the compiler cannot
 * tell that a store leaves the struct alone.
 */
import { bytes, roundUp } from './simd';

/** Bytes for the struct, two cache lines: the region that follows keeps the alignment of scratch. */
export const SIZES_BYTES: usize = 128;

@unmanaged
export class ConvSizes {
  batch!: i32;
  inC!: i32;
  inH!: i32;
  inW!: i32;
  outC!: i32;
  outH!: i32;
  outW!: i32;
  kH!: i32;
  kW!: i32;
  strideH!: i32;
  strideW!: i32;
  padH!: i32;
  padW!: i32;
  dilationH!: i32;
  dilationW!: i32;
  groups!: i32;

  /** Channels of x and of y in a group. */
  groupC!: i32;
  groupOutC!: i32;
  /** Numbers in a patch of a group. */
  taps!: i32;
  /** Whether the kernel is 3×3 and moves by one, over all channels. */
  isPlain3x3!: bool;
  /** Whether the kernel is 1×1 and each patch a pixel: the patches are x itself. */
  isPointwise!: bool;
  /** Whether every channel has filters of its own, within the limits of depthwise.ts. */
  isDepthwise!: bool;
  /** Bytes of an image of x, and of y. */
  xBytes!: usize;
  yBytes!: usize;
  /** Numbers in a channel of y. */
  pixels!: i32;
  /** Windows of 2×2 in a channel of y. */
  windows!: i32;
  /** outC rounded up to a multiple of four. */
  filters!: i32;

  /** Rows of the frame (pad.ts) that images are copied into; 0 if patches are read from x. */
  frameH!: i32;
  /** Numbers from row to row, and from channel to channel, of the image that patches are read from: the frame, or x. */
  pitch!: i32;
  plane!: i32;

  setTensors(batch: i32, inC: i32, inH: i32, inW: i32, outC: i32, outH: i32, outW: i32): void {
    assert(offsetof<ConvSizes>() <= SIZES_BYTES);
    this.batch = batch;
    this.inC = inC;
    this.inH = inH;
    this.inW = inW;
    this.outC = outC;
    this.outH = outH;
    this.outW = outW;
    this.xBytes = bytes(inC * inH * inW);
    this.yBytes = bytes(outC * outH * outW);
    this.pixels = outH * outW;
    this.windows = (outH >> 1) * (outW >> 1);
    this.filters = roundUp(outC);
    this.frameH = 0;
    this.pitch = inW;
    this.plane = inH * inW;
  }

  /** After setTensors. Chooses a frame that holds all patches. */
  setWindow(
    kH: i32,
    kW: i32,
    strideH: i32,
    strideW: i32,
    padH: i32,
    padW: i32,
    dilationH: i32,
    dilationW: i32,
    groups: i32,
  ): void {
    const groupC = this.inC / groups;
    this.kH = kH;
    this.kW = kW;
    this.strideH = strideH;
    this.strideW = strideW;
    this.padH = padH;
    this.padW = padW;
    this.dilationH = dilationH;
    this.dilationW = dilationW;
    this.groups = groups;
    this.groupC = groupC;
    this.groupOutC = this.outC / groups;
    this.taps = groupC * kH * kW;
    this.isPlain3x3 = isPlain3x3(kH, kW, strideH, strideW, dilationH, dilationW, groups);
    const hasAllPixels = this.outH == this.inH && this.outW == this.inW;
    this.isPointwise = hasAllPixels && isPointwise(kH, kW, strideH, strideW, padH, padW);
    this.isDepthwise = isDepthwise(this.inC, this.outC, kH, kW, strideH, strideW, groups);
    const spanH = (this.outH - 1) * strideH + (kH - 1) * dilationH + 1;
    const spanW = (this.outW - 1) * strideW + (kW - 1) * dilationW + 1;
    this.chooseFrame(spanH, spanW);
  }

  /** Patches are read from a frame of frameH × frameW if x itself does not hold them all. */
  chooseFrame(frameH: i32, frameW: i32): void {
    const isPadded = this.padH > 0 || this.padW > 0;
    if (isPadded || frameH > this.inH || frameW > this.inW) this.useFrame(frameH, frameW);
  }

  /** Patches are read from a frame. */
  useFrame(frameH: i32, frameW: i32): void {
    this.frameH = frameH;
    this.pitch = frameW;
    this.plane = frameH * frameW;
  }
}

/** Whether the kernel is 3×3 and moves by one, over all channels. */
export function isPlain3x3(
  kH: i32,
  kW: i32,
  strideH: i32,
  strideW: i32,
  dilationH: i32,
  dilationW: i32,
  groups: i32,
): bool {
  const is3x3 = kH == 3 && kW == 3;
  const isUnit = strideH == 1 && strideW == 1 && dilationH == 1 && dilationW == 1;
  return is3x3 && isUnit && groups == 1;
}

/** Whether each patch is one pixel, in the order of the pixels: if y has as many as x, they are x itself. */
export function isPointwise(
  kH: i32,
  kW: i32,
  strideH: i32,
  strideW: i32,
  padH: i32,
  padW: i32,
): bool {
  const isUnit = strideH == 1 && strideW == 1 && padH == 0 && padW == 0;
  return kH == 1 && kW == 1 && isUnit;
}

/** Limits of depthwise.ts. Within them a matrix product has a single block, and the same order of sums. */
const MOST_FILTERS: i32 = 16;
const MOST_TAPS: i32 = 256;
const MOST_STRIDE: i32 = 2;

/** Whether every channel has filters of its own, within these limits. */
export function isDepthwise(
  inC: i32,
  outC: i32,
  kH: i32,
  kW: i32,
  strideH: i32,
  strideW: i32,
  groups: i32,
): bool {
  const isOwn = groups == inC && groups > 1 && outC / groups <= MOST_FILTERS;
  return isOwn && max(strideH, strideW) <= MOST_STRIDE && <f64>kH * kW <= MOST_TAPS;
}

/**
 * The sizes of the convolution that computes dx from dy, written to `at`, for kernels that move by one: dy takes the place of
 * x and dx that of y, the channels change roles, and the padding is the rest of the kernel.
 */
export function turnedSizes(at: usize, s: ConvSizes): ConvSizes {
  const t = gradientSizes(at, s);
  t.setWindow(s.kH, s.kW, 1, 1, s.kH - 1 - s.padH, s.kW - 1 - s.padW, 1, 1, 1);
  return t;
}

/** The same sizes with another frame, written to `at`. */
export function framedSizes(at: usize, s: ConvSizes, frameH: i32, frameW: i32): ConvSizes {
  memory.copy(at, changetype<usize>(s), SIZES_BYTES);
  const t = changetype<ConvSizes>(at);
  t.frameH = 0;
  t.pitch = t.inW;
  t.plane = t.inH * t.inW;
  t.chooseFrame(frameH, frameW);
  return t;
}

/** dy in the place of x, written to `at`, without padding or window: how its rows and channels lie. */
export function gradientSizes(at: usize, s: ConvSizes): ConvSizes {
  const t = changetype<ConvSizes>(at);
  t.setTensors(s.batch, s.outC, s.outH, s.outW, s.inC, s.inH, s.inW);
  t.padH = 0;
  t.padW = 0;
  return t;
}
