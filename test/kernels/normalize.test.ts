/** assembly/data/normalize.ts: pixels by the statistics of their channels. */
import { describe, expect, it } from 'vitest';
import { builds, expectBuild, GuardedMemory } from '../support/kernels.ts';
import { testRandom, uniform } from '../support/random.ts';

describe.each(builds)('normalize, %s build', (build) => {
  const memory = new GuardedMemory(build);
  const { kernels } = memory;

  it('runs on the build that the title names', () => expectBuild(memory, build));

  it.each([
    [1, 1, 1],
    [2, 3, 49],
    [3, 2, 5],
    [1, 7, 4],
    [2, 1, 997],
    [5, 3, 3],
    [0, 3, 4],
    [2, 0, 4],
    [2, 3, 0],
  ])('rounds difference and quotient, %i×%i channels of %i pixels', (batch, channels, pixels) => {
    const random = testRandom(batch + 7 * channels + 31 * pixels);
    const x = uniform(random, batch * channels * pixels);
    const means = uniform(random, channels);
    const deviations = uniform(random, channels).map((value) => Math.abs(value) + 0.1);
    memory.reset();
    const at = memory.output(x.length, x);
    kernels.normalize(at, memory.input([...means, ...deviations]), batch, channels, pixels);
    memory.check();
    const exact = x.map((value, i) => {
      const c = Math.floor(i / pixels) % channels;
      return Math.fround(value - (means[c] ?? 0)) / (deviations[c] ?? 0);
    });
    expect(memory.f32(at, x.length)).toEqual(exact);
  });
});
