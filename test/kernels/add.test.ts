/** assembly/merge/add.ts against src/reference/add.ts. */
import { add } from 'convlet/reference';
import { describe, expect, it } from 'vitest';
import { builds, expectBuild, GuardedMemory } from '../support/kernels.ts';
import { testRandom, uniform } from '../support/random.ts';

const LENGTHS = [0, 1, 2, 3, 4, 5, 7, 8, 13, 16, 31, 997];

describe.each(builds)('add, %s build', (build) => {
  const memory = new GuardedMemory(build);
  const { kernels } = memory;

  it('runs on the build that the title names', () => expectBuild(memory, build));

  it.each(LENGTHS)('rounds the oracle’s sums once, length %i', (length) => {
    const random = testRandom(length + 1);
    const [a, b] = [uniform(random, length), uniform(random, length)];
    memory.reset();
    const y = memory.output(length);
    kernels.add(y, memory.input(a), memory.input(b), length);
    memory.check();
    expect([...memory.f32(y, length)]).toEqual([...add(a, b).map(Math.fround)]);
  });

  it.each(LENGTHS)('may write over a, over b, and over both at once, length %i', (length) => {
    const random = testRandom(length + 2);
    const [a, b] = [uniform(random, length), uniform(random, length)];
    const sum = add(a, b).map(Math.fround);
    memory.reset();
    const [overA, overB] = [memory.output(length, a), memory.output(length, b)];
    const doubled = memory.output(length, a);
    kernels.add(overA, overA, memory.input(b), length);
    kernels.add(overB, memory.input(a), overB, length);
    kernels.add(doubled, doubled, doubled, length);
    memory.check();
    expect([...memory.f32(overA, length)]).toEqual([...sum]);
    expect([...memory.f32(overB, length)]).toEqual([...sum]);
    expect(memory.f32(doubled, length)).toEqual(a.map((value) => 2 * value));
  });

  it('adds −0, infinities and NaN as numbers do', () => {
    const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;
    memory.reset();
    const y = memory.output(6);
    const a = memory.input([-0, -0, infinity, infinity, nan, 3e38]);
    kernels.add(y, a, memory.input([-0, 0, 1, -infinity, 1, 3e38]), 6);
    memory.check();
    expect([...memory.f32(y, 6)]).toEqual([-0, 0, infinity, nan, nan, infinity]);
  });
});
