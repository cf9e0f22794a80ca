/**
 * Places labels beside crowded points. Each label in turn takes the place near its point that covers least of the points,
 * and none of the labels placed before; a label without such a place is left out. This is the greedy method of Christensen, Marks and Shieber, "An empirical study of
 * algorithms for point-feature label placement" (1995), section 4.1; it is good enough for a hundred points.
 *
 * `Math.cos` and `Math.sin` may differ between engines in the last bits. They are used only to draw; no weight depends on
 * a chart.
 * @module
 */

export interface Anchor {
  /** Pixels. */
  readonly x: number;
  readonly y: number;
  readonly text: string;
}

/** A label; x and y are its middle. */
export interface PlacedLabel extends Anchor {
  readonly anchor: Anchor;
  /** True if the label is so far off that a line should lead to its point. */
  readonly isFar: boolean;
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** At 11 pixels, in a wide typeface. */
const CHARACTER_WIDTH = 7;
const LINE_HEIGHT = 13;
const POINT_RADIUS = 4;
const DISTANCES: readonly number[] = [10, 15, 20, 28, 37, 47, 58];
const DIRECTIONS = 16;
const FAR = 18;
/** Covering points costs more than distance. */
const [POINT_COST, DISTANCE_COST] = [6, 1];

/**
 * @param others Points to cover if there is no better place, in addition to the anchors.
 * @param texts Spots of other texts, which no label covers.
 */
export function placeLabels(
  anchors: readonly Anchor[],
  others: readonly Pick<Anchor, 'x' | 'y'>[],
  bounds: Box,
  texts: readonly Pick<Anchor, 'x' | 'y'>[] = [],
): PlacedLabel[] {
  const points = [...anchors, ...others].map(({ x, y }) =>
    boxAround(x, y, 2 * POINT_RADIUS, 2 * POINT_RADIUS),
  );
  const taken = texts.map(({ x, y }) => boxAround(x, y, LINE_HEIGHT, LINE_HEIGHT));
  return anchors.flatMap((anchor) => {
    const [width, height] = [anchor.text.length * CHARACTER_WIDTH + 4, LINE_HEIGHT];
    const places = candidates(anchor, width, height).map((place) => ({
      ...place,
      box: boxAround(place.x, place.y, width, height),
    }));
    const free = places.filter(
      ({ box }) => overlap(box, bounds) >= width * height - 0.5 && sum(taken, box) === 0,
    );
    if (free.length === 0) return [];
    const cost = ({ box, distance }: (typeof places)[number]) =>
      POINT_COST * sum(points, box) + DISTANCE_COST * distance;
    const best = free.reduce((least, place) => (cost(place) < cost(least) ? place : least));
    taken.push(best.box);
    return [{ x: best.x, y: best.y, text: anchor.text, anchor, isFar: best.distance > FAR }];
  });
}

/** Candidate middles of a label around its point, with its edge `distance` away. */
function candidates({ x, y }: Anchor, width: number, height: number) {
  return DISTANCES.flatMap((distance) =>
    Array.from({ length: DIRECTIONS }, (_, index) => {
      const angle = (2 * Math.PI * index) / DIRECTIONS;
      const [right, down] = [Math.cos(angle), Math.sin(angle)]; // only for drawing
      return {
        x: x + right * (distance + width / 2),
        y: y + down * (distance + height / 4),
        distance,
      };
    }),
  );
}

function boxAround(x: number, y: number, width: number, height: number): Box {
  return { left: x - width / 2, right: x + width / 2, top: y - height / 2, bottom: y + height / 2 };
}

/** Square pixels that two boxes share. */
function overlap(a: Box, b: Box): number {
  const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  return Math.max(0, width) * Math.max(0, height);
}

function sum(boxes: readonly Box[], box: Box): number {
  return boxes.reduce((total, other) => total + overlap(box, other), 0);
}
