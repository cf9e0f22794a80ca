/** Shapes as people draw them: circles, triangles and zigzags of many sizes, places and tilts, by seed. */
import { testRandom } from './random.ts';

export const SHAPES = ['circle', 'triangle', 'zigzag'] as const;
export type ShapeName = (typeof SHAPES)[number];

type Point = readonly [x: number, y: number];

/** Corners of each shape about the middle, within a circle of radius 1. */
const OUTLINES: Readonly<Record<ShapeName, readonly Point[]>> = {
  circle: Array.from({ length: 15 }, (_, i) => onCircle(i / 14)),
  triangle: Array.from({ length: 4 }, (_, i) => onCircle(i / 3 - 0.25)),
  zigzag: Array.from({ length: 6 }, (_, i) => [0.4 * i - 1, i % 2 === 0 ? 0.8 : -0.8]),
};

function onCircle(turn: number): Point {
  return [Math.cos(2 * Math.PI * turn), Math.sin(2 * Math.PI * turn)];
}

/** Draws shapes one after another, each another one. @returns lines in shares of the width and height of a pad. */
export function shapeDrawer(seed: number): (shape: ShapeName) => Point[] {
  const next = testRandom(seed);
  const within = (least: number, most: number) => least + (most - least) * next();
  return (shape) => {
    const [x, y] = [within(0.4, 0.6), within(0.4, 0.6)];
    const size = within(0.2, 0.34);
    const turn = within(-0.25, 0.25);
    const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
    return OUTLINES[shape].map(([dx, dy]) => {
      const [a, b] = [dx + within(-0.06, 0.06), dy + within(-0.06, 0.06)];
      return [x + size * (a * cos - b * sin), y + size * (a * sin + b * cos)];
    });
  };
}
