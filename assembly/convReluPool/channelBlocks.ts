/**
 * The image with its channels in blocks of eight, between zeros if there is a frame: f32[inC / 8 rounded up, rows, pitch, 8].
 * A pair of vectors is a tap of eight channels. It is aligned, and no lane of it lies beside the patch.
 */
import { bytesOf } from '../lib/bytes';
import { columnsInside, rowsInside } from '../lib/pad';
import { bytes, transpose4x4 } from '../lib/simd';
import { ConvSizes } from '../lib/sizes';

/** Bytes of a pixel of a block. */
const PIXEL_BYTES: usize = 32;

/** Bytes of the blocks of an image of height × width. */
export function channelBlocksBytes(inC: i32, height: f64, width: f64): f64 {
  return bytesOf(height * width * roundUp8(inC));
}

/** Zeros around what writeChannelBlocks writes. */
export function clearChannelBlocks(blocks: usize, s: ConvSizes): void {
  memory.fill(blocks, 0, bytes(s.plane * roundUp8(s.inC)));
}

/** Writes the image x between the zeros. */
export function writeChannelBlocks(blocks: usize, x: usize, s: ConvSizes): void {
  const inC = s.inC;
  const inW = s.inW;
  const rows = rowsInside(s);
  const columns = columnsInside(s);
  const planeBytes = bytes(s.inH * inW);
  const blockBytes = <usize>s.plane * PIXEL_BYTES;
  const pitchBytes = <usize>s.pitch * PIXEL_BYTES;
  let first = blocks + <usize>(s.padH * s.pitch + s.padW) * PIXEL_BYTES;
  for (let c = 0; c < inC; c += 4) {
    const channels = min(inC - c, 4);
    for (let h = 0; h < rows; h++) {
      const from = x + bytes(h * inW);
      const to = first + <usize>h * pitchBytes;
      let w = 0;
      if (channels == 4) {
        for (; w <= columns - 4; w += 4) {
          transpose4x4(to + <usize>w * PIXEL_BYTES, PIXEL_BYTES, from + bytes(w), planeBytes);
        }
      }
      for (; w < columns; w++) {
        for (let i = 0; i < channels; i++) {
          const value = load<f32>(from + <usize>i * planeBytes + bytes(w));
          store<f32>(to + <usize>w * PIXEL_BYTES + bytes(i), value);
        }
      }
    }
    x += planeBytes * 4;
    first += c & 4 ? blockBytes - 16 : 16; // the second half of the block, then the next block
  }
}

function roundUp8(channels: i32): i32 {
  return (channels + 7) & ~7;
}
