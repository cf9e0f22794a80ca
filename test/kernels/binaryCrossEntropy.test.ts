/** assembly/losses/binaryCrossEntropy.ts against src/reference/binaryCrossEntropy.ts. */
import { binaryCrossEntropy } from 'convlet/reference';
import { describe, expect, it } from 'vitest';
import { expectClose } from '../support/closeness.ts';
import { builds, expectBuild, GuardedMemory } from '../support/kernels.ts';
import { testRandom, uniform } from '../support/random.ts';

describe.each(builds)('binaryCrossEntropy, %s build', (build) => {
  const memory = new GuardedMemory(build);
  const { kernels } = memory;

  it('runs on the build that the title names', () => expectBuild(memory, build));

  it.each([
    [1, 1],
    [128, 10],
    [3, 2],
    [7, 17],
    [1, 997],
    [0, 5],
  ])('agrees with the oracle, %i rows of %i answers', (batch, length) => {
    const random = testRandom(batch + 31 * length);
    const x = uniform(random, batch * length).map((value) => value * 20);
    const targets = uniform(random, batch * length).map((value) => (value + 1) / 2);
    const weights = uniform(random, length).map((value) => value + 1);
    const scale = 1 / (batch * length);
    memory.reset();
    const [losses, dx] = [memory.output(batch), memory.output(x.length)];
    const inPlace = memory.output(x.length, x);
    const [from, to, factors] = [memory.input(x), memory.input(targets), memory.input(weights)];
    kernels.binaryCrossEntropy(losses, dx, from, to, 0, 0, batch, length, scale);
    memory.check();
    const exact = binaryCrossEntropy(x, targets, batch, length);
    expectClose(memory.f32(losses, batch), exact.losses, 2e-7);
    expectClose(memory.f32(dx, x.length), exact.dx, 2e-7);
    kernels.binaryCrossEntropy(losses, dx, from, to, 0, factors, batch, length, scale);
    memory.check();
    const weighted = binaryCrossEntropy(x, targets, batch, length, weights);
    expectClose(memory.f32(losses, batch), weighted.losses, 2e-7);
    expectClose(memory.f32(dx, x.length), weighted.dx, 2e-7);
    kernels.binaryCrossEntropy(losses, inPlace, inPlace, to, 0, factors, batch, length, scale);
    memory.check();
    expect(memory.f32(inPlace, x.length)).toEqual(memory.f32(dx, x.length));
  });

  it('takes labels for targets', () => {
    const x = uniform(testRandom(3), 13).map((value) => value * 5);
    const labels = Array.from(x, (_, i) => (i * 7) % 2);
    memory.reset();
    const [losses, dx] = [memory.output(13), memory.output(13)];
    const weights = memory.input([2.5]);
    kernels.binaryCrossEntropy(
      losses,
      dx,
      memory.input(x),
      0,
      memory.integers(labels),
      weights,
      13,
      1,
      0.5,
    );
    memory.check();
    const exact = binaryCrossEntropy(x, labels, 13, 1, [2.5]);
    expectClose(memory.f32(losses, 13), exact.losses, 2e-7);
    expectClose(
      memory.f32(dx, 13),
      exact.dx.map((value) => value * 6.5),
      2e-7,
    );
  });

  it('stays finite where an output is saturated, and keeps a NaN to its row', () => {
    const { NaN: nan } = Number;
    memory.reset();
    const [losses, dx] = [memory.output(3), memory.output(6)];
    const x = memory.input([1e4, -1e4, 1e4, -1e4, nan, 0]);
    const targets = memory.input([1, 0, 0, 1, 1, 1]);
    kernels.binaryCrossEntropy(losses, dx, x, targets, 0, 0, 3, 2, 1);
    memory.check();
    expect([...memory.f32(losses, 3)]).toEqual([0, 1e4, nan]);
    expect([...memory.f32(dx, 6)].map((value) => value + 0)).toEqual([0, 0, 1, -1, nan, -0.5]);
  });
});
