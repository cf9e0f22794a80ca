/** assembly/regularization/dropout.ts against src/reference/dropout.ts, and its random words against published ones. */
import { type Draw, dropout, philox4x32 } from 'convlet/reference';
import { describe, expect, it } from 'vitest';
import { builds, expectBuild, GuardedMemory } from '../support/kernels.ts';
import { testRandom, uniform } from '../support/random.ts';

type Sizes = readonly [batch: number, channels: number, pixels: number];

const DRAW: Draw = { seed: 4_000_000_007, epoch: 3, step: 70_001, layer: 5, first: 2 };

describe('philox4x32', () => {
  const all = 0xffff_ffff;
  it.each([
    [
      [0, 0, 0, 0],
      [0, 0],
      [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8],
    ],
    [
      [all, all, all, all],
      [all, all],
      [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd],
    ],
    [
      [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
      [0xa409_3822, 0x299f_31d0],
      [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1],
    ],
  ] as [[number, number, number, number], [number, number], number[]][])(
    'gives the known answer of Random123 for counter %j, key %j',
    (counter, key, answer) => expect(philox4x32(counter, key)).toEqual(answer),
  );
});

describe.each(builds)('dropout, %s build', (build) => {
  const memory = new GuardedMemory(build);
  const { kernels } = memory;

  it('runs on the build that the title names', () => expectBuild(memory, build));

  function run(x: Float32Array, sizes: Sizes, rate: number, draw: Draw = DRAW): Float32Array {
    const { seed, epoch, step, layer, first } = draw;
    memory.reset();
    const y = memory.output(x.length);
    const clock = memory.integers([seed, epoch, step]);
    kernels.dropout(y, memory.input(x), clock, ...sizes, first, layer, rate);
    memory.check();
    return memory.f32(y, x.length).slice();
  }

  /** What the oracle keeps, scaled as f32 has it. */
  function expected(x: Float32Array, sizes: Sizes, rate: number, draw: Draw = DRAW): Float32Array {
    const kept = dropout(new Float32Array(x.length).fill(1), sizes, rate, draw);
    const scale = Math.fround(1 / (1 - rate));
    return x.map((value, i) => (kept[i] === 0 ? 0 : value * scale));
  }

  it.each([
    [1, 1, 1],
    [2, 15, 1],
    [3, 16, 1],
    [2, 37, 1],
    [1, 997, 1],
    [3, 1, 2],
    [2, 37, 3],
    [2, 5, 31],
    [1, 17, 4],
    [0, 5, 1],
    [2, 0, 1],
    [2, 3, 0],
  ] satisfies Sizes[])('keeps what the oracle keeps, %i×%i×%i', (...sizes) => {
    const x = uniform(testRandom(7), sizes[0] * sizes[1] * sizes[2]);
    for (const rate of [0.1, 0.5, 0.9]) {
      expect(run(x, sizes, rate)).toEqual(expected(x, sizes, rate));
    }
  });

  it.each([16, 37, 64])(
    'keeps the same %i numbers sixteen at a time and one by one',
    (channels) => {
      const x = uniform(testRandom(8), 3 * channels);
      const twice = Float32Array.from({ length: 2 * x.length }, (_, i) => x[i >> 1] ?? 0);
      const pairs = run(twice, [3, channels, 2], 0.4); // two pixels a channel: no vectors of channels
      const vectors = run(x, [3, channels, 1], 0.4);
      expect(vectors).toEqual(pairs.filter((_, i) => i % 2 === 0));
      expect(vectors).toEqual(pairs.filter((_, i) => i % 2 === 1));
      expect(vectors.filter((value) => value === 0).length).toBeGreaterThan(0);
    },
  );

  it.each([
    [7, 37, 1],
    [7, 5, 3],
  ] satisfies Sizes[])(
    'draws for a shard’s images by their place in the batch, %i×%i×%i',
    (batch, channels, pixels) => {
      const x = uniform(testRandom(9), batch * channels * pixels);
      const whole = run(x, [batch, channels, pixels], 0.5, { ...DRAW, first: 0 });
      const cut = 3 * channels * pixels;
      const shards = [
        ...run(x.subarray(0, cut), [3, channels, pixels], 0.5, { ...DRAW, first: 0 }),
        ...run(x.subarray(cut), [batch - 3, channels, pixels], 0.5, { ...DRAW, first: 3 }),
      ];
      expect(shards).toEqual([...whole]);
    },
  );

  it('draws anew for another seed, epoch, step, layer and image', () => {
    const x = new Float32Array(64).fill(1);
    const base = run(x, [1, 64, 1], 0.5);
    for (const name of ['seed', 'epoch', 'step', 'layer', 'first'] as const) {
      const other = run(x, [1, 64, 1], 0.5, { ...DRAW, [name]: DRAW[name] + 1 });
      const changed = other.filter((value, i) => value !== base[i]).length;
      expect(changed, name).toBeGreaterThan(16); // about half of them
    }
  });

  it.each([0.05, 0.25, 0.5, 0.8, 0.99])('drops a share of %f', (rate) => {
    const sizes = [100, 1000, 1] as const;
    const y = run(new Float32Array(100_000).fill(1), sizes, rate);
    const share = y.filter((value) => value === 0).length / y.length;
    const deviation = Math.sqrt((rate * (1 - rate)) / y.length);
    expect(Math.abs(share - rate)).toBeLessThanOrEqual(4 * deviation);
    const mean = y.reduce((sum, value) => sum + value, 0) / y.length;
    expect(Math.abs(mean - 1)).toBeLessThanOrEqual((4 * deviation) / (1 - rate) + 1e-6);
  });

  it('copies every bit at rate 0, and leaves everything in place', () => {
    const x = Float32Array.of(Number.NaN, -0, Number.POSITIVE_INFINITY, -1, 2);
    expect(run(x, [1, 5, 1], 0)).toEqual(x);
    memory.reset();
    const y = memory.output(5, x);
    kernels.dropout(y, y, memory.integers([1, 1, 0]), 1, 5, 1, 0, 0, 0);
    memory.check();
    expect(memory.f32(y, 5)).toEqual(x);
  });

  it.each([
    [2, 37, 1],
    [2, 7, 3],
  ] satisfies Sizes[])('gives the same numbers in place, %i×%i×%i', (...sizes) => {
    const x = uniform(testRandom(10), sizes[0] * sizes[1] * sizes[2]);
    const apart = run(x, sizes, 0.5);
    const { seed, epoch, step, layer, first } = DRAW;
    memory.reset();
    const y = memory.output(x.length, x);
    kernels.dropout(y, y, memory.integers([seed, epoch, step]), ...sizes, first, layer, 0.5);
    memory.check();
    expect(memory.f32(y, x.length)).toEqual(apart);
  });

  it.each([1, 3])('makes a dropped NaN 0 and keeps another, %i pixels', (pixels) => {
    const sizes = [2, 37, pixels] as const;
    const x = new Float32Array(2 * 37 * pixels).fill(Number.NaN);
    const kept = dropout(new Float32Array(x.length).fill(1), sizes, 0.5, DRAW);
    const got = run(x, sizes, 0.5);
    expect([...got]).toEqual([...kept].map((value) => (value === 0 ? 0 : Number.NaN)));
    expect(got.some(Number.isNaN) && got.includes(0)).toBe(true);
  });
});
