/** assembly/normalization/groupNorm.ts agrees with src/reference/groupNorm.ts. */
import {
  type GroupNormSizes,
  groupNormBackward,
  groupNormForward,
  groupNormMoments,
} from 'convlet/reference';
import { describe, expect, it } from 'vitest';
import { expectClose } from '../support/closeness.ts';
import { builds, expectBuild, GuardedMemory } from '../support/kernels.ts';
import { testRandom, uniform } from '../support/random.ts';

const EPSILON = 1e-5;

function batchOf(sizes: GroupNormSizes, mean = 0.5, deviation = 1) {
  const [batch, channels, pixels] = sizes;
  const random = testRandom(batch + 7 * channels + 31 * pixels);
  const length = batch * channels * pixels;
  return {
    sizes,
    x: uniform(random, length).map((value) => mean + deviation * value),
    dy: uniform(random, length),
    w: uniform(random, channels).map((value) => value + 1.5),
    b: uniform(random, channels),
  };
}

describe.each(builds)('groupNorm, %s build', (build) => {
  const memory = new GuardedMemory(build);
  const { kernels } = memory;

  /** All three kernels; dw and db are added to `before`, or not computed. */
  function run(
    { sizes, x, dy, w, b }: ReturnType<typeof batchOf>,
    before: ArrayLike<number> | undefined = new Float32Array(w.length),
  ) {
    const [batch, channels, , groups] = sizes;
    memory.reset();
    const [y, dx] = [memory.output(x.length), memory.output(x.length)];
    const [dw, db] = [memory.output(channels, before), memory.output(channels, before)];
    const moments = memory.output(4 * batch * groups);
    const sums = memory.output(4 * batch * channels);
    const [xAt, dyAt] = [memory.input(x), memory.input(dy)];
    const [wAt, bAt] = [memory.input(w), memory.input(b)];
    kernels.groupNormForward(y, moments, xAt, wAt, bAt, ...sizes, EPSILON);
    kernels.groupNormBackwardWeight(dw, db, sums, dyAt, xAt, moments, ...sizes);
    kernels.groupNormBackwardInput(dx, dyAt, xAt, wAt, moments, sums, ...sizes);
    memory.check();
    const alone = memory.output(4 * batch * channels);
    kernels.groupNormBackwardWeight(0, 0, alone, dyAt, xAt, moments, ...sizes);
    memory.check();
    expect(memory.f64(alone, 2 * batch * channels)).toEqual(memory.f64(sums, 2 * batch * channels));
    const take = (address: number, length: number) => memory.f32(address, length).slice();
    return {
      moments: memory.f64(moments, 2 * batch * groups),
      y: take(y, x.length),
      dx: take(dx, x.length),
      dw: take(dw, channels),
      db: take(db, channels),
    };
  }

  it('runs on the build that the title names', () => expectBuild(memory, build));

  it.each([
    [2, 4, 9, 2],
    [1, 1, 2, 1],
    [3, 15, 1, 3],
    [5, 13, 1, 1],
    [2, 5, 7, 5],
    [3, 12, 4, 3],
    [1, 2, 31, 1],
    [2, 6, 997, 2],
  ] satisfies GroupNormSizes[])('agrees with the oracle, %i×%i×%i, %i groups', (...sizes) => {
    const batch = batchOf(sizes);
    const { x, dy, w, b } = batch;
    const got = run(batch);
    const { mean, variance } = groupNormMoments(x, sizes);
    const [images, , , groups] = sizes;
    for (let n = 0; n < images; n++) {
      const [first, end] = [n * groups, (n + 1) * groups];
      expectClose(got.moments.subarray(2 * first, first + end), mean.subarray(first, end), 1e-12);
      const inverses = variance.subarray(first, end).map((value) => 1 / Math.sqrt(value + EPSILON));
      expectClose(got.moments.subarray(first + end, 2 * end), inverses, 1e-10);
    }
    expectClose(got.y, groupNormForward(x, w, b, sizes, EPSILON), 5e-7);
    const exact = groupNormBackward(dy, x, w, sizes, EPSILON);
    expectClose(got.dx, exact.dx, 1e-6);
    expectClose(got.dw, exact.dw, 5e-7);
    expectClose(got.db, exact.db, 5e-7);
  });

  it.each([
    [0, 4, 9, 2],
    [2, 0, 4, 1],
    [2, 3, 0, 3],
  ] satisfies GroupNormSizes[])('writes nothing else and adds 0 for %i×%i×%i', (...sizes) => {
    const old = [1, 2, 3, 4].slice(0, sizes[1]);
    const { dw, db } = run(batchOf(sizes), old);
    expect([...dw]).toEqual(old);
    expect([...db]).toEqual(old);
  });

  it.each([
    [1000, 0.1],
    [-1000, 0.1],
    [100, 0.01],
  ])('keeps its precision at a mean of %f with deviations of at most %f', (mean, deviation) => {
    const sizes = [3, 4, 49, 2] as const;
    const batch = batchOf(sizes, mean, deviation);
    const { x, dy, w, b } = batch;
    const got = run(batch);
    expectClose(got.y, groupNormForward(x, w, b, sizes, EPSILON), 1e-5);
    const exact = groupNormBackward(dy, x, w, sizes, EPSILON);
    expectClose(got.dx, exact.dx, 1e-5);
    expectClose(got.dw, exact.dw, 1e-5);
    expectClose(got.db, exact.db, 1e-6);
  });

  it('takes a group of equal numbers to its bias, with finite gradients', () => {
    const batch = { ...batchOf([2, 4, 3, 2]), x: new Float32Array(24).fill(0.1) };
    const { y, dx } = run(batch);
    expectClose(
      y,
      Array.from(y, (_, i) => batch.b[Math.floor(i / 3) % 4] ?? Number.NaN),
      1e-6,
    );
    expect(dx.every(Number.isFinite)).toBe(true);
  });

  it('keeps a NaN to its group', () => {
    const batch = batchOf([2, 4, 3, 2]);
    batch.x[7] = Number.NaN; // image 0, group 1
    const { y, dx, dw, db } = run(batch);
    for (const values of [y, dx]) {
      expect([...values].map(Number.isNaN)).toEqual(Array.from(values, (_, i) => i > 5 && i < 12));
    }
    expect([...dw].map(Number.isNaN)).toEqual([false, false, true, true]);
    expect([...db].some(Number.isNaN)).toBe(false);
  });

  it('adds dw and db to what is there', () => {
    const batch = batchOf([3, 4, 5, 2]);
    const first = run(batch);
    const again = run(batch, first.dw);
    expectClose(
      again.dw,
      first.dw.map((value) => 2 * value),
      2e-7,
    );
  });
});
