/** The pieces of ink in a picture: which make the digit, and which are frame or dust. @module */
import { type Bounds, boundsOf, mapPlane, type Plane } from './plane.ts';

/** A frame runs along more than this share of a side. */
const FRAME_SHARE = 0.6;
/** And is no thicker than this share of the shorter side. */
const THICKEST = 1 / 8;
/** What a drawn box is around has at least this share of its size: a dot in a 0 has less. */
const BOXED_SHARE = 1 / 4;
/** A line from side to side that is thinner than this share of the picture is no digit that fills it. */
const THINNEST = 1 / 20;
/** Nor is one along a whole side that is thinner than this share: the table beside the sheet. */
const STRIP_SHARE = 1 / 4;
/** A digit is no smaller than this share of the picture's longer side: anything smaller is dust. */
const SMALLEST = 1 / 40;
/** A piece that the picture's edge cuts is the digit only if it holds this many times the ink of every other. */
const CUT_HANDICAP = 4;
/** A part of a digit, such as the bar of a 5, has at least this share of the ink of the largest. */
const PART_SHARE = 0.02;
/** And is no farther from the rest than this share of its longer side. */
const PART_GAP = 0.2;
/** What has more parts is noise. */
const MOST_PARTS = 100;
/** And so is a sheet on which more pieces than these have a fifth of the largest one's ink. */
const MOST_RIVALS = 20;
const RIVAL_SHARE = 1 / 5;
/** What crosses the picture's edge more often is a grid. */
const MOST_CROSSINGS = 8;

/** Pixels of ink that touch each other, corners included. */
interface Piece extends Bounds {
  readonly label: number;
  readonly mass: number;
  /** Pixels of it along the upper, left, lower and right edge of the picture. */
  readonly edges: readonly number[];
}

/** Marks with 1 the pixels above `level` that make the digit; undefined if there is none. */
export function findDigit(picture: Plane, level: number): Uint8Array | undefined {
  const ink = withoutFrame(picture, level);
  const { labels, pieces: found } = piecesOf(ink, level);
  const longest = Math.max(ink.width, ink.height);
  const crossings = crossingsOf(labels, ink);
  const pieces = found.filter(
    (piece) =>
      !isBox(piece, found, labels, ink.width) &&
      (crossings.get(piece.label) ?? 0) <= MOST_CROSSINGS,
  );
  const large = pieces.filter(
    (piece) => sizeOf(piece) >= SMALLEST * longest && !isRuled(piece, ink),
  );
  const inside = large.filter((piece) => sidesAlong(piece, ink) === 0);
  // a crop so tight that a stroke runs along the edge leaves nothing else
  const candidates =
    inside.length > 0
      ? inside
      : large.filter((piece) => sidesAlong(piece, ink) < 3 && !isStrip(piece, ink));
  const [main] = candidates.sort((a, b) => weightOf(b) - weightOf(a));
  if (main === undefined) return undefined;
  const rivals = pieces.filter(({ mass }) => mass >= RIVAL_SHARE * main.mass);
  if (rivals.length > MOST_RIVALS) return undefined;
  const parts = partsOf(main, pieces);
  if (parts.length > MOST_PARTS) return undefined;
  const chosen = new Set(parts.map(({ label }) => label));
  return Uint8Array.from(labels, (label) => Number(chosen.has(label)));
}

/** Takes a frame on three or four sides away, which a stroke may touch. */
function withoutFrame(ink: Plane, level: number): Plane {
  const { width, height, values } = ink;
  const most = Math.floor(THICKEST * Math.min(width, height));
  const isInk = (row: number, column: number) => (values[row * width + column] ?? 0) > level;
  const thickness = (length: number, isInkAt: (depth: number, along: number) => boolean) => {
    let depth = 0;
    const share = () => {
      let count = 0;
      for (let along = 0; along < length; along++) count += Number(isInkAt(depth, along));
      return count / length;
    };
    while (depth < most && share() > FRAME_SHARE) depth++;
    return depth;
  };
  const sides = [
    thickness(width, (depth, along) => isInk(depth, along)),
    thickness(height, (depth, along) => isInk(along, depth)),
    thickness(width, (depth, along) => isInk(height - 1 - depth, along)),
    thickness(height, (depth, along) => isInk(along, width - 1 - depth)),
  ];
  if (sides.filter((depth) => depth > 0).length < 3) return ink;
  const [top = 0, left = 0, bottom = 0, right = 0] = sides.map((depth) => depth + 1); // and its soft edge
  return mapPlane(ink, (value, at) => {
    const [row, column] = [Math.floor(at / width), at % width];
    const isInside =
      row >= top && row < height - bottom && column >= left && column < width - right;
    return isInside ? value : 0;
  });
}

