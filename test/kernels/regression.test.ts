/** assembly/losses/meanAbsoluteError.ts and huber.ts against src/reference/regression.ts. */
import { huber, meanAbsoluteError } from 'convlet/reference';
import { describe, expect, it } from 'vitest';
import { expectClose } from '../support/closeness.ts';
import { builds, expectBuild, GuardedMemory } from '../support/kernels.ts';
import { testRandom, uniform } from '../support/random.ts';

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

describe.each(builds)('losses of values, %s build', (build) => {
  const memory = new GuardedMemory(build);
  const { kernels } = memory;

  it('run on the build that the title names', () => expectBuild(memory, build));

  describe.each([
    [1, 1],
    [128, 10],
    [3, 2],
    [7, 17],
    [2, 997],
    [0, 5],
  ])('%i rows of %i numbers', (batch, length) => {
    const random = testRandom(batch + 31 * length);
    const [x, targets] = [uniform(random, batch * length), uniform(random, batch * length)];
    const scale = 1 / (batch * length);

    it.each([
      ['meanAbsoluteError', [], meanAbsoluteError(x, targets, batch, length)],
      ['huber', [1], huber(x, targets, batch, length, 1)],
      ['huber', [0.3], huber(x, targets, batch, length, 0.3)],
    ] as const)('%s %j agrees with the oracle, in place too', (kernel, options, exact) => {
      memory.reset();
      const [losses, dx] = [memory.output(batch), memory.output(x.length)];
      const inPlace = memory.output(x.length, x);
      const to = memory.input(targets);
      const run = kernels[kernel] as (...args: readonly number[]) => void;
      run(losses, dx, memory.input(x), to, batch, length, ...options, scale);
      memory.check();
      expectClose(memory.f32(losses, batch), exact.losses, 2e-7);
      expectClose(memory.f32(dx, x.length), exact.dx, 2e-7);
      const apart = memory.f32(losses, batch).slice();
      run(losses, inPlace, inPlace, to, batch, length, ...options, scale);
      memory.check();
      expect(memory.f32(inPlace, x.length)).toEqual(memory.f32(dx, x.length));
      expect(memory.f32(losses, batch)).toEqual(apart);
    });
  });

  it('have a slope of 0 where a number is met, and keep a NaN and an infinity to their rows', () => {
    memory.reset();
    const [losses, dx] = [memory.output(4), memory.output(8)];
    const x = memory.input([1, -2, 3, 0.5, nan, 1, infinity, 0]);
    const targets = memory.input([1, -2, 1, 1, 0, 0, 0, 0]);
    kernels.meanAbsoluteError(losses, dx, x, targets, 4, 2, 0.5);
    memory.check();
    expect([...memory.f32(losses, 4)]).toEqual([0, 1.25, nan, infinity]);
    expect([...memory.f32(dx, 8)]).toEqual([0, 0, 0.5, -0.5, nan, 0.5, 0.5, 0]);
    kernels.huber(losses, dx, x, targets, 4, 2, 1, 0.5);
    memory.check();
    expect([...memory.f32(losses, 4)]).toEqual([0, 0.8125, nan, infinity]);
    expect([...memory.f32(dx, 8)]).toEqual([0, 0, 0.5, -0.25, nan, 0.5, 0.5, 0]);
  });

  it('do not overflow: errors of numbers at both ends of single precision', () => {
    memory.reset();
    const [losses, dx] = [memory.output(1), memory.output(2)];
    const [x, targets] = [memory.input([3e38, 1e-20]), memory.input([-3e38, 0])];
    kernels.huber(losses, dx, x, targets, 1, 2, 0.25, 1);
    memory.check();
    expect(memory.f32(losses, 1)[0]).toBeCloseTo(Math.fround(7.5e37), -32);
    expect([...memory.f32(dx, 2)]).toEqual([0.25, Math.fround(1e-20)]);
  });
});
