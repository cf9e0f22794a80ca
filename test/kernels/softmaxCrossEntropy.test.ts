/** assembly/losses/softmaxCrossEntropy.ts agrees with src/reference/softmax.ts. */
import { softmaxBackward, softmaxCrossEntropy, softmaxForward } from 'convlet/reference';
import { describe, expect, it } from 'vitest';
import { expectClose } from '../support/closeness.ts';
import { builds, expectBuild, GuardedMemory } from '../support/kernels.ts';
import { testRandom, uniform } from '../support/random.ts';

describe.each(builds)('softmax and cross-entropy, %s build', (build) => {
  const memory = new GuardedMemory(build);
  const { kernels } = memory;

  it('runs on the build that the title names', () => expectBuild(memory, build));

  it.each([
    [128, 10],
    [1, 1],
    [3, 2],
    [7, 17],
    [0, 5],
  ])('agrees with the oracle: %i rows of %i classes', (batch, classes) => {
    const random = testRandom(batch + classes);
    const x = uniform(random, batch * classes).map((value) => value * 5);
    const dy = uniform(random, batch * classes);
    const labels = Array.from({ length: batch }, () => Math.floor(random() * classes));
    memory.reset();
    const [y, dx] = [memory.output(x.length), memory.output(x.length)];
    const [losses, gradient] = [memory.output(batch), memory.output(x.length)];
    const xAt = memory.input(x);
    kernels.softmaxForward(y, xAt, batch, classes);
    kernels.softmaxBackward(dx, memory.input(dy), y, batch, classes);
    kernels.softmaxCrossEntropy(
      losses,
      gradient,
      xAt,
      memory.integers(labels),
      batch,
      classes,
      0.5,
    );
    memory.check();
    const exact = softmaxForward(x, batch, classes);
    const loss = softmaxCrossEntropy(x, labels, batch, classes, 0.5);
    expectClose(memory.f32(y, x.length), exact);
    expectClose(memory.f32(dx, x.length), softmaxBackward(dy, exact, batch, classes));
    expectClose(memory.f32(losses, batch), loss.losses);
    expectClose(memory.f32(gradient, x.length), loss.dx);
  });

  it('stays finite if a prediction is saturated, and passes a NaN on', () => {
    memory.reset();
    const [losses, dx] = [memory.output(3), memory.output(9)];
    const x = memory.input([1e4, -1e4, 0, 1e4, -1e4, 0, 0, Number.NaN, 0]);
    kernels.softmaxCrossEntropy(losses, dx, x, memory.integers([0, 1, 0]), 3, 3, 1);
    expect([...memory.f32(losses, 3)]).toEqual([0, 2e4, Number.NaN]);
    expect([...memory.f32(dx, 6)]).toEqual([0, 0, 0, 1, -1, 0]);
  });
});
