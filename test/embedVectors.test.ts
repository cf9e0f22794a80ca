/** examples/embed/vectors/ are reproduced bit by bit by both modules, and in place where that is allowed. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { builds, expectBuild, GuardedMemory } from './support/kernels.ts';

type Value = number | string;
type Type = 'f64' | 'f32' | 'i32' | 'u32' | 'u8';

interface Tensor {
  readonly type: Type;
  readonly shape: readonly number[];
  readonly data?: readonly Value[];
  readonly formula?: readonly [a: number, b: number, m: number, h: number, d: number];
}

/** A region that is as large as a kernel says. */
interface Asked {
  readonly bytes: {
    readonly kernel: string;
    readonly args: readonly number[];
    readonly times: number;
  };
}

interface Call {
  readonly kernel: string;
  readonly args: readonly Value[];
}

interface Case {
  readonly name: string;
  readonly regions: Readonly<Record<string, Tensor | Asked>>;
  readonly calls: readonly Call[];
  readonly expected: Readonly<Record<string, { data: readonly Value[]; sha256: string }>>;
}

const folder = new URL('../examples/embed/vectors/', import.meta.url);
const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
const page = readFileSync(new URL('../docs/abi.md', import.meta.url), 'utf8');
const files = names
  .filter((name) => name !== 'recipe.json')
  .map((name) => ({ name, ...JSON.parse(readFileSync(new URL(name, folder), 'utf8')) }));
const cases: Case[] = files.flatMap((file) => file.cases);

type Exports = Readonly<Record<string, (...args: number[]) => number>>;

const lengthOf = ({ shape }: Tensor) => shape.reduce((product, size) => product * size, 1);

/** What a tensor holds before; undefined where it is overwritten anyway. */
function contents(tensor: Tensor): number[] | undefined {
  if (tensor.data !== undefined) return tensor.data.map(Number);
  if (tensor.formula === undefined) return undefined;
  const [a, b, m, h, d] = tensor.formula;
  return Array.from({ length: lengthOf(tensor) }, (_, i) => (((i * a + b) % m) - h) / d);
}

function place(memory: GuardedMemory, exports: Exports, region: Tensor | Asked): number {
  if ('bytes' in region) {
    const { kernel, args, times } = region.bytes;
    return memory.scratch((exports[kernel]?.(...args) ?? 0) * times);
  }
  const values = contents(region);
  const length = lengthOf(region);
  const words = region.type === 'f64' ? 2 * length : length;
  if (values === undefined) return memory.output(words);
  if (region.type === 'f64') return memory.doubles(values);
  if (region.type === 'u8') return memory.bytes(values);
  if (region.type === 'f32') return memory.output(length, values);
  const address = memory.output(length);
  memory.i32(address, length).set(values);
  return address;
}

/** Runs a case. @returns the bytes of what it should have written, by name */
function run(
  memory: GuardedMemory,
  entry: Case,
  aliases: Readonly<Record<string, string>> = {},
  places: Readonly<Record<string, number>> = {},
) {
  memory.reset();
  const exports = memory.kernels as unknown as Exports;
  const addresses: Record<string, number> = {};
  for (const [name, region] of Object.entries(entry.regions)) {
    addresses[name] = place(memory, exports, region);
  }
  for (const [name, other] of Object.entries(aliases)) addresses[name] = addresses[other] ?? 0;
  for (const [name, address] of Object.entries(places)) {
    const values = contents(entry.regions[name] as Tensor) ?? [];
    memory.f32(address, values.length).set(values);
    addresses[name] = address;
  }
  for (const { kernel, args } of entry.calls) {
    exports[kernel]?.(
      ...args.map((arg) => (typeof arg === 'number' ? arg : (addresses[arg] ?? 0))),
    );
  }
  memory.check();
  return (name: string) => {
    const words = bytesOf(entry, name).length / 4;
    const view = memory.f32(addresses[name] ?? 0, words);
    return new Uint8Array(view.buffer, view.byteOffset, view.byteLength).slice();
  };
}

