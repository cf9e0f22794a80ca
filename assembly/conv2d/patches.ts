/**
 * Convolution as matrix products over patches: any kernel, stride, padding, dilation and groups. Formulas: conv2d.ts.
 *
 *   scratch: col, the patches of one group of one image │ scratch of the products (gemm.ts)
 *
 * If the patches are the pixels themselves (ConvSizes.isPointwise), the products read x and write dx: there is no col. The
 * sums are the same, so the bits are, too.
 */
import { gemmBytes, gemmNN, gemmNT, multiply } from '../gemm/gemm';
import { bytes, fill } from '../lib/simd';
import { ConvSizes } from '../lib/sizes';
import { col2im, im2col } from './im2col';

/** Bytes of scratch for all three directions. rows: taps of a patch. hasCol: false if the patches are x itself. */
export function patchesBytes(rows: f64, filters: f64, pixels: f64, hasCol: bool): f64 {
  const forward = gemmBytes(filters, rows);
  const backwardWeight = gemmBytes(filters, pixels);
  const backwardInput = gemmBytes(rows, filters);
  const col = hasCol ? ceil<f64>((rows * pixels) / 16) * 64 : 0;
  return col + max<f64>(forward, max<f64>(backwardWeight, backwardInput));
}

/** Bytes of col, rounded up so that what follows it is aligned. */
function colBytes(s: ConvSizes): usize {
  return s.isPointwise ? 0 : (bytes(s.taps * s.pixels) + 63) & ~63;
}

/** y = b + w·col */
export function forwardByPatches(
  y: usize,
  x: usize,
  w: usize,
  b: usize,
  scratch: usize,
  s: ConvSizes,
): void {
  const groups = s.groups;
  const filters = s.groupOutC;
  const rows = s.taps;
  const pixels = s.pixels;
  const rest = scratch + colBytes(s);
  const imageBytes = bytes(s.groupC * s.inH * s.inW);
  for (let n = s.batch; n > 0; n--) {
    for (let g = 0; g < groups; g++) {
      const col = patchesOf(scratch, x, s);
      for (let o = 0; o < filters; o++) {
        const bias: f32 = b == 0 ? 0 : load<f32>(b + bytes(g * filters + o));
        fill(y + bytes(o * pixels), bias, pixels);
      }
      gemmNN(y, w + bytes(g * filters * rows), col, rest, filters, pixels, rows);
      x += imageBytes;
      y += bytes(filters * pixels);
    }
  }
}

/** dx = col2im(wᵀ·dy) */
export function backwardInputByPatches(
  dx: usize,
  dy: usize,
  w: usize,
  scratch: usize,
  s: ConvSizes,
): void {
  const groups = s.groups;
  const filters = s.groupOutC;
  const rows = s.taps;
  const pixels = s.pixels;
  const rest = scratch + colBytes(s);
  const imageBytes = bytes(s.groupC * s.inH * s.inW);
  const rowBytes = bytes(rows);
  const planeBytes = bytes(pixels);
  for (let n = s.batch; n > 0; n--) {
    for (let g = 0; g < groups; g++) {
      const a = w + <usize>(g * filters) * rowBytes;
      const col = s.isPointwise ? dx : scratch;
      multiply(col, a, dy, rest, rows, pixels, filters, 4, rowBytes, planeBytes, 4, false);
      if (!s.isPointwise) addPatches(dx, col, s);
      dx += imageBytes;
      dy += bytes(filters * pixels);
    }
  }
}

/** dw += dy·colᵀ */
export function backwardWeightByPatches(
  dw: usize,
  dy: usize,
  x: usize,
  scratch: usize,
  s: ConvSizes,
): void {
  const groups = s.groups;
  const filters = s.groupOutC;
  const rows = s.taps;
  const pixels = s.pixels;
  const rest = scratch + colBytes(s);
  const imageBytes = bytes(s.groupC * s.inH * s.inW);
  for (let n = s.batch; n > 0; n--) {
    for (let g = 0; g < groups; g++) {
      const col = patchesOf(scratch, x, s);
      gemmNT(dw + bytes(g * filters * rows), dy, col, rest, filters, rows, pixels);
      x += imageBytes;
      dy += bytes(filters * pixels);
    }
  }
}

/** The patches of one group: x itself, or written to col. */
function patchesOf(col: usize, x: usize, s: ConvSizes): usize {
  if (s.isPointwise) return x;
  im2col(
    col,
    x,
    s.groupC,
    s.inH,
    s.inW,
    s.outH,
    s.outW,
    s.kH,
    s.kW,
    s.strideH,
    s.strideW,
    s.padH,
    s.padW,
    s.dilationH,
    s.dilationW,
  );
  return col;
}

/** col2im of one group, to zeros. */
function addPatches(dx: usize, col: usize, s: ConvSizes): void {
  memory.fill(dx, 0, bytes(s.groupC * s.inH * s.inW));
  col2im(
    dx,
    col,
    s.groupC,
    s.inH,
    s.inW,
    s.outH,
    s.outW,
    s.kH,
    s.kW,
    s.strideH,
    s.strideW,
    s.padH,
    s.padW,
    s.dilationH,
    s.dilationW,
  );
}
