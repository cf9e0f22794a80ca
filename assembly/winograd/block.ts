/**
 * A block of tiles, from the images to the products: what the convolutions that sum over channels share. See winograd.ts.
 *
 *   region: a Block │ the tiling │ places │ targets │ masks │ WORK_BYTES │ v │ m │ ink (blank.ts) │ frames
 */
import { bytesOf } from '../lib/bytes';
import { ConvSizes } from '../lib/sizes';
import { joinChannels, MASKS_BYTES, maskTiles } from './blank';
import { OUTPUTS_BYTES } from './outputs';
import { transformPatches } from './patches';
import { frameSize, PLACE_BYTES, slotsOf, TILING_BYTES, Tiling } from './tiling';
import { ENTRIES, matricesBytes, matrixBytes, multiplyTiles, TILES } from './winograd';

/** Bytes of a target: where the outputs of a tile go. What is in it is the kernel's own. */
export const TARGET_BYTES: usize = 16;

/** Bytes for a Block. */
const BLOCK_BYTES: usize = 64;

/** Bytes of scratch for four tiles: rows of their outputs, and behind them the outputs of a filter. Patches need less. */
const WORK_BYTES: usize = OUTPUTS_BYTES + 256;

/** The parts of a region, and the images that are kept. */
@unmanaged
export class Block {
  /** Of each of the sixteen tiles: its place, and its target. */
  places!: usize;
  targets!: usize;
  masks!: usize;
  work!: usize;
  /** The transformed patches, and the products. */
  v!: usize;
  m!: usize;
  ink!: usize;
  frames!: usize;
  /** The first image that is kept: in the frames, or in the batch. */
  images!: usize;
  /** The first image that is not yet needed. */
  ready!: i32;

  get tiling(): Tiling {
    return changetype<Tiling>(changetype<usize>(this) + BLOCK_BYTES);
  }

  /** Begins the batch x with tiles of rows × columns outputs. If all its images are copied to frames, x is not read. */
  begin(x: usize, rows: i32, columns: i32, s: ConvSizes): void {
    assert(offsetof<Block>() <= BLOCK_BYTES);
    const tiling = this.tiling;
    tiling.choose(rows, columns, TILES, s);
    this.places = changetype<usize>(tiling) + TILING_BYTES;
    this.targets = this.places + PLACE_BYTES * TILES;
    this.masks = this.targets + TARGET_BYTES * TILES;
    this.work = this.masks + MASKS_BYTES;
    this.v = this.work + WORK_BYTES;
    this.m = this.v + matrixBytes(s.inC, TILES) * ENTRIES;
    this.ink = this.m + matrixBytes(s.outC, TILES) * ENTRIES;
    this.frames = this.ink + <usize>tiling.slots * tiling.inkBytes;
    this.images = tiling.imagesAt(this.frames, x);
    this.ready = 0;
    tiling.clear(this.frames);
  }

  /**
   * m = u·v of the tiles from `first` on, and the masks of their outputs. x: the batch; u: transformed filters.
   * @returns the number of tiles
   */
  convolve(x: usize, u: usize, first: i32, s: ConvSizes): i32 {
    const tiling = this.tiling;
    const end = this.endOf(first);
    const ready = tiling.enframe(this.frames, x, this.ready, end, s);
    for (let image = this.ready; image < ready; image++) {
      const ink = this.ink + <usize>(image % tiling.slots) * tiling.inkBytes;
      joinChannels(ink, tiling.frameOf(this.images, image), s);
    }
    this.ready = ready;
    this.multiply(u, first, s);
    maskTiles(this.masks, this.ink, this.places, this.work, tiling, end - first);
    return end - first;
  }

  /** m = u·v of the tiles from `first` on, whose images are there. */
  multiply(u: usize, first: i32, s: ConvSizes): void {
    const columns = (this.endOf(first) - first + 7) & ~7;
    this.tiling.place(this.places, first, columns);
    transformPatches(this.v, this.images, this.places, this.work, s, columns);
    multiplyTiles(this.m, u, this.v, s.outC, s.inC, columns);
  }

  /** The tile behind those of the block that begins with `first`. */
  endOf(first: i32): i32 {
    return min(first + TILES, this.tiling.count);
  }
}

/** Bytes of a region for outH × outW outputs. */
export function regionBytes(inC: i32, inH: i32, inW: i32, outC: i32, outH: i32, outW: i32): f64 {
  const plane = max<f64>(frameSize(outH) * frameSize(outW), <f64>inH * inW);
  const frames = bytesOf(plane * (<f64>inC + 1) * slotsOf(outH, outW, TILES));
  const tables = TILING_BYTES + (PLACE_BYTES + TARGET_BYTES) * TILES + MASKS_BYTES + WORK_BYTES;
  const matrices = matricesBytes(inC, TILES) + matricesBytes(outC, TILES);
  return BLOCK_BYTES + tables + matrices + frames;
}
