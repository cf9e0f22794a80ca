/** assembly/gemm/gemm.ts and assembly/gemm/transpose.ts agree with src/reference/matmul.ts. */
import { matmul, transpose } from 'convlet/reference';
import { describe, expect, it } from 'vitest';
import { expectClose } from '../support/closeness.ts';
import { builds, expectBuild, GuardedMemory } from '../support/kernels.ts';
import { testRandom, uniform } from '../support/random.ts';

const SIZES = [0, 1, 2, 3, 4, 5, 7, 8, 9, 13, 17];

describe.each(builds)('gemm, %s build', (build) => {
  const memory = new GuardedMemory(build);
  const { kernels } = memory;

  it('runs on the build that the title names', () => expectBuild(memory, build));

  it.each([
    ...SIZES.flatMap((m) => SIZES.map((n) => [m, n, [0, 1, 2, 5, 8, 31, 64]] as const)),
    // more than one block of k
    ...[[5, 9] as const, [17, 33] as const, [2, 16] as const].map(
      ([m, n]) => [m, n, [256, 257, 515]] as const,
    ),
    // rows of B in different pages: several panels at once, and what is left over
    [5, 1100, [65, 300]] as const,
    [2, 1024, [65, 128]] as const,
  ])('agrees with the oracle: %i×%i over %j', (m, n, depths) => {
    const random = testRandom(m * 31 + n + 1);
    for (const k of depths) {
      const [a, b, c] = [uniform(random, m * k), uniform(random, k * n), uniform(random, m * n)];
      const exact = matmul(a, b, m, n, k).map((value, i) => value + (c[i] ?? 0));
      const variants = [
        ['gemmNN', a, b],
        ['gemmNT', a, transpose(b, k, n)],
        ['gemmTN', transpose(a, m, k), b],
      ] as const;
      const results = variants.map(([name, left, right]) => {
        memory.reset();
        const to = memory.output(m * n, c);
        const scratch = memory.scratch(kernels.gemmScratchBytes(m, n, k));
        kernels[name](to, memory.input(left), memory.input(right), scratch, m, n, k);
        memory.check();
        return memory.f32(to, m * n).slice();
      });
      for (const result of results) expectClose(result, exact);
      expect(results[2]).toEqual(results[0]); // one order of sums for both
    }
  });

  it('gives an entry the same bits in any tile', () => {
    const random = testRandom(7);
    const [m, n, k] = [9, 13, 37];
    const [a, b] = [uniform(random, m * k), uniform(random, k * n)];
    const run = (rows: Float32Array, count: number) => {
      memory.reset();
      const to = memory.output(count * n, new Float32Array(count * n));
      kernels.gemmNN(
        to,
        memory.input(rows),
        memory.input(b),
        memory.scratch(kernels.gemmScratchBytes(count, n, k)),
        count,
        n,
        k,
      );
      return memory.f32(to, count * n).slice();
    };
    const whole = run(a, m);
    for (let i = 0; i < m; i++) {
      expect(run(a.slice(i * k, (i + 1) * k), 1)).toEqual(whole.subarray(i * n, (i + 1) * n));
    }
  });

  it('asks for 2³¹ − 1 bytes of scratch if it needs more, otherwise for the exact number', () => {
    expect(kernels.gemmScratchBytes(2 ** 21, 5, 256)).toBe(2 ** 31 - 1);
    expect(kernels.gemmScratchBytes(2 ** 30, 2 ** 30, 2 ** 30)).toBe(2 ** 31 - 1);
    expect(kernels.gemmScratchBytes(2 ** 20, 5, 300)).toBe(((2 ** 20 + 64) * 256 + 64) * 4);
  });

  it.each(SIZES)('transposes %i×5', (rows) => {
    memory.reset();
    const x = uniform(testRandom(3), rows * 5);
    const y = memory.output(rows * 5);
    kernels.transpose(y, memory.input(x), rows, 5);
    memory.check();
    expect([...memory.f32(y, rows * 5)]).toEqual([...transpose(x, rows, 5)]);
  });
});
