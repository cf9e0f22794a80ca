/** Values as the pixels of a canvas: one value, one pixel; CSS makes them large. @module */
import { contextOf } from '../dom.ts';
import type { Matrix } from './matrix.ts';
import { level, type Palette } from './palette.ts';

export type { Matrix };

/** Signed values from −`most` to `most`, others from 0 to `most`. */
export interface Scale {
  readonly isSigned: boolean;
  readonly most: number;
}

export function paint(
  canvas: HTMLCanvasElement,
  { width, height, values }: Matrix,
  { isSigned, most }: Scale,
  palette: Palette,
): void {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const context = contextOf(canvas);
  const picture = context.createImageData(width, height);
  const pixels = new Uint32Array(picture.data.buffer);
  const colours = isSigned ? palette.signed : palette.activation;
  const least = isSigned ? -most : 0;
  for (let i = 0; i < pixels.length; i++) {
    pixels[i] = colours[level(values[i] ?? 0, least, most)] ?? 0;
  }
  context.putImageData(picture, 0, 0);
}

/** What `largest` gives where all values are 0, so that it can be divided by. */
export const NOTHING = 1e-6;

/** The largest size of a value. */
export function largest(values: ArrayLike<number>): number {
  let most = NOTHING;
  for (let i = 0; i < values.length; i++) most = Math.max(most, Math.abs(values[i] ?? 0));
  return most;
}
