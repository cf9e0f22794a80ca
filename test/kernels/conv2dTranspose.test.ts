/** A transposed convolution by the kernels of assembly/conv2d/conv2d.ts, against its own formula written out. */
import { conv2dAddBias } from 'convlet/reference';
import { describe, expect, it } from 'vitest';
import { type TransposeOptions, transposeSizes } from '../../src/base/window.ts';
import { expectClose } from '../support/closeness.ts';
import { builds, expectBuild, GuardedMemory } from '../support/kernels.ts';
import { testRandom, uniform } from '../support/random.ts';

/** x shape, filters, groups, window. */
type Case = readonly [readonly [number, number, number, number], number, number, TransposeOptions];

const cases: readonly Case[] = [
  [[2, 3, 4, 5], 2, 1, { kernelSize: 3 }],
  [[1, 1, 1, 1], 1, 1, { kernelSize: 1 }],
  [[2, 2, 3, 4], 3, 1, { kernelSize: 2, strides: 2 }],
  [[1, 3, 4, 3], 5, 1, { kernelSize: [2, 1], strides: 3, outputPadding: [2, 1] }],
  [[1, 4, 5, 3], 6, 2, { kernelSize: 3, strides: [2, 1], padding: [0, 1, 2, 1] }],
  [[1, 2, 4, 4], 2, 1, { kernelSize: 3, dilation: [2, 3], outputPadding: [1, 2], padding: 1 }],
  [[2, 5, 3, 3], 5, 5, { kernelSize: 4, strides: 2, padding: 1 }],
  [[1, 4, 9, 10], 5, 1, { kernelSize: 3, padding: 1 }], // by Winograd's tiles
  [[1, 7, 3, 5], 3, 1, { kernelSize: 1 }],
  [[0, 2, 3, 3], 3, 1, { kernelSize: 3 }],
];

/** Calls `at` with a place of x, of w and of y that a tap joins. */
function visit(
  [[batch, channels, height, width], filters, groups, options]: Case,
  at: (x: number, w: number, y: number) => void,
): void {
  const sizes = transposeSizes('test', [batch, channels, height, width], filters, groups, options);
  const [, , outH, outW, , , , kH, kW, strideH, strideW, padH, padW, dilationH, dilationW] = sizes;
  const [inGroup, outGroup] = [channels / groups, filters / groups];
  for (let image = 0; image < batch * channels; image++) {
    const c = image % channels;
    const firstY = Math.floor(image / channels) * filters + Math.floor(c / inGroup) * outGroup;
    for (let pixel = 0; pixel < height * width; pixel++) {
      const [h, v] = [Math.floor(pixel / width), pixel % width];
      for (let tap = 0; tap < outGroup * kH * kW; tap++) {
        const [o, p, q] = [Math.floor(tap / (kH * kW)), Math.floor(tap / kW) % kH, tap % kW];
        const i = h * strideH + p * dilationH - padH;
        const j = v * strideW + q * dilationW - padW;
        if (i < 0 || i >= outH || j < 0 || j >= outW) continue;
        const y = ((firstY + o) * outH + i) * outW + j;
        at(image * height * width + pixel, c * outGroup * kH * kW + tap, y);
      }
    }
  }
}

describe.each(builds)('conv2dTranspose, %s build', (build) => {
  const memory = new GuardedMemory(build);
  const { kernels } = memory;

  it('runs on the build that the title names', () => expectBuild(memory, build));

  it.each(cases.map((one) => [JSON.stringify(one), one] as const))('has its sums: %s', (_, one) => {
    const [shape, filters, groups, options] = one;
    const sizes = transposeSizes('test', shape, filters, groups, options);
    const [batch, , outH, outW, channels, , , kH, kW] = sizes;
    const outputs = [batch, filters, outH, outW] as const;
    const length = batch * filters * outH * outW;
    const random = testRandom(length + kH);
    const x = uniform(
      random,
      shape.reduce((product, size) => product * size, 1),
    );
    const w = uniform(random, (channels * filters * kH * kW) / groups);
    const [b, dy] = [uniform(random, filters), uniform(random, length)];
    const exact = {
      sums: new Float64Array(length),
      dx: new Float64Array(x.length),
      dw: new Float64Array(w.length),
    };
    visit(one, (xAt, wAt, yAt) => {
      exact.sums[yAt] = (exact.sums[yAt] ?? 0) + (x[xAt] ?? 0) * (w[wAt] ?? 0);
      exact.dx[xAt] = (exact.dx[xAt] ?? 0) + (dy[yAt] ?? 0) * (w[wAt] ?? 0);
      exact.dw[wAt] = (exact.dw[wAt] ?? 0) + (dy[yAt] ?? 0) * (x[xAt] ?? 0);
    });

    memory.reset();
    const scratch = memory.scratch(kernels.conv2dScratchBytes(...sizes));
    const [y, dx] = [memory.output(length), memory.output(x.length)];
    const dw = memory.output(w.length, new Float32Array(w.length));
    const [xAt, wAt, dyAt, bAt] = [x, w, dy, b].map((values) => memory.input(values)) as [
      number,
      number,
      number,
      number,
    ];
    kernels.conv2dBackwardInput(y, xAt, wAt, scratch, ...sizes);
    kernels.conv2dAddBias(y, bAt, ...outputs);
    kernels.conv2dBackwardWeight(dw, xAt, dyAt, scratch, ...sizes);
    kernels.conv2dForward(dx, dyAt, wAt, 0, scratch, ...sizes);
    memory.check();
    const withBias = conv2dAddBias(exact.sums, b, filters, outH, outW);
    if (length > 0) expectClose(memory.f32(y, length), withBias, 1e-5);
    if (length > 0) expectClose(memory.f32(dx, x.length), exact.dx, 1e-5);
    expectClose(memory.f32(dw, w.length), exact.dw, 1e-5);
  });

  it.each([
    [2, 3, 1, 1],
    [1, 2, 3, 5],
    [3, 5, 4, 4],
    [1, 1, 1, 31],
    [0, 2, 3, 3],
    [2, 0, 3, 3],
  ] satisfies [number, number, number, number][])(
    'adds a bias a channel: %i×%i×%i×%i',
    (...sizes) => {
      const [batch, channels, height, width] = sizes;
      const random = testRandom(5);
      const before = uniform(random, batch * channels * height * width);
      const b = uniform(random, channels);
      memory.reset();
      const y = memory.output(before.length, before);
      kernels.conv2dAddBias(y, memory.input(b), ...sizes);
      memory.check();
      const exact = Float32Array.from(conv2dAddBias(before, b, channels, height, width));
      expect(memory.f32(y, before.length)).toEqual(exact);
    },
  );
});
