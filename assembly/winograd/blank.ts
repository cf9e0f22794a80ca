/**
 * Which outputs have a patch that is 0 throughout. Winograd's sums of such an output cancel but for the rounding of the other
 * pixels of its tile; masks make it exactly 0. Without them, a ReLU after a bias of 0 would let gradients through at random.
 * Measured: ten steps of the larger network on digits, from biases of 0: losses 7e-4 apart from direct sums without masks.
 *
 *   ink      f32[rows, pitch] for an image that is kept: the bits of all channels joined, 0 where all channels are 0
 *   masks    [4][16][4] for the outputs of sixteen tiles, four tiles at a time: ones, or 0 if the patch is blank │
 *            i32[4]: whether a blank output is among those of four tiles
 */
import { bytes, transpose4x4 } from '../lib/simd';
import { ConvSizes } from '../lib/sizes';
import { PLACE_BYTES, Place, Tiling } from './tiling';

/** Bytes of the masks of four tiles, and of all. */
export const FOUR_BYTES: usize = 256;
export const MASKS_BYTES: usize = 256 * 4 + 16;

/** Ink of an image, whose channels lie s.plane numbers apart. */
export function joinChannels(ink: usize, image: usize, s: ConvSizes): void {
  const inC = s.inC;
  const plane = s.plane;
  const planeBytes = bytes(plane);
  const end = ink + planeBytes;
  const blockEnd = ink + bytes(plane & ~15);
  for (; ink < blockEnd; ink += 64) {
    let at = image;
    let a = v128.load(at);
    let b = v128.load(at, 16);
    let c = v128.load(at, 32);
    let d = v128.load(at, 48);
    for (let channel = 1; channel < inC; channel++) {
      at += planeBytes;
      a = v128.or(a, v128.load(at));
      b = v128.or(b, v128.load(at, 16));
      c = v128.or(c, v128.load(at, 32));
      d = v128.or(d, v128.load(at, 48));
    }
    v128.store(ink, a);
    v128.store(ink, b, 16);
    v128.store(ink, c, 32);
    v128.store(ink, d, 48);
    image += 64;
  }
  for (; ink < end; ink += 4) {
    let at = image;
    let bits = load<i32>(at);
    for (let channel = 1; channel < inC; channel++) {
      at += planeBytes;
      bits |= load<i32>(at);
    }
    store<i32>(ink, bits);
    image += 4;
  }
}

/** The masks of `tiles` places, rounded up to a multiple of four. aside: 256 bytes of scratch. */
export function maskTiles(
  masks: usize,
  inks: usize,
  places: usize,
  aside: usize,
  tiling: Tiling,
  tiles: i32,
): void {
  const rowBytes = bytes(tiling.pitch);
  const inkBytes = tiling.inkBytes;
  let flag = masks + FOUR_BYTES * 4;
  for (let t = 0; t < tiles; t += 4) {
    let isInked = i32x4.splat(-1);
    for (let k: usize = 0; k < 4; k++) {
      const place = changetype<Place>(places);
      const ink = inks + <usize>(place.image % tiling.slots) * inkBytes;
      const inked = maskTile(
        aside + k * 64,
        ink + <usize>place.row * rowBytes + bytes(place.column),
        rowBytes,
      );
      isInked = v128.and(isInked, inked);
      places += PLACE_BYTES;
    }
    for (let row: usize = 0; row < 4; row++) {
      transpose4x4(masks + row * 64, 16, aside + row * 16, 64);
    }
    store<i32>(flag, i32(!i32x4.all_true(isInked)));
    masks += FOUR_BYTES;
    flag += 4;
  }
}

/** Four rows of four masks. @returns their and */
function maskTile(to: usize, ink: usize, rowBytes: usize): v128 {
  const zero = i32x4.splat(0);
  let isInked = i32x4.splat(-1);
  let above = joinThree(ink);
  ink += rowBytes;
  let middle = joinThree(ink);
  for (let row: usize = 0; row < 4; row++) {
    ink += rowBytes;
    const below = joinThree(ink);
    const mask = i32x4.ne(v128.or(v128.or(above, middle), below), zero);
    v128.store(to + row * 16, mask);
    isInked = v128.and(isInked, mask);
    above = middle;
    middle = below;
  }
  return isInked;
}

/** Each of four columns, joined with the two to its right. */
function joinThree(row: usize): v128 {
  return v128.or(v128.or(v128.load(row), v128.load(row, 4)), v128.load(row, 8));
}
