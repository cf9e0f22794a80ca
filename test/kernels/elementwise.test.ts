/** The kernels that work element by element are right for lengths of every remainder: relu, optimizer, gather, argmax. */
import { reluBackward, reluForward } from 'convlet/reference';
import { describe, expect, it } from 'vitest';
import { expectClose } from '../support/closeness.ts';
import { builds, expectBuild, GuardedMemory } from '../support/kernels.ts';
import { testRandom, uniform } from '../support/random.ts';

const LENGTHS = [0, 1, 2, 3, 4, 5, 7, 8, 13, 16, 31, 997];

describe.each(builds)('elementwise, %s build', (build) => {
  const memory = new GuardedMemory(build);
  const { kernels } = memory;
  const random = testRandom(5);

  it('runs on the build that the title names', () => expectBuild(memory, build));

  it.each(LENGTHS)('relu agrees with the oracle, %i elements', (length) => {
    memory.reset();
    const [x, dy] = [uniform(random, length), uniform(random, length)];
    const [y, dx] = [memory.output(length), memory.output(length)];
    kernels.reluForward(y, memory.input(x), length);
    kernels.reluBackward(dx, memory.input(dy), y, length);
    memory.check();
    expect([...memory.f32(y, length)]).toEqual([...reluForward(x)]);
    expect([...memory.f32(dx, length)]).toEqual([...reluBackward(dy, x)]);
  });

  it('relu in place keeps a NaN and has slope 0 at 0', () => {
    memory.reset();
    const values = [Number.NaN, -1, 0, 2, -3, Number.NaN];
    const [y, dx] = [memory.output(6, values), memory.output(6, [1, 1, 1, 1, 1, 1])];
    kernels.reluForward(y, y, 6);
    kernels.reluBackward(dx, dx, y, 6);
    expect([...memory.f32(y, 6)]).toEqual([Number.NaN, 0, 0, 2, 0, Number.NaN]);
    expect([...memory.f32(dx, 6)]).toEqual([0, 0, 0, 1, 0, 0]);
  });

  it.each(LENGTHS)('zero, accumulate and sgd agree with the oracle, %i elements', (length) => {
    memory.reset();
    const [w, dw] = [uniform(random, length), uniform(random, length)];
    const [cleared, total, stepped] = [
      memory.output(length, w),
      memory.output(length, w),
      memory.output(length, w),
    ];
    const gradient = memory.input(dw);
    kernels.zero(cleared, length);
    kernels.accumulate(total, gradient, length, 1, 4 * length);
    kernels.sgd(stepped, gradient, length, 0.25);
    memory.check();
    expect(memory.f32(cleared, length)).toEqual(new Float32Array(length));
    expect(memory.f32(total, length)).toEqual(w.map((value, i) => value + (dw[i] ?? 0)));
    expect(memory.f32(stepped, length)).toEqual(w.map((value, i) => value - 0.25 * (dw[i] ?? 0)));
  });

  it.each(LENGTHS)('gathers images of %i pixels by index', (length) => {
    memory.reset();
    const images = Uint8Array.from({ length: 5 * length }, () => random() * 256);
    const indices = [4, 0, 4, 2];
    const [bytes, floats, labels] = [
      memory.output(4 * length),
      memory.output(4 * length),
      memory.output(4),
    ];
    const [at, source] = [memory.integers(indices), memory.bytes([9, 8, 7, 6, 5])];
    const scaled = Float32Array.from(images, (byte) => Math.fround(byte / 255));
    kernels.gatherU8(bytes, memory.bytes(images), at, 4, length);
    kernels.gatherF32(floats, memory.input(scaled), at, 4, length);
    kernels.gatherLabels(labels, source, at, 4);
    memory.check();
    const expected = indices.flatMap((index) => [
      ...scaled.subarray(index * length, (index + 1) * length),
    ]);
    expect([...memory.f32(bytes, 4 * length)]).toEqual(expected);
    expect([...memory.f32(floats, 4 * length)]).toEqual(expected);
    expect([...memory.i32(labels, 4)]).toEqual([5, 9, 5, 7]);
  });

  it.each([0, 1, 3, 5])('gathers %i labels that no byte holds', (batch) => {
    memory.reset();
    const source = [65_536, -1, 2 ** 31 - 1, 0, -(2 ** 31)];
    const indices = [4, 0, 4, 2, 1].slice(0, batch);
    const labels = memory.output(batch);
    kernels.gatherI32(labels, memory.integers(source), memory.integers(indices), batch);
    memory.check();
    expect([...memory.i32(labels, batch)]).toEqual(indices.map((index) => source[index]));
  });

  it('divides every byte by 255 as the division does', () => {
    memory.reset();
    const images = Uint8Array.from({ length: 256 + 7 }, (_, i) => i); // sixteen at a time, and the rest
    const x = memory.output(images.length);
    kernels.gatherU8(x, memory.bytes(images), memory.integers([0]), 1, images.length);
    memory.check();
    expect(memory.f32(x, images.length)).toEqual(Float32Array.from(images, (byte) => byte / 255));
  });

  it('argmax takes the first of equal values', () => {
    memory.reset();
    const indices = memory.output(4);
    kernels.argmax(indices, memory.input([1, 3, 3, 5, 5, 0, -2, -1, -3, Number.NaN, 1, 0]), 4, 3);
    memory.check();
    expect([...memory.i32(indices, 4)]).toEqual([1, 0, 1, 1]);
  });
});

describe.each(builds)('normal numbers, %s build', (build) => {
  const memory = new GuardedMemory(build);

  it('are the quantiles of their bits', () => {
    memory.reset();
    // Φ⁻¹ at (bits + ½) / 2³² for 2³¹ − 1, ¼, 0.975 and the two ends, from tables
    const bits = [2 ** 31, 2 ** 30, Math.round(0.975 * 2 ** 32), 0, 2 ** 32 - 1];
    const at = memory.integers(bits.map((value) => value | 0));
    const y = memory.output(5);
    memory.kernels.randomNormal(y, at, 5, 2);
    memory.check();
    expectClose(
      memory.f32(y, 5),
      [0, -0.6744897501960817, 1.959963984540054, -6.338_5, 6.338_5].map((z) => 2 * z),
      3e-4,
    );
    expectClose(memory.f32(y, 3), [0, -1.3489795003921634, 3.919927969080108], 1e-6);
  });

  it('have the moments of a normal distribution', () => {
    memory.reset();
    const random = testRandom(13);
    const length = 100_000;
    const y = memory.output(length);
    memory.kernels.randomNormal(
      y,
      memory.integers(Int32Array.from({ length }, () => (random() * 2 ** 32) | 0)),
      length,
      1,
    );
    const values = memory.f32(y, length);
    const moment = (power: number) =>
      values.reduce((sum, value) => sum + value ** power, 0) / length;
    expect(Math.abs(moment(1))).toBeLessThan(0.01);
    expect(Math.abs(moment(2) - 1)).toBeLessThan(0.02);
    expect(Math.abs(moment(3))).toBeLessThan(0.05);
    expect(Math.abs(moment(4) - 3)).toBeLessThan(0.1);
  });
});
