/** Under Node the kernels come from `wasm` or from inside `convlet/inline`. For pages see test/browser/. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import * as convlet from 'convlet';
import { type Backend, type BackendOptions, createBackend, createModel } from 'convlet';
import * as inline from 'convlet/inline';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { strokes } from '../support/digits.ts';
import { spec } from '../support/network.ts';

const url = (name: string) => new URL(`../../dist/${name}.wasm`, import.meta.url);
const bytes = (name: string) => new Uint8Array(readFileSync(url(name)));

async function hashOn(making: Promise<Backend>): Promise<string> {
  const backend = await making;
  const model = createModel(backend, spec);
  await model.fit(strokes(50), { batchSize: 16 });
  const hash = await model.weightsSha256();
  backend.dispose();
  return hash;
}

describe('wasm', () => {
  const shared = new Uint8Array(new SharedArrayBuffer(bytes('kernels').length));
  shared.set(bytes('kernels'));
  const sources: Record<string, BackendOptions['wasm']> = {
    'a URL': url('kernels'),
    'the text of a URL': url('kernels').href,
    'a path': fileURLToPath(url('kernels')),
    'a data: URL': `data:application/wasm;base64,${Buffer.from(bytes('kernels')).toString('base64')}`,
    bytes: bytes('kernels'),
    'bytes in shared memory': shared,
    'a part of a buffer': readFileSync(url('kernels')).subarray(),
    'an ArrayBuffer': bytes('kernels').buffer,
    'a response': new Response(bytes('kernels')),
    'a module': new WebAssembly.Module(bytes('kernels')),
    'nothing by name': {},
  };

  it.each(Object.entries(sources))('may be %s', async (_, wasm) => {
    expect(await hashOn(createBackend(wasm === undefined ? {} : { wasm }))).toBe(
      await hashOn(createBackend()),
    );
  });

  it('may be both builds, or only the build for threads, and one build is loaded', async () => {
    const expected = await hashOn(createBackend());
    for (const wasm of [
      { kernels: bytes('kernels'), threads: bytes('kernels.threads') },
      { threads: new WebAssembly.Module(bytes('kernels.threads')) },
      { threads: bytes('kernels.threads'), kernels: 'no/such.wasm' },
    ]) {
      expect(await hashOn(createBackend({ threads: 2, wasm }))).toBe(expected);
    }
  });

  it('is refused in one line if it is no source, or the wrong build', async () => {
    const refused = async (options: BackendOptions) => {
      const error = await createBackend(options).catch((error: Error) => error);
      expect(error).toBeInstanceOf(Error);
      return `${error}`;
    };
    expect(await refused({ wasm: 7 as never })).toMatch(/^TypeError: .*wasm as a URL.*got 7/);
    expect(await refused({ wasm: null as never })).toMatch(/^TypeError: .*got null/);
    expect(await refused({ wasm: { kernels: [] as never } })).toMatch(/^TypeError/);
    expect(await refused({ wasm: { threads: 7 as never } })).toMatch(/^TypeError: .*got 7/);
    expect(await refused({ wasm: { kernel: 'a' } as never })).toMatch(
      /got "kernel"\. Use kernels\./,
    );
    expect(await refused({ wasm: 'no/such.wasm' })).toMatch(/no\/such\.wasm, could not get it/);
    expect(await refused({ wasm: bytes('kernels.threads') })).toMatch(
      /expected kernels\.wasm, got/,
    );
    const plainForThreads = { threads: 2, wasm: { threads: bytes('kernels') } };
    expect(await refused(plainForThreads)).toMatch(/expected kernels\.threads\.wasm, got/);
    const used = new Response(bytes('kernels'));
    await used.arrayBuffer();
    expect(await refused({ wasm: used })).toMatch(/a response read before/);
    const promise = Promise.resolve(bytes('kernels'));
    expect(await refused({ wasm: promise as never })).toMatch(/got Promise\. Await it\.$/);
  });

  it('of the wrong build is refused before a thread starts', async () => {
    const started = vi.fn();
    process.on('worker', started);
    onTestFinished(() => void process.off('worker', started));
    const wasm = { threads: bytes('kernels') };
    await expect(createBackend({ threads: 2, wasm })).rejects.toThrow('kernels.threads.wasm, got');
    expect(started).not.toHaveBeenCalled();
  });

  it('is of no use to an engine without WebAssembly, which is told so', async () => {
    vi.stubGlobal('WebAssembly', undefined);
    onTestFinished(() => void vi.unstubAllGlobals());
    await expect(createBackend()).rejects.toThrow(
      /^createBackend: expected WebAssembly, got an engine without\. Use Node 20\.19, Chrome 91/,
    );
  });
});

describe('a response', () => {
  const typed = (type: string, init: ResponseInit = {}) =>
    new Response(bytes('kernels'), { ...init, headers: { 'content-type': type } });

  it.each([
    ['application/wasm', 1],
    ['Application/WASM', 0], // which Node does not compile
    ['application/wasm; charset=utf-8', 0],
    ['application/octet-stream', 0],
  ])(
    'of type %s is compiled, while it arrives under the one type for that',
    async (type, times) => {
      const stream = vi.spyOn(WebAssembly, 'compileStreaming');
      onTestFinished(() => void stream.mockRestore());
      (await createBackend({ wasm: typed(type) })).dispose();
      expect(stream).toHaveBeenCalledTimes(times);
    },
  );

  it.each(['application/wasm', 'text/plain'])(
    'of type %s that failed, or was read before, is refused by its own reason',
    async (type) => {
      const failed = createBackend({ wasm: typed(type, { status: 503 }) });
      await expect(failed).rejects.toThrow('got HTTP status 503. Serve kernels.wasm there');
      const used = typed(type);
      await used.arrayBuffer();
      await expect(createBackend({ wasm: used })).rejects.toThrow('got a response read before');
    },
  );

  it('that a policy forbids to compile is not called cut short, whatever the class of the error', async () => {
    const refuse = () => {
      throw new EvalError('refused'); // as Safari throws
    };
    const stream = vi
      .spyOn(WebAssembly, 'compileStreaming')
      .mockImplementation(async () => refuse());
    const compile = vi.spyOn(WebAssembly, 'Module').mockImplementation(refuse);
    onTestFinished(() => void [stream, compile].map((spy) => spy.mockRestore()));
    await expect(createBackend({ wasm: typed('application/wasm') })).rejects.toThrow(
      "Content-Security-Policy forbids it. Add 'wasm-unsafe-eval' to its script-src.",
    );
  });
});

describe('convlet/inline', () => {
  it('has the exports of convlet', () => {
    expect(Object.keys(inline).sort()).toEqual(Object.keys(convlet).sort());
    expect(inline.createModel).toBe(convlet.createModel);
  });

  it.each([1, 2])('trains to the same bytes on %i threads', async (threads) => {
    expect(await hashOn(inline.createBackend({ threads }))).toBe(await hashOn(createBackend()));
  });
});

it.each(['convlet/inline', 'convlet/worker', 'convlet/storage'])(
  '%s can be required, as it has no top-level await',
  (name) => {
    expect(Object.keys(createRequire(import.meta.url)(name)).length).toBeGreaterThan(1);
  },
);
