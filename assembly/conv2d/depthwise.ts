/**
 * Convolution in which every input channel has filters of its own (groups = inC), as direct sums. Formulas: conv2d.ts.
 *
 *   forward          y[o] = b[o] + Σ over taps of w[o]·(pixels under the tap)
 *   backward input   dx = Σ over taps of Σ over the channel's filters of w[o]·(outputs whose tap lies on the pixel)
 *   backward weight  dw[o] += Σ over outputs of dy[o]·(pixels under the tap)
 *
 * Each channel is copied into a frame (frame.ts), where vectors need no look at the border. Backward input frames dy; with
 * stride 2 a pixel is reached by every second tap alone, so even and odd rows and columns are sums over taps of their own
 * (at most four plans), and the columns are interleaved afterwards.
 *
 *   scratch   forward           the plan │ frame struct │ frame of x
 *             backward input    the plans │ frame struct │ frame of dy for each filter │ dx, even columns before odd ones
 *             backward weight   the plan │ frame struct │ frame of x │ dy, each row in its lanes (taps.ts)
 *
 * The sums have the order, and so the bits, of matrix products over patches (patches.ts). Padding is multiplied: backward
 * input multiplies a border of zeros around dy as well, so a weight that is not finite makes NaN of all pixels near the
 * border. In backward weight, a pixel that is not finite may reach all weights of its channel.
 */
import { bytesOf } from '../lib/bytes';
import { bytes, copy, roundUp } from '../lib/simd';
import { ConvSizes } from '../lib/sizes';
import { FRAME_BYTES, Frame, frameBytes, interleave } from './frame';
import { dotTaps, Plan, planBytes, sumTaps } from './taps';

/** Bytes of scratch for all three directions. */
export function depthwiseBytes(
  inH: f64,
  inW: f64,
  filters: f64,
  outH: f64,
  outW: f64,
  kH: f64,
  kW: f64,
  strideH: f64,
  strideW: f64,
  padH: f64,
  padW: f64,
  dilationH: f64,
  dilationW: f64,
): f64 {
  const taps = kH * kW;
  const spanH = (kH - 1) * dilationH + 1;
  const spanW = (kW - 1) * dilationW + 1;
  const frame = frameBytes((outH - 1) * strideH + spanH, (outW - 1) * strideW + spanW);
  const lines = bytesOf(outH * (outW + 6));
  const outputs = planBytes(taps, outH * ceil<f64>(outW / 4));
  const rows = spanH + max<f64>(outH, inH + padH);
  const columns = spanW + max<f64>(outW, inW + padW);
  const inputs = planBytes(taps, inH * (ceil<f64>(inW / 4) + 1)) + 3 * planBytes(0, 0);
  const backwardInput = inputs + filters * frameBytes(rows, columns) + bytesOf(inH * (inW + 1));
  return FRAME_BYTES + max<f64>(outputs + frame + lines, backwardInput);
}

/** Every tap of a kernel, over a frame of x. */
function listTaps(plan: Plan, f: Frame, s: ConvSizes): void {
  plan.clear();
  for (let p = 0; p < s.kH; p++) {
    for (let q = 0; q < s.kW; q++) {
      plan.addTap(p * s.dilationH * f.pitch + f.placeOf(q * s.dilationW), p * s.kW + q);
    }
  }
}

/** The frame of a channel of x, its struct after the plan. */
function frameOfX(at: usize, s: ConvSizes): Frame {
  const f = changetype<Frame>(at);
  const spanH = (s.kH - 1) * s.dilationH + 1;
  const spanW = (s.kW - 1) * s.dilationW + 1;
  const rows = (s.outH - 1) * s.strideH + spanH;
  f.choose(rows, (s.outW - 1) * s.strideW + spanW, s.padH, s.padW, s.strideW);
  return f;
}

/** y = b + Σ w·x */
export function forwardDepthwise(
  y: usize,
  x: usize,
  w: usize,
  b: usize,
  scratch: usize,
  s: ConvSizes,
): void {
  const inC = s.inC;
  const inH = s.inH;
  const inW = s.inW;
  const filters = s.groupOutC;
  const f = frameOfX(scratch, s);
  const plan = changetype<Plan>(scratch + FRAME_BYTES);
  listTaps(plan, f, s);
  plan.addPlaces(s.outH, s.outW, s.strideH * f.pitch, s.outW, 0);
  const frame = plan.next;
  const wBytes = bytes(s.taps);
  const yBytes = bytes(s.pixels);
  memory.fill(frame, 0, f.bytes);
  for (let n = s.batch; n > 0; n--) {
    for (let c = 0; c < inC; c++) {
      f.fill(frame, x, inH, inW);
      for (let o = c * filters; o < (c + 1) * filters; o++) {
        const bias: f32 = b == 0 ? 0 : load<f32>(b + bytes(o));
        sumTaps(y, frame, w + <usize>o * wBytes, bias, plan, 1, 0, 0);
        y += yBytes;
      }
      x += bytes(inH * inW);
    }
  }
}

