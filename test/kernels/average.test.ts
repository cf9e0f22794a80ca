/** assembly/optimizers/average.ts: the moving average of the weights. */
import { describe, expect, it } from 'vitest';
import { expectClose } from '../support/closeness.ts';
import { builds, expectBuild, GuardedMemory } from '../support/kernels.ts';
import { testRandom, uniform } from '../support/random.ts';

const LENGTHS = [0, 1, 2, 3, 4, 5, 7, 8, 13, 16, 31, 997];

describe.each(builds)('blend, %s build', (build) => {
  const memory = new GuardedMemory(build);
  const { kernels } = memory;

  it('runs on the build that the title names', () => expectBuild(memory, build));

  function blend(y: ArrayLike<number>, x: ArrayLike<number>, keep: number): Float32Array {
    memory.reset();
    const at = memory.output(y.length, y);
    kernels.blend(at, memory.input(x), y.length, keep);
    memory.check();
    return memory.f32(at, y.length).slice();
  }

  it.each(LENGTHS)('is keep·y + (1 − keep)·x, length %i', (length) => {
    const random = testRandom(length + 1);
    const [y, x] = [uniform(random, length), uniform(random, length)];
    for (const keep of [0.1, 0.9, 0.999]) {
      const exact = Array.from(y, (value, i) => keep * value + (1 - keep) * (x[i] ?? Number.NaN));
      expectClose(blend(y, x, keep), exact, 2e-7);
    }
  });

  it('keeps y if keep is 1 and takes x if keep is 0', () => {
    const [y, x] = [Float32Array.of(1, 2, 3, 4, 5), Float32Array.of(-1, 0.5, 0.1, 7, 9)];
    expect(blend(y, x, 1)).toEqual(y);
    expect(blend(y, x, 0)).toEqual(x);
  });

  it('takes 1 − keep before it is rounded', () => {
    const keep = 1 - 2 ** -30; // 1 in f32
    expect([...blend([0, 0, 0, 0, 0], [1, 1, 1, 1, 1], keep)]).toEqual(Array(5).fill(2 ** -30));
  });
});
