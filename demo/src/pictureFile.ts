/** A picture from a file, as the pad's drawings are: grey, and then prepared as MNIST's digits were. @module */
import { prepareDigit } from 'convlet';
import { contextOf } from './dom.ts';

/** Pixels of the longer side before it is made 28×28: enough for a digit, and soon read. */
const LONGER = 112;

/** First bytes of PNG, JPEG, GIF, WebP (RIFF) and BMP. */
const SIGNATURES: readonly (readonly number[])[] = [
  [0x89, 0x50, 0x4e, 0x47],
  [0xff, 0xd8, 0xff],
  [0x47, 0x49, 0x46, 0x38],
  [0x52, 0x49, 0x46, 0x46],
  [0x42, 0x4d],
];

export function isPicture(bytes: Uint8Array): boolean {
  return SIGNATURES.some((signature) => signature.every((byte, i) => bytes[i] === byte));
}

/** The digit on a picture, 28×28. @throws {Error} if the browser cannot read the picture, or nothing is on it. */
export async function digitOf(bytes: Uint8Array<ArrayBuffer>, name: string): Promise<Uint8Array> {
  const picture = await createImageBitmap(new Blob([bytes])).catch((cause: unknown) => {
    throw new Error(
      `${name}: expected a picture that this browser can read, got one that is damaged or of another kind. Use PNG or JPEG.`,
      { cause },
    );
  });
  const scale = LONGER / Math.max(picture.width, picture.height);
  const width = Math.max(1, Math.round(picture.width * scale));
  const height = Math.max(1, Math.round(picture.height * scale));
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  const context = contextOf(canvas);
  context.fillStyle = '#fff'; // where the picture is transparent
  context.fillRect(0, 0, width, height);
  context.drawImage(picture, 0, 0, width, height);
  picture.close();
  const { data } = context.getImageData(0, 0, width, height);
  const grey = (i: number) =>
    0.299 * (data[4 * i] ?? 0) + 0.587 * (data[4 * i + 1] ?? 0) + 0.114 * (data[4 * i + 2] ?? 0);
  const pixels = Uint8Array.from({ length: width * height }, (_, i) => Math.round(grey(i)));
  return prepareDigit({ width, height, pixels });
}
