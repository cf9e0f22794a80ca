/** assembly/pooling/maxPool2d.ts agrees with src/reference/maxPool2d.ts. */
import { maxPool2dBackward, maxPool2dForward } from 'convlet/reference';
import { describe, expect, it } from 'vitest';
import { type PoolOptions, poolSizes } from '../../src/base/window.ts';
import { expectClose } from '../support/closeness.ts';
import { builds, expectBuild, GuardedMemory } from '../support/kernels.ts';
import { testRandom, uniform } from '../support/random.ts';

type Case = readonly [readonly number[], PoolOptions];

const cases: readonly Case[] = [
  [[2, 12, 26, 26], { poolSize: 2 }],
  [[1, 1, 1, 1], { poolSize: 1 }],
  [[3, 2, 7, 5], { poolSize: 2 }],
  [[1, 3, 9, 11], { poolSize: 2 }], // five windows a row, the last four of which overlap the first
  [[1, 2, 5, 8], { poolSize: 2 }],
  [[1, 1, 7, 15], { poolSize: 2, ceilMode: true }], // the last windows hang over
  [[1, 2, 7, 9], { poolSize: 3, strides: 1 }],
  [[2, 3, 7, 8], { poolSize: 3, strides: 2, padding: 1 }],
  [[1, 2, 5, 5], { poolSize: 2, padding: [0, 0, 1, 1] }],
  [[1, 2, 11, 13], { poolSize: [2, 5], strides: [3, 1] }],
  [[1, 2, 7, 7], { poolSize: 2, ceilMode: true }],
  [[1, 2, 9, 7], { poolSize: [4, 3], strides: [3, 2], padding: [2, 1], ceilMode: true }],
  [[1, 2, 5, 5], { poolSize: 3, padding: [2, 0, 1, 2] }],
  [[1, 1, 2, 3], { poolSize: 5, strides: 4, ceilMode: true }],
  [[2, 3, 5, 7], { poolSize: [5, 7] }], // global
  [[0, 3, 4, 4], { poolSize: 2 }],
];

describe.each(builds)('maxPool2d, %s build', (build) => {
  const memory = new GuardedMemory(build);
  const { kernels } = memory;

  it('runs on the build that the title names', () => expectBuild(memory, build));

  function forward([shape, options]: Case, x: Float32Array) {
    memory.reset();
    const sizes = poolSizes('test', shape, options);
    const [batch, channels, , , outH, outW] = sizes;
    const length = batch * channels * outH * outW;
    const [y, argmax] = [memory.output(length), memory.output(length)];
    kernels.maxPool2dForward(y, argmax, memory.input(x), ...sizes);
    memory.check();
    return { sizes, y: memory.f32(y, length).slice(), argmax: memory.i32(argmax, length).slice() };
  }

  it.each(cases.map((value) => [JSON.stringify(value), value] as const))('%s', (_title, value) => {
    const random = testRandom(11);
    const x = uniform(
      random,
      value[0].reduce((product, size) => product * size, 1),
    );
    const { sizes, y, argmax } = forward(value, x);
    const exact = maxPool2dForward(x, sizes);
    expect([...y]).toEqual([...exact.y]);
    expect(argmax).toEqual(exact.argmax);

    const [batch, channels, inH, inW, outH, outW] = sizes;
    const dy = uniform(random, y.length);
    memory.reset();
    const dx = memory.output(x.length);
    kernels.maxPool2dBackward(
      dx,
      memory.input(dy),
      memory.integers(argmax),
      batch,
      channels,
      inH,
      inW,
      outH,
      outW,
    );
    memory.check();
    expectClose(memory.f32(dx, x.length), maxPool2dBackward(dy, argmax, sizes));
  });

  it('takes the first of equal values, negative maxima in padded windows, and the first NaN', () => {
    const at = (values: number[], options: PoolOptions = { poolSize: 2 }) =>
      forward([[1, 1, 2, 2], options], Float32Array.from(values));
    expect([...at([3, 3, 3, 3]).argmax]).toEqual([0]);
    expect([...at([1, 3, 3, 3]).argmax]).toEqual([1]);
    expect([...at([-0, 0, 0, 0]).argmax]).toEqual([0]);
    const padded = at([-1, -2, -3, -4], { poolSize: 2, padding: 1 });
    expect([...padded.y]).toEqual([-1, -2, -3, -4]); // padding is no 0 that wins
    const nan = at([9, Number.NaN, 10, Number.NaN]);
    expect([nan.y[0], nan.argmax[0]]).toEqual([Number.NaN, 1]);
  });

  it('finds the same winners in every lane of four windows, with equal values and NaN', () => {
    const random = testRandom(12);
    const values = [Number.NaN, -0, 0, 1, 1, -Infinity, Infinity];
    const draw = () => values[Math.floor(random() * values.length)] ?? 0;
    const x = Float32Array.from({ length: 2 * 16 * 18 }, draw);
    const { sizes, y, argmax } = forward([[1, 2, 16, 18], { poolSize: 2 }], x);
    const exact = maxPool2dForward(x, sizes);
    expect(argmax).toEqual(exact.argmax);
    expect([...y]).toEqual([...exact.y]);
  });
});
