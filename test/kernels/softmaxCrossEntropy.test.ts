/** assembly/losses/softmaxCrossEntropy.ts against src/reference/softmax.ts. */
import {
  softmaxBackward,
  softmaxCrossEntropy,
  softmaxForward,
  weightedCrossEntropy,
} from 'convlet/reference';
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

  it.each([
    [128, 10],
    [1, 1],
    [3, 2],
    [7, 17],
    [0, 5],
  ])('%i rows of %i classes with weights and smoothed labels', (batch, classes) => {
    const random = testRandom(batch + classes);
    const x = uniform(random, batch * classes).map((value) => value * 5);
    const labels = Array.from({ length: batch }, () => Math.floor(random() * classes));
    const weights = uniform(random, classes).map((value) => value + 1);
    let compared = 0;
    for (const smoothing of [0, 0.1, 1]) {
      for (const given of [weights, undefined]) {
        memory.reset();
        const [losses, dx] = [memory.output(batch), memory.output(x.length)];
        const inPlace = memory.output(x.length, x);
        const [from, to] = [memory.input(x), memory.integers(labels)];
        const at = given ? memory.input(given) : 0;
        const options = [to, at, batch, classes, smoothing, 0.5] as const;
        kernels.weightedCrossEntropy(losses, dx, from, ...options);
        memory.check();
        const args = [x, labels, batch, classes, smoothing, 0.5, given] as const;
        const exact = weightedCrossEntropy(...args);
        expectClose(memory.f32(losses, batch), exact.losses);
        expectClose(memory.f32(dx, x.length), exact.dx);
        kernels.weightedCrossEntropy(losses, inPlace, inPlace, ...options);
        memory.check();
        expect(memory.f32(inPlace, x.length)).toEqual(memory.f32(dx, x.length));
        compared++;
      }
    }
    expect(compared).toBe(6);
  });

  it('without weights and smoothing is the plain loss, infinite logits included', () => {
    memory.reset();
    const [losses, dx, same, dxSame] = [2, 6, 2, 6].map((length) => memory.output(length)) as [
      number,
      number,
      number,
      number,
    ];
    const x = memory.input([1, 2, Number.NEGATIVE_INFINITY, -3, 4, 0.5]);
    const labels = memory.integers([0, 2]);
    kernels.softmaxCrossEntropy(losses, dx, x, labels, 2, 3, 0.5);
    kernels.weightedCrossEntropy(same, dxSame, x, labels, 0, 2, 3, 0, 0.5);
    memory.check();
    expectClose(memory.f32(same, 2), memory.f32(losses, 2), 1e-7);
    expectClose(memory.f32(dxSame, 6), memory.f32(dx, 6), 1e-7);
  });

  it('stays finite where a prediction is saturated, and passes a NaN on', () => {
    memory.reset();
    const [losses, dx] = [memory.output(3), memory.output(9)];
    const x = memory.input([1e4, -1e4, 0, 1e4, -1e4, 0, 0, Number.NaN, 0]);
    kernels.softmaxCrossEntropy(losses, dx, x, memory.integers([0, 1, 0]), 3, 3, 1);
    expect([...memory.f32(losses, 3)]).toEqual([0, 2e4, Number.NaN]);
    expect([...memory.f32(dx, 6)]).toEqual([0, 0, 0, 1, -1, 0]);
  });
});
