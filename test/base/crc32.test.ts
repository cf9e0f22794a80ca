/** The checksum agrees with published values. */
import { describe, expect, it } from 'vitest';
import { crc32 } from '../../src/base/crc32.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

describe('crc32', () => {
  it.each([
    ['', 0],
    ['123456789', 0xcbf43926], // the check value of CRC-32/ISO-HDLC
    ['The quick brown fox jumps over the lazy dog', 0x414fa339],
    ['a', 0xe8b7be43],
  ])('gives the published checksum of %j', (text, expected) => {
    expect(crc32(bytes(text))).toBe(expected);
  });

  it('gives the same checksum for chunks as for the whole', () => {
    expect(crc32(bytes('1234'), bytes(''), bytes('56789'))).toBe(crc32(bytes('123456789')));
    expect(crc32()).toBe(0);
  });

  it('is constant for any data followed by its own checksum, least byte first', () => {
    const data = bytes('anything');
    const own = [0, 8, 16, 24].map((shift) => (crc32(data) >>> shift) & 255);
    expect(crc32(data, Uint8Array.from(own))).toBe(0x2144df1c);
  });
});
