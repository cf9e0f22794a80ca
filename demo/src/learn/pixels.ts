/**
 * Pictures as numbers: every picture becomes 96×96 RGB, whatever it was, and is made smaller for the network.
 *
 *   photograph, drawing, frame ─► scaled until it fits, in the middle, around it the median of its border ─► u8[3, 96, 96]
 *
 * as Convlet's own `loadDataset` and `convlet predict` prepare pictures.
 * @module
 */
import type { GreyImage } from 'convlet';
import { contextOf } from '../dom.ts';

/** u8[3, 96, 96], red, green and blue behind one another. */
export type Pixels = Uint8Array<ArrayBuffer>;

export const SIDE = 96;
const AREA = SIDE * SIDE;
export const PIXEL_BYTES: number = 3 * AREA;

/** Larger files are hardly pictures, and take long to find that out. */
const MOST_BYTES = 50_000_000;

/** @throws {Error} if the browser cannot read it as a picture. */
export async function pixelsOfFile(file: Blob, name: string): Promise<Pixels> {
  if (file.size > MOST_BYTES) {
    throw new Error(`${name} has more than 50 MB. Make it smaller first.`);
  }
  const bitmap = await createImageBitmap(file).catch(() => {
    throw new Error(`${name} is no picture that this browser can read. Take a PNG, JPEG or WebP.`);
  });
  try {
    return pixelsOf(bitmap, bitmap.width, bitmap.height);
  } finally {
    bitmap.close();
  }
}

/** The whole of a picture. */
export function pixelsOf(source: CanvasImageSource, width: number, height: number): Pixels {
  const scale = SIDE / Math.max(width, height);
  const [w, h] = [width, height].map((side) =>
    Math.min(SIDE, Math.max(1, Math.round(side * scale))),
  ) as [number, number];
  return layIntoMiddle(paint(w, h, (context) => context.drawImage(source, 0, 0, w, h)));
}

/** The square in the middle of a picture: what a camera shows. */
export function squareOf(source: CanvasImageSource, width: number, height: number): Pixels {
  const side = Math.min(width, height);
  const [left, top] = [(width - side) / 2, (height - side) / 2];
  return layIntoMiddle(
    paint(SIDE, SIDE, (context) =>
      context.drawImage(source, left, top, side, side, 0, 0, SIDE, SIDE),
    ),
  );
}

/** A drawing: dark strokes on light paper. */
export function pixelsOfDrawing({ width, height, pixels }: GreyImage): Pixels {
  const grey = scaleDown(pixels, [height, width], SIDE);
  const all = new Uint8Array(PIXEL_BYTES);
  for (let channel = 0; channel < 3; channel++) all.set(grey, channel * AREA);
  return all;
}

/** The picture at the size that the network reads, u8[3, side, side]: each pixel is the mean of those under it. */
export function shrink(pixels: Pixels, side: number): Pixels {
  if (side === SIDE) return pixels;
  const small = new Uint8Array(3 * side * side);
  for (let channel = 0; channel < 3; channel++) {
    const plane = pixels.subarray(channel * AREA, (channel + 1) * AREA);
    small.set(scaleDown(plane, [SIDE, SIDE], side), channel * side * side);
  }
  return small;
}

/** Puts a picture of u8[3, side, side] on a canvas. */
export function show(canvas: HTMLCanvasElement, pixels: ArrayLike<number>, side = SIDE): void {
  if (canvas.width !== side) Object.assign(canvas, { width: side, height: side });
  const area = side * side;
  const image = new ImageData(side, side);
  for (let at = 0; at < area; at++) {
    for (let channel = 0; channel < 3; channel++) {
      image.data[4 * at + channel] = pixels[channel * area + at] ?? 0;
    }
    image.data[4 * at + 3] = 255;
  }
  contextOf(canvas).putImageData(image, 0, 0);
}

/** The median of the border of some pictures, from 0 to 1: what lies around them when they are moved. */
export function borderOf(pictures: readonly Pixels[]): number {
  const border: number[] = [];
  for (const pixels of pictures) {
    for (let channel = 0; channel < 3; channel++) {
      for (let at = 0; at < SIDE; at += 4) {
        for (const place of [at, AREA - 1 - at, at * SIDE, at * SIDE + SIDE - 1]) {
          border.push(pixels[channel * AREA + place] ?? 0);
        }
      }
    }
  }
  return median(border) / 255;
}

/** Paints on white, for what is transparent. */
function paint(
  width: number,
  height: number,
  draw: (context: CanvasRenderingContext2D) => void,
): ImageData {
  const context = contextOf(Object.assign(document.createElement('canvas'), { width, height }));
  context.fillStyle = '#fff';
  context.fillRect(0, 0, width, height);
  context.imageSmoothingQuality = 'high';
  draw(context);
  return context.getImageData(0, 0, width, height);
}

function layIntoMiddle({ data, width, height }: ImageData): Pixels {
  const all = new Uint8Array(PIXEL_BYTES);
  const [left, top] = [(SIDE - width) >> 1, (SIDE - height) >> 1];
  for (let channel = 0; channel < 3; channel++) {
    const plane = all.subarray(channel * AREA, (channel + 1) * AREA);
    const at = (row: number, column: number) => data[4 * (row * width + column) + channel] ?? 0;
    if (width < SIDE || height < SIDE) plane.fill(median(borderPixels(at, width, height)));
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        plane[(top + row) * SIDE + left + column] = at(row, column);
      }
    }
  }
  return all;
}

function borderPixels(
  at: (row: number, column: number) => number,
  width: number,
  height: number,
): number[] {
  const border: number[] = [];
  for (let column = 0; column < width; column++) border.push(at(0, column), at(height - 1, column));
  for (let row = 0; row < height; row++) border.push(at(row, 0), at(row, width - 1));
  return border;
}

/** A plane at another size, by the area that each new pixel covers. */
function scaleDown(
  plane: ArrayLike<number>,
  [height, width]: [number, number],
  side: number,
): Uint8Array {
  const columns = coverage(width, side);
  const rows = coverage(height, side);
  const area = (width / side) * (height / side);
  return Uint8Array.from({ length: side * side }, (_, at) => {
    let sum = 0;
    for (const [row, share] of rows[Math.floor(at / side)] ?? []) {
      for (const [column, part] of columns[at % side] ?? []) {
        sum += share * part * (plane[row * width + column] ?? 0);
      }
    }
    return Math.round(sum / area);
  });
}

/** Of each new pixel the old ones under it, and how much of each. */
function coverage(from: number, to: number): (readonly [index: number, share: number])[][] {
  const step = from / to;
  return Array.from({ length: to }, (_, at) => {
    const [begin, end] = [at * step, (at + 1) * step];
    const list: (readonly [number, number])[] = [];
    for (let index = Math.floor(begin); index < end && index < from; index++) {
      const share = Math.min(end, index + 1) - Math.max(begin, index);
      if (share > 1e-9) list.push([index, share]);
    }
    return list;
  });
}

/** The number in the middle; of two the larger. */
function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? 0;
}
