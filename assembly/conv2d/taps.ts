/**
 * The sums of depthwise.ts over one channel: which taps reach an output, and where the outputs and their pixels lie. Both
 * lists are written once a call and serve every channel, filter and image.
 *
 *   a plan: struct, 16 bytes │ taps, i32[2] each: bytes from a place to the pixel, bytes to the weight │
 *           places, i32[2] each: bytes to the pixel of a tap at 0, bytes to the output
 *
 * A place stands for four outputs side by side, and the last places of a row may overlap: an output that is written twice
 * has the same bits twice. Places are listed by fours; a last one is repeated.
 */
import { bytesOf } from '../lib/bytes';
import { bytes, horizontalSum, multiplyAdd } from '../lib/simd';

const ENTRY_BYTES: usize = 8;

/** Vectors in a block of a sum over outputs: dots.ts. */
const BLOCK_SHIFT: i32 = 7;

/** The outputs that the same taps reach. */
@unmanaged
export class Plan {
  /** Addresses: the end of the taps, where the places begin; the end of the places. */
  places!: usize;
  end!: usize;
  /** Outputs of a place: four, or fewer if a row has fewer. */
  width!: i32;

  get taps(): usize {
    return changetype<usize>(this) + 16;
  }

  /** An empty plan: taps come first, then the places. */
  clear(): void {
    this.places = this.taps;
    this.end = this.taps;
    this.width = 0;
  }

  addTap(pixel: i32, weight: i32): void {
    store<i32>(this.places, pixel << 2);
    store<i32>(this.places, weight << 2, 4);
    this.places += ENTRY_BYTES;
    this.end = this.places;
  }

  /**
   * Outputs in rows and columns: the numbers from one row to the next, in the frame and in the outputs, and the first
   * output.
   */
  addPlaces(rows: i32, columns: i32, fromStep: i32, toStep: i32, to: i32): void {
    this.width = min(columns, 4);
    const last = max(columns - 4, 0);
    let at = this.places;
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j += 4) {
        const first = min(j, last);
        store<i32>(at, (i * fromStep + first) << 2);
        store<i32>(at, (to + i * toStep + first) << 2, 4);
        at += ENTRY_BYTES;
      }
    }
    while (((at - this.places) & 31) > 0) {
      store<i64>(at, load<i64>(at - ENTRY_BYTES));
      at += ENTRY_BYTES;
    }
    this.end = at;
  }

  /** Address after the plan. */
  get next(): usize {
    return (this.end + 15) & ~15;
  }
}

/** Bytes of a plan, its last places repeated, and room for an alignment. */
export function planBytes(taps: f64, places: f64): f64 {
  return bytesOf(2 * (taps + places)) + 64;
}

/**
 * to = bias + Σ over taps of Σ over filters of w·from, for all places. The frames and the weights of the filters lie
 * `fromStep` and `wStep` bytes apart. The inner sum is taken first.
 */
export function sumTaps(
  to: usize,
  from: usize,
  w: usize,
  bias: f32,
  plan: Plan,
  filters: i32,
  fromStep: usize,
  wStep: usize,
): void {
  const biases = f32x4.splat(bias);
  const width = plan.width;
  const taps = plan.taps;
  const places = plan.places;
  const end = plan.end;
  for (let place = places; place < end; place += 4 * ENTRY_BYTES) {
    const x0 = from + load<usize>(place);
    const x1 = from + load<usize>(place, 8);
    const x2 = from + load<usize>(place, 16);
    const x3 = from + load<usize>(place, 24);
    let a0 = f32x4.splat(0);
    let a1 = f32x4.splat(0);
    let a2 = f32x4.splat(0);
    let a3 = f32x4.splat(0);
    for (let tap = taps; tap < places; tap += ENTRY_BYTES) {
      let at = load<usize>(tap);
      let weightAt = w + load<usize>(tap, 4);
      let weight = v128.load32_splat(weightAt);
      let p0 = f32x4.mul(weight, v128.load(x0 + at));
      let p1 = f32x4.mul(weight, v128.load(x1 + at));
      let p2 = f32x4.mul(weight, v128.load(x2 + at));
      let p3 = f32x4.mul(weight, v128.load(x3 + at));
      for (let o = 1; o < filters; o++) {
        at += fromStep;
        weightAt += wStep;
        weight = v128.load32_splat(weightAt);
        p0 = multiplyAdd(p0, weight, v128.load(x0 + at));
        p1 = multiplyAdd(p1, weight, v128.load(x1 + at));
        p2 = multiplyAdd(p2, weight, v128.load(x2 + at));
        p3 = multiplyAdd(p3, weight, v128.load(x3 + at));
      }
      a0 = f32x4.add(a0, p0);
      a1 = f32x4.add(a1, p1);
      a2 = f32x4.add(a2, p2);
      a3 = f32x4.add(a3, p3);
    }
    storeUpTo4(to + load<usize>(place, 4), f32x4.add(biases, a0), width);
    storeUpTo4(to + load<usize>(place, 12), f32x4.add(biases, a1), width);
    storeUpTo4(to + load<usize>(place, 20), f32x4.add(biases, a2), width);
    storeUpTo4(to + load<usize>(place, 28), f32x4.add(biases, a3), width);
  }
}

