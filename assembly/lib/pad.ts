/**
 * The frame: a copy of an image between zeros, so that every patch lies inside it. An image that holds all patches needs no
 * frame: ConvSizes.chooseFrame decides.
 */

import { bytesOf } from './bytes';
import { bytes, copy } from './simd';
import { ConvSizes } from './sizes';

/** Bytes of a frame and of four more numbers: vectors of inner loops may reach so far past its end. */
export function frameBytes(channels: i32, frameH: f64, frameW: f64): f64 {
  return bytesOf(frameH * frameW * channels + 4);
}

/** Zeros in the whole frame, if there is one. */
export function clearFrame(frame: usize, s: ConvSizes): void {
  if (s.frameH > 0) memory.fill(frame, 0, bytes(s.inC * s.plane + 4));
}

/** x = what lies inside the frame; pixels that the frame leaves out are 0. */
export function unframe(x: usize, frame: usize, s: ConvSizes): void {
  const inC = s.inC;
  const inH = s.inH;
  const inW = s.inW;
  const pitch = s.pitch;
  const plane = s.plane;
  const rows = rowsInside(s);
  const columns = columnsInside(s);
  const first = frame + bytes(s.padH * pitch + s.padW);
  if (rows < inH || columns < inW) memory.fill(x, 0, s.xBytes);
  for (let c = 0; c < inC; c++) {
    for (let h = 0; h < rows; h++) {
      copy(x + bytes((c * inH + h) * inW), first + bytes(c * plane + h * pitch), columns);
    }
  }
}

/** Rows and columns of an image that its frame holds, or that it has if there is no frame. */
export function rowsInside(s: ConvSizes): i32 {
  return s.frameH == 0 ? s.inH : min(s.inH, s.frameH - s.padH);
}

export function columnsInside(s: ConvSizes): i32 {
  return max(min(s.inW, s.pitch - s.padW), 0); // 0 if all patches lie in the padding
}

/** Copies an image into the frame, if there is one. @returns the address of the image that patches are read from */
export function enframe(frame: usize, x: usize, s: ConvSizes): usize {
  if (s.frameH == 0) return x;
  const inC = s.inC;
  const inH = s.inH;
  const inW = s.inW;
  const pitch = s.pitch;
  const plane = s.plane;
  const rows = rowsInside(s);
  const columns = columnsInside(s);
  const first = frame + bytes(s.padH * pitch + s.padW);
  for (let c = 0; c < inC; c++) {
    for (let h = 0; h < rows; h++) {
      copy(first + bytes(c * plane + h * pitch), x + bytes((c * inH + h) * inW), columns);
    }
  }
  return frame;
}
