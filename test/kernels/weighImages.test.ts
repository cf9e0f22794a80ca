/** assembly/losses/weighImages.ts and `positive` of argmax.ts. */
import { describe, expect, it } from 'vitest';
import { builds, expectBuild, GuardedMemory } from '../support/kernels.ts';
import { testRandom, uniform } from '../support/random.ts';

describe.each(builds)('weighImages and positive, %s build', (build) => {
  const memory = new GuardedMemory(build);
  const { kernels } = memory;

  it('run on the build that the title names', () => expectBuild(memory, build));

  it.each([
    [1, 1],
    [128, 10],
    [7, 17],
    [2, 997],
    [0, 5],
    [3, 0],
  ])('weighImages multiplies %i rows of %i numbers', (batch, length) => {
    const random = testRandom(batch + 31 * length);
    const [losses, dx] = [uniform(random, batch), uniform(random, batch * length)];
    const weights = uniform(random, batch);
    memory.reset();
    const [lossesAt, dxAt] = [memory.output(batch, losses), memory.output(dx.length, dx)];
    kernels.weighImages(lossesAt, dxAt, memory.input(weights), batch, length);
    memory.check();
    const of = (n: number) => weights[n] ?? Number.NaN;
    expect(memory.f32(lossesAt, batch)).toEqual(losses.map((loss, n) => loss * of(n)));
    expect(memory.f32(dxAt, dx.length)).toEqual(
      dx.map((value, i) => value * of(Math.floor(i / length))),
    );
  });

  it.each([0, 1, 13])('positive tells %i numbers above 0 from others', (length) => {
    const x = uniform(testRandom(length), length);
    if (length > 3) x.set([0, -0, Number.NaN, Number.POSITIVE_INFINITY]);
    memory.reset();
    const indices = memory.output(length);
    kernels.positive(indices, memory.input(x), length);
    memory.check();
    expect([...memory.i32(indices, length)]).toEqual([...x].map((value) => (value > 0 ? 1 : 0)));
  });
});
