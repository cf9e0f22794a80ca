/**
 * The transforms of Winograd's F(2×2, 3×3), for four patches, filters or tiles at a time. Layouts and sizes: winograd.ts.
 *
 *        1  0  0           1  0 -1  0
 *   G =  ½  ½  ½     Bᵀ =  0  1  1  0     Aᵀ =  1  1  1  0
 *        ½ -½  ½           0 -1  1  0           0  1 -1 -1
 *        0  0  1           0  1  0 -1
 */
import { bytes, gather } from '../lib/simd';
import { ConvSizes } from '../lib/sizes';
import { matrixBytes } from './winograd';

/** Bytes of a kernel of nine taps. */
const KERNEL_BYTES: usize = 36;

/** Bytes of scratch for addFilters. */
export const CONTRACT_BYTES: usize = 336;

/**
 * u = G·g·Gᵀ for each filter and channel of w. w: f32[outC, inC, 3, 3]; if isTurned, w belongs to the convolution whose
 * dx is computed: f32[inC, outC, 3, 3], and each kernel is turned by half a turn.
 */
export function transformFilters(u: usize, w: usize, s: ConvSizes, isTurned: bool): void {
  const inC = s.inC;
  const outC = s.outC;
  const matrix = matrixBytes(outC, inC);
  const filterStep: usize = isTurned ? KERNEL_BYTES : <usize>inC * KERNEL_BYTES;
  const channelStep: usize = isTurned ? <usize>outC * KERNEL_BYTES : KERNEL_BYTES;
  const first = w + (isTurned ? KERNEL_BYTES - 4 : 0);
  const tap: usize = isTurned ? <usize>-4 : 4;
  for (let o = 0; o < outC; o += 4) {
    for (let c = 0; c < inC; c++) {
      const g = first + <usize>o * filterStep + <usize>c * channelStep;
      transformFourFilters(u, matrix * 4, matrix, g, filterStep, outC - o, tap);
      u += 16;
    }
  }
}

/**
 * A vector for each entry of G·g·Gᵀ, for at most four filters. Rows lie rowStep bytes apart, columns columnStep. tap: bytes
 * from one of the nine taps to the next.
 */
export function transformFourFilters(
  u: usize,
  rowStep: usize,
  columnStep: usize,
  g: usize,
  filterStep: usize,
  some: i32,
  tap: usize,
): void {
  for (let q: usize = 0; q < 3; q++) {
    const top = g + q * tap;
    const g0 = gather(top, filterStep, some);
    const g1 = gather(top + tap * 3, filterStep, some);
    const g2 = gather(top + tap * 6, filterStep, some);
    expand(u + q * columnStep, rowStep, g0, g1, g2);
  }
  for (let row = u; row < u + rowStep * 4; row += rowStep) {
    const g1 = v128.load(row + columnStep);
    expand(row, columnStep, v128.load(row), g1, v128.load(row + columnStep * 2));
  }
}

/** G times a column of three. */
function expand(to: usize, step: usize, g0: v128, g1: v128, g2: v128): void {
  const half = f32x4.splat(0.5);
  const ends = f32x4.add(g0, g2);
  v128.store(to, g0);
  v128.store(to + step, f32x4.mul(half, f32x4.add(ends, g1)));
  v128.store(to + step * 2, f32x4.mul(half, f32x4.sub(ends, g1)));
  v128.store(to + step * 3, g2);
}

/**
 * v = Bᵀ·d·B of `rows` rows of tiles, `across` ≥ 4 tiles in each. image begins with the first row of the first patch; its
 * rows and channels lie s.pitch and s.plane numbers apart. The last four tiles of a row may overlap the four before.
 */
export function transformPatches(
  v: usize,
  image: usize,
  s: ConvSizes,
  rows: i32,
  across: i32,
  stride: i32,
): void {
  const inC = s.inC;
  const plane = s.plane;
  const matrix = matrixBytes(inC, stride);
  const rowBytes = bytes(s.pitch);
  for (let c = 0; c < inC; c++) {
    let top = image + bytes(c * plane);
    let to = v + bytes(c * stride);
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < across; j += 4) {
        const first = min(j, across - 4);
        transformFour(to + bytes(first), matrix, top + bytes(2 * first), rowBytes);
      }
      top += rowBytes * 2;
      to += bytes(across);
    }
  }
}

/** Four patches side by side. */
function transformFour(to: usize, matrix: usize, d0: usize, rowBytes: usize): void {
  const d1 = d0 + rowBytes;
  const d2 = d1 + rowBytes;
  const d3 = d2 + rowBytes;
  subtractRows(to, matrix, d0, d2);
  const four = to + matrix * 4;
  expandRow(
    four,
    matrix,
    f32x4.add(v128.load(d1), v128.load(d2)),
    f32x4.add(v128.load(d1, 8), v128.load(d2, 8)),
    f32x4.add(v128.load(d1, 16), v128.load(d2, 16)),
    f32x4.add(v128.load(d1, 24), v128.load(d2, 24)),
  );
  subtractRows(four + matrix * 4, matrix, d2, d1);
  subtractRows(four + matrix * 8, matrix, d1, d3);
}

function subtractRows(to: usize, matrix: usize, a: usize, b: usize): void {
  expandRow(
    to,
    matrix,
    f32x4.sub(v128.load(a), v128.load(b)),
    f32x4.sub(v128.load(a, 8), v128.load(b, 8)),
    f32x4.sub(v128.load(a, 16), v128.load(b, 16)),
    f32x4.sub(v128.load(a, 24), v128.load(b, 24)),
  );
}

