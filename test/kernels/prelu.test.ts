/** assembly/activations/prelu.ts against src/reference/prelu.ts. */
import { type PreluSizes, preluBackward, preluForward } from 'convlet/reference';
import { describe, expect, it } from 'vitest';
import { expectClose } from '../support/closeness.ts';
import { builds, expectBuild, GuardedMemory } from '../support/kernels.ts';
import { testRandom, uniform } from '../support/random.ts';

describe.each(builds)('prelu, %s build', (build) => {
  const memory = new GuardedMemory(build);
  const { kernels } = memory;

  it('is the build that it should be', () => expectBuild(memory, build));

  it.each<PreluSizes>([
    [2, 3, 16],
    [3, 5, 7],
    [1, 1, 1],
    [5, 13, 1],
    [4, 2, 6],
    [2, 3, 197],
    [0, 3, 4],
    [2, 0, 4],
    [2, 3, 0],
  ])('%i images of %i channels of %i pixels', (...sizes) => {
    const [batch, channels, pixels] = sizes;
    const length = batch * channels * pixels;
    const random = testRandom(length + channels);
    const [x, dy] = [uniform(random, length), uniform(random, length)];
    const [w, before] = [uniform(random, channels), uniform(random, channels)];
    memory.reset();
    const [y, dx] = [memory.output(length), memory.output(length)];
    const dw = memory.output(channels, before);
    const [xAt, dyAt, wAt] = [memory.input(x), memory.input(dy), memory.input(w)];
    kernels.preluForward(y, xAt, wAt, ...sizes);
    kernels.preluBackwardInput(dx, dyAt, xAt, wAt, ...sizes);
    kernels.preluBackwardWeight(dw, dyAt, xAt, ...sizes);
    kernels.preluBackwardWeight(dw, dyAt, xAt, ...sizes); // it adds up
    memory.check();
    const exact = preluBackward(dy, x, w, sizes);
    expectClose(memory.f32(y, length), preluForward(x, w, sizes));
    expectClose(memory.f32(dx, length), exact.dx);
    expectClose(
      memory.f32(dw, channels),
      before.map((value, c) => value + 2 * (exact.dw[c] ?? Number.NaN)),
      2e-6,
    );
  });

  it('has the slope w at 0, above 0 none of w, and keeps a NaN', () => {
    memory.reset();
    const x = memory.input([0, -0, 2, -4, Number.NaN]);
    const [y, dx] = [memory.output(5), memory.output(5)];
    const [w, dw] = [memory.input([-0.5]), memory.output(1, [0])];
    const dy = memory.input([1, 1, 1, 3, 1]);
    kernels.preluForward(y, x, w, 1, 1, 5);
    kernels.preluBackwardInput(dx, dy, x, w, 1, 1, 5);
    kernels.preluBackwardWeight(dw, dy, x, 1, 1, 4);
    memory.check();
    expect([...memory.f32(y, 5)]).toEqual([-0, 0, 2, 2, Number.NaN]);
    expect([...memory.f32(dx, 5)]).toEqual([-0.5, -0.5, 1, -1.5, -0.5]);
    expect([...memory.f32(dw, 1)]).toEqual([-12]);
  });
});
