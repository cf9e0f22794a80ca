/** Small pictures inside a page: PNG (ISO/IEC 15948), eight bits a channel, without filters. @module */
import { deflateSync } from 'node:zlib';
import { crc32 } from '../../base/crc32.ts';

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
/** IHDR: eight bits, RGB, the only compression and filtering, no interlacing. */
const RGB = [8, 2, 0, 0, 0];

/**
 * A picture as an SVG whose pixels stay squares when it is enlarged.
 * @param colours `height · width · 3` numbers from 0 to 255: red, green, blue, row after row.
 * @param label For those who cannot see it; no HTML.
 */
export function picture(
  width: number,
  height: number,
  colours: Uint8ClampedArray,
  label: string,
): string {
  const data = Buffer.from(encodePng(width, height, colours)).toString('base64');
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}"><image href="data:image/png;base64,${data}" width="${width}" height="${height}"/></svg>`;
}

function encodePng(width: number, height: number, colours: Uint8ClampedArray): Uint8Array {
  const stride = 3 * width;
  const rows = new Uint8Array((stride + 1) * height); // a byte before each row says: no filter
  for (let row = 0; row < height; row++) {
    rows.set(colours.subarray(row * stride, (row + 1) * stride), row * (stride + 1) + 1);
  }
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set(RGB, 8);
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', new Uint8Array(0)),
  ]);
}

/** Length, type, data, checksum of type and data. */
function chunk(type: string, data: Uint8Array): Uint8Array {
  const name = new TextEncoder().encode(type);
  const ends = new DataView(new ArrayBuffer(8));
  ends.setUint32(0, data.length);
  ends.setUint32(4, crc32(name, data));
  const bytes = new Uint8Array(ends.buffer);
  return Buffer.concat([bytes.subarray(0, 4), name, data, bytes.subarray(4)]);
}