/** The bytes that the numbers of a region should be afterwards. */
function bytesOf({ regions, expected }: Case, name: string): Uint8Array {
  const { type } = regions[name] as Tensor;
  const numbers = (expected[name]?.data ?? []).map(Number);
  if (type === 'f64') return new Uint8Array(Float64Array.from(numbers).buffer);
  const view = type === 'f32' ? Float32Array.from(numbers) : Int32Array.from(numbers);
  return new Uint8Array(view.buffer);
}

describe.each(builds)('the vectors, %s build', (build) => {
  const memory = new GuardedMemory(build);

  it('runs on the build that the title names', () => expectBuild(memory, build));

  it.each(cases)('reproduces $name', (entry) => {
    const result = run(memory, entry);
    let compared = 0;
    for (const [name, { data, sha256 }] of Object.entries(entry.expected)) {
      expect(result(name), name).toEqual(bytesOf(entry, name));
      expect(createHash('sha256').update(result(name)).digest('hex')).toBe(sha256);
      compared += data.length;
    }
    expect(compared).toBeGreaterThan(0);
  });
});

describe('the vectors', () => {
  it('belong to this ABI, and cover every kernel that writes', () => {
    for (const { abi } of files) expect(abi).toBe(1);
    const called = new Set(cases.flatMap(({ calls }) => calls.map(({ kernel }) => kernel)));
    const told = [...page.matchAll(/^#### `(\w+)`$/gm)].map(([, name = '']) => name);
    const writing = told.filter((name) => !/Bytes$|^abiVersion$/.test(name));
    expect([...called].sort()).toEqual(writing.sort());
  });
});

describe('a kernel that reads past the end of x', () => {
  const memory = new GuardedMemory('release');
  const end = memory.byteLength;
  const xOf = ({ regions: { x } }: Case) => (x !== undefined && 'shape' in x ? x : undefined);

  it.each(cases.filter((entry) => xOf(entry)?.type === 'f32'))(
    'reads at most 12 bytes: $name',
    (entry) => {
      const isFused = entry.calls.some(({ kernel }) => kernel.startsWith('convReluPool'));
      const x = end - (isFused ? 12 : 0) - 4 * lengthOf(xOf(entry) as Tensor);
      expect(() => run(memory, entry, {}, { x })).not.toThrow();
    },
  );
});

describe('a kernel that docs/abi.md allows in place', () => {
  const memory = new GuardedMemory('release');
  const allowed = [
    ...page.matchAll(/^#### `(\w+)`$(?:(?!^#### )[\s\S])*?Aliasing: `(\w+)` may be `(\w+)`/gm),
  ];
  const found = allowed.map(([, kernel = '', a = '', b = '']) => ({ kernel, a, b }));

  it('is found in the page', () => expect(found.length).toBeGreaterThan(6));

  it.each(found)('gives the same bits in place: $kernel, $a as $b', ({ kernel, a, b }) => {
    const signature = new RegExp(`#### \`${kernel}\`[\\s\\S]*?(?=####|$)`).exec(page)?.[0] ?? '';
    const names = [...signature.matchAll(/^\| (\d+) \| `(\w+)` \|/gm)].map(([, , name]) => name);
    const entry = cases.find(({ calls }) => calls.some((call) => call.kernel === kernel));
    const index = entry?.calls.findIndex((call) => call.kernel === kernel) ?? -1;
    const call = entry?.calls[index];
    if (entry === undefined || call === undefined) throw new Error(`no case of ${kernel}`);
    const output = String(call.args[names.indexOf(a)]);
    const input = String(call.args[names.indexOf(b)]);
    const calls = entry.calls.slice(0, index + 1);
    const result = run(memory, { ...entry, calls }, { [output]: input });
    expect(result(output).length).toBeGreaterThan(0);
    expect(result(output)).toEqual(bytesOf(entry, output));
  });
});
