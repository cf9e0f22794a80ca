/** Compressed files are unpacked, but never beyond the length that they should have. */
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { FormatError } from '../../src/base/errors.ts';
import { idxByteLength } from '../../src/data/idx.ts';
import { unpack } from '../../src/node/gzip.ts';
import { idxImages } from '../support/idx.ts';

const whole = idxImages(20, 28, 28);
const packed = new Uint8Array(gzipSync(whole));
const read = (bytes: Uint8Array) => unpack(bytes, 'f', (start) => idxByteLength(start, 'f'));

/** A copy with some bytes changed; negative places count from the end. */
function changed(at: number, ...values: number[]): Uint8Array {
  const bytes = packed.slice();
  bytes.set(values, at < 0 ? bytes.length + at : at);
  return bytes;
}

describe('unpack', () => {
  it('returns uncompressed files unchanged, and unpacks compressed files of any name', async () => {
    expect(await read(whole)).toBe(whole);
    const bytes = await read(packed);
    expect(bytes).toEqual(whole);
    expect(bytes.constructor).toBe(Uint8Array); // no Buffer: its slice() is a view
  });

  it('unpacks a file of two members', async () => {
    const parts = [whole.subarray(0, 5000), whole.subarray(5000)].map((part) => gzipSync(part));
    expect(await read(new Uint8Array(Buffer.concat(parts)))).toEqual(whole);
  });

  it.each([
    ['the header alone', packed.subarray(0, 10)],
    ['two bytes', packed.subarray(0, 2)],
    ['half of it', packed.subarray(0, packed.length >> 1)],
    ['its last byte missing', packed.subarray(0, -1)],
    ['another checksum', changed(-8, 1, 2, 3, 4)],
    ['another length', changed(-4, 1, 2, 3, 4)],
    ['another method', changed(2, 7)],
    ['damaged data', changed(40, 255, 255, 255, 255, 255, 255)],
  ])('refuses %s', async (_name, bytes) => {
    await expect(read(bytes)).rejects.toThrow(FormatError);
    await expect(read(bytes)).rejects.toThrow(/^f: expected [^\n]+\.$/);
  });

  it('refuses a file with more inside than its header says, without unpacking it all', async () => {
    const bomb = Buffer.concat([whole, new Uint8Array(2 ** 28)]);
    const bytes = new Uint8Array(gzipSync(bomb));
    expect(bytes.length).toBeLessThan(400_000);
    const before = process.resourceUsage().maxRSS;
    await expect(read(bytes)).rejects.toThrow(
      'f: expected gzip of as many bytes as the header inside says, got more. The file is damaged; fetch it again.',
    );
    expect(process.resourceUsage().maxRSS - before).toBeLessThan(32 * 1024); // KiB
  });

  it('reports a wrong header by its own error', async () => {
    const bytes = new Uint8Array(gzipSync('<!doctype html>, and no digits'));
    await expect(read(bytes)).rejects.toThrow(/^f: expected IDX images \(0x00000803\) or labels/);
  });
});
