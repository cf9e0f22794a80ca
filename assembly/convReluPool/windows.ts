/**
 * The windows of an image: how many, the list of those to compute, and what the others have. See convReluPool.ts.
 */
import { bytes } from '../lib/simd';

/**
 * An entry of the list of windows: bytes into the image, into a plane of y, and into what is kept for each window and
 * filter (values and winners); one word is free.
 */
export const ENTRY_BYTES: usize = 16;

/** Windows of an image. */
export function windowCount(outH: i32, outW: i32): i32 {
  return (outH >> 1) * (outW >> 1);
}

/** Rows or columns of the image that the convolution's outputs cover. */
export function spanOf(out: i32, k: i32, stride: i32): i32 {
  return (out - 1) * stride + k;
}

/** Bytes of an image's winners: i32[windows, filters]. */
export function winnersBytes(outC: i32, outH: i32, outW: i32): usize {
  return bytes(windowCount(outH, outW) * roundUp(outC));
}

/** Bytes of all that forward saves for an image. */
export function savedBytes(outC: i32, outH: i32, outW: i32): i32 {
  const list = (windowCount(outH, outW) + 1) * <i32>ENTRY_BYTES;
  return <i32>winnersBytes(outC, outH, outW) + 16 + list;
}

export function roundUp(count: i32): i32 {
  return (count + 3) & ~3;
}

/** An entry for every window. */
export function listAll(
  to: usize,
  outH: i32,
  outW: i32,
  strideH: i32,
  strideW: i32,
  pitch: i32,
  filters: i32,
): void {
  let window = 0;
  for (let i = 0; i < outH >> 1; i++) {
    for (let j = 0; j < outW >> 1; j++) {
      store<i32>(to, (2 * (i * strideH * pitch + j * strideW)) << 2);
      store<i32>(to, window << 2, 4);
      store<i32>(to, (window * filters) << 2, 8);
      to += ENTRY_BYTES;
      window++;
    }
  }
}

/**
 * The entries of the windows that have ink in their four rows of four pixels: what a 3×3 kernel covers that moves by one.
 * A bit for each of 30 columns at a time, enough for 14 windows. @returns how many
 */
export function listInked3x3(
  list: usize,
  entries: usize,
  pooledH: i32,
  pooledW: i32,
  image: usize,
  pitch: i32,
): i32 {
  const rowBytes = bytes(pitch);
  let at = list;
  for (let i = 0; i < pooledH; i++) {
    for (let j = 0; j < pooledW; j += 14) {
      const some = min(pooledW - j, 14);
      let ink = inkBits(image + bytes(2 * j), rowBytes, 2 * some + 2);
      ink |= ink >> 1;
      ink |= ink >> 2; // now bit 2j tells of columns 2j to 2j + 3
      ink <<= 4;
      const end = entries + <usize>some * ENTRY_BYTES;
      for (; entries < end; entries += ENTRY_BYTES) {
        v128.store(at, v128.load(entries));
        at += ink & <i32>ENTRY_BYTES; // no branch: it is mispredicted at every edge of a digit
        ink >>= 2;
      }
    }
    image += rowBytes * 2;
  }
  return <i32>((at - list) / ENTRY_BYTES);
}

/** A bit for each of so many columns, rounded up to whole vectors: whether four rows have ink there. */
function inkBits(image: usize, rowBytes: usize, columns: i32): i32 {
  let ink = 0;
  for (let q = 0; q < columns; q += 4) {
    const third = image + rowBytes * 2;
    const top = v128.or(v128.load(image), v128.load(image + rowBytes));
    const bottom = v128.or(v128.load(third), v128.load(third + rowBytes));
    ink |= i32x4.bitmask(i32x4.ne(v128.or(top, bottom), i32x4.splat(0))) << q;
    image += 16;
  }
  return ink;
}

/** For each row of windows, the bits of all the image's rows that it covers: f32[pooledH, pitch + 8]. */
export function joinRows(
  lines: usize,
  image: usize,
  pooledH: i32,
  rows: i32,
  strideH: i32,
  pitch: i32,
): void {
  const rowBytes = bytes(pitch);
  for (let i = 0; i < pooledH; i++) {
    for (let v: usize = 0; v < rowBytes; v += 16) {
      let at = image + v;
      let bits = v128.load(at);
      for (let h = 1; h < rows; h++) {
        at += rowBytes;
        bits = v128.or(bits, v128.load(at));
      }
      v128.store(lines + v, bits);
    }
    lines += rowBytes + 32;
    image += <usize>(2 * strideH) * rowBytes;
  }
}

/**
 * The entries of the windows that have ink: any bit in their columns of a line, columns rounded up to whole vectors.
 * What lies past the end of a line may be counted in: the window is computed then, to the same result. @returns how many
 */
export function listInked(
  list: usize,
  entries: usize,
  windows: i32,
  lines: usize,
  pooledW: i32,
  columns: i32,
  strideW: i32,
  pitch: i32,
): i32 {
  const end = entries + <usize>windows * ENTRY_BYTES;
  const step = bytes(2 * strideW);
  const lineBytes = bytes(pitch + 8);
  let at = list;
  let line = lines;
  let column = line;
  let j = 0;
  for (; entries < end; entries += ENTRY_BYTES) {
    let bits = v128.load(column);
    for (let v = 4; v < columns; v += 4) bits = v128.or(bits, v128.load(column + bytes(v)));
    v128.store(at, v128.load(entries));
    at += v128.any_true(bits) ? ENTRY_BYTES : 0; // a select, no branch, as above
    column += step;
    if (++j == pooledW) {
      j = 0;
      line += lineBytes;
      column = line;
    }
  }
  return <i32>((at - list) / ENTRY_BYTES);
}

/** What windows have whose patch is 0, max(0, b), to the listed ones. */
export function fillBlank(values: usize, bias: usize, filters: i32, list: usize, count: i32): void {
  const end = list + <usize>count * ENTRY_BYTES;
  const rowBytes = bytes(filters);
  for (; list < end; list += ENTRY_BYTES) {
    const to = values + <usize>load<i32>(list, 8);
    for (let f: usize = 0; f < rowBytes; f += 16) {
      v128.store(to + f, f32x4.pmax(v128.load(bias + f), f32x4.splat(0)));
    }
  }
}

/** The first output as the winner of every window that is not listed. The list is in the order of the windows. */
export function clearUnlisted(
  winners: usize,
  windows: i32,
  filters: i32,
  list: usize,
  count: i32,
): void {
  const end = list + <usize>count * ENTRY_BYTES;
  const rowBytes = bytes(filters);
  for (let kept: usize = 0; kept < <usize>windows * rowBytes; kept += rowBytes) {
    if (list < end && <usize>load<i32>(list, 8) == kept) list += ENTRY_BYTES;
    else memory.fill(winners + kept, 0, rowBytes);
  }
}
