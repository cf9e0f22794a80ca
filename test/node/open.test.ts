/** Node reads a file as bytes. */
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { open } from '../../dist/host/node.js';

it('a file comes as bytes, not as a Response, which would slow every typed array of the process', async () => {
  const url = new URL('../../dist/kernels.wasm', import.meta.url);
  const found = await open(pathToFileURL(fileURLToPath(url)));
  expect(found).toBeInstanceOf(Uint8Array);
  expect([...(found as Uint8Array).subarray(0, 4)]).toEqual([0, 0x61, 0x73, 0x6d]);
});
