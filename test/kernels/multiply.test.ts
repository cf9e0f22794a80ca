/** assembly/merge/multiply.ts against src/reference/multiply.ts. */
import { multiplyBackward, multiplyForward } from 'convlet/reference';
import { describe, expect, it } from 'vitest';
import { expectClose } from '../support/closeness.ts';
import { builds, expectBuild, GuardedMemory } from '../support/kernels.ts';
import { testRandom, uniform } from '../support/random.ts';

const LENGTHS = [0, 1, 2, 3, 4, 5, 7, 8, 13, 16, 31, 997];

describe.each(builds)('multiply, %s build', (build) => {
  const memory = new GuardedMemory(build);
  const { kernels } = memory;
  const random = testRandom(43);

  it('is the build that it should be', () => expectBuild(memory, build));

  it.each(LENGTHS)('multiplies %i numbers, in place too', (length) => {
    const [a, b] = [uniform(random, length), uniform(random, length)];
    memory.reset();
    const [y, square, bAt] = [memory.output(length), memory.output(length, a), memory.input(b)];
    kernels.multiply(y, memory.input(a), bAt, length);
    kernels.multiply(square, square, square, length);
    memory.check();
    const exact = (xs: Float32Array[]) => [...multiplyForward(xs).map(Math.fround)];
    expect([...memory.f32(y, length)]).toEqual(exact([a, b]));
    expect([...memory.f32(square, length)]).toEqual(exact([a, a]));
  });

  it.each([
    [2, 3, 16],
    [3, 5, 7],
    [1, 1, 1],
    [5, 13, 1],
    [4, 2, 6],
    [2, 3, 197],
    [0, 3, 4],
    [2, 0, 4],
  ])('multiplies %i images of %i channels of %i pixels by their channels', (...sizes) => {
    const [batch, channels, pixels] = sizes;
    const length = batch * channels * pixels;
    const [x, dy] = [uniform(random, length), uniform(random, length)];
    const s = uniform(random, batch * channels);
    memory.reset();
    const [y, inPlace] = [memory.output(length), memory.output(length, x)];
    const ds = memory.output(s.length);
    const [xAt, sAt] = [memory.input(x), memory.input(s)];
    kernels.multiplyChannels(y, xAt, sAt, ...sizes);
    kernels.multiplyChannels(inPlace, inPlace, sAt, ...sizes);
    kernels.sumProducts(ds, memory.input(dy), xAt, ...sizes);
    memory.check();
    const exact = [...multiplyForward([x, s]).map(Math.fround)];
    expect([...memory.f32(y, length)]).toEqual(exact);
    expect([...memory.f32(inPlace, length)]).toEqual(exact);
    expectClose(memory.f32(ds, s.length), multiplyBackward(dy, [x, s])[1] ?? []);
  });

  it('keeps a NaN to its own channel', () => {
    memory.reset();
    const { NaN: nan } = Number;
    const [y, ds] = [memory.output(4), memory.output(2)];
    const x = memory.input([nan, 2, 3, 4]);
    kernels.multiplyChannels(y, x, memory.input([2, nan]), 1, 2, 2);
    kernels.sumProducts(ds, memory.input([1, 1, 1, 1]), x, 1, 2, 2);
    memory.check();
    expect([...memory.f32(y, 4)]).toEqual([nan, 4, nan, nan]);
    expect([...memory.f32(ds, 2)]).toEqual([nan, 7]);
  });
});
