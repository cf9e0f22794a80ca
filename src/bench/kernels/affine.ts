/** Images by index, moved by affine maps as augmentation draws them. Kernel: assembly/data/affine.ts. Oracle: src/reference/affine.ts. @module */
import { type AffineMap, affineSample } from '../../reference/affine.ts';
import type { Case } from '../case.ts';

type Sizes = readonly [channels: number, height: number, width: number];

/** Images of a shard, and their sizes: MNIST, and CIFAR's three channels. */
const SHAPES: readonly (readonly [batch: number, sizes: Sizes])[] = [
  [16, [1, 28, 28]],
  [16, [3, 32, 32]],
];
/** Images in the set from which the indices choose. */
const IMAGES = 1024;
/** Numbers of a map. */
const MAP = 6;

export const affineCases: readonly Case[] = SHAPES.map(([batch, sizes]) => ({
  kernel: 'affineU8',
  shape: `${batch}×${sizes.join('×')}`,
  // a position takes 8 operations, a sample 9
  work: { limit: 'memory', flops: 17 * batch * area(sizes), bytes: 5 * batch * area(sizes) },
  prepare(workspace) {
    const { kernels } = workspace;
    const [channels, height, width] = sizes;
    const pixels = area(sizes);
    const [images, indices] = [workspace.bytesOf(IMAGES * pixels), workspace.below(IMAGES, batch)];
    const [x, plain] = [workspace.f32(batch * pixels), new Float32Array(batch * pixels)];
    const maps = workspace.f32(MAP * batch);
    const clock = workspace.i32(3);
    const scratch = workspace.scratch(kernels.affineScratchBytes(height, width));
    kernels.affineMaps(maps.at, clock.at, indices.at, batch, height, width, 2, 10, 0.1, 5, 0);
    const args = [x.at, images.at, indices.at, maps.at, scratch, batch, ...sizes, 0] as const;
    return {
      kernel: { run: () => kernels.affineU8(...args), results: [x.view] },
      plain: {
        run: () => {
          for (let n = 0; n < batch; n++) {
            const image = indices.view[n] * pixels;
            const map = maps.view.subarray(n * MAP, (n + 1) * MAP);
            for (let c = 0; c < channels; c++) {
              const from = image + c * height * width;
              const to = (n * channels + c) * height * width;
              plainSample(plain, images.view, map, to, from, height, width);
            }
          }
        },
        results: [plain],
      },
      expected: () => [
        affineSample(
          Float64Array.from(x.view, (_, at) => {
            const image = indices.view[Math.floor(at / pixels)];
            return images.view[image * pixels + (at % pixels)] / 255;
          }),
          Array.from({ length: batch }, (_, n) => mapOf(maps.view, n)),
          sizes,
          0,
        ),
      ],
    };
  },
}));

function area([channels, height, width]: Sizes): number {
  return channels * height * width;
}

function mapOf(maps: Float32Array, n: number): AffineMap {
  const [a, b, c, d, e, f] = maps.subarray(n * MAP, (n + 1) * MAP);
  return [a, b, c, d, e, f];
}

/** A channel. */
function plainSample(
  x: Float32Array,
  images: Uint8Array,
  map: Float32Array,
  to: number,
  from: number,
  height: number,
  width: number,
): void {
  const pixel = (row: number, column: number) =>
    row >= 0 && row < height && column >= 0 && column < width
      ? images[from + row * width + column] / 255
      : 0;
  for (let i = 0; i < height; i++) {
    for (let j = 0; j < width; j++) {
      const u = map[0] * j + (map[1] * i + map[2]);
      const v = map[3] * j + (map[4] * i + map[5]);
      const [left, top] = [Math.floor(u), Math.floor(v)];
      const upper = pixel(top, left) + (pixel(top, left + 1) - pixel(top, left)) * (u - left);
      const lower =
        pixel(top + 1, left) + (pixel(top + 1, left + 1) - pixel(top + 1, left)) * (u - left);
      x[to + i * width + j] = upper + (lower - upper) * (v - top);
    }
  }
}
