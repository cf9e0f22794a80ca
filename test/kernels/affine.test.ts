/** assembly/data/affine.ts against src/reference/affine.ts, and lib/trigonometry.ts through the maps that it draws. */
import { type AffineMap, type AffineRanges, affineMap, affineSample } from 'convlet/reference';
import { describe, expect, it } from 'vitest';
import { expectClose } from '../support/closeness.ts';
import { builds, expectBuild, GuardedMemory } from '../support/kernels.ts';
import { testRandom, uniform } from '../support/random.ts';

type Sizes = readonly [batch: number, channels: number, height: number, width: number];

const SIZES: readonly Sizes[] = [
  [1, 1, 1, 1],
  [3, 1, 7, 5],
  [2, 3, 5, 8],
  [2, 2, 13, 11],
  [1, 1, 1, 31],
  [2, 1, 17, 3],
  [1, 3, 4, 2],
  [1, 1, 28, 28],
  [0, 1, 4, 4],
  [2, 0, 4, 4],
  [2, 1, 0, 4],
  [2, 1, 4, 0],
];

const RANGES: AffineRanges = { shift: 2.5, rotate: 30, zoom: 0.3, shear: 20, flips: 3 };
const NOTHING: AffineRanges = { shift: 0, rotate: 0, zoom: 0, shear: 0, flips: 0 };
const CLOCK = [4_000_000_007, 3, 70_001] as const;
const IDENTITY: AffineMap = [1, 0, 0, 0, 1, 0];