/** A row times B for four patches, which begin at columns 0, 2, 4 and 6. e0: columns 0 to 3, e2: columns 2 to 5, and so on. */
function expandRow(to: usize, matrix: usize, e0: v128, e2: v128, e4: v128, e6: v128): void {
  const d0 = v128.shuffle<f32>(e0, e4, 0, 2, 4, 6);
  const d1 = v128.shuffle<f32>(e0, e4, 1, 3, 5, 7);
  const d2 = v128.shuffle<f32>(e2, e6, 0, 2, 4, 6);
  const d3 = v128.shuffle<f32>(e2, e6, 1, 3, 5, 7);
  v128.store(to, f32x4.sub(d0, d2));
  v128.store(to + matrix, f32x4.add(d1, d2));
  v128.store(to + matrix * 2, f32x4.sub(d2, d1));
  v128.store(to + matrix * 3, f32x4.sub(d1, d3));
}

/** to[4][4] = Aᵀ·m·A of four tiles side by side: their first outputs, the second ones, and so on. */
export function transformOutputs(to: usize, m: usize, matrix: usize): void {
  const m1 = m + matrix * 4;
  const m2 = m + matrix * 8;
  const m3 = m + matrix * 12;
  const a1 = v128.load(m1);
  const a2 = v128.load(m2);
  const a = upper(v128.load(m), a1, a2);
  const e = lower(a1, a2, v128.load(m3));
  const b1 = v128.load(m1 + matrix);
  const b2 = v128.load(m2 + matrix);
  const b = upper(v128.load(m + matrix), b1, b2);
  const f = lower(b1, b2, v128.load(m3 + matrix));
  const c1 = v128.load(m1 + matrix * 2);
  const c2 = v128.load(m2 + matrix * 2);
  const c = upper(v128.load(m + matrix * 2), c1, c2);
  const g = lower(c1, c2, v128.load(m3 + matrix * 2));
  v128.store(to, upper(a, b, c));
  v128.store(to, upper(e, f, g), 32);
  const d1 = v128.load(m1 + matrix * 3);
  const d2 = v128.load(m2 + matrix * 3);
  const d = upper(v128.load(m + matrix * 3), d1, d2);
  const h = lower(d1, d2, v128.load(m3 + matrix * 3));
  v128.store(to, lower(b, c, d), 16);
  v128.store(to, lower(f, g, h), 48);
}

/** to = A·dY·Aᵀ of four tiles side by side. a0: their first gradients, a1: their second ones, and so on. */
export function transformGradients(
  to: usize,
  matrix: usize,
  a0: v128,
  a1: v128,
  a2: v128,
  a3: v128,
): void {
  const row = matrix * 4;
  widen(to, matrix, a0, a1);
  widen(to + row, matrix, f32x4.add(a0, a2), f32x4.add(a1, a3));
  widen(to + row * 2, matrix, f32x4.sub(a0, a2), f32x4.sub(a1, a3));
  widen(to + row * 3, matrix, f32x4.neg(a2), f32x4.neg(a3));
}

/** A times a column of two. */
function widen(to: usize, step: usize, a: v128, b: v128): void {
  v128.store(to, a);
  v128.store(to + step, f32x4.add(a, b));
  v128.store(to + step * 2, f32x4.sub(a, b));
  v128.store(to + step * 3, f32x4.neg(b));
}

/** dw[filters, channels, 3, 3] += Gᵀ·s·G, four filters at a time. aside: CONTRACT_BYTES of scratch. */
export function addFilters(dw: usize, s: usize, aside: usize, filters: i32, channels: i32): void {
  const matrix = matrixBytes(channels, filters);
  const taps = aside + 192;
  for (let c = 0; c < channels; c++) {
    for (let o = 0; o < filters; o += 4) {
      const from = s + bytes(c * filters + o);
      for (let q: usize = 0; q < 4; q++)
        contract(aside + q * 16, 64, from + q * matrix, matrix * 4);
      for (let p: usize = 0; p < 3; p++) contract(taps + p * 48, 16, aside + p * 64, 16);
      for (let f = 0; f < min(filters - o, 4); f++) {
        const to = dw + bytes(((o + f) * channels + c) * 9);
        for (let tap: usize = 0; tap < 9; tap++) {
          const at = to + tap * 4;
          store<f32>(at, load<f32>(at) + load<f32>(taps + tap * 16 + bytes(f)));
        }
      }
    }
  }
}

/** Gᵀ times a column of four. */
function contract(to: usize, toStep: usize, from: usize, fromStep: usize): void {
  const half = f32x4.splat(0.5);
  const s1 = v128.load(from + fromStep);
  const s2 = v128.load(from + fromStep * 2);
  const middle = f32x4.mul(half, f32x4.add(s1, s2));
  v128.store(to, f32x4.add(v128.load(from), middle));
  v128.store(to + toStep, f32x4.mul(half, f32x4.sub(s1, s2)));
  v128.store(to + toStep * 2, f32x4.add(middle, v128.load(from + fromStep * 3)));
}

/** Row 0 of Aᵀ times a column. */
export function upper(m0: v128, m1: v128, m2: v128): v128 {
  return f32x4.add(m0, f32x4.add(m1, m2));
}

/** Row 1 of Aᵀ times a column. */
export function lower(m1: v128, m2: v128, m3: v128): v128 {
  return f32x4.sub(f32x4.sub(m1, m2), m3);
}
