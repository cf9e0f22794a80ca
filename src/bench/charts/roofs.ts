/**
 * The roofs of a roofline: the rate that memory allows at each number of operations per byte, up to the peak.
 *
 * `Math.cos`, `Math.sin` and `Math.atan2` may differ between engines in the last bits. They are used only to draw; no
 * weight depends on a chart.
 * @module
 */
import type { Bandwidth, Reading } from '../peak.ts';
import { digits, formatBytes } from '../text.ts';
import type { LogScale } from './scale.ts';

/** A slanted line, from where it enters the chart to where it meets the peak. */
export interface Roof {
  readonly label: string;
  /** GB/s. */
  readonly rate: number;
  /** Operations per byte. */
  readonly start: number;
  readonly end: number;
}

/** Rates within this factor share a roof, as their lines would lie on one another. */
const SAME_ROOF = 1.3;

/** The roofs that reach into the chart, the fastest first. */
export function roofsOf(
  bandwidths: readonly Bandwidth[],
  peak: Pick<Reading, 'rate'>,
  x: LogScale,
  y: LogScale,
  isShort: boolean,
): Roof[] {
  return groupsOf(bandwidths)
    .map((group, index, groups) => {
      const rate = Math.max(...group.map((bandwidth) => bandwidth.rate));
      const size = formatBytes(group[group.length - 1].bytes);
      const blocks = index === groups.length - 1 ? size : `up to ${size}`;
      return {
        label: isShort ? `${digits(rate)} GB/s` : `${blocks}: ${digits(rate)} GB/s`,
        rate,
        start: Math.max(x.domain[0], y.domain[0] / rate),
        end: Math.min(x.domain[1], peak.rate / rate),
      };
    })
    .filter(({ start, end }) => start < end);
}

/** Groups of blocks that are read about equally fast, roughly one group per cache. */
function groupsOf(bandwidths: readonly Bandwidth[]): Bandwidth[][] {
  const groups: Bandwidth[][] = [];
  for (const bandwidth of bandwidths) {
    const group = groups.at(-1);
    if (group !== undefined && group[0].rate <= SAME_ROOF * bandwidth.rate) group.push(bandwidth);
    else groups.push([bandwidth]);
  }
  return groups;
}

/** A label along a roof; x and y are its middle. */
export interface RoofLabel {
  readonly text: string;
  /** Pixels. */
  readonly x: number;
  readonly y: number;
  /** Degrees. */
  readonly rotate: number;
  /** Points that the label covers, roughly. */
  readonly covers: readonly { readonly x: number; readonly y: number }[];
}

/** Pixels of a label above its line. */
const LIFT = 8;
const STEP = 8;
const CHARACTER_WIDTH = 5.9;
const PLACES: readonly number[] = [0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8];

/** The label above the right end of the flat roof. */
export function labelPeak(peak: number, x: LogScale, y: LogScale): RoofLabel {
  const text = `${digits(peak)} GFLOP/s: multiply and add`;
  const width = text.length * CHARACTER_WIDTH;
  const middle = { x: x.apply(x.domain[1]) - width / 2, y: y.apply(peak) - LIFT };
  return { text, ...middle, rotate: 0, covers: coveredBy(middle, width, 0) };
}

/** Spots along a label. */
function coveredBy(middle: { x: number; y: number }, width: number, angle: number) {
  return Array.from({ length: Math.ceil(width / STEP) + 1 }, (_, index) => {
    const along = index * STEP - width / 2;
    // only for drawing, so the engine's own sines are good enough
    return { x: middle.x + along * Math.cos(angle), y: middle.y + along * Math.sin(angle) };
  });
}

/** Lays each label along its line, in the place farthest from all points. */
export function labelRoofs(
  roofs: readonly Roof[],
  points: readonly { readonly x: number; readonly y: number }[],
  x: LogScale,
  y: LogScale,
): RoofLabel[] {
  const angle = Math.atan2(y.apply(10) - y.apply(1), x.apply(10) - x.apply(1));
  const [right, down] = [Math.cos(angle), Math.sin(angle)]; // only for drawing
  return roofs.map(({ label, rate, start, end }) => {
    const width = label.length * CHARACTER_WIDTH;
    const labels = PLACES.map((place) => {
      const at = start * (end / start) ** place;
      const middle = { x: x.apply(at) + LIFT * down, y: y.apply(at * rate) - LIFT * right };
      const covers = coveredBy(middle, width, angle);
      const room = Math.min(
        ...covers.flatMap((spot) =>
          points.map((point) => Math.hypot(spot.x - point.x, spot.y - point.y)),
        ),
      );
      return { text: label, ...middle, rotate: (angle * 180) / Math.PI, covers, room };
    });
    return labels.reduce((best, next) => (next.room > best.room + 1 ? next : best));
  });
}
