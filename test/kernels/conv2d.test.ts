/** assembly/conv2d/conv2d.ts agrees with src/reference/conv2d.ts. */
import {
  conv2dBackwardBias,
  conv2dBackwardInput,
  conv2dBackwardWeight,
  conv2dForward,
} from 'convlet/reference';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ConvSizes, convSizes, type WindowOptions } from '../../src/base/window.ts';
import { expectClose } from '../support/closeness.ts';
import { builds, expectBuild, GuardedMemory } from '../support/kernels.ts';
import { testRandom, uniform } from '../support/random.ts';

const SEED = 20_261_123;

/** x shape, filters, groups, window. */
type Case = readonly [readonly [number, number, number, number], number, number, WindowOptions];

const cases: readonly Case[] = [
  [[2, 1, 28, 28], 12, 1, { kernelSize: 3 }],
  [[1, 1, 1, 1], 1, 1, { kernelSize: 1 }],
  [[3, 2, 5, 7], 3, 1, { kernelSize: 3 }],
  [[1, 3, 11, 13], 5, 1, { kernelSize: [3, 2], strides: [2, 3] }],
  [[2, 5, 7, 7], 7, 1, { kernelSize: 5, padding: 2 }],
  [[1, 2, 6, 5], 3, 1, { kernelSize: 3, padding: 'same', strides: 2 }],
  [[1, 2, 9, 9], 2, 1, { kernelSize: 3, dilation: [2, 3] }],
  [[2, 6, 5, 5], 9, 3, { kernelSize: 3, padding: [1, 0, 2, 1] }],
  [[1, 17, 3, 3], 17, 17, { kernelSize: 3, padding: 1 }],
  [[2, 16, 4, 4], 32, 1, { kernelSize: 1 }],
  [[1, 1, 7, 7], 2, 1, { kernelSize: 7 }],
  [[0, 2, 5, 5], 3, 1, { kernelSize: 3 }],
  // a stride and a padding whose sum is no i32
  [[1, 1, 4, 4], 1, 1, { kernelSize: 1, strides: [1, 2 ** 30], padding: [0, 2 ** 30 + 1, 0, 0] }],
];

/** What goes by Winograd's tiles, in one direction at least: whole tiles, odd sizes, several blocks, several images a block. */
const winogradCases: readonly Case[] = [
  [[2, 3, 6, 9], 5, 1, { kernelSize: 3 }],
  [[1, 4, 9, 10], 6, 1, { kernelSize: 3, padding: 1 }],
  [[2, 8, 13, 26], 10, 1, { kernelSize: 3 }],
  [[1, 5, 8, 31], 7, 1, { kernelSize: 3, padding: [1, 0, 2, 1] }],
  [[1, 3, 4, 150], 4, 1, { kernelSize: 3, padding: 'same' }],
  [[1, 3, 9, 9], 4, 1, { kernelSize: 3, padding: 2 }],
  [[1, 3, 7, 8], 4, 1, { kernelSize: 3, padding: 3 }],
  [[1, 3, 7, 8], 4, 1, { kernelSize: 3, padding: [1, 2, 4, 5] }],
  [[2, 9, 9, 11], 8, 1, { kernelSize: 3, padding: 1 }],
  [[1, 37, 7, 7], 33, 1, { kernelSize: 3, padding: 1 }],
  [[9, 8, 8, 8], 9, 1, { kernelSize: 3, padding: 1 }],
  [[19, 9, 4, 4], 18, 1, { kernelSize: 3, padding: 'same' }],
  [[3, 8, 10, 10], 8, 1, { kernelSize: 3 }],
  [[0, 3, 9, 9], 4, 1, { kernelSize: 3 }],
];

/**
 * What goes by direct sums: rows of 1 to 5 outputs and more, both strides, a tap that stays in the padding, padding after the
 * last row alone, sums of several blocks.
 */
