/** Decodes pictures with the optional package sharp. @module */

import { importOptional } from '../base/optional.ts';
import { type GreyImage, MOST_PIXELS_A_SIDE } from '../data/digit/prepareDigit.ts';
import { LUMA } from '../data/luma.ts';
import { refuseDrawing } from './pictureBytes.ts';

/** A hundred megapixels. Larger pictures are refused before they are decoded. */
const MOST_PIXELS = 1e8;

/**
 * The grey values of a PNG or JPEG (or another format that sharp reads), upright, and how opaque they are.
 * @throws {Error} in one line, if the bytes are no picture, or sharp is absent.
 */
export async function decodeImage(bytes: Uint8Array, where: string): Promise<GreyImage> {
  refuseDrawing(bytes, where);
  const { default: sharp } = await importOptional('sharp@0.35.5', 'predict', () => import('sharp'));
  try {
    const { data, info } = await sharp(bytes, { limitInputPixels: MOST_PIXELS })
      .autoOrient()
      .ensureAlpha()
      .resize({
        width: MOST_PIXELS_A_SIDE,
        height: MOST_PIXELS_A_SIDE,
        fit: 'inside',
        withoutEnlargement: true,
      })
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const { width, height, channels } = info;
    if (channels !== 4) throw new Error(`internal: ${channels} channels of a picture with alpha`);
    const channel = (c: number) =>
      Uint8Array.from({ length: width * height }, (_, at) => data[4 * at + c] ?? 0);
    const [red, green, blue, alpha] = [channel(0), channel(1), channel(2), channel(3)];
    const [r, g, b] = LUMA;
    const pixels = red.map((value, at) =>
      Math.round(r * value + g * (green[at] ?? 0) + b * (blue[at] ?? 0)),
    );
    return { width, height, pixels, alpha };
  } catch (cause) {
    const [reason = ''] = (cause as Error).message.split('\n');
    throw new Error(
      `${where}: expected a PNG or JPEG picture, got one that could not be decoded (${reason}). Save it as PNG.`,
      { cause },
    );
  }
}
