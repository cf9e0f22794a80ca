/** The shipped WebAssembly module has only pure functions over a memory that it imports. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const file = (name: string) => readFileSync(new URL(`../../dist/${name}`, import.meta.url));
const bytes = file('kernels.wasm');
const module = new WebAssembly.Module(bytes);

/** Numbers of the sections, in file order (WebAssembly specification, section 5.5). */
function sections(bytes: Uint8Array): number[] {
  const found: number[] = [];
  for (let at = 8; at < bytes.length; ) {
    found.push(bytes[at++] ?? -1);
    let size = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++] ?? 0;
      size |= (byte & 127) << shift;
      if (byte < 128) break;
    }
    at += size;
  }
  return found;
}

describe.each(['kernels.wasm', 'kernels.threads.wasm'])('%s', (name) => {
  const bytes = file(name);
  const module = new WebAssembly.Module(bytes);

  it('imports a memory and nothing else', () => {
    expect(WebAssembly.Module.imports(module)).toEqual([
      { module: 'env', name: 'memory', kind: 'memory' },
    ]);
  });

  it('has types, imports, functions, exports and code: no data, no globals, no start', () => {
    expect(sections(bytes)).toEqual([1, 2, 3, 7, 10]);
  });
});

describe('exp and log', () => {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const { exp, log } = new WebAssembly.Instance(module, { env: { memory } }).exports as Record<
    string,
    (y: number, x: number, length: number) => void
  >;
  const run = (kernel: typeof exp, values: readonly number[]) => {
    const view = new Float32Array(memory.buffer, 64, values.length);
    view.set(values);
    kernel?.(64, 64, values.length);
    return [...view];
  };
  const within = (got: number, exact: number) => {
    const unit = 2 ** (Math.floor(Math.log2(Math.abs(exact))) - 23);
    expect(Math.abs(got - exact) / unit, `${got} for ${exact}`).toBeLessThanOrEqual(2);
  };

  it('are within two units in the last place', () => {
    const powers = Array.from({ length: 4000 }, (_, i) => Math.fround(-87 + i * 0.0437));
    for (const [i, y] of run(exp, powers).entries()) within(y, Math.exp(powers[i] ?? 0));
    const numbers = Array.from({ length: 4000 }, (_, i) =>
      Math.fround(1.37 ** ((i - 2000) / 10) * 1.0001),
    );
    for (const [i, y] of run(log, numbers).entries()) within(y, Math.log(numbers[i] ?? 0));
  });

  it('return their limits', () => {
    expect(
      run(exp, [-200, 200, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, Number.NaN, 0]),
    ).toEqual([0, Number.POSITIVE_INFINITY, 0, Number.POSITIVE_INFINITY, Number.NaN, 1]);
    expect(run(log, [0, -1, Number.POSITIVE_INFINITY, Number.NaN, 1])).toEqual([
      Number.NEGATIVE_INFINITY,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NaN,
      0,
    ]);
  });
});
