/** assembly/conv2d/im2col.ts: patches and their adjoint. */
import { describe, expect, it } from 'vitest';
import type { Kernels } from '../../src/wasm/kernels.ts';
import { builds, expectBuild, GuardedMemory } from '../support/kernels.ts';

/** Sizes of a patch matrix, as both take them. */
type PatchSizes =
  Parameters<Kernels['im2col']> extends [number, number, ...infer Sizes] ? Sizes : never;

describe.each(builds)('im2col and col2im, %s build', (build) => {
  const memory = new GuardedMemory(build);
  const { kernels } = memory;

  it('runs on the build that the title names', () => expectBuild(memory, build));

  it('lays the patches out as columns', () => {
    memory.reset();
    const sizes: PatchSizes = [1, 2, 3, 2, 2, 2, 2, 1, 1, 0, 0, 1, 1]; // 2×3 image; the second row hangs over
    const col = memory.output(16);
    kernels.im2col(col, memory.input([1, 2, 3, 4, 5, 6]), ...sizes);
    memory.check();
    expect([...memory.f32(col, 16)]).toEqual([1, 2, 4, 5, 2, 3, 5, 6, 4, 5, 0, 0, 5, 6, 0, 0]);
  });

  it.each<[string, PatchSizes]>([
    ['3×3', [2, 5, 7, 3, 5, 3, 3, 1, 1, 0, 0, 1, 1]],
    ['padding', [1, 5, 4, 5, 4, 3, 3, 1, 1, 1, 1, 1, 1]],
    ['strides', [1, 7, 9, 3, 3, 3, 2, 2, 3, 0, 0, 1, 1]],
    ['wide rows of stride 2', [2, 5, 23, 3, 12, 3, 3, 2, 2, 1, 1, 1, 1]],
    ['stride 2 past the row', [1, 3, 8, 2, 7, 2, 5, 2, 2, 0, 5, 1, 1]],
    ['dilation', [1, 7, 8, 3, 2, 3, 3, 1, 1, 0, 0, 2, 3]],
  ])('%s, then the adjoint counts how many patches a pixel is in', (_name, sizes) => {
    memory.reset();
    const [inC, inH, inW, outH, outW, kH, kW, strideH, strideW, padH, padW, dilationH, dilationW] =
      sizes;
    const pixels = inC * inH * inW;
    const entries = inC * kH * kW * outH * outW;
    const [col, dx] = [memory.output(entries), memory.output(pixels, new Float32Array(pixels))];
    kernels.im2col(col, memory.input(new Float32Array(pixels).fill(1)), ...sizes);
    kernels.col2im(dx, col, ...sizes);
    memory.check();
    const counts = Array.from({ length: pixels }, (_, at) => {
      const [h, v] = [Math.floor(at / inW) % inH, at % inW];
      let count = 0;
      for (let i = 0; i < outH; i++)
        for (let p = 0; p < kH; p++)
          if (i * strideH + p * dilationH - padH === h)
            for (let j = 0; j < outW; j++)
              for (let q = 0; q < kW; q++) if (j * strideW + q * dilationW - padW === v) count++;
      return count;
    });
    expect(Math.max(...counts)).toBeGreaterThan(0);
    expect([...memory.f32(dx, pixels)]).toEqual(counts);
  });
});
