/**
 * Augmentation: maps drawn, and images by index moved by them. Kernels: assembly/data/affine.ts. Oracle: src/reference/affine.ts.
 * @module
 */
import { type AffineMap, affineMap, affineSample } from '../../reference/affine.ts';
import type { Case, Numbers } from '../case.ts';
import type { Workspace } from '../workspace.ts';
import { philox } from './dropout.ts';
import { below, caseOf, type Operation } from './operation.ts';

type Sizes = readonly [channels: number, height: number, width: number];

/** Images of a shard, and their sizes: MNIST, and CIFAR's three channels. */
const BATCH = 16;
const SHAPES: readonly Sizes[] = [
  [1, 28, 28],
  [3, 32, 32],
];
/** Images in the set from which the indices choose. */
const IMAGES = 1024;
/** Numbers of a map, and random words that it takes. */
const MAP = 6;
const CLOCK = { seed: 1, epoch: 2 };
const RANGES = { shift: 2, rotate: 10, zoom: 0.1, shear: 5, flips: 0 };
/** Operations of a position, and of a sample. */
const FLOPS = 8 + 9;

export const affineCases: readonly Case[] = [
  ...SHAPES.map((sizes) => sampling('affineU8', sizes)),
  sampling('affineF32', [1, 28, 28]),
  drawing(28, 28),
].map(caseOf);

function sampling(kernel: 'affineU8' | 'affineF32', sizes: Sizes): Operation {
  const isBytes = kernel === 'affineU8';
  const [channels, height, width] = sizes;
  const pixels = channels * height * width;
  const length = BATCH * pixels;
  const rest = [BATCH, channels, height, width, 0] as const;
  const divisor = isBytes ? 255 : 1;
  return {
    kernel,
    shape: `${BATCH}×${sizes.join('×')}`,
    flops: FLOPS * length,
    bytes: (isBytes ? 5 : 8) * length,
    outputs: [length],
    inputs: [
      isBytes ? [IMAGES * pixels, (workspace, count) => workspace.bytesOf(count)] : IMAGES * pixels,
      [BATCH, below(IMAGES)],
      [MAP * BATCH, (workspace, count, [, indices]) => mapsOf(workspace, count, indices, sizes)],
      [1, (workspace) => workspace.f32(workspace.kernels.affineScratchBytes(height, width) / 4)],
    ],
    call: (kernels, [x], [images, indices, maps, scratch]) =>
      kernels[kernel](x, images, indices, maps, scratch, ...rest),
    plain: ([x], [images, indices, maps]) => plainSamples(x, images, indices, maps, sizes, divisor),
    exact: ([images, indices, maps]) => {
      const chosen = Float64Array.from({ length }, (_, at) => {
        const image = indices[Math.floor(at / pixels)];
        return images[image * pixels + (at % pixels)] / divisor;
      });
      const list = Array.from(indices, (_, n) => maps.subarray(n * MAP, (n + 1) * MAP));
      return [affineSample(chosen, list as unknown as AffineMap[], sizes, 0)];
    },
  };
}

function drawing(height: number, width: number): Operation {
  const { shift, rotate, zoom, shear, flips } = RANGES;
  return {
    kernel: 'affineMaps',
    shape: `${BATCH}×${height}×${width}`,
    flops: 0,
    outputs: [MAP * BATCH],
    inputs: [
      [
        3,
        (workspace, count) => {
          const clock = workspace.i32(count);
          clock.view.set([CLOCK.seed, CLOCK.epoch, 0]);
          return clock;
        },
      ],
      [BATCH, below(IMAGES)],
    ],
    call: (kernels, [maps], [clock, indices]) =>
      kernels.affineMaps(
        maps,
        clock,
        indices,
        BATCH,
        height,
        width,
        shift,
        rotate,
        zoom,
        shear,
        flips,
      ),
    plain: ([maps], [, indices]) => plainMaps(maps, indices, height, width),
    exact: ([, indices]) => [
      Array.from(indices, (image) =>
        affineMap({ ...CLOCK, image }, [height, width], RANGES),
      ).flat(),
    ],
  };
}

function mapsOf(
  workspace: Workspace,
  length: number,
  indices: Numbers,
  [, height, width]: Sizes,
): ReturnType<Workspace['f32']> {
  const maps = workspace.f32(length);
  plainMaps(maps.view, indices, height, width);
  return maps;
}

/** Without mirrors, which the cases do not draw. */
function plainMaps(maps: Numbers, indices: Numbers, height: number, width: number): void {
  const words = new Uint32Array(4);
  const [middleU, middleV] = [(width - 1) / 2, (height - 1) / 2];
  for (let n = 0; n < indices.length; n++) {
    const draw = (word: number) => {
      philox(words, word, indices[n], 0, CLOCK.epoch, CLOCK.seed, -1);
      return (2 * words[0] + 1) / 2 ** 32 - 1;
    };
    const turn = (draw(0) * RANGES.rotate * Math.PI) / 180;
    const tangent = Math.tan((draw(1) * RANGES.shear * Math.PI) / 180);
    const zoom = 1 + draw(2) * RANGES.zoom;
    const [right, down] = [middleU + draw(3) * RANGES.shift, middleV + draw(4) * RANGES.shift];
    const [cosine, sine] = [Math.cos(turn), Math.sin(turn)];
    const [m0, m1] = [(cosine + tangent * sine) / zoom, (sine - tangent * cosine) / zoom];
    const [m3, m4] = [-sine / zoom, cosine / zoom];
    const at = n * MAP;
    maps[at] = m0;
    maps[at + 1] = m1;
    maps[at + 2] = middleU - m0 * right - m1 * down;
    maps[at + 3] = m3;
    maps[at + 4] = m4;
    maps[at + 5] = middleV - m3 * right - m4 * down;
  }
}

/** Pixel by pixel; those outside are 0. */
function plainSamples(
  x: Numbers,
  images: Numbers,
  indices: Numbers,
  maps: Numbers,
  [channels, height, width]: Sizes,
  divisor: number,
): void {
  let to = 0;
  for (let n = 0; n < indices.length; n++) {
    const map = n * MAP;
    for (let c = 0; c < channels; c++) {
      const from = (indices[n] * channels + c) * height * width;
      for (let i = 0; i < height; i++) {
        const startU = maps[map + 1] * i + maps[map + 2];
        const startV = maps[map + 4] * i + maps[map + 5];
        for (let j = 0; j < width; j++) {
          const [u, v] = [startU + maps[map] * j, startV + maps[map + 3] * j];
          const [left, top] = [Math.floor(u), Math.floor(v)];
          const upper = between(images, from, top, left, height, width, u - left);
          const lower = between(images, from, top + 1, left, height, width, u - left);
          x[to++] = (upper + (lower - upper) * (v - top)) / divisor;
        }
      }
    }
  }
}

/** Between a pixel and its right neighbour. */
function between(
  images: Numbers,
  from: number,
  row: number,
  column: number,
  height: number,
  width: number,
  share: number,
): number {
  if (row < 0 || row >= height) return 0;
  const at = from + row * width + column;
  const left = column >= 0 && column < width ? images[at] : 0;
  const right = column >= -1 && column < width - 1 ? images[at + 1] : 0;
  return left + (right - left) * share;
}
