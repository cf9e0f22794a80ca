/** assembly/pooling/globalAveragePool2d.ts against src/reference/globalPool2d.ts. */
import { globalAveragePool2dBackward, globalAveragePool2dForward } from 'convlet/reference';
import { describe, expect, it } from 'vitest';
import { expectClose } from '../support/closeness.ts';
import { builds, expectBuild, GuardedMemory } from '../support/kernels.ts';
import { testRandom, uniform } from '../support/random.ts';

describe.each(builds)('globalAveragePool2d, %s build', (build) => {
  const memory = new GuardedMemory(build);
  const { kernels } = memory;

  it('runs on the build that the title names', () => expectBuild(memory, build));

  it.each([
    [1, 1, 1],
    [2, 3, 49],
    [3, 5, 2],
    [1, 7, 3],
    [5, 1, 4],
    [2, 2, 16],
    [1, 3, 31],
    [2, 1, 997],
    [0, 3, 4],
    [2, 0, 4],
  ])('agrees with the oracle, %i×%i channels of %i pixels', (batch, channels, pixels) => {
    const random = testRandom(batch + 7 * channels + 31 * pixels);
    const planes = batch * channels;
    const [x, dy] = [uniform(random, planes * pixels), uniform(random, planes)];
    memory.reset();
    const [y, dx] = [memory.output(planes), memory.output(x.length)];
    kernels.globalAveragePool2dForward(y, memory.input(x), batch, channels, pixels);
    kernels.globalAveragePool2dBackward(dx, memory.input(dy), batch, channels, pixels);
    memory.check();
    expectClose(memory.f32(y, planes), globalAveragePool2dForward(x, pixels), 3e-7);
    // one quotient, rounded once
    const exact = globalAveragePool2dBackward(dy, pixels).map(Math.fround);
    expect([...memory.f32(dx, x.length)]).toEqual([...exact]);
  });

  it('takes the mean of each channel by itself, a NaN and an infinity included', () => {
    memory.reset();
    const [y, dx] = [memory.output(4), memory.output(12)];
    const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;
    const x = memory.input([1, 2, 6, -4, -4, -4, 0, nan, 0, infinity, 1, 1]);
    kernels.globalAveragePool2dForward(y, x, 2, 2, 3);
    kernels.globalAveragePool2dBackward(dx, memory.input([3, -6, nan, 0]), 2, 2, 3);
    memory.check();
    expect([...memory.f32(y, 4)]).toEqual([3, -4, nan, infinity]);
    expect([...memory.f32(dx, 12)]).toEqual([1, 1, 1, -2, -2, -2, nan, nan, nan, 0, 0, 0]);
  });
});
