/** assembly/pooling/averagePool2d.ts against src/reference/averagePool2d.ts. */
import { averagePool2dBackward, averagePool2dForward } from 'convlet/reference';
import { describe, expect, it } from 'vitest';
import { averagePoolSizes } from '../../src/base/window.ts';
import { expectClose } from '../support/closeness.ts';
import { builds, expectBuild, GuardedMemory } from '../support/kernels.ts';
import { testRandom, uniform } from '../support/random.ts';

type Options = Parameters<typeof averagePoolSizes>[2];
type Case = readonly [shape: readonly number[], options: Options];

const cases: readonly Case[] = [
  [[2, 3, 8, 8], { poolSize: 2 }],
  [[1, 1, 1, 1], { poolSize: 1 }],
  [[3, 2, 7, 5], { poolSize: 2 }],
  [[1, 2, 7, 9], { poolSize: 3, strides: 1 }],
  [[2, 3, 7, 8], { poolSize: 3, strides: 2, padding: 1 }],
  [[2, 3, 7, 8], { poolSize: 3, strides: 2, padding: 1, countIncludePad: true }],
  [[1, 2, 5, 5], { poolSize: 3, padding: [0, 2, 1, 0], countIncludePad: true }],
  [[1, 2, 5, 5], { poolSize: 3, padding: [2, 0, 0, 1] }],
  [[1, 2, 9, 7], { poolSize: [4, 3], strides: [3, 2], padding: [2, 1], ceilMode: true }],
  [
    [1, 2, 9, 7],
    {
      poolSize: [4, 3],
      strides: [3, 2],
      padding: [2, 1],
      ceilMode: true,
      countIncludePad: true,
    },
  ],
  [[1, 1, 3, 3], { poolSize: 5, strides: 4, ceilMode: true, countIncludePad: true }],
  [[1, 2, 11, 13], { poolSize: [2, 5], strides: [3, 1] }],
  [[0, 3, 4, 4], { poolSize: 2 }],
  [[2, 0, 4, 4], { poolSize: 2 }],
];

describe.each(builds)('averagePool2d, %s build', (build) => {
  const memory = new GuardedMemory(build);
  const { kernels } = memory;

  it('is the build that it should be', () => expectBuild(memory, build));

  it.each(cases.map((value) => [JSON.stringify(value), value] as const))(
    'follows the oracle: %s',
    (_title, [shape, options]) => {
      const sizes = averagePoolSizes('test', shape, options);
      const [batch, channels, , , outH, outW] = sizes;
      const random = testRandom(23);
      const x = uniform(
        random,
        shape.reduce((product, size) => product * size, 1),
      );
      const dy = uniform(random, batch * channels * outH * outW);
      memory.reset();
      const [y, dx] = [memory.output(dy.length), memory.output(x.length)];
      kernels.averagePool2dForward(y, memory.input(x), ...sizes);
      kernels.averagePool2dBackward(dx, memory.input(dy), ...sizes);
      memory.check();
      expectClose(memory.f32(y, dy.length), averagePool2dForward(x, sizes));
      expectClose(memory.f32(dx, x.length), averagePool2dBackward(dy, sizes));
    },
  );

  /** One row of three pixels, windows of three with a pixel of padding before it. */
  function row(values: number[], dy: number[], options: Partial<Options>) {
    const all: Options = { poolSize: [1, 3], strides: [1, 2], padding: [0, 1], ...options };
    const sizes = averagePoolSizes('test', [1, 1, 1, values.length], all);
    memory.reset();
    const [y, dx] = [memory.output(sizes[5]), memory.output(values.length)];
    kernels.averagePool2dForward(y, memory.input(values), ...sizes);
    kernels.averagePool2dBackward(dx, memory.input(dy), ...sizes);
    memory.check();
    return [[...memory.f32(y, sizes[5])], [...memory.f32(dx, values.length)]];
  }

  it('divides by the pixels of a window, and by its padding if that counts', () => {
    const [one, two] = [
      row([6, 12, 18], [1, 1], {}),
      row([6, 12, 18], [1, 1], { countIncludePad: true }),
    ];
    expect(one).toEqual([
      [9, 15],
      [0.5, 1, 0.5],
    ]);
    const third = Math.fround(1 / 3);
    expect(two).toEqual([
      [6, 10],
      [third, Math.fround(third + third), third],
    ]);
  });

  it('divides by more pixels than an i32 holds', () => {
    const options = { poolSize: 50_000, padding: 25_000, countIncludePad: true };
    const sizes = averagePoolSizes('test', [1, 1, 1, 2], options);
    memory.reset();
    const [y, dx] = [memory.output(1), memory.output(2)];
    kernels.averagePool2dForward(y, memory.input([3, 4]), ...sizes);
    kernels.averagePool2dBackward(dx, memory.input([1]), ...sizes);
    memory.check();
    const pixel = Math.fround(1 / 50_000 ** 2);
    expect([...memory.f32(y, 1)]).toEqual([Math.fround(7 / 50_000 ** 2)]);
    expect([...memory.f32(dx, 2)]).toEqual([pixel, pixel]);
  });

  it('counts nothing past the padding', () => {
    const options = { padding: [0, 0, 0, 1], ceilMode: true, countIncludePad: true } as const;
    // the last window: two pixels and one of padding
    expect(row([3, 6, 9, 12], [3, 6], options)).toEqual([
      [6, 7],
      [1, 1, 3, 2],
    ]);
    // the last window: one pixel, one of padding, and one past it
    expect(row([3, 6, 9, 12, 8], [3, 3, 2], options)).toEqual([
      [6, Math.fround(29 / 3), 4],
      [1, 1, 2, 1, 2],
    ]);
  });

  it('keeps a NaN to the windows that hold it', () => {
    const { NaN: nan } = Number;
    expect(row([nan, 1, 3, 5], [nan, 2], {})).toEqual([
      [nan, 3],
      [nan, nan, Math.fround(2 / 3), Math.fround(2 / 3)],
    ]);
  });
});
