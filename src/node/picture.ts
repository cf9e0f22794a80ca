/** Pictures of any kind, decoded into one size with the optional package sharp. @module */
import { importOptional } from '../base/optional.ts';
import { printable } from '../base/printable.ts';
import { fittedSize, layInto, type Size } from '../data/fitPicture.ts';
import { channelsFirst } from '../data/layout.ts';
import { refuseDrawing } from './pictureBytes.ts';

/** A hundred megapixels. Larger pictures are refused before they are decoded. */
const MOST_PIXELS = 1e8;

/** Longest reason of a decoder that is shown, in characters. */
const MOST_REASON = 200;

/** What the first bytes of a picture tell. */
export interface PictureFacts {
  /** Upright. */
  readonly size: Size;
  readonly isColoured: boolean;
}

type Sharp = typeof import('sharp');

/** Reads size and colours. @throws {Error} in one line, if the bytes are no picture. */
export function readPictureFacts(bytes: Uint8Array, where: string): Promise<PictureFacts> {
  return attempt(bytes, where, async ({ default: sharp }) => {
    const { autoOrient, space } = await sharp(bytes).metadata();
    const { width, height } = autoOrient;
    const isColoured = !(space === 'b-w' || space === 'grey16');
    return { size: [height, width], isColoured };
  });
}

/**
 * A picture as bytes `[channels, height, width]`: upright, transparency on white, scaled until it fits, in the middle, the rest
 * filled with the median of its border (fitPicture.ts). Where its size is right it is not scaled.
 * @throws {Error} in one line, if the bytes are no picture, or sharp is absent.
 */
export function decodePicture(
  bytes: Uint8Array,
  where: string,
  size: Size,
  channels: 1 | 3,
): Promise<Uint8Array> {
  return attempt(bytes, where, async ({ default: sharp }) => {
    const { autoOrient } = await sharp(bytes).metadata();
    const [height, width] = fittedSize([autoOrient.height, autoOrient.width], size);
    const { data, info } = await sharp(bytes, { limitInputPixels: MOST_PIXELS })
      .autoOrient()
      .flatten({ background: 'white' })
      .resize({ width, height, fit: 'fill' })
      .toColourspace(channels === 1 ? 'b-w' : 'srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    if (info.channels !== channels) throw new Error(`internal: ${info.channels} channels`);
    const shape = [channels, height, width];
    const image = channelsFirst(new Uint8Array(data.length), data, shape);
    const picture = new Uint8Array(channels * size[0] * size[1]);
    layInto(picture, size, image, shape);
    return picture;
  });
}

async function attempt<T>(
  bytes: Uint8Array,
  where: string,
  read: (sharp: Sharp) => Promise<T>,
): Promise<T> {
  refuseDrawing(bytes, where);
  const sharp = await importOptional('sharp@0.35.5', 'pictures', () => import('sharp'));
  try {
    return await read(sharp);
  } catch (cause) {
    // a decoder may quote the file
    const [reason = ''] = (cause as Error).message.slice(0, MOST_REASON).split('\n');
    throw new Error(
      `${where}: expected a picture, got one that could not be decoded (${printable(reason).replace(/:?\s*$/, '')}). Mend or remove it.`,
      { cause },
    );
  }
}
