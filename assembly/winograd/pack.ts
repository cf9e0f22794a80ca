/**
 * Transformed patches and gradients of up to 32 places, packed for sums over tiles: see winograd.ts. `tiles` is rounded up to a
 * multiple of four. images: the first image; s: how its rows and channels lie.
 */
import { bytes, transpose4x4 } from '../lib/simd';
import { ConvSizes } from '../lib/sizes';
import { transformGradient } from './outputs';
import { PATCHES_BYTES, transformPatch } from './patches';
import { PLACE_BYTES } from './tiling';
import { columnsOf, DEEP_TILES, ENTRIES, matrixBytes } from './winograd';

/** Bytes of scratch: for a transform, then the transforms of four channels. */
export const PACK_BYTES: usize = PATCHES_BYTES * 5;

/** v[36][inC / 4][32][4] = Bᵀ·d·B */
export function packPatches(
  v: usize,
  images: usize,
  places: usize,
  aside: usize,
  s: ConvSizes,
  tiles: i32,
): void {
  const matrix = matrixBytes(s.inC, DEEP_TILES);
  pack(v, 16, bytes(DEEP_TILES * 4), matrix, images, places, aside, s, tiles, false);
}

/** m[36][32][columns] = A·dY·Aᵀ, a filter a channel. */
export function packGradients(
  m: usize,
  images: usize,
  places: usize,
  aside: usize,
  s: ConvSizes,
  tiles: i32,
): void {
  const columns = columnsOf(s.inC);
  const matrix = matrixBytes(DEEP_TILES, columns);
  pack(m, bytes(columns), 16, matrix, images, places, aside, s, tiles, true);
}

/** tileStep, channelsStep: bytes from tile to tile, and from four channels to the next four. */
function pack(
  to: usize,
  tileStep: usize,
  channelsStep: usize,
  matrix: usize,
  images: usize,
  places: usize,
  aside: usize,
  s: ConvSizes,
  tiles: i32,
  isGradient: bool,
): void {
  const channels = s.inC;
  const rowBytes = bytes(s.pitch);
  const planeBytes = bytes(s.plane);
  const four = aside + PATCHES_BYTES;
  for (let c = 0; c < channels; c += 4) {
    const some = min(channels - c, 4);
    for (let t = 0; t < tiles; t += 4) {
      const place = places + <usize>t * PLACE_BYTES;
      for (let k = 0; k < some; k++) {
        const image = images + <usize>(c + k) * planeBytes;
        const at = four + <usize>k * PATCHES_BYTES;
        if (isGradient) transformGradient(at, image, place, aside, rowBytes);
        else transformPatch(at, 16, image, place, aside, rowBytes);
      }
      const first = to + <usize>t * tileStep;
      for (let entry: usize = 0; entry < ENTRIES; entry++) {
        transpose4x4(first + entry * matrix, tileStep, four + entry * 16, PATCHES_BYTES);
      }
    }
    to += channelsStep;
  }
}
