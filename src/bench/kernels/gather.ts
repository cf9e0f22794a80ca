/** Images by index, bytes to f32. Kernel: assembly/data/gather.ts. Oracle: the formula itself, here. @module */
import type { Case } from '../case.ts';

/** Images of a shard or a batch, and pixels of an image: MNIST, and CIFAR's three channels. */
const SHAPES: readonly (readonly [batch: number, pixels: number])[] = [
  [16, 28 * 28],
  [128, 28 * 28],
  [16, 3 * 32 * 32],
];
/** Images in the set from which the indices choose. */
const IMAGES = 1024;

export const gatherCases: readonly Case[] = SHAPES.map(([batch, pixels]) => ({
  kernel: 'gatherU8',
  shape: `${batch}×${pixels}`,
  work: { limit: 'memory', flops: batch * pixels, bytes: 5 * batch * pixels },
  prepare(workspace) {
    const length = batch * pixels;
    const [images, indices] = [workspace.bytesOf(IMAGES * pixels), workspace.below(IMAGES, batch)];
    const [x, plain] = [workspace.f32(length), new Float32Array(length)];
    return {
      kernel: {
        run: () => workspace.kernels.gatherU8(x.at, images.at, indices.at, batch, pixels),
        results: [x.view],
      },
      plain: { run: () => plainGather(plain, images.view, indices.view, pixels), results: [plain] },
      expected: () => [
        Float64Array.from({ length }, (_, at) => {
          const image = indices.view[Math.floor(at / pixels)];
          return images.view[image * pixels + (at % pixels)] / 255;
        }),
      ],
    };
  },
}));

function plainGather(
  x: Float32Array,
  images: Uint8Array,
  indices: Int32Array,
  pixels: number,
): void {
  for (let n = 0; n < indices.length; n++) {
    const image = indices[n] * pixels;
    for (let i = 0; i < pixels; i++) x[n * pixels + i] = images[image + i] / 255;
  }
}
