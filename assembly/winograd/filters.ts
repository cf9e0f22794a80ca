/** G·g·Gᵀ of filters, and Gᵀ·s·G of the sums that make their gradient, four filters at a time. Matrices: winograd.ts. */
import { bytes, gather, transpose4x4 } from '../lib/simd';
import { ConvSizes } from '../lib/sizes';
import { columnsOf, matrixBytes } from './winograd';

/** Bytes of a kernel of nine taps. */
const KERNEL_BYTES: usize = 36;

/** -√2/3 and √2/6. */
const NEAR_ODD: f32 = -0.47140452079103173;
const FAR_ODD: f32 = 0.23570226039551587;

/**
 * u = G·g·Gᵀ for each filter and channel of w. w: f32[outC, inC, 3, 3]; if isTurned, w belongs to the convolution whose
 * dx is computed: f32[inC, outC, 3, 3], and each kernel is turned by half a turn. aside: 432 bytes of scratch.
 */
export function transformFilters(
  u: usize,
  w: usize,
  aside: usize,
  s: ConvSizes,
  isTurned: bool,
): void {
  const inC = s.inC;
  const outC = s.outC;
  const matrix = matrixBytes(outC, inC);
  const filterStep: usize = isTurned ? KERNEL_BYTES : <usize>inC * KERNEL_BYTES;
  const channelStep: usize = isTurned ? <usize>outC * KERNEL_BYTES : KERNEL_BYTES;
  const first = aside + (isTurned ? 128 : 0);
  const tap: usize = isTurned ? <usize>-16 : 16;
  const columns = aside + 144;
  for (let o = 0; o < outC; o += 4) {
    const some = outC - o;
    let g = w + <usize>o * filterStep;
    for (let c = 0; c < inC; c++) {
      turnTaps(aside, g, filterStep, some);
      expand(columns, 16, 48, first, tap, tap * 3, 3);
      expand(u, matrix * 6, matrix, columns, 48, 16, 6);
      u += 16;
      g += channelStep;
    }
  }
}

/** to[9][4] = the taps of at most four filters. */
function turnTaps(to: usize, g: usize, filterStep: usize, some: i32): void {
  if (some >= 4) {
    transpose4x4(to, 16, g, filterStep);
    transpose4x4(to + 64, 16, g + 16, filterStep);
    v128.store(to, gather(g + 32, filterStep, 4), 128);
  } else {
    for (let tap: usize = 0; tap < 9; tap++) {
      v128.store(to + tap * 16, gather(g + tap * 4, filterStep, some));
    }
  }
}

/** G times `count` columns of three. Entries lie `step` bytes apart, columns `next`. */
function expand(
  to: usize,
  toNext: usize,
  toStep: usize,
  from: usize,
  next: usize,
  step: usize,
  count: i32,
): void {
  const half = f32x4.splat(0.5);
  const third = f32x4.splat(-2.0 / 3.0);
  const sixth = f32x4.splat(1.0 / 6.0);
  for (let column = 0; column < count; column++) {
    const g0 = v128.load(from);
    const g1 = v128.load(from + step);
    const g2 = v128.load(from + step * 2);
    const near = f32x4.mul(third, f32x4.add(g0, f32x4.mul(g2, half)));
    const nearOdd = f32x4.mul(g1, f32x4.splat(NEAR_ODD));
    const far = f32x4.mul(sixth, f32x4.add(g0, f32x4.add(g2, g2)));
    const farOdd = f32x4.mul(g1, f32x4.splat(FAR_ODD));
    v128.store(to, g0);
    v128.store(to + toStep, f32x4.add(near, nearOdd));
    v128.store(to + toStep * 2, f32x4.sub(near, nearOdd));
    v128.store(to + toStep * 3, f32x4.add(far, farOdd));
    v128.store(to + toStep * 4, f32x4.sub(far, farOdd));
    v128.store(to + toStep * 5, g2);
    to += toNext;
    from += next;
  }
}

/** dw[filters, channels, 3, 3] += Gᵀ·s·G. aside: 432 bytes of scratch, three rows of six vectors and nine vectors. */
export function addFilters(dw: usize, s: usize, aside: usize, filters: i32, channels: i32): void {
  const columns = columnsOf(filters);
  const matrix = matrixBytes(channels, columns);
  const taps = aside + 288;
  for (let c = 0; c < channels; c++) {
    for (let o = 0; o < filters; o += 4) {
      const from = s + bytes(c * columns + o);
      for (let q: usize = 0; q < 6; q++) {
        contract(aside + q * 16, 96, from + q * matrix, matrix * 6);
      }
      for (let p: usize = 0; p < 3; p++) contract(taps + p * 48, 16, aside + p * 96, 16);
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

/** Gᵀ times a column of six. */
function contract(to: usize, toStep: usize, from: usize, step: usize): void {
  const s1 = v128.load(from + step);
  const s2 = v128.load(from + step * 2);
  const s3 = v128.load(from + step * 3);
  const s4 = v128.load(from + step * 4);
  const near = f32x4.mul(f32x4.add(s1, s2), f32x4.splat(-1.0 / 3.0));
  const nearOdd = f32x4.mul(f32x4.sub(s1, s2), f32x4.splat(NEAR_ODD));
  const far = f32x4.mul(f32x4.add(s3, s4), f32x4.splat(1.0 / 6.0));
  const farOdd = f32x4.mul(f32x4.sub(s3, s4), f32x4.splat(FAR_ODD));
  const ends = f32x4.add(f32x4.add(near, near), far);
  v128.store(to, f32x4.add(v128.load(from), ends));
  v128.store(to + toStep, f32x4.add(nearOdd, farOdd));
  const last = f32x4.add(f32x4.add(far, far), near);
  v128.store(to + toStep * 2, f32x4.add(last, v128.load(from + step * 5)));
}