const depthwiseCases: readonly Case[] = [
  [[2, 3, 7, 5], 3, 3, { kernelSize: 3, padding: 1 }],
  [[1, 2, 14, 14], 4, 2, { kernelSize: 3, padding: 'same' }],
  [[2, 5, 9, 8], 15, 5, { kernelSize: 3, padding: 1, strides: 2 }],
  [[1, 3, 8, 11], 3, 3, { kernelSize: 3, padding: [0, 0, 1, 1], strides: 2 }],
  [[1, 2, 10, 7], 2, 2, { kernelSize: [2, 5], padding: [1, 3, 0, 2], strides: [1, 2] }],
  [[2, 2, 6, 13], 2, 2, { kernelSize: 4, padding: 2, strides: [2, 1] }],
  [[1, 3, 11, 9], 6, 3, { kernelSize: 3, dilation: [2, 3], padding: [2, 3] }],
  [[1, 2, 12, 15], 2, 2, { kernelSize: 3, dilation: 3, padding: 4, strides: 2 }],
  [[2, 4, 1, 1], 8, 4, { kernelSize: 3, padding: 1 }],
  [[1, 2, 1, 1], 2, 2, { kernelSize: 1, padding: 3, strides: 2 }],
  [[1, 3, 5, 3], 3, 3, { kernelSize: [1, 3] }],
  [[1, 2, 3, 6], 2, 2, { kernelSize: 2, strides: 2 }],
  [[1, 2, 3, 2], 32, 2, { kernelSize: 2, padding: 1 }],
  [[1, 2, 29, 31], 2, 2, { kernelSize: 3, padding: 1 }],
  [[1, 2, 23, 64], 4, 2, { kernelSize: 5, padding: 2 }],
  [[1, 2, 5, 5], 2, 2, { kernelSize: 3, padding: 7, strides: 2 }],
  [[1, 3, 4, 4], 3, 3, { kernelSize: 1, strides: 2 }],
  [[1, 2, 18, 17], 2, 2, { kernelSize: 16, padding: 5 }],
  [[0, 3, 5, 5], 3, 3, { kernelSize: 3 }],
];

/** What goes by patches although every channel has filters of its own: many filters, large strides, large kernels. */
const nearlyDepthwiseCases: readonly Case[] = [
  [[1, 2, 4, 5], 34, 2, { kernelSize: 2 }],
  [[1, 3, 10, 7], 3, 3, { kernelSize: 3, strides: [3, 1] }],
  [[1, 2, 17, 18], 2, 2, { kernelSize: [16, 17] }],
];

/** What goes by matrix products over x itself, and what nearly does. */
const pointwiseCases: readonly Case[] = [
  [[2, 5, 3, 7], 3, 1, { kernelSize: 1 }],
  [[1, 19, 4, 4], 33, 1, { kernelSize: 1, dilation: 2 }],
  [[2, 300, 2, 3], 4, 1, { kernelSize: 1 }],
  [[1, 12, 5, 5], 18, 3, { kernelSize: 1 }],
  [[1, 3, 24, 30], 26, 1, { kernelSize: 1 }],
  [[1, 4, 1, 1], 2, 1, { kernelSize: 1 }],
  [[1, 3, 4, 5], 2, 1, { kernelSize: 1, strides: 2 }],
  [[1, 3, 4, 5], 2, 1, { kernelSize: 1, padding: [0, 0, 1, 0] }],
  [[0, 3, 4, 5], 2, 1, { kernelSize: 1 }],
];

/** Bound of the error of Winograd's tiles; that of direct sums is the default of expectClose. */
const TILED = 5e-6;

const byPatches = [...depthwiseCases, ...nearlyDepthwiseCases, ...pointwiseCases];
const allCases = [...cases, ...winogradCases, ...byPatches];

function title([x, filters, groups, window]: Case): string {
  return `x ${x.join('×')}, ${filters} filters, ${groups} groups, ${JSON.stringify(window)}`;
}