function sizeOf({ top, left, bottom, right }: Bounds): number {
  return Math.max(bottom - top, right - left);
}

/** Along how many sides of the picture a piece runs as a frame does. */
function sidesAlong({ edges }: Piece, { width, height }: Plane): number {
  return edges.filter((count, side) => count > FRAME_SHARE * (side % 2 === 0 ? width : height))
    .length;
}

/** A thin line from side to side is ruled on the paper. */
function isRuled(piece: Piece, ink: Plane): boolean {
  return isAcross(piece, ink, THINNEST);
}

/** A strip along a whole side. */
function isStrip(piece: Piece, ink: Plane): boolean {
  return sidesAlong(piece, ink) > 0 && isAcross(piece, ink, STRIP_SHARE);
}

/** From side to side, and thinner than a share of the picture. */
function isAcross(
  { top, left, bottom, right }: Bounds,
  { width, height }: Plane,
  share: number,
): boolean {
  const isRow = right - left === width && bottom - top < share * height;
  const isColumn = bottom - top === height && right - left < share * width;
  return isRow || isColumn;
}

/** A box that is drawn around a digit: its own sides are straight, and another piece of some size is in it. */
function isBox(
  piece: Piece,
  others: readonly Piece[],
  labels: Int32Array,
  pictureWidth: number,
): boolean {
  const least = BOXED_SHARE * sizeOf(piece);
  const isAround = (other: Piece) =>
    other !== piece && sizeOf(other) >= least && isIn(other, piece);
  if (!others.some(isAround)) return false;
  const { top, left, bottom, right, label } = piece;
  const [width, height] = [right - left, bottom - top];
  const most = Math.ceil(THINNEST * Math.max(width, height)); // a box may be a little askew
  const isInk = (row: number, column: number) => labels[row * pictureWidth + column] === label;
  const sides = [
    shareAlong(width, most, (along, depth) => isInk(top + depth, left + along)),
    shareAlong(height, most, (along, depth) => isInk(top + along, left + depth)),
    shareAlong(width, most, (along, depth) => isInk(bottom - 1 - depth, left + along)),
    shareAlong(height, most, (along, depth) => isInk(top + along, right - 1 - depth)),
  ];
  return sides.filter((share) => share > FRAME_SHARE).length >= 3;
}

/** How often each piece comes to the edge of the picture, going around it. */
function crossingsOf(labels: Int32Array, { width, height }: Plane): Map<number, number> {
  const counts = new Map<number, number>();
  const perimeter = 2 * (width + height);
  let before = 0;
  for (let at = 0; at < perimeter; at++) {
    const [row, column] = borderPixel(at, width, height);
    const label = labels[row * width + column] ?? 0;
    if (label !== before && label > 0) counts.set(label, (counts.get(label) ?? 0) + 1);
    before = label;
  }
  return counts;
}

/** Pixels around the picture: the top, the right, the bottom and the left; those of the corners twice. */
function borderPixel(at: number, width: number, height: number): [row: number, column: number] {
  if (at < width) return [0, at];
  if (at < width + height) return [at - width, width - 1];
  if (at < 2 * width + height) return [height - 1, 2 * width + height - 1 - at];
  return [2 * (width + height) - 1 - at, 0];
}

/** The share of the places along a side that have ink no deeper than `most`. */
function shareAlong(
  length: number,
  most: number,
  isInk: (along: number, depth: number) => boolean,
): number {
  let count = 0;
  for (let along = 0; along < length; along++) {
    let depth = 0;
    while (depth < most && !isInk(along, depth)) depth++;
    if (depth < most) count++;
  }
  return count / length;
}

