/** assembly/activations/leakyRelu.ts against src/reference/activations.ts. */
import { leakyReluBackward, leakyReluForward } from 'convlet/reference';
import { describe, expect, it } from 'vitest';
import { builds, expectBuild, GuardedMemory } from '../support/kernels.ts';
import { testRandom, uniform } from '../support/random.ts';

const LENGTHS = [0, 1, 2, 3, 4, 5, 7, 8, 13, 16, 31, 997];
/** As the kernel takes it: of the numbers here, only the products are rounded. */
const SLOPE = Math.fround(0.3);

describe.each(builds)('leakyRelu, %s build', (build) => {
  const memory = new GuardedMemory(build);
  const { kernels } = memory;

  it('runs on the build that the title names', () => expectBuild(memory, build));

  it.each(LENGTHS)('rounds the oracle’s numbers once, length %i', (length) => {
    const random = testRandom(length + 1);
    const [x, dy] = [uniform(random, length), uniform(random, length)];
    memory.reset();
    const [y, dx] = [memory.output(length), memory.output(length)];
    kernels.leakyReluForward(y, memory.input(x), length, SLOPE);
    kernels.leakyReluBackward(dx, memory.input(dy), y, length, SLOPE);
    memory.check();
    const exact = leakyReluForward(x, SLOPE).map(Math.fround);
    expect([...memory.f32(y, length)]).toEqual([...exact]);
    const slopes = leakyReluBackward(dy, exact, SLOPE).map(Math.fround);
    expect([...memory.f32(dx, length)]).toEqual([...slopes]);
  });

  it('keeps a NaN and a −0, multiplies −∞, and has the negative slope at 0, in place', () => {
    const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;
    const values = [nan, -1, 0, 2, -0, infinity, -infinity]; // four of a vector, then a tail
    memory.reset();
    const [y, dx] = [memory.output(7, values), memory.output(7, [1, 1, 1, 1, 1, 1, 1])];
    kernels.leakyReluForward(y, y, 7, 0.25);
    kernels.leakyReluBackward(dx, dx, y, 7, 0.25);
    memory.check();
    expect([...memory.f32(y, 7)]).toEqual([nan, -0.25, 0, 2, -0, infinity, -infinity]);
    expect([...memory.f32(dx, 7)]).toEqual([0.25, 0.25, 0.25, 1, 0.25, 1, 0.25]);
  });

  it('with slope 0 is ReLU for finite numbers, and with slope 1 the identity', () => {
    const x = uniform(testRandom(3), 13);
    memory.reset();
    const [y, cut, same] = [memory.output(13), memory.output(13), memory.output(13)];
    const at = memory.input(x);
    kernels.reluForward(y, at, 13);
    kernels.leakyReluForward(cut, at, 13, 0);
    kernels.leakyReluForward(same, at, 13, 1);
    memory.check();
    const plus = (value: number) => value + 0; // −0 becomes 0
    expect([...memory.f32(cut, 13)].map(plus)).toEqual([...memory.f32(y, 13)].map(plus));
    expect(memory.f32(same, 13)).toEqual(x);
  });
});
