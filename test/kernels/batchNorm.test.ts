/** assembly/normalization/batchNorm.ts against src/reference/batchNorm.ts, over batches whole and cut into shards. */
import {
  type BatchNormSizes,
  batchNormBackward,
  batchNormForward,
  batchNormMoments,
  batchNormRunning,
} from 'convlet/reference';
import { describe, expect, it } from 'vitest';
import {
  BatchNormRunner,
  batchOf,
  channelOf,
  EPSILON,
  exactMoments,
  MOMENTUM,
} from '../support/batchNorm.ts';
import { expectClose } from '../support/closeness.ts';
import { builds, expectBuild } from '../support/kernels.ts';
import { testRandom, uniform } from '../support/random.ts';

describe.each(builds)('batchNorm, %s build', (build) => {
  const runner = new BatchNormRunner(build);
  const { memory } = runner;
  const { kernels } = memory;

  it('runs on the build that the title names', () => expectBuild(memory, build));

  it.each([
    [2, 1, 1],
    [1, 1, 2],
    [4, 3, 49],
    [7, 13, 1],
    [5, 2, 3],
    [3, 5, 4],
    [1, 2, 31],
    [3, 5, 997],
  ] satisfies BatchNormSizes[])('agrees with the oracle in training, %i×%i×%i', (...sizes) => {
    const batch = batchOf(sizes);
    const { x, dy, w, b } = batch;
    const got = runner.train(batch, [sizes[0]]);
    const moments = batchNormMoments(x, sizes);
    expectClose(got.moments, exactMoments(moments), 1e-10);
    expectClose(got.y, batchNormForward(x, w, b, moments, sizes, EPSILON), 5e-7);
    const exact = batchNormBackward(dy, x, w, sizes, EPSILON);
    expectClose(got.dx, exact.dx, 5e-7);
    expectClose(got.dw, exact.dw, 5e-7);
    expectClose(got.db, exact.db, 5e-7);
  });

  it.each([[[0, 3, 4]], [[2, 0, 4]], [[2, 3, 0]]] satisfies [BatchNormSizes][])(
    'writes sums of 0 and nothing else for sizes %j',
    (sizes) => {
      const [batch, channels, pixels] = sizes;
      memory.reset();
      const [sums, dSums] = [memory.output(4 * channels), memory.output(4 * channels)];
      const [y, dx] = [memory.output(0), memory.output(0)];
      const old = [1, 2, 3].slice(0, channels);
      const [dw, db] = [memory.output(channels, old), memory.output(channels, old)];
      const row = memory.input(new Float32Array(channels).fill(1));
      const moments = memory.doubles(new Float64Array(2 * channels).fill(1));
      const none = memory.input([]);
      kernels.batchNormSums(sums, none, batch, channels, pixels);
      kernels.batchNormForward(y, none, row, row, moments, batch, channels, pixels);
      kernels.batchNormBackwardWeight(dw, db, dSums, none, none, moments, batch, channels, pixels);
      const tensors = [dx, none, none, row, moments, dSums] as const;
      kernels.batchNormBackwardInput(...tensors, batch, channels, pixels, 1, 0, 8);
      memory.check();
      expect(memory.f64(sums, 2 * channels)).toEqual(new Float64Array(2 * channels));
      expect(memory.f64(dSums, 2 * channels)).toEqual(new Float64Array(2 * channels));
      expect([...memory.f32(dw, channels)]).toEqual(old);
      expect([...memory.f32(db, channels)]).toEqual(old);
    },
  );

  it.each([
    [
      [7, 3, 5],
      [3, 4],
    ],
    [
      [7, 3, 5],
      [1, 1, 1, 1, 1, 1, 1],
    ],
    [
      [8, 13, 1],
      [5, 1, 2],
    ],
  ] satisfies [BatchNormSizes, number[]][])(
    'has the moments of the whole batch, %j in shards of %j images',
    (sizes, shards) => {
      const batch = batchOf(sizes);
      const [whole, cut] = [runner.train(batch, [sizes[0]]), runner.train(batch, shards)];
      expectClose(cut.moments, whole.moments, 1e-14);
      expectClose(cut.y, whole.y, 2e-7);
      expectClose(cut.dx, whole.dx, 2e-7);
      expectClose(cut.dw, whole.dw, 2e-7);
      expectClose(cut.db, whole.db, 2e-7);
      expectClose(cut.mean, whole.mean, 2e-7);
      expectClose(cut.variance, whole.variance, 2e-7);
      expect(runner.train(batch, shards)).toEqual(cut); // the same bits each time
    },
  );

  it.each([
    [1000, 0.1],
    [-1000, 0.1],
    [100, 0.01],
  ])('keeps its precision at a mean of %f with deviations of at most %f', (mean, deviation) => {
    const sizes = [4, 3, 49] as const;
    const batch = batchOf(sizes, mean, deviation);
    const { x, dy, w, b } = batch;
    const got = runner.train(batch, [1, 3]);
    const moments = batchNormMoments(x, sizes);
    expectClose(got.moments.subarray(0, 3), moments.mean, 1e-12);
    expectClose(got.moments.subarray(3), exactMoments(moments).slice(3), 1e-5);
    expectClose(got.y, batchNormForward(x, w, b, moments, sizes, EPSILON), 1e-5);
    const exact = batchNormBackward(dy, x, w, sizes, EPSILON);
    expectClose(got.dx, exact.dx, 1e-5);
    expectClose(got.dw, exact.dw, 1e-5);
    expectClose(got.db, exact.db, 1e-6);
  });

  it('takes a channel of equal numbers to its bias, with finite gradients', () => {
    const sizes = [3, 2, 7] as const;
    const batch = { ...batchOf(sizes), x: new Float32Array(42).fill(0.1) };
    const { moments, y, dx } = runner.train(batch, [2, 1]);
    expectClose(moments.subarray(2), [1 / Math.sqrt(EPSILON), 1 / Math.sqrt(EPSILON)], 1e-9);
    const channel = channelOf(sizes);
    expectClose(
      y,
      Array.from(y, (_, i) => batch.b[channel(i)] ?? Number.NaN),
      1e-6,
    );
    expect(dx.every(Number.isFinite)).toBe(true);
  });

  it('keeps a NaN to its channel', () => {
    const sizes = [3, 2, 7] as const;
    const batch = batchOf(sizes);
    batch.x[7] = Number.NaN; // image 0, channel 1
    const { y, dx, dw, db, mean, variance } = runner.train(batch, [2, 1]);
    const channel = channelOf(sizes);
    for (const values of [y, dx]) {
      expect([...values].map(Number.isNaN)).toEqual(Array.from(values, (_, i) => channel(i) === 1));
    }
    for (const row of [dw, mean, variance]) {
      expect([...row].map(Number.isNaN)).toEqual([false, true]);
    }
    expect([...db].some(Number.isNaN)).toBe(false);
  });

  it.each([
    [4, 3, 5],
    [2, 5, 1],
  ] satisfies BatchNormSizes[])('moves the running statistics, %i×%i×%i', (...sizes) => {
    const batch = batchOf(sizes);
    const random = testRandom(4);
    const running = {
      mean: Float64Array.from(uniform(random, sizes[1])),
      variance: Float64Array.from(uniform(random, sizes[1]), (value) => value + 1.5),
    };
    const got = runner.train(batch, [1, sizes[0] - 1], running);
    const exact = batchNormRunning(running, batch.x, sizes, MOMENTUM);
    expectClose(got.mean, exact.mean, 1e-7);
    expectClose(got.variance, exact.variance, 1e-7);
  });

  it.each([
    [4, 3, 5],
    [2, 5, 1],
    [1, 1, 1],
  ] satisfies BatchNormSizes[])('normalises by fixed statistics, %i×%i×%i', (...sizes) => {
    const [, channels] = sizes;
    const { x, dy, w, b } = batchOf(sizes);
    const random = testRandom(6);
    const mean = uniform(random, channels);
    const variance = uniform(random, channels).map((value) => value + 1.5);
    memory.reset();
    const moments = memory.output(4 * channels);
    const [y, dx] = [memory.output(x.length, x), memory.output(x.length)];
    const [dw, db] = [memory.output(channels, w), memory.output(channels, b)];
    const sums = memory.output(4 * channels);
    // no sums are read: another thread may be writing them
    const others = memory.doubles(new Float64Array(2 * channels).fill(Number.NaN));
    const [xAt, dyAt, wAt] = [memory.input(x), memory.input(dy), memory.input(w)];
    const [meanAt, varianceAt] = [memory.input(mean), memory.input(variance)];
    kernels.batchNormFixedMoments(moments, meanAt, varianceAt, channels, EPSILON);
    kernels.batchNormForward(y, y, wAt, memory.input(b), moments, ...sizes);
    kernels.batchNormBackwardWeight(dw, db, sums, dyAt, xAt, moments, ...sizes);
    const tensors = [dx, dyAt, xAt, wAt, moments, others] as const;
    kernels.batchNormBackwardInput(...tensors, ...sizes, 0, 0, sizes[0] * sizes[2]);
    memory.check();
    const fixed = { mean: Float64Array.from(mean), variance: Float64Array.from(variance) };
    expectClose(memory.f64(moments, 2 * channels), exactMoments(fixed), 1e-15);
    const normalise = (
      values: Float32Array,
      scale: ArrayLike<number>,
      shift: ArrayLike<number>,
      centre = fixed.mean,
    ) => batchNormForward(values, scale, shift, { ...fixed, mean: centre }, sizes, EPSILON);
    expectClose(memory.f32(y, x.length), normalise(x, w, b), 5e-7);
    const [zeros, ones] = [new Float64Array(channels), new Float64Array(channels).fill(1)];
    expectClose(memory.f32(dx, x.length), normalise(dy, w, zeros, zeros), 5e-7);
    const [dwExact, dbExact] = [Float64Array.from(w), Float64Array.from(b)]; // added to
    const channel = channelOf(sizes);
    for (const [i, value] of normalise(x, ones, zeros).entries()) {
      const c = channel(i);
      dwExact[c] = (dwExact[c] ?? 0) + value * (dy[i] ?? 0);
      dbExact[c] = (dbExact[c] ?? 0) + (dy[i] ?? 0);
    }
    expectClose(memory.f32(dw, channels), dwExact, 5e-7);
    expectClose(memory.f32(db, channels), dbExact, 5e-7);
  });

  it('adds dw and db up over two calls, and leaves them if their address is 0', () => {
    const sizes = [3, 5, 7] as const;
    const { x, dy, w } = batchOf(sizes);
    memory.reset();
    const [sums, alone] = [memory.output(20), memory.output(20)];
    const [dw, db] = [memory.output(5, new Float32Array(5)), memory.output(5, new Float32Array(5))];
    const [xAt, dyAt] = [memory.input(x), memory.input(dy)];
    const moments = memory.doubles(exactMoments(batchNormMoments(x, sizes)));
    const exact = batchNormBackward(dy, x, w, sizes, EPSILON);
    for (const times of [1, 2]) {
      kernels.batchNormBackwardWeight(dw, db, sums, dyAt, xAt, moments, ...sizes);
      memory.check();
      expectClose(
        memory.f32(dw, 5),
        exact.dw.map((value) => times * value),
        5e-7,
      );
      expectClose(
        memory.f32(db, 5),
        exact.db.map((value) => times * value),
        5e-7,
      );
      expectClose(memory.f64(sums, 10), [...exact.db, ...exact.dw], 1e-14);
    }
    kernels.batchNormBackwardWeight(0, 0, alone, dyAt, xAt, moments, ...sizes);
    memory.check();
    expect(memory.f64(alone, 10)).toEqual(memory.f64(sums, 10));
  });

  it.each([
    [4, 2, 5],
    [5, 3, 1],
  ] satisfies BatchNormSizes[])(
    'has the gradients of central differences over the whole batch, %i×%i×%i',
    (...sizes) => {
      const batch = batchOf(sizes);
      const { dy } = batch;
      const { dx, dw, db } = runner.train(batch, [2, sizes[0] - 2]);
      const loss = () =>
        runner.forward(batch).reduce((sum, y, i) => sum + y * (dy[i] ?? Number.NaN), 0);
      const h = 5e-3;
      for (const [q, dq] of [
        [batch.x, dx],
        [batch.w, dw],
        [batch.b, db],
      ] as const) {
        for (const [i, value] of q.entries()) {
          const [up, down] = [Math.fround(value + h), Math.fround(value - h)];
          q[i] = up;
          const above = loss();
          q[i] = down;
          const numeric = (above - loss()) / (up - down);
          q[i] = value;
          const analytic = dq[i] ?? Number.NaN;
          const size = Math.max(1, Math.abs(analytic), Math.abs(numeric));
          expect(Math.abs(analytic - numeric) / size, `entry ${i}`).toBeLessThanOrEqual(1e-3);
        }
      }
    },
  );
});
