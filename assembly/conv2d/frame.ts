/**
 * The frame of depthwise.ts: one channel between zeros, so that every pixel that a kernel reaches lies inside it. If outputs
 * take every second column, the even columns come before the odd ones: the pixels under one tap of neighbouring outputs
 * then are neighbours, too.
 *
 *   a row, stride 1   0 1 2 3 4 5 6
 *          stride 2   0 2 4 6 │ 1 3 5 –
 */
import { bytesOf } from '../lib/bytes';
import { bytes, copy } from '../lib/simd';

/** Bytes for the struct: the region that follows keeps the alignment of scratch. */
export const FRAME_BYTES: usize = 64;

/** How a frame lies in memory. */
@unmanaged
export class Frame {
  rows!: i32;
  columns!: i32;
  /** Rows and columns of zeros before the channel. */
  top!: i32;
  left!: i32;
  /** 1 or 2. */
  stride!: i32;
  /** Numbers from row to row. */
  pitch!: i32;
  /** Bytes of a frame. Vectors may reach four numbers past its last row. */
  bytes!: usize;

  choose(rows: i32, columns: i32, top: i32, left: i32, stride: i32): void {
    assert(offsetof<Frame>() <= FRAME_BYTES && (stride == 1 || stride == 2));
    this.rows = rows;
    this.columns = columns;
    this.top = top;
    this.left = left;
    this.stride = stride;
    this.pitch = stride == 1 ? columns : (columns + 1) & ~1;
    this.bytes = bytes(rows * this.pitch + 4);
  }

  /** Place in its row, in numbers, of a column counted from the first zero. */
  placeOf(column: i32): i32 {
    return this.stride == 1 ? column : (column & 1) * (this.pitch >> 1) + (column >> 1);
  }

  /** Copies a channel between the zeros of a frame that was cleared once. */
  fill(frame: usize, x: usize, inH: i32, inW: i32): void {
    const step = bytes(this.pitch);
    const rows = min(inH, this.rows - this.top);
    const columns = max(min(inW, this.columns - this.left), 0); // 0 if kernels reach padding alone
    const rowBytes = bytes(inW);
    const even = bytes(this.placeOf(this.left));
    const odd = bytes(this.placeOf(this.left + 1));
    const isPlain = this.stride == 1;
    let to = frame + bytes(this.top * this.pitch);
    for (let h = 0; h < rows; h++) {
      if (isPlain) copy(to + even, x, columns);
      else {
        takeSeconds(to + even, x, (columns + 1) >> 1);
        takeSeconds(to + odd, x + 4, columns >> 1);
      }
      to += step;
      x += rowBytes;
    }
  }
}

/** Bytes of a frame. */
export function frameBytes(rows: f64, columns: f64): f64 {
  return bytesOf(rows * (columns + 1) + 4);
}

/** to[i] = from[2·i] */
function takeSeconds(to: usize, from: usize, count: i32): void {
  let i = 0;
  // a vector reads one number past its last second one: the next second one says that it exists
  for (; i + 4 < count; i += 4) {
    const at = from + bytes(2 * i);
    v128.store(to + bytes(i), v128.shuffle<f32>(v128.load(at), v128.load(at, 16), 0, 2, 4, 6));
  }
  for (; i < count; i++) store<f32>(to + bytes(i), load<f32>(from + bytes(2 * i)));
}

/** to[2·i] = even[i], to[2·i + 1] = odd[i] */
export function interleave(to: usize, even: usize, odd: usize, length: i32): void {
  let i = 0;
  for (; i + 8 <= length; i += 8) {
    const at = bytes(i >> 1);
    const a = v128.load(even + at);
    const b = v128.load(odd + at);
    v128.store(to + bytes(i), v128.shuffle<f32>(a, b, 0, 4, 1, 5));
    v128.store(to + bytes(i), v128.shuffle<f32>(a, b, 2, 6, 3, 7), 16);
  }
  for (; i < length; i++) {
    store<f32>(to + bytes(i), load<f32>((i & 1 ? odd : even) + bytes(i >> 1)));
  }
}