/** The first numbers of a vector, at most four. */
function storeUpTo4(to: usize, numbers: v128, count: i32): void {
  if (count >= 4) {
    v128.store(to, numbers);
    return;
  }
  v128.store_lane<f32>(to, numbers, 0);
  if (count > 1) v128.store_lane<f32>(to, numbers, 1, 4);
  if (count > 2) v128.store_lane<f32>(to, numbers, 2, 8);
}

/**
 * dw[tap] += Σ over outputs of dy·from, five taps at a time, in the order of dots.ts: lane l adds the outputs with
 * k ≡ l (mod 4), k counted row after row. Row i of dy begins at dy + i·lineStep with (i·columns) mod 4 zeros, so that its
 * outputs stand in their lanes, and ends with zeros up to a whole vector. Its pixels lie from + i·fromStep on.
 */
export function dotTaps(
  dw: usize,
  dy: usize,
  from: usize,
  plan: Plan,
  rows: i32,
  columns: i32,
  lineStep: usize,
  fromStep: usize,
): void {
  const end = plan.places;
  for (let tap = plan.taps; tap < end; tap += 5 * ENTRY_BYTES) {
    const count = min(<i32>((end - tap) / ENTRY_BYTES), 5);
    // taps that do not exist repeat the first one
    const x0 = from + load<usize>(tap);
    const x1 = from + load<usize>(count > 1 ? tap + 8 : tap);
    const x2 = from + load<usize>(count > 2 ? tap + 16 : tap);
    const x3 = from + load<usize>(count > 3 ? tap + 24 : tap);
    const x4 = from + load<usize>(count > 4 ? tap + 32 : tap);
    const to = dw + load<usize>(tap, 4);
    let a0 = f32x4.splat(0);
    let a1 = f32x4.splat(0);
    let a2 = f32x4.splat(0);
    let a3 = f32x4.splat(0);
    let a4 = f32x4.splat(0);
    let block = 0;
    let first = 0;
    for (let i = 0; i < rows; i++) {
      let line = dy + <usize>i * lineStep;
      let at = <usize>i * fromStep - bytes(first & 3);
      let vector = first >> 2;
      first += columns;
      const last = (first + 3) >> 2;
      while (vector < last) {
        if (vector >> BLOCK_SHIFT != block) {
          addSums(to, count, a0, a1, a2, a3, a4);
          a0 = f32x4.splat(0);
          a1 = f32x4.splat(0);
          a2 = f32x4.splat(0);
          a3 = f32x4.splat(0);
          a4 = f32x4.splat(0);
          block = vector >> BLOCK_SHIFT;
        }
        const stop = min(last, (block + 1) << BLOCK_SHIFT);
        for (; vector < stop; vector++) {
          const g = v128.load(line);
          a0 = multiplyAdd(a0, g, v128.load(x0 + at));
          a1 = multiplyAdd(a1, g, v128.load(x1 + at));
          a2 = multiplyAdd(a2, g, v128.load(x2 + at));
          a3 = multiplyAdd(a3, g, v128.load(x3 + at));
          a4 = multiplyAdd(a4, g, v128.load(x4 + at));
          line += 16;
          at += 16;
        }
      }
    }
    addSums(to, count, a0, a1, a2, a3, a4);
  }
}

/** Adds the sums of the lanes to the first `count` of five neighbouring weights. */
function addSums(to: usize, count: i32, a0: v128, a1: v128, a2: v128, a3: v128, a4: v128): void {
  store<f32>(to, load<f32>(to) + horizontalSum(a0));
  if (count > 1) store<f32>(to, load<f32>(to, 4) + horizontalSum(a1), 4);
  if (count > 2) store<f32>(to, load<f32>(to, 8) + horizontalSum(a2), 8);
  if (count > 3) store<f32>(to, load<f32>(to, 12) + horizontalSum(a3), 12);
  if (count > 4) store<f32>(to, load<f32>(to, 16) + horizontalSum(a4), 16);
}
