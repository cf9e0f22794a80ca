/**
 * Where the tiles of a batch lie: see winograd.ts. A block takes tiles of several images if they are small, so a few images
 * are kept at a time, each in a frame (lib/pad.ts) if its own rows do not hold all patches.
 */
import { enframe } from '../lib/pad';
import { bytes } from '../lib/simd';
import { ConvSizes } from '../lib/sizes';
import { tilesAlong } from './winograd';

/** Bytes for a Tiling. */
export const TILING_BYTES: usize = 64;

/** Bytes of a Place. */
export const PLACE_BYTES: usize = 16;

/** A tile of a batch: its image, the row and column of its first output, and its patch, in bytes from the first image. */
@unmanaged
export class Place {
  image!: i32;
  row!: i32;
  column!: i32;
  patch!: i32;
}

/** The tiles of a batch, and the images that are kept. */
@unmanaged
export class Tiling {
  /** Tiles in a column, in a row, in an image, and in the batch. */
  down!: i32;
  across!: i32;
  perImage!: i32;
  count!: i32;
  /** Whether patches are read from frames. */
  isFramed!: bool;
  /** Images that are kept, and bytes from an image, or its ink, to the next. */
  slots!: i32;
  imageBytes!: usize;
  inkBytes!: usize;
  /** Numbers from row to row. */
  pitch!: i32;

  /** Tiles of `rows` × `columns` outputs. s: the sizes of the image that patches are read from, and its frame. */
  choose(rows: i32, columns: i32, block: i32, s: ConvSizes): void {
    assert(offsetof<Tiling>() <= TILING_BYTES && offsetof<Place>() == PLACE_BYTES);
    this.down = tilesAlong(rows);
    this.across = tilesAlong(columns);
    this.perImage = this.down * this.across;
    this.count = this.perImage * s.batch;
    this.isFramed = s.frameH > 0;
    this.slots = slotsOf(rows, columns, block);
    this.imageBytes = bytes(s.inC * s.plane);
    this.inkBytes = bytes(s.plane);
    this.pitch = s.pitch;
  }

  /** Zeros in all frames, if there are any. */
  clear(frames: usize): void {
    if (this.isFramed) memory.fill(frames, 0, <usize>this.slots * this.imageBytes);
  }

  /** The address of the first image: of the frames, or of x. */
  imagesAt(frames: usize, x: usize): usize {
    return this.isFramed ? frames : x;
  }

  /** The place of an image among those that lie from the first on: frames, or x itself. */
  slotOf(image: i32): i32 {
    return this.isFramed ? image % this.slots : image;
  }

  /** The frame of an image. */
  frameOf(frames: usize, image: i32): usize {
    return frames + <usize>this.slotOf(image) * this.imageBytes;
  }

  /** The number of images, from the first on, that hold all tiles before `end`. */
  imagesBefore(end: i32): i32 {
    return (end - 1) / this.perImage + 1;
  }

  /**
   * Copies the images from `ready` on that hold tiles before `end` into their frames, if there are any.
   * @returns the first image that is not yet needed
   */
  enframe(frames: usize, x: usize, ready: i32, end: i32, s: ConvSizes): i32 {
    const images = this.imagesBefore(end);
    if (!this.isFramed) return images;
    for (; ready < images; ready++) {
      enframe(this.frameOf(frames, ready), x + <usize>ready * s.xBytes, s);
    }
    return images;
  }

  /** The places of `some` tiles, from `first` on. If the batch ends before, the last tile is repeated. */
  place(places: usize, first: i32, some: i32): void {
    const down = this.down;
    const across = this.across;
    const perImage = this.perImage;
    const last = this.count - 1;
    const imageBytes = <i32>this.imageBytes;
    const pitch = this.pitch;
    let image = first / perImage;
    const tile = first - image * perImage;
    let row = tile / across;
    let column = tile - row * across;
    for (let t = first; t < first + some; t++) {
      const place = changetype<Place>(places);
      place.image = image;
      place.row = row << 2;
      place.column = column << 2;
      place.patch = this.slotOf(image) * imageBytes + ((row * pitch + column) << 4);
      places += PLACE_BYTES;
      if (t >= last || ++column < across) continue;
      column = 0;
      if (++row < down) continue;
      row = 0;
      image++;
    }
  }
}

/** Images that a block of tiles can lie in. */
export function slotsOf(rows: i32, columns: i32, block: i32): i32 {
  const perImage = <i64>tilesAlong(rows) * tilesAlong(columns);
  return <i32>((block - 2 + perImage) / perImage) + 1;
}

/** Rows or columns of a frame under `out` outputs. */
export function frameSize(out: i32): f64 {
  return <f64>tilesAlong(out) * 4 + 2;
}
