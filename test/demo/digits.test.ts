/** The digits that come with the page: a file that is not there or not whole is refused, and never trained on. */
import { gzipSync } from 'node:zlib';
import { afterEach, expect, it, vi } from 'vitest';
import { loadDigits } from '../../demo/src/digits.ts';

afterEach(() => vi.unstubAllGlobals());

/** What the page is answered, instead of its file. */
const answer = (response: () => Promise<Response>) => vi.stubGlobal('fetch', response);

/** The packed file, with this many images for training and as many for testing, less some bytes. */
function packed(count: number, missing = 0): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(8 + 2 * count * (28 * 28 + 1));
  new Uint32Array(bytes.buffer, 0, 2).fill(count);
  return new Uint8Array(gzipSync(bytes.subarray(0, bytes.length - missing)));
}

it('reads both parts', async () => {
  answer(async () => new Response(packed(3)));
  const { train, test } = await loadDigits();
  expect([train, test].map(({ labels }) => labels.length)).toEqual([3, 3]);
});

it('refuses no answer, an error of the server, and a file that is cut short', async () => {
  answer(() => Promise.reject(new TypeError('Failed to fetch')));
  await expect(loadDigits()).rejects.toThrow('got no answer. Is there a network?');
  answer(async () => new Response(packed(3), { status: 404 }));
  await expect(loadDigits()).rejects.toThrow(
    'digits: expected the file of digits, got HTTP status 404.',
  );
  answer(async () => new Response(packed(3, 785)));
  await expect(loadDigits()).rejects.toThrow(
    'digits: expected 4718 bytes, got 3933. Load the page anew.',
  );
  answer(async () => new Response(new Uint8Array(gzipSync(new Uint8Array(3)))));
  await expect(loadDigits()).rejects.toThrow(
    'digits: expected 8 bytes, got 3. Load the page anew.',
  );
});
