/**
 * CRC-32 (ISO-HDLC, the checksum of PNG and zip): every change of up to 32 bits in a row is noticed.
 * Byte by byte with a table, after Sarwate, "Computation of cyclic redundancy checks via table look-up" (1988).
 * @module
 */

/** The polynomial x³² + x²⁶ + … + 1, lowest bit first. */
const POLYNOMIAL = 0xedb88320;

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++) {
    remainder = remainder & 1 ? (remainder >>> 1) ^ POLYNOMIAL : remainder >>> 1;
  }
  return remainder;
});

/** The checksum of these bytes, one chunk after another. */
export function crc32(...chunks: readonly Uint8Array[]): number {
  let remainder = 0xffffffff;
  for (const chunk of chunks) {
    for (const byte of chunk) {
      remainder = (remainder >>> 8) ^ (table[(remainder ^ byte) & 255] ?? 0);
    }
  }
  return ~remainder >>> 0;
}
