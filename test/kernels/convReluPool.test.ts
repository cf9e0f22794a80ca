/** assembly/convReluPool/convReluPool.ts agrees with the oracles of its three parts, one after another. */
import {
  conv2dBackwardBias,
  conv2dBackwardInput,
  conv2dBackwardWeight,
  conv2dForward,
  maxPool2dBackward,
  maxPool2dForward,
  reluBackward,
  reluForward,
} from 'convlet/reference';
import { describe, expect, it } from 'vitest';
import {
  type ConvReluPoolSizes,
  type ConvSizes,
  convSizes,
  type PoolSizes,
  poolSizes,
  type WindowOptions,
} from '../../src/base/window.ts';
import { expectClose } from '../support/closeness.ts';
import { builds, expectBuild, GuardedMemory } from '../support/kernels.ts';
import { testRandom, uniform } from '../support/random.ts';

/** x shape, filters, window. */
type Case = readonly [readonly [number, number, number, number], number, WindowOptions];

const cases: readonly Case[] = [
  [[2, 1, 28, 28], 12, { kernelSize: 3 }],
  [[1, 1, 2, 2], 1, { kernelSize: 1 }],
  [[2, 1, 9, 7], 5, { kernelSize: 3 }],
  [[1, 1, 28, 28], 6, { kernelSize: 5, padding: 2 }],
  [[2, 6, 14, 14], 16, { kernelSize: 5 }],
  [[2, 3, 15, 13], 5, { kernelSize: 5, strides: [2, 1], padding: [0, 3, 1, 2] }],
  [[1, 2, 7, 6], 3, { kernelSize: 5, padding: 'same' }],
  // rows and columns of the image that no patch reaches
  [[2, 4, 8, 8], 8, { kernelSize: 5, strides: 3, padding: 1 }],
  [[2, 3, 14, 14], 5, { kernelSize: 5, strides: 2, padding: [1, 0, 1, 0] }],
  [[1, 3, 11, 13], 7, { kernelSize: [3, 2], strides: [2, 1] }],
  [[1, 2, 12, 9], 4, { kernelSize: [2, 4], strides: [1, 3], padding: [0, 1] }],
  [[1, 5, 6, 6], 17, { kernelSize: 3, padding: 'same' }],
  [[2, 1, 8, 8], 9, { kernelSize: 7, padding: 3 }],
  [[1, 1, 13, 5], 8, { kernelSize: 1 }],
  [[1, 2, 7, 6], 3, { kernelSize: 3, strides: 2, padding: 'same' }],
  [[0, 1, 6, 6], 3, { kernelSize: 3 }],
  // a patch that lies in the padding
  [[1, 1, 2, 1], 1, { kernelSize: 1, strides: [1, 3], padding: [0, 5, 0, 0] }],
  // Winograd's twelves: one window; with what is left over; more patches than are transformed at once; more columns than bits
  [[1, 1, 4, 4], 12, { kernelSize: 3 }],
  [[2, 1, 11, 9], 25, { kernelSize: 3 }],
  [[1, 1, 28, 28], 24, { kernelSize: 3, padding: 'same' }],
  [[1, 1, 9, 75], 17, { kernelSize: 3 }],
  [[0, 1, 6, 6], 12, { kernelSize: 3 }],
  // Winograd's tiles over channels: whole tiles alone; odd sizes; several blocks; several images a block; a long row
  [[2, 8, 6, 10], 9, { kernelSize: 3 }],
  [[1, 9, 11, 13], 10, { kernelSize: 3, padding: 1 }],
  [[2, 8, 26, 26], 11, { kernelSize: 3 }],
  [[1, 10, 9, 31], 8, { kernelSize: 3, padding: [1, 0, 2, 1] }],
  [[9, 8, 8, 8], 9, { kernelSize: 3, padding: 1 }],
  [[5, 11, 7, 7], 8, { kernelSize: 3, padding: 'same' }],
  [[1, 8, 4, 150], 12, { kernelSize: 3, padding: 'same' }],
  [[0, 8, 9, 10], 8, { kernelSize: 3 }],
  // channels in blocks of eight: whole blocks; half a block; what is left over, with and without zeros around; pixels that no
  // patch reaches
  [[2, 16, 10, 11], 5, { kernelSize: 3 }],
  [[1, 12, 8, 7], 3, { kernelSize: 3 }],
  [[2, 13, 9, 6], 6, { kernelSize: 3, padding: [1, 0, 2, 1] }],
  [[1, 7, 9, 10], 3, { kernelSize: 5 }],
  [[2, 7, 12, 11], 3, { kernelSize: 5, strides: [2, 3], padding: 1 }],
  // many rows of taps, and few rows of two vectors, that are taken one by one
  [[2, 4, 7, 9], 5, { kernelSize: 3 }],
  [[1, 2, 9, 14], 3, { kernelSize: [3, 9], padding: 1 }],
  [[2, 1, 8, 11], 5, { kernelSize: [3, 7] }],
  [[1, 2, 9, 9], 3, { kernelSize: [2, 5], padding: 1 }],
  // back to the input alone
  [[2, 3, 7, 9], 5, { kernelSize: 3 }],
  [[1, 3, 8, 7], 4, { kernelSize: 3, padding: 2 }],
  [[1, 3, 8, 9], 4, { kernelSize: 3, padding: 3 }],
  [[1, 3, 8, 9], 4, { kernelSize: 3, padding: [0, 0, 3, 0] }],
  [[1, 3, 8, 9], 4, { kernelSize: 3, padding: [0, 0, 0, 3] }],
  [[1, 3, 8, 9], 4, { kernelSize: 3, padding: [1, 2, 4, 5] }],
];

