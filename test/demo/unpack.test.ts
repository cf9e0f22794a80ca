/** Gzip files that are dropped on the page: read whole, refused if damaged, and never without an end. */
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { unpack } from '../../demo/src/digits.ts';

const blobOf = (bytes: Uint8Array) => new Blob([new Uint8Array(bytes)]);

describe('unpack', () => {
  it('gives what is inside', async () => {
    const bytes = Uint8Array.from({ length: 100_000 }, (_, i) => i % 251);
    expect(await unpack(blobOf(gzipSync(bytes)), 'digits.gz')).toEqual(bytes);
  });

  it('refuses one that is cut off or damaged, by its name', async () => {
    const packed = gzipSync(new Uint8Array(1000).fill(7));
    await expect(unpack(blobOf(packed.subarray(0, 20)), 'cut.gz')).rejects.toThrow(
      /^cut\.gz: expected a whole gzip file/,
    );
    packed[12] = (packed[12] ?? 0) ^ 255;
    await expect(unpack(blobOf(packed), 'damaged.gz')).rejects.toThrow(
      /^damaged\.gz: expected a whole/,
    );
  });

  it('stops where it holds more than a page is to keep', async () => {
    const packed = gzipSync(new Uint8Array(2 ** 28 + 1), { level: 1 });
    expect(packed.length).toBeLessThan(2 ** 21);
    await expect(unpack(blobOf(packed), 'bomb.gz')).rejects.toThrow(
      'bomb.gz: expected at most 256 MiB inside, got more. Use fewer images.',
    );
  });
});
