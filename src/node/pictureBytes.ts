/** The bytes of pictures: files of pixels, no drawings. @module */
import { readInput } from './files.ts';

/** A gibibyte: a hundred megapixels without compression take less. */
const MOST_BYTES = 2 ** 30;
/** Bytes in which a drawing shows itself. */
const START_BYTES = 1024;

/** Reads a picture. @throws {Error} in one line, if it cannot be read, or is a drawing. */
export function readPicture(path: string): Promise<Uint8Array<ArrayBuffer>> {
  return readInput(path, {
    most: MOST_BYTES,
    startBytes: START_BYTES,
    checkStart: (start) => refuseDrawing(start, path),
  });
}

/**
 * Throws if these are the bytes of a drawing. A drawing has no pixels of its own, its reader opens other files, and a small one can
 * take a minute to draw. Pictures begin with a signature; XML begins with `<`, after a byte order mark or blanks, and may be
 * compressed by gzip, which no picture is. An AVIF begins with the length of its first box, which may be `<`, 60 bytes.
 */
export function refuseDrawing(bytes: Uint8Array, where: string): void {
  const start = new TextDecoder('latin1').decode(bytes.subarray(0, START_BYTES));
  const kind = start.startsWith('\x1f\x8b')
    ? 'a gzip file'
    : /^(?!\0\0\0<ftyp)[\s\0\xef\xbb\xbf\xfe\xff]*</.test(start)
      ? 'a drawing (SVG) or a page'
      : start.startsWith('%PDF')
        ? 'a PDF'
        : undefined;
  if (kind === undefined) return;
  throw new Error(
    `${where}: expected a picture made of pixels, got ${kind}. Save it as PNG or JPEG.`,
  );
}
