/**
 * Every kernel touches what docs/abi.md says, and no byte beside it. Regions and sizes come from the page itself (contract.ts), the
 * sizes by lot from 1 to 17. Each case runs between guards first: outputs are full of a NaN that must be gone, inputs and guards as
 * they were. Then each region in turn lies at the end of the memory, and at its start, where a vector beyond it traps; the
 * results are the same to the bit, so nothing read beside a region is used. Kernels of one size are tried at all of the 17.
 */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Kernels } from '../../src/wasm/kernels.ts';
import { type Contract, type RegionArgument, readContracts } from '../support/contract.ts';
import { builds, type Edge, expectBuild, GUARD, GuardedMemory } from '../support/kernels.ts';
import { testRandom, uniform } from '../support/random.ts';
import { asked, isNamed } from './asked.ts';

/** Cases of a kernel of several sizes. */
const RUNS = asked?.runs ?? 12;
const MOST = 17;
/** Images that `indices` choose from, and bytes of a table of sums between two of them. */
const IMAGES = 5;
const GAP = 24;

type Sizes = Record<string, number>;

const contracts = readContracts();

/** Values of the arguments that are no sizes; a kernel with another one needs a row. */
const scalars: Readonly<Record<string, (random: () => number, sizes: Sizes) => number>> = {
  ...Object.fromEntries(
    [
      'alpha',
      'negativeSlope',
      'delta',
      'scale',
      'keep',
      'limit',
      'factor',
      'mu',
      'rho',
      'rate',
    ].map((name) => [name, () => 0.5]),
  ),
  ...Object.fromEntries(
    [
      'epsilon',
      'learningRate',
      'weightDecay',
      'momentum',
      'smoothing',
      'zoom',
      'fill',
      'standardDeviation',
    ].map((name) => [name, () => 0.1]),
  ),
  ...Object.fromEntries(
    ['beta1', 'beta2', 'correction1', 'correction2'].map((name) => [name, () => 0.9]),
  ),
  shift: () => 2,
  rotate: () => 30,
  shear: () => 10,
  flips: (random) => Math.floor(random() * 4),
  countsPadding: (random) => Math.floor(random() * 2),
  count: () => 10,
  first: () => 3,
  layer: () => 2,
  block: (random) => 4 * draw(random, 3),
  shards: (random) => draw(random, 4),
  planes: (random) => draw(random, MOST),
  scaleH: (random) => draw(random, 3),
  scaleW: (random) => draw(random, 3),
  stride: (_random, { channels, length }) =>
    (channels === undefined ? 4 * (length ?? 0) : 16 * channels) + GAP,
  yRow: (random, { columns = 0 }) => columns + draw(random, 3) - 1,
  xRow: (random, { columns = 0 }) => columns + draw(random, 3) - 1,
  yPlane: (random, { rows = 0, columns = 0 }) => rows * (columns + 2) + draw(random, 3),
  xPlane: (random, { rows = 0, columns = 0 }) => rows * (columns + 2) + draw(random, 3),
  padBottom: (_random, sizes) => sizes.padBottom ?? Number.NaN,
  padRight: (_random, sizes) => sizes.padRight ?? Number.NaN,
};

/** From 1 to `most`. */
function draw(random: () => number, most: number): number {
  return 1 + Math.floor(random() * most);
}

