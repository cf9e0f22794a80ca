/** `createBackend({ wide })`: wide vectors where the engine has them, a refusal that says what to do elsewhere. */
import { createBackend, createModel, namedModels, optimizers } from 'convlet';
import { describe, expect, it } from 'vitest';
import { strokes } from '../support/digits.ts';

const isFit = Number.parseInt(process.versions.node, 10) >= 24 && process.arch === 'x64';

describe('wide vectors', () => {
  it.skipIf(isFit)('are refused by an engine without them', async () => {
    await expect(createBackend({ wide: true })).rejects.toThrow(
      /^createBackend: expected Node 24 or newer on x64 for wide: true, got Node \d+\.\S+ on \w+\. Leave it out: the weights are the same\.$/,
    );
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

  it('are a flag', async () => {
    await expect(createBackend({ wide: 1 as never })).rejects.toThrow(/expected wide/);
  });
});