/** dw += Σ dy·x */
export function backwardWeightDepthwise(
  dw: usize,
  dy: usize,
  x: usize,
  scratch: usize,
  s: ConvSizes,
): void {
  const inC = s.inC;
  const inH = s.inH;
  const inW = s.inW;
  const outH = s.outH;
  const outW = s.outW;
  const filters = s.groupOutC;
  const f = frameOfX(scratch, s);
  const plan = changetype<Plan>(scratch + FRAME_BYTES);
  listTaps(plan, f, s);
  const frame = plan.next;
  const lines = frame + f.bytes;
  const isWhole = (outW & 3) == 0; // every row is in its lanes
  const lineBytes = isWhole ? bytes(outW) : bytes(roundUp(outW + 3));
  const fromStep = bytes(s.strideH * f.pitch);
  const wBytes = bytes(s.taps);
  const yBytes = bytes(s.pixels);
  memory.fill(frame, 0, f.bytes);
  if (!isWhole) memory.fill(lines, 0, <usize>outH * lineBytes);
  for (let n = s.batch; n > 0; n--) {
    for (let c = 0; c < inC; c++) {
      f.fill(frame, x, inH, inW);
      for (let o = c * filters; o < (c + 1) * filters; o++) {
        const from = isWhole ? dy : lines;
        if (!isWhole) toLanes(lines, dy, outH, outW, lineBytes);
        dotTaps(dw + <usize>o * wBytes, from, frame, plan, outH, outW, lineBytes, fromStep);
        dy += yBytes;
      }
      x += bytes(inH * inW);
    }
  }
}

/** Copies the rows of a channel of dy to where their lanes are; around them are zeros. */
function toLanes(lines: usize, dy: usize, rows: i32, columns: i32, lineBytes: usize): void {
  for (let i = 0; i < rows; i++) {
    copy(lines + bytes((i * columns) & 3), dy, columns);
    lines += lineBytes;
    dy += bytes(columns);
  }
}

/** dx = Σ w·dy */
export function backwardInputDepthwise(
  dx: usize,
  dy: usize,
  w: usize,
  scratch: usize,
  s: ConvSizes,
): void {
  const inC = s.inC;
  const inH = s.inH;
  const inW = s.inW;
  const outH = s.outH;
  const outW = s.outW;
  const strideW = s.strideW;
  const kinds = s.strideH * strideW;
  const filters = s.groupOutC;
  const f = frameOfDy(scratch, s);
  const plans = scratch + FRAME_BYTES;
  const frames = listKinds(plans, f, s);
  const aside = frames + <usize>filters * f.bytes;
  const half = (inW + 1) >> 1;
  const wBytes = bytes(s.taps);
  memory.fill(frames, 0, <usize>filters * f.bytes);
  for (let n = s.batch; n > 0; n--) {
    for (let c = 0; c < inC; c++) {
      for (let o = 0; o < filters; o++) {
        f.fill(frames + <usize>o * f.bytes, dy, outH, outW);
        dy += bytes(outH * outW);
      }
      const to = strideW == 1 ? dx : aside;
      let at = plans;
      for (let kind = 0; kind < kinds; kind++) {
        const plan = changetype<Plan>(at);
        const first = w + <usize>(c * filters) * wBytes;
        sumTaps(to, frames, first, 0, plan, filters, f.bytes, wBytes);
        at = plan.next;
      }
      if (strideW == 2) {
        for (let h = 0; h < inH; h++) {
          const even = aside + bytes(2 * h * half);
          interleave(dx + bytes(h * inW), even, even + bytes(half), inW);
        }
      }
      dx += bytes(inH * inW);
    }
  }
}

/** The frame of a channel of dy: room for every output, if there were one, that a tap reaches from a pixel. */
function frameOfDy(at: usize, s: ConvSizes): Frame {
  const f = changetype<Frame>(at);
  const top = outputsBefore(s.kH, s.strideH, s.padH, s.dilationH);
  const left = outputsBefore(s.kW, s.strideW, s.padW, s.dilationW);
  const rows = top + max(s.outH, (s.inH - 1 + s.padH) / s.strideH + 1);
  const columns = left + max(s.outW, (s.inW - 1 + s.padW) / s.strideW + 1);
  f.choose(rows, columns, top, left, 1);
  return f;
}

/** How far before output 0 the last tap reaches from pixel 0. */
function outputsBefore(k: i32, stride: i32, pad: i32, dilation: i32): i32 {
  const pixels = (k - 1) * dilation - pad;
  return pixels > 0 ? (pixels + stride - 1) / stride : 0;
}

/** A plan for each kind of pixel: rows a, a + strideH, …, and columns c, c + strideW, …. @returns the address after them */
function listKinds(at: usize, f: Frame, s: ConvSizes): usize {
  const strideH = s.strideH;
  const strideW = s.strideW;
  const half = (s.inW + 1) >> 1;
  const toPitch = strideW == 1 ? s.inW : 2 * half;
  for (let a = 0; a < strideH; a++) {
    for (let c = 0; c < strideW; c++) {
      const plan = changetype<Plan>(at);
      plan.clear();
      for (let p = 0; p < s.kH; p++) {
        for (let q = 0; q < s.kW; q++) {
          // output i with i·stride + p·dilation − pad = a
          const i = a + s.padH - p * s.dilationH;
          const j = c + s.padW - q * s.dilationW;
          if (i % strideH != 0 || j % strideW != 0) continue;
          const row = i / strideH + f.top;
          plan.addTap(row * f.pitch + j / strideW + f.left, p * s.kW + q);
        }
      }
      const rows = (s.inH - a + strideH - 1) / strideH;
      const columns = (s.inW - c + strideW - 1) / strideW;
      plan.addPlaces(rows, columns, f.pitch, strideH * toPitch, a * toPitch + c * half);
      at = plan.next;
    }
  }
  return at;
}