describe.each(builds)('affine, %s build', (build) => {
  const memory = new GuardedMemory(build);
  const { kernels } = memory;

  it('runs on the build that the title names', () => expectBuild(memory, build));

  function draw(
    images: readonly number[],
    [height, width]: readonly [number, number],
    { shift, rotate, zoom, shear, flips }: AffineRanges,
    clock: readonly number[] = CLOCK,
  ): number[][] {
    memory.reset();
    const maps = memory.output(6 * images.length);
    const [at, indices] = [memory.integers(clock), memory.integers(images)];
    const sizes = [images.length, height, width] as const;
    kernels.affineMaps(maps, at, indices, ...sizes, shift, rotate, zoom, shear, flips);
    memory.check();
    return images.map((_, n) => [...memory.f32(maps + 24 * n, 6)]);
  }

  function sample(
    images: Uint8Array | Float32Array,
    indices: readonly number[],
    maps: readonly AffineMap[],
    [channels, height, width]: readonly [number, number, number],
    fill: number = 0,
  ): Float32Array {
    memory.reset();
    const isBytes = images instanceof Uint8Array;
    const length = indices.length * channels * height * width;
    const x = memory.output(length);
    const from = isBytes ? memory.bytes(images) : memory.input(images);
    const [at, map] = [memory.integers(indices), memory.input(maps.flat())];
    const scratch = memory.scratch(kernels.affineScratchBytes(height, width));
    const run = isBytes ? kernels.affineU8 : kernels.affineF32;
    run(x, from, at, map, scratch, indices.length, channels, height, width, fill);
    memory.check();
    return memory.f32(x, length).slice();
  }

  /** Maps as training draws them, as f32 has them. */
  function mapsOf(count: number, height: number, width: number, ranges = RANGES): AffineMap[] {
    return Array.from({ length: count }, (_, image) => {
      const map = affineMap({ seed: 9, epoch: 1, image }, [height, width], ranges);
      return map.map(Math.fround) as unknown as AffineMap; // six again
    });
  }

  it.each(SIZES)('samples as the oracle does, %i×%i×%i×%i', (batch, channels, height, width) => {
    const random = testRandom(batch + 7 * channels + 31 * height + 127 * width);
    const pixels = channels * height * width;
    const indices = Array.from({ length: batch }, (_, n) => (2 * n + 1) % 4);
    const floats = uniform(random, 4 * pixels);
    const bytes = Uint8Array.from(floats, (value) => (value + 1) * 127.5);
    const maps = mapsOf(batch, height, width);
    for (const fill of [0, 0.75]) {
      for (const images of [bytes, floats]) {
        const scale = images instanceof Uint8Array ? 255 : 1;
        const chosen = indices.flatMap((index) =>
          Array.from(images.subarray(index * pixels, (index + 1) * pixels), (p) => p / scale),
        );
        const exact = affineSample(chosen, maps, [channels, height, width], fill);
        const got = sample(images, indices, maps, [channels, height, width], fill);
        expectClose(got, exact, 1e-5);
      }
    }
  });

  it.each(SIZES)('leaves every bit under the map of nothing, %i×%i×%i×%i', (batch, ...sizes) => {
    const [channels, height, width] = sizes;
    const random = testRandom(5);
    const bytes = Uint8Array.from(
      { length: batch * channels * height * width },
      () => random() * 256,
    );
    const indices = Array.from({ length: batch }, (_, n) => batch - 1 - n);
    const maps = draw(indices, [height, width], NOTHING);
    expect(maps.map((map) => map.map((number) => number + 0))).toEqual(indices.map(() => IDENTITY));
    const got = sample(bytes, indices, maps as unknown as AffineMap[], sizes);
    const expected = sample(
      Float32Array.from(bytes, (byte) => byte / 255),
      indices,
      indices.map(() => IDENTITY),
      sizes,
    );
    expect(got).toEqual(expected);
    const pixels = channels * height * width;
    const exact = indices.flatMap((index) => [
      ...bytes.subarray(index * pixels, (index + 1) * pixels),
    ]);
    expect(got).toEqual(Float32Array.from(exact, (byte) => byte / 255));
  });

  it('moves, mirrors and turns by hand-made pictures', () => {
    const picture = Float32Array.of(1, 2, 3, 4, 5, 6);
    const of = (map: AffineMap) => [...sample(picture, [0], [map], [1, 2, 3], 9)];
    expect(of([1, 0, -1, 0, 1, 0])).toEqual([9, 1, 2, 9, 4, 5]); // a column to the right
    expect(of([1, 0, 0, 0, 1, 1])).toEqual([4, 5, 6, 9, 9, 9]); // a row up
    expect(of([-1, 0, 2, 0, 1, 0])).toEqual([3, 2, 1, 6, 5, 4]);
    expect(of([1, 0, 0, 0, -1, 1])).toEqual([4, 5, 6, 1, 2, 3]);
    expect(of([1, 0, 0.5, 0, 1, 0])).toEqual([1.5, 2.5, 6, 4.5, 5.5, 7.5]); // half of 3 and 9, of 6 and 9
    expect(of([0, 1, 0, 1, 0, 0])).toEqual([1, 4, 9, 2, 5, 9]);
  });

  it('reads nothing but fill under a map that leads far out or nowhere', () => {
    const picture = new Float32Array(12).fill(Number.NaN);
    for (const far of [
      1e30,
      -1e30,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      Number.NaN,
      4,
      -5,
    ]) {
      const got = sample(picture, [0], [[1, 0, far, 0, 1, far]], [1, 3, 4], 0.5);
      expect([...got], String(far)).toEqual(new Array(12).fill(0.5));
    }
  });

  it('draws the maps of the oracle', () => {
    const images = [0, 1, 2, 59_999, 2 ** 31 - 1, 7];
    const [seed, epoch] = CLOCK;
    for (const ranges of [
      RANGES,
      NOTHING,
      { ...NOTHING, shift: 4 },
      { ...NOTHING, rotate: 180 },
      { ...NOTHING, rotate: 720 },
      { ...NOTHING, zoom: 0.9 },
      { ...NOTHING, shear: 80 },
      { ...NOTHING, flips: 1 },
      { ...NOTHING, flips: 2 },
    ]) {
      const got = draw(images, [28, 17], ranges);
      const exact = images.map((image) => affineMap({ seed, epoch, image }, [28, 17], ranges));
      expectClose(got.flat(), exact.flat(), 1e-6);
    }
  });

  it('draws anew for another seed, epoch and image, and the same for another step and place', () => {
    const images = [3, 4, 5];
    const [seed, epoch, step] = CLOCK;
    const base = draw(images, [28, 28], RANGES);
    expect(draw([5, 3, 4], [28, 28], RANGES, [seed, epoch, step + 1])).toEqual([
      base[2],
      base[0],
      base[1],
    ]);
    for (const clock of [
      [seed + 1, epoch, step],
      [seed, epoch + 1, step],
    ]) {
      const other = draw(images, [28, 28], RANGES, clock);
      for (const [n, map] of other.entries()) expect(map).not.toEqual(base[n]);
    }
    expect(new Set(base.map(String)).size).toBe(3);
  });

  it('draws evenly within the ranges', () => {
    const images = Array.from({ length: 4000 }, (_, n) => n);
    const within = (values: readonly number[], range: number) => {
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      const square = values.reduce((sum, value) => sum + value * value, 0) / values.length;
      expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(range);
      expect(Math.max(...values)).toBeGreaterThan(0.99 * range);
      expect(Math.min(...values)).toBeLessThan(-0.99 * range);
      expect(Math.abs(mean)).toBeLessThan(0.05 * range);
      expect(square / (range * range)).toBeCloseTo(1 / 3, 1);
    };
    const column = (ranges: AffineRanges, at: number) =>
      draw(images, [28, 28], ranges).map((map) => map[at] ?? 0);
    within(column({ ...NOTHING, shift: 2 }, 2), 2);
    within(column({ ...NOTHING, shift: 2 }, 5), 2);
    within(column({ ...NOTHING, rotate: 10 }, 1).map(Math.asin), 10.000_01 * (Math.PI / 180));
    within(
      column({ ...NOTHING, zoom: 0.2 }, 0).map((scale) => 1 / scale - 1),
      0.200_001,
    );
    within(column({ ...NOTHING, shear: 10 }, 1).map(Math.atan), 10.000_01 * (Math.PI / 180));
    for (const [flips, at] of [
      [1, 0],
      [2, 4],
      [3, 0],
      [3, 4],
    ] as const) {
      const mirrored = column({ ...NOTHING, flips }, at).filter((scale) => scale === -1);
      expect(Math.abs(mirrored.length - 2000), `flips ${flips}`).toBeLessThan(4 * Math.sqrt(1000));
    }
    expect(column({ ...NOTHING, flips: 1 }, 4).every((scale) => scale === 1)).toBe(true);
  });
});