/** Sizes that fit together: windows inside padded images, groups that divide the channels. */
function sizesOf({ name, arguments: list }: Contract, random: () => number): Sizes {
  const names = list.flatMap(({ kind, name }) => (kind === 'size' ? [name] : []));
  const sizes: Sizes = Object.fromEntries(names.map((size) => [size, draw(random, MOST)]));
  const isPool = /[pP]ool2d/.test(name);
  if (names.includes('batch') && names.length > 2) sizes.batch = draw(random, 3);
  if (names.includes('groups')) {
    const groups = random() < 0.5 ? 1 : draw(random, 4);
    const most = Math.floor(MOST / groups);
    const isDepthwise = groups > 1 && random() < 0.5;
    sizes.groups = groups;
    for (const channels of ['inC', 'outC', 'channels'].filter((size) => names.includes(size))) {
      sizes[channels] = groups * (isDepthwise && channels === 'inC' ? 1 : draw(random, most));
    }
  }
  if (name === 'binaryCrossEntropy' && random() < 0.5) sizes.length = 1; // then labels may be given
  if (!names.includes('kH')) {
    if (isPool && names.includes('outH'))
      Object.assign(sizes, { outH: draw(random, 17), outW: draw(random, 17) });
    return sizes;
  }
  const isSmall = random() < 0.5; // the kernels of most networks
  for (const side of ['H', 'W']) {
    const stride = random() < 0.6 ? 1 : draw(random, 3);
    const dilation =
      isPool || name.startsWith('convReluPool') || random() < 0.6 ? 1 : draw(random, 3);
    const size = sizes[`in${side}`] ?? 1;
    const kernel = isSmall ? 3 : draw(random, 7);
    const span = dilation * (kernel - 1) + 1;
    // the least padding that gives outputs: two rows for a pooling
    const least = Math.max(0, span + (name.startsWith('convReluPool') ? stride : 0) - size);
    const most = isPool ? Math.floor(kernel / 2) : kernel;
    let before = Math.floor(random() * (most + 1));
    let after = Math.floor(random() * (most + 1));
    if (before + after < least) {
      // another image, not more padding
      sizes[`in${side}`] = size + least - before - after;
    }
    const padded = (sizes[`in${side}`] ?? 1) + before + after;
    sizes[`k${side}`] = kernel;
    sizes[`stride${side}`] = stride;
    sizes[`dilation${side}`] = dilation;
    sizes[`pad${side}`] = before;
    sizes[`out${side}`] = Math.floor((padded - span) / stride) + 1;
    sizes[side === 'H' ? 'padBottom' : 'padRight'] = after;
    [before, after] = [0, 0];
  }
  return sizes;
}

/** The number that an entry of a shape stands for. */
function sideOf(text: string, sizes: Sizes): number {
  if (text === '…') return IMAGES;
  const [, before, after] = /^(\w+) \/ (\w+)$/.exec(text) ?? [];
  if (before !== undefined && after !== undefined) {
    return Math.floor(sideOf(before, sizes) / sideOf(after, sizes));
  }
  return text.split('·').reduce((product, name) => {
    const value = /^\d+$/.test(name) ? Number(name) : sizes[name];
    if (value === undefined) throw new Error(`internal: no size ${name}`);
    return product * value;
  }, 1);
}

const BYTES: Readonly<Record<string, number>> = { f32: 4, i32: 4, u32: 4, f64: 8, u8: 1 };

/** Bytes of a region of a kernel. */
function bytesOf(
  kernels: Kernels,
  contract: Contract,
  { name, extent }: RegionArgument,
  sizes: Sizes,
): number {
  const [, times = '', of, own] =
    /^bytes: (?:(\w+) · )?(\w+)(?:\(([^)]*)\)| of the same sizes)$/.exec(extent) ?? [];
  if (of !== undefined) {
    const asked = contractNamed(of).arguments.map(({ name }) => name);
    expect(own?.split(', ') ?? asked, extent).toEqual(asked);
    const ask = kernels[of as keyof Kernels] as (...sizes: number[]) => number;
    return (
      ask(...asked.map((size) => sideOf(size, sizes))) * (times === '' ? 1 : sideOf(times, sizes))
    );
  }
  const [, type = '', shape = ''] = /^(\w\d+)\[(.*)\]$/.exec(extent) ?? [];
  const width = BYTES[type] ?? Number.NaN;
  const { stride = 0, shards = 1, slices = 1, rows = 0, columns = 0, planes = 0 } = sizes;
  if (contract.name === 'copyRows') {
    // the block alone, from its first number to its last
    const [plane = 0, row = 0] = [sizes[`${name}Plane`], sizes[`${name}Row`]];
    return 4 * ((planes - 1) * plane + (rows - 1) * row + columns);
  }
  if (contract.name === 'squaredNorms' && name === 'sums') {
    return 8 * Math.ceil((sizes.length ?? 0) / (sizes.block ?? 0));
  }
  if (name === 'sums' && stride > 0) return (shards - 1) * stride + 16 * (sizes.channels ?? 0);
  if (contract.name === 'accumulate' && name === 'x')
    return (slices - 1) * stride + 4 * (sizes.length ?? 0);
  return width * shape.split(', ').reduce((product, side) => product * sideOf(side, sizes), 1);
}

function contractNamed(name: string): Contract {
  const found = contracts.find((contract) => contract.name === name);
  if (found === undefined) throw new Error(`internal: no ${name} in docs/abi.md`);
  return found;
}

