/** assembly/shape/upsample2d.ts against src/reference/upsample2d.ts. */
import { type UpsampleSizes, upsample2dBackward, upsample2dForward } from 'convlet/reference';
import { describe, expect, it } from 'vitest';
import { expectClose } from '../support/closeness.ts';
import { builds, expectBuild, GuardedMemory } from '../support/kernels.ts';
import { testRandom, uniform } from '../support/random.ts';

describe.each(builds)('upsample2d, %s build', (build) => {
  const memory = new GuardedMemory(build);
  const { kernels } = memory;

  it('is the build that it should be', () => expectBuild(memory, build));

  it.each<UpsampleSizes>([
    [6, 4, 5, 2, 2],
    [1, 1, 1, 2, 2],
    [2, 3, 4, 3, 3],
    [3, 7, 5, 1, 4],
    [2, 5, 3, 5, 1],
    [1, 3, 13, 1, 1],
    [1, 2, 3, 7, 11],
    [0, 3, 3, 2, 2],
  ])('follows the oracle: %i planes of %i×%i, %i×%i', (...sizes) => {
    const [planes, inH, inW, scaleH, scaleW] = sizes;
    const random = testRandom(41);
    const x = uniform(random, planes * inH * inW);
    const dy = uniform(random, x.length * scaleH * scaleW);
    memory.reset();
    const [y, dx] = [memory.output(dy.length), memory.output(x.length)];
    kernels.upsample2dForward(y, memory.input(x), planes, 1, inH, inW, scaleH, scaleW);
    kernels.upsample2dBackward(dx, memory.input(dy), 1, planes, inH, inW, scaleH, scaleW);
    memory.check();
    expect([...memory.f32(y, dy.length)]).toEqual([...upsample2dForward(x, sizes)]);
    expectClose(memory.f32(dx, x.length), upsample2dBackward(dy, sizes));
  });

  it('makes a block of each pixel, and a sum of each block; a NaN stays in its own', () => {
    memory.reset();
    const { NaN: nan } = Number;
    const [y, dx] = [memory.output(8), memory.output(2)];
    kernels.upsample2dForward(y, memory.input([5, nan]), 1, 1, 1, 2, 2, 2);
    kernels.upsample2dBackward(dx, memory.input([1, 2, nan, 0, 3, 4, 0, 0]), 1, 1, 1, 2, 2, 2);
    memory.check();
    expect([...memory.f32(y, 8)]).toEqual([5, 5, nan, nan, 5, 5, nan, nan]);
    expect([...memory.f32(dx, 2)]).toEqual([10, nan]);
  });
});