function sizesOf([x, filters, groups, window]: Case): ConvSizes {
  return convSizes('test', x, filters, groups, window);
}

/** Lengths of x, w and y. */
function lengths(sizes: ConvSizes): [x: number, w: number, y: number] {
  const [batch, inC, inH, inW, outC, outH, outW, kH, kW] = sizes;
  return [batch * inC * inH * inW, outC * (inC / sizes[15]) * kH * kW, batch * outC * outH * outW];
}

describe.each(builds)('conv2d, %s build', (build) => {
  const memory = new GuardedMemory(build);
  const { kernels } = memory;

  it('runs on the build that the title names', () => expectBuild(memory, build));

  function forward(sizes: ConvSizes, x: Float32Array, w: Float32Array, b: Float32Array | null) {
    memory.reset();
    const [, , yLength] = lengths(sizes);
    const y = memory.output(yLength);
    const bAt = b === null ? 0 : memory.input(b);
    const scratch = memory.scratch(kernels.conv2dScratchBytes(...sizes));
    kernels.conv2dForward(y, memory.input(x), memory.input(w), bAt, scratch, ...sizes);
    memory.check();
    return memory.f32(y, yLength).slice();
  }

  function backwardInput(sizes: ConvSizes, dy: Float32Array, w: Float32Array) {
    memory.reset();
    const [xLength] = lengths(sizes);
    const dx = memory.output(xLength);
    const scratch = memory.scratch(kernels.conv2dScratchBytes(...sizes));
    kernels.conv2dBackwardInput(dx, memory.input(dy), memory.input(w), scratch, ...sizes);
    memory.check();
    return memory.f32(dx, xLength).slice();
  }

  it('computes a small picture', () => {
    const sizes = convSizes('test', [1, 1, 3, 3], 1, 1, { kernelSize: 2 });
    const x = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9);
    const y = forward(sizes, x, Float32Array.of(1, 0, 0, -1), Float32Array.of(10));
    expect([...y]).toEqual([6, 6, 6, 6]); // 10 + x[i, j] − x[i + 1, j + 1]
  });

  it.each(allCases.map((value) => [title(value), value] as const))(
    'agrees with the oracle: %s',
    (_title, value) => {
      const random = testRandom(SEED);
      const sizes = sizesOf(value);
      const [batch, , , , outC, outH, outW] = sizes;
      const [xLength, wLength, yLength] = lengths(sizes);
      const [x, w] = [uniform(random, xLength), uniform(random, wLength)];
      const [b, dy] = [uniform(random, outC), uniform(random, yLength)];
      const tolerance = winogradCases.includes(value) ? TILED : undefined;
      expectClose(forward(sizes, x, w, b), conv2dForward(x, w, b, sizes), tolerance);
      expectClose(forward(sizes, x, w, null), conv2dForward(x, w, null, sizes), tolerance);
      expectClose(backwardInput(sizes, dy, w), conv2dBackwardInput(dy, w, sizes), tolerance);

      memory.reset();
      const [dw, db] = [
        memory.output(wLength, new Float32Array(wLength)),
        memory.output(outC, new Float32Array(outC)),
      ];
      const scratch = memory.scratch(kernels.conv2dScratchBytes(...sizes));
      const [dyAt, xAt] = [memory.input(dy), memory.input(x)];
      const [exactW, exactB] = [
        conv2dBackwardWeight(dy, x, sizes),
        conv2dBackwardBias(dy, batch, outC, outH, outW),
      ];
      for (const times of [1, 2]) {
        kernels.conv2dBackwardWeight(dw, dyAt, xAt, scratch, ...sizes);
        kernels.conv2dBackwardBias(db, dyAt, batch, outC, outH, outW);
        memory.check();
        expectClose(
          memory.f32(dw, wLength),
          exactW.map((value) => value * times),
          tolerance ?? 2e-6,
        );
        expectClose(
          memory.f32(db, outC),
          exactB.map((value) => value * times),
          2e-6,
        );
      }
    },
  );

  it.each(byPatches.map((value) => [title(value), value] as const))(
    'gives the bits of matrix products over patches: %s',
    (_title, value) => {
      const random = testRandom(SEED);
      const sizes = sizesOf(value);
      const [batch, , , , outC] = sizes;
      const [xLength, wLength, yLength] = lengths(sizes);
      const [x, w] = [uniform(random, xLength), uniform(random, wLength)];
      const [b, dy] = [uniform(random, outC), uniform(random, yLength)];
      const exact = patchesOf(sizes, x, w, b, dy);
      expect(forward(sizes, x, w, b)).toEqual(exact.y);
      expect(backwardInput(sizes, dy, w)).toEqual(exact.dx);

      memory.reset();
      const dw = memory.output(wLength, new Float32Array(wLength));
      const scratch = memory.scratch(kernels.conv2dScratchBytes(...sizes));
      kernels.conv2dBackwardWeight(dw, memory.input(dy), memory.input(x), scratch, ...sizes);
      expect(memory.f32(dw, wLength)).toEqual(exact.dw);
      expect(exact.y.length > 0).toBe(batch > 0);
    },
  );

  /** A convolution as the formulas of assembly/conv2d/conv2d.ts with patches have it, by the kernels of im2col and products. */
  function patchesOf(
    sizes: ConvSizes,
    x: Float32Array,
    w: Float32Array,
    b: Float32Array,
    dy: Float32Array,
  ) {
    const [batch, inC, inH, inW, outC, outH, outW, kH, kW, ...rest] = sizes;
    const [strideH, strideW, padH, padW, dilationH, dilationW, groups] = rest;
    const [groupC, filters, pixels] = [inC / groups, outC / groups, outH * outW];
    const rows = groupC * kH * kW;
    const window = [strideH, strideW, padH, padW, dilationH, dilationW] as const;
    const patches = [groupC, inH, inW, outH, outW, kH, kW, ...window] as const;
    memory.reset();
    const [xLength, wLength, yLength] = lengths(sizes);
    const at = {
      y: memory.output(yLength),
      dx: memory.output(xLength),
      dw: memory.output(wLength),
    };
    const from = { x: memory.input(x), w: memory.input(w), dy: memory.input(dy) };
    const col = memory.output(rows * pixels);
    const products = [
      kernels.gemmScratchBytes(filters, pixels, rows),
      kernels.gemmScratchBytes(filters, rows, pixels),
      kernels.gemmScratchBytes(rows, pixels, filters),
    ];
    const scratch = memory.scratch(Math.max(...products));
    memory.f32(at.dx, xLength).fill(0);
    memory.f32(at.dw, wLength).fill(0);
    for (let n = 0; n < batch; n++) {
      for (let g = 0; g < groups; g++) {
        const image = (n * inC + g * groupC) * inH * inW * 4;
        const [output, kernel] = [(n * outC + g * filters) * pixels * 4, g * filters * rows * 4];
        const y = memory.f32(at.y + output, filters * pixels);
        for (let o = 0; o < filters; o++) {
          y.fill(b[g * filters + o] ?? Number.NaN, o * pixels, (o + 1) * pixels);
        }
        kernels.im2col(col, from.x + image, ...patches);
        kernels.gemmNN(at.y + output, from.w + kernel, col, scratch, filters, pixels, rows);
        kernels.gemmNT(at.dw + kernel, from.dy + output, col, scratch, filters, rows, pixels);
        memory.f32(col, rows * pixels).fill(0);
        kernels.gemmTN(col, from.w + kernel, from.dy + output, scratch, rows, pixels, filters);
        kernels.col2im(at.dx + image, col, ...patches);
      }
    }
    return {
      y: memory.f32(at.y, yLength).slice(),
      dx: memory.f32(at.dx, xLength).slice(),
      dw: memory.f32(at.dw, wLength).slice(),
    };
  }

  it.each([2, 3])('gives an image the same bits alone and in a batch, %i channels', (inC) => {
    const random = testRandom(SEED);
    const [one, two] = [
      sizesOf([[1, inC, 9, 7], 5, 1, { kernelSize: 3, padding: 1 }]),
      sizesOf([[2, inC, 9, 7], 5, 1, { kernelSize: 3, padding: 1 }]),
    ];
    const [xLength, wLength, yLength] = lengths(one);
    const [x, w, b] = [uniform(random, 2 * xLength), uniform(random, wLength), uniform(random, 5)];
    const both = forward(two, x, w, b);
    expect(both.subarray(0, yLength)).toEqual(forward(one, x.slice(0, xLength), w, b));
    expect(both.subarray(yLength)).toEqual(forward(one, x.slice(xLength), w, b));
  });

  it.each([
    [2, 'alone'],
    [3, 'and others of their tiles alone'],
  ])('lets a NaN reach the outputs that read it, %i channels, %s', (inC) => {
    const sizes = sizesOf([[1, inC, 8, 11], 4, 1, { kernelSize: 3, padding: 1 }]);
    const [xLength, wLength] = lengths(sizes);
    const random = testRandom(SEED);
    const w = uniform(random, wLength);
    for (const at of [0, 10, 38, 80, 87, 88 + 43]) {
      const x = uniform(random, xLength).fill(Number.NaN, at, at + 1);
      const y = forward(sizes, x, w, null);
      const exact = conv2dForward(x, w, null, sizes);
      const isReached = [...exact].map(Number.isNaN);
      const tileOf = (i: number) =>
        11 * Math.floor(Math.floor(i / 11) / 4) + Math.floor((i % 11) / 4);
      const tiles = new Set(isReached.flatMap((isHit, i) => (isHit ? [tileOf(i)] : [])));
      for (const [i, value] of y.entries()) {
        if (isReached[i]) expect(value).toBeNaN();
        else if (inC < 3 || !tiles.has(tileOf(i))) expect(value).not.toBeNaN();
      }
    }
  });

  it.each([1, 2])(
    'lets a NaN reach the outputs over it, a filter a channel, strides %i',
    (strides) => {
      const sizes = sizesOf([[1, 2, 8, 11], 2, 2, { kernelSize: 3, padding: 1, strides }]);
      const [xLength, wLength, yLength] = lengths(sizes);
      const random = testRandom(SEED);
      const [w, dy] = [uniform(random, wLength), uniform(random, yLength)];
      for (const at of [0, 10, 38, 80, 87, 88 + 43]) {
        const x = uniform(random, xLength).fill(Number.NaN, at, at + 1);
        const exact = conv2dForward(x, w, null, sizes);
        expect([...forward(sizes, x, w, null)].map(Number.isNaN)).toEqual(
          [...exact].map(Number.isNaN),
        );
      }
      for (const at of [0, 5, yLength - 1]) {
        const broken = dy.slice().fill(Number.NaN, at, at + 1);
        const exact = conv2dBackwardInput(broken, w, sizes);
        expect([...backwardInput(sizes, broken, w)].map(Number.isNaN)).toEqual(
          [...exact].map(Number.isNaN),
        );
      }
    },
  );

  it.each([
    // as ConvSizes: patches, transformed filters, and all of it
    [[1, 1, 28, 28, 1, 29, 29, 800, 800, 1, 1, 400, 400, 1, 1, 1]],
    [[1, 4096, 64, 64, 1, 64, 64, 8, 8, 1, 1, 4, 4, 1, 1, 1]],
    [[1, 1, 2 ** 15, 2 ** 14, 1, 2 ** 15, 2 ** 14, 1, 2, 1, 1, 0, 0, 1, 1, 1]],
    [[1, 2, 2 ** 15, 2 ** 14, 2, 2 ** 15, 2 ** 14, 1, 1, 1, 1, 0, 0, 1, 1, 2]],
    [[1, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 2 ** 15, 2 ** 15, 2 ** 15, 2 ** 15, 2]],
    [[1, 2 ** 20, 1, 1, 2 ** 20, 1, 2 ** 9, 1, 1, 1, 1, 0, 0, 1, 1, 1]],
    [[1, 2 ** 16, 8, 8, 2 ** 16, 6, 8, 3, 3, 1, 1, 0, 1, 1, 1, 1]],
    [[1, 2 ** 26, 4, 7, 3, 4, 7, 3, 3, 1, 1, 1, 1, 1, 1, 1]],
    [
      [
        1,
        2 ** 30,
        2 ** 30,
        2 ** 30,
        2 ** 30,
        2 ** 30,
        2 ** 30,
        2 ** 30,
        2 ** 30,
        1,
        1,
        0,
        0,
        1,
        1,
        1,
      ],
    ],
  ])('asks for 2³¹ − 1 bytes of scratch if it needs more: %j', (sizes) => {
    expect(kernels.conv2dScratchBytes(...(sizes as ConvSizes))).toBe(2 ** 31 - 1);
  });

  it('asks for the exact size of scratch just below 2³¹ bytes', () => {
    const sizes: ConvSizes = [1, 1, 28, 28, 1, 29, 29, 798, 799, 1, 1, 399, 399, 1, 1, 1];
    const patches = 798 * 799 * 29 * 29 * 4;
    const product = ((798 * 799 + 2 + 64) * 1 + 64) * 4; // of backward input, with one filter: gemm.ts
    expect(kernels.conv2dScratchBytes(...sizes)).toBe(128 + Math.ceil(patches / 64) * 64 + product);
  });

  it('is linear, and its gradient by x is its adjoint', () => {
    const numbers = (length: number) =>
      fc
        .array(fc.integer({ min: -8, max: 8 }), { minLength: length, maxLength: length })
        .map((values) => Float32Array.from(values));
    fc.assert(
      fc.property(
        fc.constantFrom(
          ...cases.slice(1, 9),
          ...winogradCases.slice(0, 13),
          ...depthwiseCases.slice(0, 18),
          ...pointwiseCases.slice(0, 8),
        ),
        fc.integer({ min: 1, max: 2 ** 30 }),
        (value, seed) => {
          const sizes = sizesOf(value);
          const [xLength, wLength, yLength] = lengths(sizes);
          const [[x], [x2], [w], [dy]] = [xLength, xLength, wLength, yLength].map((length, i) =>
            fc.sample(numbers(length), { seed: seed + i, numRuns: 1 }),
          ) as [[Float32Array], [Float32Array], [Float32Array], [Float32Array]];
          // whole numbers this small are summed exactly but in Winograd's tiles: equality, not closeness
          const isTiled = winogradCases.includes(value);
          const y = forward(sizes, x, w, null);
          const y2 = forward(sizes, x2, w, null);
          const total = forward(
            sizes,
            x.map((entry, i) => entry + (x2[i] ?? 0)),
            w,
            null,
          );
          const sum = y.map((entry, i) => entry + (y2[i] ?? 0));
          if (isTiled) expectClose(total, sum, TILED);
          else expect(total).toEqual(sum);
          const dot = (a: Float32Array, b: Float32Array) =>
            a.reduce((sum, entry, i) => sum + entry * (b[i] ?? 0), 0);
          const [forwards, backwards] = [dot(y, dy), dot(x, backwardInput(sizes, dy, w))];
          if (isTiled) {
            const scale = dot(y.map(Math.abs), dy.map(Math.abs));
            expect(Math.abs(forwards - backwards)).toBeLessThanOrEqual(TILED * scale);
          } else expect(forwards).toBe(backwards);
        },
      ),
      { seed: SEED, numRuns: 60 },
    );
  });
});
