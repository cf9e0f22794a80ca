/**
 * Images moved by affine maps, written out (Jaderberg et al., "Spatial transformer networks", 2015, eq. 1 and 5), and the
 * maps as training draws them.
 * @module
 */
import { philox4x32 } from './dropout.ts';

/** Column `u = m₀·j + m₁·i + m₂` and row `v = m₃·j + m₄·i + m₅` that the pixel in row i and column j is read from. */
export type AffineMap = readonly [number, number, number, number, number, number];

/** What a map is drawn within: pixels, degrees, a share, degrees; 1 to mirror left and right, 2 top and bottom, 3 both. */
export interface AffineRanges {
  readonly shift: number;
  readonly rotate: number;
  readonly zoom: number;
  readonly shear: number;
  readonly flips: number;
}

/** The map of an image of training. */
export function affineMap(
  { seed, epoch, image }: { readonly seed: number; readonly epoch: number; readonly image: number },
  [height, width]: readonly [height: number, width: number],
  { shift, rotate, zoom, shear, flips }: AffineRanges,
): AffineMap {
  const words = [0, 1, 2, 3, 4, 5].map(
    (i) => philox4x32([i, image, 0, epoch], [seed, 2 ** 32 - 1])[0],
  );
  const [r, h, z, a, b] = words.map((word) => (2 * word + 1) / 2 ** 32 - 1);
  const mirrors = Math.floor(words[5] / 2 ** 30) & flips;
  const turn = (r * rotate * Math.PI) / 180;
  const slant = (h * shear * Math.PI) / 180;
  const sheared = [
    [1, -Math.tan(slant)],
    [0, 1],
  ];
  const rotated = [
    [Math.cos(turn), Math.sin(turn)],
    [-Math.sin(turn), Math.cos(turn)],
  ];
  const mirrored = [mirrors & 1 ? -1 : 1, mirrors & 2 ? -1 : 1];
  const matrix = [0, 1].map((row) =>
    [0, 1].map((column) => {
      const sum = sheared[row][0] * rotated[0][column] + sheared[row][1] * rotated[1][column];
      return (mirrored[row] * sum) / (1 + z * zoom);
    }),
  );
  const middle = [(width - 1) / 2, (height - 1) / 2];
  const moved = [middle[0] + a * shift, middle[1] + b * shift];
  const [u, v] = [0, 1].map((row) => [
    ...matrix[row],
    middle[row] - matrix[row][0] * moved[0] - matrix[row][1] * moved[1],
  ]);
  return [u[0], u[1], u[2], v[0], v[1], v[2]];
}

/** Each image `[channels, height, width]` sampled bilinearly by a map of its own; pixels outside are `fill`. */
export function affineSample(
  images: ArrayLike<number>,
  maps: readonly AffineMap[],
  [channels, height, width]: readonly [channels: number, height: number, width: number],
  fill: number,
): Float64Array {
  const y = new Float64Array(maps.length * channels * height * width);
  for (const [n, [m0, m1, m2, m3, m4, m5]] of maps.entries()) {
    for (let c = 0; c < channels; c++) {
      const start = (n * channels + c) * height * width;
      const pixel = (row: number, column: number) => {
        const isInside = row >= 0 && row < height && column >= 0 && column < width;
        return isInside ? images[start + row * width + column] : fill;
      };
      for (let i = 0; i < height; i++) {
        for (let j = 0; j < width; j++) {
          const [u, v] = [m0 * j + m1 * i + m2, m3 * j + m4 * i + m5];
          const [left, top] = [Math.floor(u), Math.floor(v)];
          const between = (row: number) =>
            (left + 1 - u) * pixel(row, left) + (u - left) * pixel(row, left + 1);
          y[start + i * width + j] = (top + 1 - v) * between(top) + (v - top) * between(top + 1);
        }
      }
    }
  }
  return y;
}
