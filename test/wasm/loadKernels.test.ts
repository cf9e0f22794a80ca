/** convlet/kernels loads the kernels without the library, and refuses kernels of another release. */
import { readFileSync } from 'node:fs';
import { createBackend } from 'convlet';
import { ABI_VERSION, loadKernels } from 'convlet/kernels';
import { describe, expect, it } from 'vitest';
import { temporaryFolders } from '../support/folder.ts';

const file = (name: string) => readFileSync(new URL(`../../dist/${name}`, import.meta.url));
const plain = file('kernels.wasm');
const folder = temporaryFolders();

/** A module that imports `env.memory` and, where it has a version, exports nothing but `abiVersion`. */
function moduleOfVersion(version: number | undefined): Uint8Array<ArrayBuffer> {
  const name = [...new TextEncoder().encode('abiVersion')];
  const memory = [2, 15, 1, 3, 101, 110, 118, 6, 109, 101, 109, 111, 114, 121, 2, 0, 1];
  const header = [0, 97, 115, 109, 1, 0, 0, 0];
  if (version === undefined) return Uint8Array.from([...header, ...memory]);
  return Uint8Array.from([
    ...header,
    ...[1, 5, 1, 0x60, 0, 1, 0x7f], // () -> (i32)
    ...memory,
    ...[3, 2, 1, 0],
    ...[7, name.length + 4, 1, name.length, ...name, 0, 0],
    ...[10, 6, 1, 4, 0, 0x41, version, 0x0b], // i32.const version
  ]);
}

describe('the ABI version of the library', () => {
  it('is the version of the module', async () => {
    expect((await loadKernels()).abiVersion()).toBe(ABI_VERSION);
  });

  it.each([
    [2, '2'],
    [0, '0'],
    [undefined, 'one without'],
  ])('%s is refused by name, by the library and by the loader', async (version, got) => {
    const wasm = moduleOfVersion(version);
    expect(WebAssembly.validate(wasm)).toBe(true);
    const message = `kernels: expected a module of ABI version ${ABI_VERSION}, got ${got}. Use the .wasm and the JavaScript of one release.`;
    await expect(createBackend({ wasm })).rejects.toThrow(message);
    await expect(loadKernels({ wasm })).rejects.toThrow(message);
  });
});

describe('loadKernels', () => {
  it('returns every kernel of the module, the memory and an arena', async () => {
    const kernels = await loadKernels();
    const names = WebAssembly.Module.exports(new WebAssembly.Module(plain)).map(({ name }) => name);
    expect(Object.keys(kernels).sort()).toEqual([...names, 'memory', 'arena'].sort());
    const y = kernels.arena.alloc(8);
    kernels.arena.f32(y, 2).set([-3, 4]);
    kernels.reluForward(y, y, 2);
    expect([...kernels.arena.f32(y, 2)]).toEqual([0, 4]);
  });

  it.each([
    ['bytes', () => plain],
    ['a compiled module', () => new WebAssembly.Module(plain)],
    ['a URL', () => new URL('../../dist/kernels.wasm', import.meta.url)],
    ['a response', () => new Response(plain, { headers: { 'content-type': 'application/wasm' } })],
  ])('accepts %s', async (_, wasm) => {
    expect((await loadKernels({ wasm: wasm() })).abiVersion()).toBe(ABI_VERSION);
  });

  it('accepts the module for threads only with a shared memory, and the other only without', async () => {
    const memory = new WebAssembly.Memory({ initial: 2, maximum: 4, shared: true });
    const kernels = await loadKernels({ memory, start: 64 });
    expect(kernels.memory).toBe(memory);
    const x = kernels.arena.alloc(4);
    kernels.arena.f32(x, 1).set([5]);
    kernels.sgd(x, x, 1, 0.5);
    expect(kernels.arena.f32(x, 1)[0]).toBe(2.5);
    await expect(loadKernels({ memory, wasm: plain })).rejects.toThrow(
      'kernels: expected kernels.threads.wasm, got kernels.wasm or another module.',
    );
  });

  it('touches nothing in a given memory, unless it gets a start', async () => {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 2 });
    const { arena } = await loadKernels({ memory });
    expect(memory.buffer.byteLength).toBe(65_536);
    expect(arena.alloc(100)).toBe(65_536);
    expect(memory.buffer.byteLength).toBe(2 * 65_536);
    expect((await loadKernels({ memory, start: 1000 })).arena.alloc(1)).toBe(1024);
    expect((await loadKernels({ memory, start: 0 })).arena.alloc(1)).toBe(64); // 0 means none
  });

  it.each([
    [{ memory: {} }, 'loadKernels: expected memory to be a WebAssembly.Memory, got an object.'],
    [
      { start: -1 },
      'loadKernels: expected start to be a whole number from 0 to 4294967296, got -1.',
    ],
    [
      { memory: new WebAssembly.Memory({ initial: 0 }) },
      'loadKernels: expected memory of at least one page, got one without. Use initial: 1 or more.',
    ],
    [{ wasm: 7 }, 'loadKernels: expected wasm as a URL, a string, bytes, a Response or'],
    [
      { wasm: Uint8Array.of(1, 2) },
      'loadKernels: expected a WebAssembly module from the given bytes',
    ],
    [{ wasm: plain.subarray(0, 5000) }, 'loadKernels: expected the kernels of this release from'],
    [{ wasm: `${folder()}/kernels.wasm` }, 'loadKernels: expected the WebAssembly module at'],
  ])('refuses %o', async (options, message) => {
    await expect(loadKernels(options as object)).rejects.toThrow(message);
  });
});

describe('the arena', () => {
  it('hands out aligned regions after one another, never at 0, and takes them back', async () => {
    const { arena } = await loadKernels();
    const [a, mark, b, c] = [arena.alloc(1), arena.mark(), arena.alloc(65), arena.alloc(0)];
    expect([a, mark, b, c]).toEqual([64, 128, 128, 256]);
    expect(arena.alloc(4)).toBe(256); // what has no bytes takes none
    arena.reset(mark);
    expect(arena.alloc(4)).toBe(b);
    arena.reset();
    expect(arena.alloc(4)).toBe(a);
    expect(() => arena.reset(1 << 20)).toThrow(
      'reset: expected mark to be a whole number from 64 to',
    );
    expect(() => arena.alloc(-1)).toThrow('alloc: expected bytes to be a whole number');
    expect(() => arena.alloc(Number.NaN)).toThrow(RangeError);
  });

  it('grows the memory, which empties views and keeps what is in it', async () => {
    const { arena, memory } = await loadKernels();
    const x = arena.alloc(4);
    const view = arena.f32(x, 1);
    view.set([7]);
    const large = arena.alloc(1_000_000);
    expect(view).toHaveLength(0);
    expect(arena.f32(x, 1)[0]).toBe(7);
    expect(memory.buffer.byteLength).toBeGreaterThanOrEqual(large + 1_000_000 + 12);
    expect(arena.u8(large, 1_000_000).every((byte) => byte === 0)).toBe(true);
  });

  it('tells that the memory may not grow, and stays unchanged', async () => {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
    const { arena } = await loadKernels({ memory, start: 64 });
    expect(() => arena.alloc(70_000)).toThrow(
      'memory: expected to need at most what this memory may grow to',
    );
    expect(arena.alloc(100)).toBe(64);
  });
});
