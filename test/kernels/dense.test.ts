/** assembly/dense/dense.ts agrees with src/reference/dense.ts. */
import {
  denseBackwardBias,
  denseBackwardInput,
  denseBackwardWeight,
  denseForward,
} from 'convlet/reference';
import { describe, expect, it } from 'vitest';
import { expectClose } from '../support/closeness.ts';
import { builds, expectBuild, GuardedMemory } from '../support/kernels.ts';
import { testRandom, uniform } from '../support/random.ts';

describe.each(builds)('dense, %s build', (build) => {
  const memory = new GuardedMemory(build);
  const { kernels } = memory;

  it('runs on the build that the title names', () => expectBuild(memory, build));

  it('asks for 2³¹ − 1 bytes of scratch if it needs more, otherwise for the exact number', () => {
    expect(kernels.denseScratchBytes(2 ** 21, 1024, 8)).toBe(2 ** 31 - 1);
    expect(kernels.denseScratchBytes(8, 1024, 2 ** 28)).toBe(2 ** 31 - 1);
    expect(kernels.denseScratchBytes(2 ** 20, 1024, 8)).toBe(((2 ** 20 + 64) * 256 + 64) * 4);
  });

  it.each([
    [1, 1, 1],
    [16, 2028, 10],
    [3, 7, 5],
    [13, 17, 11],
    [5, 1, 8],
    [0, 3, 2],
    [2, 0, 3],
  ])('agrees with the oracle: batch %i, %i inputs, %i outputs', (...sizes) => {
    const [batch, inputs, outputs] = sizes;
    const random = testRandom(batch + inputs * 7 + outputs * 31);
    const [x, w] = [uniform(random, batch * inputs), uniform(random, outputs * inputs)];
    const [b, dy] = [uniform(random, outputs), uniform(random, batch * outputs)];
    memory.reset();
    const [y, plain, dx] = [
      memory.output(batch * outputs),
      memory.output(batch * outputs),
      memory.output(batch * inputs),
    ];
    const dw = memory.output(outputs * inputs, new Float32Array(outputs * inputs));
    const db = memory.output(outputs, new Float32Array(outputs));
    const [xAt, wAt, bAt, dyAt] = [
      memory.input(x),
      memory.input(w),
      memory.input(b),
      memory.input(dy),
    ];
    const scratch = memory.scratch(kernels.denseScratchBytes(...sizes));
    kernels.denseForward(y, xAt, wAt, bAt, scratch, ...sizes);
    kernels.denseForward(plain, xAt, wAt, 0, scratch, ...sizes);
    kernels.denseBackwardInput(dx, dyAt, wAt, scratch, ...sizes);
    expectClose(memory.f32(y, batch * outputs), denseForward(x, w, b, ...sizes), 3e-6);
    expectClose(memory.f32(plain, batch * outputs), denseForward(x, w, null, ...sizes), 3e-6);
    expectClose(memory.f32(dx, batch * inputs), denseBackwardInput(dy, w, ...sizes));
    for (const times of [1, 2]) {
      kernels.denseBackwardWeight(dw, dyAt, xAt, scratch, ...sizes);
      kernels.denseBackwardBias(db, dyAt, batch, outputs);
      memory.check();
      expectClose(
        memory.f32(dw, outputs * inputs),
        denseBackwardWeight(dy, x, ...sizes).map((value) => value * times),
      );
      expectClose(
        memory.f32(db, outputs),
        denseBackwardBias(dy, batch, outputs).map((value) => value * times),
      );
    }
  });
});
