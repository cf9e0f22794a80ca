/**
 * The gradient of 3×3 kernels that move by one, by Winograd's tiles: see winograd/winograd.ts.
 *
 *   dw += Gᵀ·(Σ over tiles of (A·dY·Aᵀ) ⊙ (Bᵀ·d·B))·G     dY[4, 4] the gradients of a tile of outputs
 *
 * This is the transpose of the forward form, F(3×3, 4×4). Order of the sums: the tiles of a block of 32 in order, block after
 * block; then the sums of the call are added to dw.
 *
 *   scratch: sizes of dy as an image │ sums │ v │ m │ tilings of x and of dy │ places in both │ PACK_BYTES │
 *            frames for x │ frames for dy
 */
import { bytesOf } from '../lib/bytes';
import { ConvSizes, gradientSizes, SIZES_BYTES } from '../lib/sizes';
import { addFilters } from '../winograd/filters';
import { PACK_BYTES, packGradients, packPatches } from '../winograd/pack';
import { frameSize, PLACE_BYTES, slotsOf, TILING_BYTES, Tiling } from '../winograd/tiling';
import {
  columnsOf,
  DEEP_TILES,
  ENTRIES,
  matricesBytes,
  matrixBytes,
  sumTiles,
  tilesAlong,
} from '../winograd/winograd';

/** Bytes of the places of a block. */
const BLOCK_BYTES: usize = PLACE_BYTES * DEEP_TILES;

/** Bytes of scratch for backwardWeightByWinograd. */
export function winogradWeightBytes(inC: i32, outC: i32, outH: i32, outW: i32): f64 {
  const columns = <f64>outC + 7;
  const matrices =
    matricesBytes(inC, columns) +
    matricesBytes(inC, DEEP_TILES) +
    matricesBytes(DEEP_TILES, columns);
  const slots = <f64>slotsOf(outH, outW, DEEP_TILES);
  const frames = frameSize(outH) * frameSize(outW) * inC;
  const gradients = <f64>tilesAlong(outH) * tilesAlong(outW) * 16 * outC;
  const tables = (TILING_BYTES + BLOCK_BYTES) * 2 + PACK_BYTES;
  return SIZES_BYTES + matrices + tables + bytesOf((frames + gradients) * slots);
}

/** dw += the sums over a batch. */
export function backwardWeightByWinograd(
  dw: usize,
  dy: usize,
  x: usize,
  scratch: usize,
  s: ConvSizes,
): void {
  const inC = s.inC;
  const outC = s.outC;
  const outH = s.outH;
  const outW = s.outW;
  const columns = columnsOf(outC);
  s.chooseFrame(<i32>frameSize(outH), <i32>frameSize(outW));
  const t = gradientSizes(scratch, s);
  t.chooseFrame(tilesAlong(outH) << 2, tilesAlong(outW) << 2); // if the last tiles are not whole
  const sums = scratch + SIZES_BYTES;
  const v = sums + matrixBytes(inC, columns) * ENTRIES;
  const m = v + matrixBytes(inC, DEEP_TILES) * ENTRIES;
  const tilingAt = m + matrixBytes(DEEP_TILES, columns) * ENTRIES;
  const tiling = changetype<Tiling>(tilingAt);
  const gradientTiling = changetype<Tiling>(tilingAt + TILING_BYTES);
  const places = tilingAt + TILING_BYTES * 2;
  const gradientPlaces = places + BLOCK_BYTES;
  const work = gradientPlaces + BLOCK_BYTES;
  const frames = work + PACK_BYTES;
  tiling.choose(outH, outW, DEEP_TILES, s);
  gradientTiling.choose(outH, outW, DEEP_TILES, t);
  const gradientFrames = frames + (tiling.isFramed ? <usize>tiling.slots * tiling.imageBytes : 0);
  tiling.clear(frames);
  gradientTiling.clear(gradientFrames);
  memory.fill(sums, 0, matrixBytes(inC, columns) * ENTRIES);
  const images = tiling.imagesAt(frames, x);
  const gradients = gradientTiling.imagesAt(gradientFrames, dy);
  let ready = 0;
  for (let first = 0; first < tiling.count; first += DEEP_TILES) {
    const tiles = min(tiling.count - first, DEEP_TILES);
    gradientTiling.enframe(gradientFrames, dy, ready, first + tiles, t);
    ready = tiling.enframe(frames, x, ready, first + tiles, s);
    tiling.place(places, first, DEEP_TILES);
    gradientTiling.place(gradientPlaces, first, DEEP_TILES);
    packPatches(v, images, places, work, s, tiles);
    packGradients(m, gradients, gradientPlaces, work, t, tiles);
    sumTiles(sums, v, m, outC, inC, tiles);
  }
  addFilters(dw, sums, work, outC, inC);
}