/** What a region holds before the call. */
function contentOf(
  { name, extent }: RegionArgument,
  byteLength: number,
  sizes: Sizes,
  random: () => number,
): Uint8Array {
  const whole = (count: number, below: number) =>
    Array.from({ length: count }, () => Math.floor(random() * below));
  if (extent.startsWith('u8'))
    return Uint8Array.from(whole(byteLength, name === 'source' ? 10 : 256));
  const count = byteLength / 4;
  if (extent.startsWith('f64'))
    return new Uint8Array(
      Float64Array.from({ length: byteLength / 8 }, () => 0.5 + random()).buffer,
    );
  if (extent.startsWith('f32')) {
    const isPositive = /^(variance|v|u)$/.test(name);
    return new Uint8Array(
      uniform(random, count).map((value) => (isPositive ? Math.abs(value) : value)).buffer,
    );
  }
  const below =
    name === 'indices'
      ? IMAGES
      : name === 'labels'
        ? (sizes.classes ?? 2)
        : name === 'argmax'
          ? (sizes.inH ?? 1) * (sizes.inW ?? 1)
          : 1000;
  return new Uint8Array(Int32Array.from(whole(count, below)).buffer);
}

/** A region with its bytes; absent: address 0. */
interface Placed {
  readonly argument: RegionArgument;
  readonly byteLength: number;
  /** What it holds before; undefined if the kernel overwrites it. */
  readonly content: Uint8Array | undefined;
  readonly isAbsent: boolean;
}

/** A call: its numbers by name, and its regions. */
interface Call {
  readonly contract: Contract;
  readonly sizes: Sizes;
  readonly regions: readonly Placed[];
}

/** Numbers and contents of a call. What a backward kernel takes from forward comes from forward. */
function callOf(kernels: Kernels, contract: Contract, sizes: Sizes, random: () => number): Call {
  const all: Sizes = { ...sizes };
  for (const { kind, name } of contract.arguments) {
    if (kind !== 'scalar') continue;
    const scalar = scalars[name];
    if (scalar === undefined)
      throw new Error(`internal: ${contract.name}: a row for ${name} in scalars`);
    all[name] = scalar(random, all);
  }
  const absent = absentIn(contract, all, random);
  const regions = contract.arguments.flatMap((argument): Placed[] => {
    if (argument.kind !== 'region') return [];
    const byteLength = bytesOf(kernels, contract, argument, all);
    const isWritten = argument.access === 'overwritten';
    const content =
      isWritten || byteLength === 0 ? undefined : contentOf(argument, byteLength, all, random);
    return [{ argument, byteLength, content, isAbsent: absent.has(argument.name) }];
  });
  return { contract, sizes: all, regions };
}

/** Optional regions that are left out: targets or labels, and others by lot. */
function absentIn(
  { name, arguments: list }: Contract,
  sizes: Sizes,
  random: () => number,
): ReadonlySet<string> {
  const optional = list.flatMap((argument) =>
    argument.kind === 'region' && argument.isOptional ? [argument.name] : [],
  );
  const absent = new Set(
    optional.filter((name) => !['targets', 'labels'].includes(name) && random() < 0.4),
  );
  if (name === 'binaryCrossEntropy') {
    absent.add(sizes.length === 1 && random() < 0.7 ? 'targets' : 'labels');
  }
  if (absent.has('dw')) absent.add('db'); // "weight and bias do not learn"
  return absent;
}

/** Runs a call in a memory. @returns the bytes of what it writes, but for scratch. */
function run(
  memory: GuardedMemory,
  { contract, sizes, regions }: Call,
  edge?: Edge,
): Map<string, Uint8Array> {
  memory.reset(edge);
  const addresses = new Map<string, number>();
  for (const { argument, byteLength, content, isAbsent } of regions) {
    const { name, access } = argument;
    if (isAbsent) addresses.set(name, 0);
    else if (access === 'read') addresses.set(name, memory.bytes(content ?? []));
    else {
      addresses.set(name, memory.scratch(byteLength));
      if (content !== undefined) memory.set(addresses.get(name) ?? 0, content);
    }
  }
  const kernel = memory.kernels[contract.name as keyof Kernels] as (...args: number[]) => unknown;
  kernel(...contract.arguments.map(({ name }) => addresses.get(name) ?? sizes[name] ?? Number.NaN));
  memory.check();
  const written = regions.filter(
    ({ argument, isAbsent }) =>
      argument.access !== 'read' && argument.name !== 'scratch' && !isAbsent,
  );
  return new Map(
    written.map(({ argument: { name }, byteLength }) => [
      name,
      memory.copy(addresses.get(name) ?? 0, byteLength),
    ]),
  );
}

/** The same call with `saved` and `y` as the forward kernel leaves them. */
function afterForward(memory: GuardedMemory, call: Call, random: () => number): Call {
  const name = call.contract.name.replace(/Backward\w+$/, 'Forward');
  const results = run(memory, callOf(memory.kernels, contractNamed(name), call.sizes, random));
  const regions = call.regions.map((region) => {
    const content = results.get(region.argument.name);
    return content === undefined ? region : { ...region, content };
  });
  return { ...call, regions };
}