function title([x, filters, window]: Case): string {
  return `x ${x.join('×')}, ${filters} filters, ${JSON.stringify(window)}`;
}

/** x with nothing in a corner and on the right: what an image of ink on paper is mostly made of. */
function ink(random: () => number, [batch, inC, inH, inW]: Case[0]): Float32Array {
  const isPaper = (i: number) => {
    const [h, v] = [Math.floor(i / inW) % inH, i % inW];
    return h + v < (inH + inW) / 3 || v > 0.8 * inW;
  };
  return uniform(random, batch * inC * inH * inW).map((value, i) => (isPaper(i) ? 0 : value));
}

/** The three oracles, one after another. */
class Oracle {
  readonly conv: ConvSizes;
  readonly fused: ConvReluPoolSizes;
  readonly #pool: PoolSizes;
  readonly #outputs: Float64Array;
  readonly #pooled: { y: Float64Array; argmax: Int32Array };

  constructor(
    [shape, filters, window]: Case,
    x: Float32Array,
    w: Float32Array,
    b: Float32Array | null,
  ) {
    this.conv = convSizes('test', shape, filters, 1, window);
    this.fused = this.conv.slice(0, 13) as ConvReluPoolSizes;
    const [batch, , , , outC, outH, outW] = this.conv;
    this.#pool = poolSizes('test', [batch, outC, outH, outW], { poolSize: 2 });
    this.#outputs = reluForward(conv2dForward(x, w, b, this.conv));
    this.#pooled = maxPool2dForward(this.#outputs, this.#pool);
  }

  get y(): Float64Array {
    return this.#pooled.y;
  }

