/**
 * The windows of an image: the list of those to compute, and the values and winners of the others. See convReluPool.ts.
 *
 *   saved, for each image: winners, i32[windows, filters], filters = outC rounded up to 4 │
 *                          i32[4]: the number of listed windows, then nothing │ the list, an entry a window
 */
import { bytesOf } from '../lib/bytes';
import { bytes, roundUp } from '../lib/simd';
import { ConvSizes } from '../lib/sizes';

/**
 * An entry of the list of windows: bytes into the image, into a plane of y, and into the values and winners,
 * of which there is one for each window and filter; one word is free.
 */
export const ENTRY_BYTES: usize = 16;

/** Bytes of all that forward saves for an image. */
export function savedBytes(outC: i32, outH: i32, outW: i32): f64 {
  const windows = <f64>(outH >> 1) * (outW >> 1);
  return bytesOf(windows * roundUp(outC)) + 16 + (windows + 1) * ENTRY_BYTES;
}

/** The address of the list of an image. The number of its entries stands 16 bytes before it. */
export function listOf(saved: usize, s: ConvSizes): usize {
  return saved + bytes(s.windows * s.filters) + 16;
}

/** The address of the saved bytes of the next image. */
export function nextSaved(saved: usize, s: ConvSizes): usize {
  return listOf(saved, s) + <usize>(s.windows + 1) * ENTRY_BYTES;
}

/** An entry for every window. */
export function listAll(to: usize, s: ConvSizes): void {
  const pooledH = s.outH >> 1;
  const pooledW = s.outW >> 1;
  const rowStep = s.strideH * s.pitch;
  const strideW = s.strideW;
  const filters = s.filters;
  let window = 0;
  for (let i = 0; i < pooledH; i++) {
    for (let j = 0; j < pooledW; j++) {
      store<i32>(to, (2 * (i * rowStep + j * strideW)) << 2);
      store<i32>(to, window << 2, 4);
      store<i32>(to, (window * filters) << 2, 8);
      to += ENTRY_BYTES;
      window++;
    }
  }
}

/**
 * The entries of the windows that have ink in the four rows of four pixels that a 3×3 kernel covers if it moves by one.
 * A bit for each of 30 columns at a time, enough for 14 windows. @returns their number
 */
export function listInked3x3(list: usize, entries: usize, image: usize, s: ConvSizes): i32 {
  const pooledH = s.outH >> 1;
  const pooledW = s.outW >> 1;
  const rowBytes = bytes(s.pitch);
  let at = list;
  for (let i = 0; i < pooledH; i++) {
    for (let j = 0; j < pooledW; j += 14) {
      const some = min(pooledW - j, 14);
      let ink = inkBits(image + bytes(2 * j), rowBytes, 2 * some + 2);
      ink |= ink >> 1;
      ink |= ink >> 2; // now bit 2j stands for columns 2j to 2j + 3
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

/** A bit for each of `columns` columns, rounded up to whole vectors: 1 if one of four rows has ink there. */
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

/** For each row of windows, the bits of all rows of the image that it covers, joined, then four zeros: f32[pooledH, pitch + 8]. */
export function joinRows(lines: usize, image: usize, s: ConvSizes): void {
  const pooledH = s.outH >> 1;
  const strideH = s.strideH;
  const rows = s.kH + strideH;
  const rowBytes = bytes(s.pitch);
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
    v128.store(lines + rowBytes, i32x4.splat(0));
    lines += rowBytes + 32;
    image += <usize>(2 * strideH) * rowBytes;
  }
}

/**
 * The entries of the windows that have ink: any bit in their columns of a line, columns rounded up to whole vectors. A
 * window with ink in the columns after it may be listed too, which does not change its result. @returns their number
 */
export function listInked(list: usize, entries: usize, lines: usize, s: ConvSizes): i32 {
  const end = entries + <usize>s.windows * ENTRY_BYTES;
  const pooledW = s.outW >> 1;
  const columns = s.kW + s.strideW;
  const step = bytes(2 * s.strideW);
  const lineBytes = bytes(s.pitch + 8);
  let at = list;
  let line = lines;
  let column = line;
  let j = 0;
  for (; entries < end; entries += ENTRY_BYTES) {
    let bits = v128.load(column);
    for (let v = 4; v < columns; v += 4) bits = v128.or(bits, v128.load(column + bytes(v)));
    v128.store(at, v128.load(entries));
    at += v128.any_true(bits) ? ENTRY_BYTES : 0; // a select, no branch, as in listInked3x3
    column += step;
    if (++j == pooledW) {
      j = 0;
      line += lineBytes;
      column = line;
    }
  }
  return <i32>((at - list) / ENTRY_BYTES);
}

/** Gives the listed windows the value of a window whose patch is 0: max(0, b). */
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

/**
 * Completes what forward saved for an image: the winner of every window that is not listed is its first output. The list is
 * in the order of the windows.
 */
export function clearUnlisted(saved: usize, s: ConvSizes): void {
  let list = listOf(saved, s);
  const end = list + <usize>load<i32>(list - 16) * ENTRY_BYTES;
  const rowBytes = bytes(s.filters);
  const keptEnd = <usize>s.windows * rowBytes;
  for (let kept: usize = 0; kept < keptEnd; kept += rowBytes) {
    if (list < end && <usize>load<i32>(list, 8) == kept) list += ENTRY_BYTES;
    else memory.fill(saved + kept, 0, rowBytes);
  }
}
