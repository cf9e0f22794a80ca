/** `createBackend({ wide })`: wide vectors where the engine has them, a refusal that says what to do elsewhere. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createBackend, createModel, namedModels, optimizers } from 'convlet';
import { createWorkerBackend } from 'convlet/worker';
import { describe, expect, it } from 'vitest';
import { bytesOf, type WasmSource } from '../../src/wasm/source.ts';
import { strokes } from '../support/digits.ts';

const isFit = Number.parseInt(process.versions.node, 10) >= 24 && process.arch === 'x64';

describe('wide vectors', () => {
  it.skipIf(isFit)('are refused by an engine without them', async () => {
    await expect(createBackend({ wide: true })).rejects.toThrow(
      /^createBackend: expected Node 24 or newer on x64 for wide: true, got Node \d+\.\S+ on \w+\. Leave it out: the weights are the same\.$/,
    );
    await expect(createWorkerBackend({ wide: true })).rejects.toThrow('got Node');
  });

  it.runIf(isFit)('train to the same bytes, on one thread and on two', async () => {
    const hashes: string[] = [];
    for (const [wide, threads] of [
      [false, 1],
      [true, 1],
      [true, 2],
    ] as const) {
      const backend = await createBackend({ wide, threads });
      expect(backend.wide).toBe(wide);
      const model = createModel(backend, namedModels.lenet5([1, 12, 12], 10), { seed: 1 });
      await model.fit(strokes(64), { epochs: 2, batchSize: 32, optimizer: optimizers.adam() });
      hashes.push(await model.weightsSha256());
      backend.dispose();
    }
    expect(new Set(hashes).size).toBe(1);
  });

  it('are absent unless they are asked for', async () => {
    const backend = await createBackend();
    expect(backend.wide).toBe(false);
    backend.dispose();
  });

  it('need the bytes of the kernels', async () => {
    const wasm = new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
    await expect(createBackend({ wide: true, wasm })).rejects.toThrow(
      isFit ? 'expected wasm as bytes or an address with wide: true' : 'expected Node 24',
    );
  });

  it('take the bytes from wherever they are, and refuse what has none', async () => {
    const url = new URL('../../dist/kernels.wasm', import.meta.url);
    const bytes = readFileSync(url);
    const sources = [
      bytes,
      new Uint8Array(bytes).buffer,
      url,
      url.href,
      fileURLToPath(url),
      new Response(bytes),
    ];
    for (const source of sources) {
      expect(bytes.equals(await bytesOf('wide', source))).toBe(true);
    }
    const refused: readonly [WasmSource, string][] = [
      [7 as never, 'wide: expected wasm as a URL, a string, bytes,'],
      [new WebAssembly.Module(bytes), 'with wide: true, got a WebAssembly.Module. Pass its bytes.'],
      [new Response(bytes, { status: 503 }), 'got HTTP status 503. Serve kernels.wasm there'],
    ];
    for (const [source, message] of refused) {
      await expect(bytesOf('wide', source)).rejects.toThrow(message);
    }
  });

  it('are a flag', async () => {
    await expect(createBackend({ wide: 1 as never })).rejects.toThrow(/expected wide/);
  });
});