function isIn(inner: Bounds, outer: Bounds): boolean {
  const isBelow = inner.top > outer.top && inner.left > outer.left;
  return isBelow && inner.bottom < outer.bottom && inner.right < outer.right;
}

function isCut({ edges }: Piece): boolean {
  return edges.some((count) => count > 0);
}

function weightOf(piece: Piece): number {
  return isCut(piece) ? piece.mass / CUT_HANDICAP : piece.mass;
}

/** The main piece, and those near enough and large enough to belong to it. */
function partsOf(main: Piece, pieces: readonly Piece[]): readonly Piece[] {
  const most = PART_GAP * sizeOf(main);
  const parts = [main];
  let rest = pieces.filter(
    (piece) =>
      piece !== main && (isCut(main) || !isCut(piece)) && piece.mass >= PART_SHARE * main.mass,
  );
  for (const part of parts) {
    if (parts.length > MOST_PARTS) break;
    const isNear = (piece: Piece) => gapBetween(part, piece) <= most;
    for (const piece of rest.filter(isNear)) parts.push(piece); // too many for the arguments of one call
    rest = rest.filter((piece) => !isNear(piece));
  }
  return parts;
}

/** Pixels between two rectangles, along the axis on which they are farther apart. */
function gapBetween(a: Bounds, b: Bounds): number {
  return Math.max(a.top - b.bottom, b.top - a.bottom, a.left - b.right, b.left - a.right, 0);
}

/** Labels the pixels above `level`, piece after piece, from 1. */
function piecesOf({ width, height, values }: Plane, level: number) {
  const labels = new Int32Array(values.length);
  const pieces: Piece[] = [];
  for (let start = 0; start < labels.length; start++) {
    if ((values[start] ?? 0) <= level || labels[start] !== 0) continue;
    const label = pieces.length + 1;
    labels[start] = label;
    let [top, left, bottom, right, mass] = [height, width, 0, 0, 0];
    const edges = [0, 0, 0, 0];
    const stack = [start];
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      const [row, column] = [Math.floor(at / width), at % width];
      mass += values[at] ?? 0;
      [top, left] = [Math.min(top, row), Math.min(left, column)];
      [bottom, right] = [Math.max(bottom, row + 1), Math.max(right, column + 1)];
      for (const [side, isOnEdge] of [
        row === 0,
        column === 0,
        row === height - 1,
        column === width - 1,
      ].entries())
        edges[side] = (edges[side] ?? 0) + Number(isOnEdge);
      for (let y = Math.max(0, row - 1); y <= Math.min(height - 1, row + 1); y++) {
        for (let x = Math.max(0, column - 1); x <= Math.min(width - 1, column + 1); x++) {
          const next = y * width + x;
          if ((values[next] ?? 0) <= level || labels[next] !== 0) continue;
          labels[next] = label;
          stack.push(next);
        }
      }
    }
    pieces.push({ label, mass, edges, top, left, bottom, right });
  }
  return { labels, pieces };
}

/** Marks what is within a twentieth of the digit's size of its strokes, one of MNIST's pixels: their soft edges. */
export function edgesOf(strokes: Uint8Array, { width, height }: Plane): Uint8Array {
  const reach = Math.ceil(
    sizeOf(boundsOf({ width, height, values: Float64Array.from(strokes) })) / 20,
  );
  const rows = widen(strokes, width, 1, reach, (at) => at % width);
  return widen(rows, height, width, reach, (at) => Math.floor(at / width));
}

/** Marks the neighbours of marks along one axis. */
function widen(
  marks: Uint8Array,
  length: number,
  step: number,
  reach: number,
  place: (at: number) => number,
): Uint8Array {
  const wide = marks.slice();
  for (let at = 0; at < marks.length; at++) {
    if (marks[at] === 0) continue;
    const here = place(at);
    const last = Math.min(reach, length - 1 - here);
    for (let off = -Math.min(reach, here); off <= last; off++) wide[at + off * step] = 1;
  }
  return wide;
}
