/** assembly/optimizers/clip.ts: what happens to a gradient before the optimizer's rule. */
import { describe, expect, it } from 'vitest';
import { expectClose } from '../support/closeness.ts';
import { builds, expectBuild, GuardedMemory } from '../support/kernels.ts';
import { testRandom, uniform } from '../support/random.ts';

const LENGTHS = [0, 1, 2, 3, 4, 5, 7, 8, 13, 16, 31, 997];
const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

describe.each(builds)('clip, %s build', (build) => {
  const memory = new GuardedMemory(build);
  const { kernels } = memory;

  it('runs on the build that the title names', () => expectBuild(memory, build));

  /** The sums of the blocks of `x`, in one call for each part. */
  function squaredNorms(parts: readonly Float32Array[], block: number): Float64Array {
    memory.reset();
    const counts = parts.map(({ length }) => Math.ceil(length / block));
    const count = counts.reduce((sum, blocks) => sum + blocks, 0);
    const sums = memory.output(2 * count);
    let to = sums;
    for (const [i, part] of parts.entries()) {
      kernels.squaredNorms(to, memory.input(part), part.length, block);
      to += 8 * (counts[i] ?? 0);
    }
    memory.check();
    return memory.f64(sums, count);
  }

  it.each(LENGTHS)('squaredNorms sums the squares of every block, length %i', (length) => {
    const x = uniform(testRandom(length + 1), length);
    for (const block of [4, 12, 1024]) {
      const exact = new Float64Array(Math.ceil(length / block));
      for (const [i, value] of x.entries()) {
        const k = Math.floor(i / block);
        exact[k] = (exact[k] ?? 0) + value ** 2;
      }
      expectClose(squaredNorms([x], block), exact, 1e-14);
    }
  });

  it.each([4, 8, 64])(
    'squaredNorms gives the same bits wherever the range is cut between blocks of %i',
    (block) => {
      const x = uniform(testRandom(3), 997);
      const whole = squaredNorms([x], block);
      for (const blocks of [1, 2, 7]) {
        const cut = blocks * block;
        expect(squaredNorms([x.subarray(0, cut), x.subarray(cut)], block)).toEqual(whole);
      }
    },
  );

  it('squaredNorms neither overflows nor underflows, and passes a NaN to its own block', () => {
    const x = Float32Array.of(3e38, 0, 0, 0, 1e-30, 0, 0, 0, nan, 0, 0, 0, -infinity);
    const [big, small, wrong, endless] = squaredNorms([x], 4);
    expect(big).toBe(Math.fround(3e38) ** 2);
    expect(small).toBe(Math.fround(1e-30) ** 2);
    expect([wrong, endless]).toEqual([nan, infinity]);
  });

  it.each(LENGTHS)('scale, clamp and addScaled round once or twice, length %i', (length) => {
    const random = testRandom(length + 2);
    const [y, x] = [uniform(random, length), uniform(random, length)];
    memory.reset();
    const [scaled, clamped, sum] = [y, y, y].map((values) => memory.output(length, values)) as [
      number,
      number,
      number,
    ];
    const factor = Math.fround(0.3);
    kernels.scale(scaled, length, factor);
    kernels.clamp(clamped, length, factor);
    kernels.addScaled(sum, memory.input(x), length, factor);
    memory.check();
    expect(memory.f32(scaled, length)).toEqual(y.map((value) => value * factor));
    const cut = y.map((value) => Math.min(Math.max(value, -factor), factor));
    expect(memory.f32(clamped, length)).toEqual(cut);
    const added = y.map((value, i) => value + Math.fround(factor * (x[i] ?? nan)));
    expect(memory.f32(sum, length)).toEqual(added);
  });

  it('clamp keeps NaN, −0 and the limits, and cuts infinities', () => {
    const values = [nan, -0, infinity, -infinity, 2, -2, nan]; // four of a vector, then a tail
    memory.reset();
    const y = memory.output(7, values);
    kernels.clamp(y, 7, 2);
    memory.check();
    expect([...memory.f32(y, 7)]).toEqual([nan, -0, 2, -2, 2, -2, nan]);
  });
});
