/** assembly/losses/meanSquaredError.ts against src/reference/regression.ts. */
import { meanSquaredError } from 'convlet/reference';
import { describe, expect, it } from 'vitest';
import { expectClose } from '../support/closeness.ts';
import { builds, expectBuild, GuardedMemory } from '../support/kernels.ts';
import { testRandom, uniform } from '../support/random.ts';

describe.each(builds)('meanSquaredError, %s build', (build) => {
  const memory = new GuardedMemory(build);
  const { kernels } = memory;

  it('runs on the build that the title names', () => expectBuild(memory, build));

  it.each([
    [1, 1],
    [128, 10],
    [3, 2],
    [7, 17],
    [2, 997],
    [0, 5],
  ])('agrees with the oracle, %i rows of %i numbers', (batch, length) => {
    const random = testRandom(batch + 31 * length);
    const [x, targets] = [uniform(random, batch * length), uniform(random, batch * length)];
    memory.reset();
    const [losses, dx, inPlace] = [
      memory.output(batch),
      memory.output(x.length),
      memory.output(x.length, x),
    ];
    const to = memory.input(targets);
    const scale = 1 / (batch * length);
    kernels.meanSquaredError(losses, dx, memory.input(x), to, batch, length, scale);
    memory.check();
    const exact = meanSquaredError(x, targets, batch, length);
    expectClose(memory.f32(losses, batch), exact.losses, 2e-7);
    expectClose(memory.f32(dx, x.length), exact.dx, 2e-7);
    const apart = memory.f32(losses, batch).slice();
    kernels.meanSquaredError(losses, inPlace, inPlace, to, batch, length, scale);
    memory.check();
    expect(memory.f32(inPlace, x.length)).toEqual(memory.f32(dx, x.length));
    expect(memory.f32(losses, batch)).toEqual(apart);
  });

  it('is 0 where every number is met, and keeps a NaN and an infinity to their rows', () => {
    const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;
    memory.reset();
    const [losses, dx] = [memory.output(4), memory.output(8)];
    const x = memory.input([1, -2, 3, 0, nan, 1, infinity, 0]);
    const targets = memory.input([1, -2, 1, 1, 0, 0, 0, 0]);
    kernels.meanSquaredError(losses, dx, x, targets, 4, 2, 0.5);
    memory.check();
    expect([...memory.f32(losses, 4)]).toEqual([0, 2.5, nan, infinity]);
    expect([...memory.f32(dx, 8)]).toEqual([0, 0, 2, -1, nan, 1, infinity, 0]);
  });

  it('sums a row in double precision', () => {
    const x = new Float32Array(997).fill(1);
    x[0] = 8192; // its square is 2²⁶: f32 would lose every 1 that follows
    memory.reset();
    const [losses, dx] = [memory.output(1), memory.output(997)];
    const targets = memory.input(new Float32Array(997));
    kernels.meanSquaredError(losses, dx, memory.input(x), targets, 1, 997, 1);
    memory.check();
    expect(memory.f32(losses, 1)[0]).toBe(Math.fround((2 ** 26 + 996) / 997));
  });
});
