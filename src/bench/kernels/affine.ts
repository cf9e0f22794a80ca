/** Images by index, moved by affine maps as augmentation draws them. Kernels: assembly/data/affine.ts. Oracle: src/reference/affine.ts. @module */
import {
  type AffineMap,
  type AffineRanges,
  affineMap,
  affineSample,
} from '../../reference/affine.ts';
import type { Case } from '../case.ts';
import { below, caseOf, integers } from './operation.ts';
import { philox } from './plainPhilox.ts';

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
const RANGES: AffineRanges = { shift: 2, rotate: 10, zoom: 0.1, shear: 5, flips: 0 };
const [SEED, EPOCH] = [1, 2];

export const affineCases: readonly Case[] = [
  ...SHAPES.map(([batch, sizes]) => sampling('affineU8', batch, sizes)),
  sampling('affineF32', ...SHAPES[0]),
  drawing(...SHAPES[0]),
];

function sampling(kernel: 'affineU8' | 'affineF32', batch: number, sizes: Sizes): Case {
  const [channels, height, width] = sizes;
  const pixels = area(sizes);
  const isBytes = kernel === 'affineU8';
  const divisor = isBytes ? 255 : 1;
  return {
    kernel,
    shape: `${batch}×${sizes.join('×')}`,
    // a position takes 8 operations, a sample 9
    work: {
      limit: 'memory',
      flops: 17 * batch * pixels,
      bytes: (isBytes ? 5 : 8) * batch * pixels,
    },
    prepare(workspace) {
      const { kernels } = workspace;
      const length = IMAGES * pixels;
      const images = isBytes ? workspace.bytesOf(length) : workspace.uniform(length);
      const indices = workspace.below(IMAGES, batch);
      const [x, plain] = [workspace.f32(batch * pixels), new Float32Array(batch * pixels)];
      const maps = workspace.f32(MAP * batch);
      const clock = workspace.i32(3);
      const scratch = workspace.scratch(kernels.affineScratchBytes(height, width));
      kernels.affineMaps(maps.at, clock.at, indices.at, batch, height, width, ...rangesOf());
      const args = [x.at, images.at, indices.at, maps.at, scratch, batch, ...sizes, 0] as const;
      return {
        kernel: { run: () => kernels[kernel](...args), results: [x.view] },
        plain: {
          run: () => {
            for (let n = 0; n < batch; n++) {
              const image = indices.view[n] * pixels;
              const map = maps.view.subarray(n * MAP, (n + 1) * MAP);
              for (let c = 0; c < channels; c++) {
                const from = image + c * height * width;
                const to = (n * channels + c) * height * width;
                plainSample(plain, images.view, 1 / divisor, map, to, from, height, width);
              }
            }
          },
          results: [plain],
        },
        expected: () => [
          affineSample(
            Float64Array.from(x.view, (_, at) => {
              const image = indices.view[Math.floor(at / pixels)];
              return images.view[image * pixels + (at % pixels)] / divisor;
            }),
            Array.from({ length: batch }, (_, n) => mapOf(maps.view, n)),
            sizes,
            0,
          ),
        ],
      };
    },
  };
}

function drawing(batch: number, [, height, width]: Sizes): Case {
  return caseOf({
    kernel: 'affineMaps',
    shape: `${batch} of ${height}×${width}`,
    flops: 60 * batch, // six words, a sine, a cosine and a tangent of an image
    outputs: [MAP * batch],
    inputs: [
      [
        3,
        (workspace, count) => {
          const clock = integers(workspace, count);
          clock.view.set([SEED, EPOCH]);
          return clock;
        },
      ],
      [batch, below(IMAGES)],
    ],
    call: (kernels, [maps], [clock, indices]) =>
      kernels.affineMaps(maps, clock, indices, batch, height, width, ...rangesOf()),
    plain([maps], [, indices]) {
      for (let n = 0; n < batch; n++) maps.set(plainMap(indices[n], height, width), n * MAP);
    },
    exact: ([, indices]) => [
      Array.from(indices, (image) =>
        affineMap({ seed: SEED, epoch: EPOCH, image }, [height, width], RANGES),
      ).flat(),
    ],
  });
}

/** The ranges as the kernel takes them. */
function rangesOf(): [shift: number, rotate: number, zoom: number, shear: number, flips: number] {
  const { shift, rotate, zoom, shear, flips } = RANGES;
  return [shift, rotate, zoom, shear, flips];
}

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
  images: Uint8Array | Float32Array,
  scale: number,
  map: Float32Array,
  to: number,
  from: number,
  height: number,
  width: number,
): void {
  const pixel = (row: number, column: number) =>
    row >= 0 && row < height && column >= 0 && column < width
      ? scale * images[from + row * width + column]
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

const WORDS = new Uint32Array(4);

/** The map of an image, without mirrors: turned, sheared, scaled and moved back. */
function plainMap(image: number, height: number, width: number): number[] {
  const draw = (i: number) => {
    philox(WORDS, [i, image, 0, EPOCH], [SEED, -1]);
    return (2 * WORDS[0] + 1) / 2 ** 32 - 1;
  };
  const turn = (draw(0) * RANGES.rotate * Math.PI) / 180;
  const slant = Math.tan((draw(1) * RANGES.shear * Math.PI) / 180);
  const scale = 1 + draw(2) * RANGES.zoom;
  const [cosine, sine] = [Math.cos(turn) / scale, Math.sin(turn) / scale];
  const [a, b, c, d] = [cosine + slant * sine, sine - slant * cosine, -sine, cosine];
  const [middleU, middleV] = [(width - 1) / 2, (height - 1) / 2];
  const [u, v] = [middleU + draw(3) * RANGES.shift, middleV + draw(4) * RANGES.shift];
  return [a, b, middleU - a * u - b * v, c, d, middleV - c * u - d * v];
}