  /** The gradient by the convolution's outputs. */
  gradient(dy: Float32Array): Float64Array {
    return reluBackward(maxPool2dBackward(dy, this.#pooled.argmax, this.#pool), this.#outputs);
  }
}

describe.each(builds)('convReluPool, %s build', (build) => {
  const memory = new GuardedMemory(build);
  const { kernels } = memory;

  it('runs on the build that the title names', () => expectBuild(memory, build));

  it.each(cases.map((value) => [title(value), value] as const))('%s', (_title, value) => {
    const [shape, outC, window] = value;
    const random = testRandom(41);
    const sizes = convSizes('test', shape, outC, 1, window);
    const [batch, inC, , , , outH, outW, kH, kW] = sizes;
    const [x, w] = [ink(random, shape), uniform(random, outC * inC * kH * kW)];
    const tolerance = inC < 3 ? 1e-6 : 5e-6;
    const b = uniform(random, outC);
    const length = batch * outC * Math.floor(outH / 2) * Math.floor(outW / 2);
    const dy = uniform(random, length);
    for (const bias of [b, null]) {
      const oracle = new Oracle(value, x, w, bias);
      const gradient = oracle.gradient(dy);
      memory.reset();
      const [xAt, wAt, dyAt] = [memory.input(x), memory.input(w), memory.input(dy)];
      const bAt = bias === null ? 0 : memory.input(bias);
      const [y, dx] = [memory.output(length), memory.output(x.length)];
      const dw = memory.output(w.length, new Float32Array(w.length));
      const db = bias === null ? 0 : memory.output(outC, new Float32Array(outC));
      const saved = memory.scratch(batch * kernels.convReluPoolSavedBytes(outC, outH, outW));
      const scratch = memory.scratch(kernels.convReluPoolScratchBytes(...oracle.fused));
      kernels.convReluPoolForward(y, saved, xAt, wAt, bAt, scratch, ...oracle.fused);
      memory.check();
      expectClose(memory.f32(y, length), oracle.y, tolerance);
      const exactW = conv2dBackwardWeight(gradient, x, oracle.conv);
      const exactB = conv2dBackwardBias(gradient, batch, outC, outH, outW);
      for (const times of [1, 2]) {
        kernels.convReluPoolBackwardWeight(dw, db, dyAt, y, saved, xAt, scratch, ...oracle.fused);
        memory.check();
        expectClose(
          memory.f32(dw, w.length),
          exactW.map((value) => value * times),
        );
        if (db !== 0)
          expectClose(
            memory.f32(db, outC),
            exactB.map((value) => value * times),
          );
      }
      kernels.convReluPoolBackwardInput(dx, dyAt, y, saved, wAt, scratch, ...oracle.fused);
      memory.check();
      expectClose(
        memory.f32(dx, x.length),
        conv2dBackwardInput(gradient, w, oracle.conv),
        tolerance,
      );
    }
  });

  it.each([
    // as ConvReluPoolSizes: patches, the frame, gradients of the outputs, transformed filters, and all of it
    [[1, 1, 28, 28, 1, 29, 29, 800, 800, 1, 1, 400, 400]],
    [[1, 1, 4, 4, 1, 3, 3, 1, 1, 60_000, 60_000, 60_000, 60_000]],
    [[1, 1, 2 ** 15, 2 ** 14, 1, 2 ** 15, 2 ** 14, 1, 1, 1, 1, 0, 0]],
    [[1, 1, 64, 64, 2 ** 18, 64, 64, 1, 1, 1, 1, 0, 0]],
    [[1, 2 ** 16, 8, 8, 2 ** 16, 6, 8, 3, 3, 1, 1, 0, 1]],
    [[1, 2 ** 30, 2 ** 30, 2 ** 30, 2 ** 30, 2 ** 30, 2 ** 30, 2 ** 30, 2 ** 30, 1, 1, 0, 0]],
  ])('asks for 2³¹ − 1 bytes of scratch if it needs more: %j', (sizes) => {
    expect(kernels.convReluPoolScratchBytes(...(sizes as ConvReluPoolSizes))).toBe(2 ** 31 - 1);
  });

  it('asks for some scratch if there is no window, over many channels too', () => {
    for (const inC of [1, 8])
      expect(
        kernels.convReluPoolScratchBytes(1, inC, 3, 8, 8, 1, 6, 3, 3, 1, 1, 0, 0),
      ).toBeGreaterThan(0);
  });

  it('asks for 2³¹ − 1 saved bytes if it needs more, otherwise for the exact number', () => {
    expect(kernels.convReluPoolSavedBytes(2 ** 16, 256, 256)).toBe(2 ** 31 - 1);
    expect(kernels.convReluPoolSavedBytes(2 ** 30, 2 ** 30, 2 ** 30)).toBe(2 ** 31 - 1);
    const windows = 128 * 128;
    const exact = windows * 32_760 * 4 + 16 + (windows + 1) * 16;
    expect(exact).toBeLessThan(2 ** 31 - 1);
    expect(kernels.convReluPoolSavedBytes(32_758, 257, 256)).toBe(exact);
  });

  it('takes the first of equal outputs, and the bias for blank paper', () => {
    memory.reset();
    const sizes: ConvReluPoolSizes = [1, 1, 2, 4, 1, 2, 4, 1, 1, 1, 1, 0, 0];
    const x = memory.input([0, 0, 1, 3, 0, 0, 3, 3]); // paper, then a window with its largest three times
    const [y, dw] = [memory.output(2), memory.output(1, [0])];
    const db = memory.output(1, [0]);
    const dx = memory.output(8);
    const saved = memory.scratch(kernels.convReluPoolSavedBytes(1, 2, 4));
    const scratch = memory.scratch(kernels.convReluPoolScratchBytes(...sizes));
    const [w, dy] = [memory.input([2]), memory.input([10, 100])];
    kernels.convReluPoolForward(y, saved, x, w, memory.input([0.5]), scratch, ...sizes);
    kernels.convReluPoolBackwardWeight(dw, db, dy, y, saved, x, scratch, ...sizes);
    kernels.convReluPoolBackwardInput(dx, dy, y, saved, w, scratch, ...sizes);
    memory.check();
    expect([...memory.f32(y, 2)]).toEqual([0.5, 6.5]);
    expect([...memory.f32(dw, 1)]).toEqual([300]);
    expect([...memory.f32(db, 1)]).toEqual([110]);
    expect([...memory.f32(dx, 8)]).toEqual([20, 0, 0, 200, 0, 0, 0, 0]);
  });

  /** Forward and both backwards of one image under 3×3 kernels: filters of random weights, no bias. */
  function run(x: Float32Array, [inH, inW]: readonly [number, number], outC: number) {
    const random = testRandom(43);
    const shape = [1, 1, inH, inW] as const;
    const w = uniform(random, outC * 9);
    const oracle = new Oracle([shape, outC, { kernelSize: 3 }], x, w, null);
    const length = oracle.y.length;
    const dy = uniform(random, length);
    memory.reset();
    const [xAt, wAt, dyAt] = [memory.input(x), memory.input(w), memory.input(dy)];
    const [y, dx] = [memory.output(length), memory.output(x.length)];
    const dw = memory.output(w.length, new Float32Array(w.length));
    const saved = memory.scratch(kernels.convReluPoolSavedBytes(outC, inH - 2, inW - 2));
    const scratch = memory.scratch(kernels.convReluPoolScratchBytes(...oracle.fused));
    kernels.convReluPoolForward(y, saved, xAt, wAt, 0, scratch, ...oracle.fused);
    kernels.convReluPoolBackwardWeight(dw, 0, dyAt, y, saved, xAt, scratch, ...oracle.fused);
    kernels.convReluPoolBackwardInput(dx, dyAt, y, saved, wAt, scratch, ...oracle.fused);
    memory.check();
    return {
      y: memory.f32(y, length),
      dw: memory.f32(dw, w.length),
      dx: memory.f32(dx, x.length),
      listed: memory.i32(saved + Math.ceil(outC / 4) * 16 * (length / outC), 1)[0],
      exactW: () => conv2dBackwardWeight(oracle.gradient(dy), x, oracle.conv),
      exactX: () => conv2dBackwardInput(oracle.gradient(dy), w, oracle.conv),
    };
  }

  it.each([
    ['upright', (_h: number, v: number) => Number(v > 3 && v < 9)],
    ['level', (h: number, _v: number) => Number(h > 3 && h < 9)],
    ['crossing', (h: number, v: number) => Number((v > 3 && v < 9) || (h > 3 && h < 9))],
    ['grey', () => 0.3],
  ])('takes the first of equal outputs in the middle of strokes: %s', (_name, pixel) => {
    const x = Float32Array.from({ length: 144 }, (_, i) => pixel(Math.floor(i / 12), i % 12));
    const { dw, dx, exactW, exactX } = run(x, [12, 12], 24);
    expectClose(dw, exactW());
    expectClose(dx, exactX());
  });

  it.each([5, 12])('keeps a NaN only in the first output of a window, %i filters', (outC) => {
    for (let at = 0; at < 16; at++) {
      const x = uniform(testRandom(47), 16).fill(Number.NaN, at, at + 1);
      const { y } = run(x, [4, 4], outC);
      const isFirst = at % 4 < 3 && at < 12;
      expect([...y].map(Number.isNaN)).toEqual(new Array(outC).fill(isFirst));
    }
  });

  it('keeps a NaN of the first output of a window, and of others in its tile alone, 8 channels', () => {
    const sizes: ConvReluPoolSizes = [1, 8, 6, 10, 8, 4, 8, 3, 3, 1, 1, 0, 0];
    for (let at = 0; at < 60; at++) {
      memory.reset();
      const x = uniform(testRandom(47), 480).fill(Number.NaN, 60 + at, 61 + at);
      const [xAt, wAt] = [memory.input(x), memory.input(uniform(testRandom(43), 576))];
      const y = memory.output(64);
      const saved = memory.scratch(kernels.convReluPoolSavedBytes(8, 4, 8));
      const scratch = memory.scratch(kernels.convReluPoolScratchBytes(...sizes));
      kernels.convReluPoolForward(y, saved, xAt, wAt, 0, scratch, ...sizes);
      memory.check();
      const [row, column] = [Math.floor(at / 10), at % 10];
      for (const [i, value] of memory.f32(y, 64).entries()) {
        const [h, v] = [row - 2 * (Math.floor(i / 4) % 2), column - 2 * (i % 4)];
        const isUnderFirst = h >= 0 && h < 3 && v >= 0 && v < 3;
        const tile = column - 4 * Math.floor((i % 4) / 2);
        if (isUnderFirst) expect(value).toBeNaN();
        else if (tile < 0 || tile >= 6) expect(value).not.toBeNaN();
      }
    }
  });

  it.each([
    [16, 5],
    [28, 5],
    [12, 7],
  ])(
    'skips blank paper of width %i under a kernel of %i, whatever its scratch held',
    (width, kernelSize) => {
      const [k, outputs] = [kernelSize, width - kernelSize + 1];
      const sizes: ConvReluPoolSizes = [1, 1, width, width, 8, outputs, outputs, k, k, 1, 1, 0, 0];
      const length = 8 * (outputs >> 1) ** 2;
      for (const held of [0, 0xff]) {
        memory.reset();
        const x = memory.input(new Float32Array(width * width));
        const w = memory.input(new Float32Array(8 * kernelSize ** 2).fill(Number.NaN));
        const y = memory.output(length);
        const saved = memory.scratch(kernels.convReluPoolSavedBytes(8, outputs, outputs));
        const bytes = kernels.convReluPoolScratchBytes(...sizes);
        const scratch = memory.scratch(bytes);
        memory.set(scratch, new Uint8Array(bytes).fill(held));
        kernels.convReluPoolForward(y, saved, x, w, 0, scratch, ...sizes);
        memory.check();
        expect(new Set(memory.f32(y, length))).toEqual(new Set([0]));
      }
    },
  );

  it.each([
    [28, 28],
    [7, 31],
    [10, 64],
    [9, 75],
  ])('skips windows over blank paper, %i×%i', (inH, inW) => {
    const x = ink(testRandom(53), [1, 1, inH, inW]);
    let expected = 0;
    for (let h = 0; h + 4 <= inH; h += 2) {
      for (let v = 0; v + 4 <= inW; v += 2) {
        const rows = [0, 1, 2, 3].map((p) => x.subarray((h + p) * inW + v, (h + p) * inW + v + 4));
        expected += Number(rows.some((row) => row.some((value) => value !== 0)));
      }
    }
    expect(expected).toBeGreaterThan(0);
    expect(expected).toBeLessThan(Math.floor((inH - 2) / 2) * Math.floor((inW - 2) / 2));
    expect(run(x, [inH, inW], 12).listed).toBe(expected);
  });
});