/** Bytes past the end of a region that a kernel reads by contract, and does not use. */
function readsPast({ name }: Contract, region: string): boolean {
  return name.startsWith('convReluPool') && region === 'x';
}

function runEverywhere(
  memory: GuardedMemory,
  contract: Contract,
  sizes: Sizes,
  seed: number,
): void {
  const random = testRandom(seed);
  const draft = callOf(memory.kernels, contract, sizes, random);
  const needsForward = draft.regions.some(
    ({ argument }) => argument.name === 'saved' && argument.access !== 'overwritten',
  );
  const call = needsForward ? afterForward(memory, draft, random) : draft;
  const between = run(memory, call);
  for (const { argument, isAbsent } of call.regions) {
    const isWhole =
      argument.access === 'overwritten' && !['scratch', 'saved'].includes(argument.name);
    if (!isWhole || isAbsent || contract.name === 'copyRows') continue;
    const bytes = between.get(argument.name) ?? new Uint8Array();
    const left = new Uint32Array(bytes.buffer).indexOf(GUARD);
    if (left >= 0) throw new Error(`${argument.name}[${left}] is never written`);
  }
  const present = call.regions.filter(({ isAbsent }) => !isAbsent);
  for (const [region, { argument, byteLength }] of present.entries()) {
    for (const side of ['end', 'start'] as const) {
      if (side === 'end' && readsPast(contract, argument.name)) continue;
      const where = `${argument.name} at the ${side} of the memory`;
      let results: Map<string, Uint8Array>;
      try {
        results = run(memory, call, { region, side, byteLength });
      } catch (cause) {
        throw new Error(`${where}: ${(cause as Error).message}`, { cause });
      }
      // saved has room between its lists, and what forward leaves there means nothing
      for (const [name, bytes] of between) {
        if (name === 'saved') continue;
        if (Buffer.compare(results.get(name) ?? new Uint8Array(), bytes) !== 0) {
          throw new Error(`${where}: another ${name}`);
        }
      }
    }
  }
}

describe.runIf(isNamed('guards')).each(builds)('kernels, %s build', (build) => {
  let memory: GuardedMemory;
  beforeAll(() => {
    memory = new GuardedMemory(build);
    expectBuild(memory, build);
  });

  it('are all in docs/abi.md', () => {
    const exported = Object.keys(memory.kernels).sort();
    expect(contracts.map(({ name }) => name).sort()).toEqual(exported);
    expect(exported.length).toBeGreaterThan(100);
  });

  it('notices a region that is a number short, wherever it lies', () => {
    const contract = contractNamed('reluForward');
    const call = callOf(memory.kernels, contract, { length: 9 }, testRandom(1));
    const short = (name: string): Call => ({
      ...call,
      regions: call.regions.map((region) => {
        if (region.argument.name !== name) return region;
        return { ...region, byteLength: 32, content: region.content?.subarray(0, 32) };
      }),
    });
    expect(() => run(memory, short('y'))).toThrow('written after');
    for (const [region, name] of ['y', 'x'].entries()) {
      const edge = { region, side: 'end', byteLength: 32 } as const;
      expect(() => run(memory, short(name), edge)).toThrow(WebAssembly.RuntimeError);
    }
  });

  const touching = contracts.filter((contract) =>
    contract.arguments.some(({ kind }) => kind === 'region'),
  );
  it.each(touching)(
    '$name touches its regions alone',
    (contract) => {
      const list = contract.arguments.filter(({ kind }) => kind === 'size');
      const [only] = list;
      if (list.length === 1 && only !== undefined) {
        for (let size = 1; size <= MOST; size++)
          runEverywhere(memory, contract, { [only.name]: size }, size);
        return;
      }
      const property = fc.property(fc.integer({ min: 1, max: 2 ** 30 }), (seed) => {
        const random = testRandom(seed);
        for (let i = 0; i < 20; i++) random(); // small seeds begin alike
        const sizes = sizesOf(contract, random);
        try {
          runEverywhere(memory, contract, sizes, seed);
        } catch (cause) {
          throw new Error(
            `${contract.name} ${JSON.stringify(sizes)}: ${(cause as Error).message}`,
            { cause },
          );
        }
      });
      fc.assert(property, { seed: asked?.seed ?? 1, numRuns: RUNS });
    },
    Number.POSITIVE_INFINITY,
  );
});
