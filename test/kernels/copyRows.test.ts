/** assembly/shape/copyRows.ts, as cropping, padding and concatenation use it, against src/reference/sides.ts and concat.ts. */
import {
  concatBackward,
  concatForward,
  cropSides,
  padSides,
  type SideSizes,
} from 'convlet/reference';
import { describe, expect, it } from 'vitest';
import { builds, expectBuild, GuardedMemory } from '../support/kernels.ts';
import { testRandom, uniform } from '../support/random.ts';

const sides: readonly SideSizes[] = [
  [6, 5, 7, 1, 2, 3, 4],
  [1, 1, 1, 0, 0, 0, 0],
  [2, 3, 13, 0, 1, 0, 0],
  [3, 4, 3, 2, 0, 0, 1],
  [2, 2, 16, 1, 1, 1, 1],
  [0, 3, 3, 1, 1, 1, 1],
];

describe.each(builds)('copyRows, %s build', (build) => {
  const memory = new GuardedMemory(build);
  const { kernels } = memory;

  it('is the build that it should be', () => expectBuild(memory, build));

  it.each(sides)('copies images into larger ones and back: %j', (...sizes) => {
    const [planes, height, width, top, left, bottom, right] = sizes;
    const [outH, outW] = [top + height + bottom, left + width + right];
    const random = testRandom(31);
    const x = uniform(random, planes * height * width);
    const large = uniform(random, planes * outH * outW);
    memory.reset();
    const [y, dx] = [
      memory.output(large.length, new Float32Array(large.length)),
      memory.output(x.length),
    ];
    const inside = 4 * (top * outW + left);
    const block = [planes, height, width] as const;
    const [inner, outer] = [[height * width, width] as const, [outH * outW, outW] as const];
    kernels.copyRows(y + inside, memory.input(x), ...block, ...outer, ...inner);
    kernels.copyRows(dx, memory.input(large) + inside, ...block, ...inner, ...outer);
    memory.check();
    expect([...memory.f32(y, large.length)]).toEqual([...padSides(x, sizes)]);
    expect([...memory.f32(dx, x.length)]).toEqual([...cropSides(large, sizes)]);
  });

  it.each([
    [2, [12, 20]],
    [3, [1, 4, 2]],
    [1, [5]],
    [4, [0, 3, 17]],
    [0, [3, 2]],
  ])('copies rows of %i images of %j numbers behind one another, and apart', (batch, counts) => {
    const random = testRandom(37);
    const total = counts.reduce((sum, count) => sum + count, 0);
    const xs = counts.map((count) => uniform(random, batch * count));
    const dy = uniform(random, batch * total);
    memory.reset();
    const y = memory.output(batch * total);
    const dyAt = memory.input(dy);
    let offset = 0;
    const dxs = counts.map((count, i) => {
      const dx = memory.output(batch * count);
      kernels.copyRows(y + offset, memory.input(xs[i] ?? []), batch, 1, count, total, 0, count, 0);
      kernels.copyRows(dx, dyAt + offset, batch, 1, count, count, 0, total, 0);
      offset += 4 * count;
      return [...memory.f32(dx, batch * count)];
    });
    memory.check();
    expect([...memory.f32(y, batch * total)]).toEqual([...concatForward(xs, batch)]);
    expect(dxs).toEqual(concatBackward(dy, counts, batch).map((dx) => [...dx]));
  });

  it('leaves what is between the rows, and copies every bit', () => {
    memory.reset();
    const x = memory.integers([0x7fa1_2345, 2, 3, 4, -1, 6]);
    const y = memory.output(8, new Float32Array(8).fill(9));
    kernels.copyRows(y + 4, x, 1, 2, 2, 0, 4, 0, 3);
    memory.check();
    const nine = 0x4110_0000;
    expect([...memory.i32(y, 8)]).toEqual([nine, 0x7fa1_2345, 2, nine, nine, 4, -1, nine]);
  });
});
