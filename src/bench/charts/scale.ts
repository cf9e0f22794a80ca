/**
 * A logarithmic axis.
 *
 * `Math.log`, `Math.log10` and `Math.exp` may differ between engines in the last bits. They are used only to draw; no
 * weight depends on a chart.
 * @module
 */

export interface LogScale {
  readonly domain: [low: number, high: number];
  /** The pixel of a value, and the value at a pixel. */
  apply(value: number): number;
  invert(pixel: number): number;
  /** Powers of ten within the domain. */
  readonly ticks: number[];
}

/** A scale that holds all values, with a factor of `room` around them. */
export function logScale(
  values: readonly number[],
  room: number,
  [start, end]: readonly [start: number, end: number],
): LogScale {
  const [low, high] = [Math.min(...values) / room, Math.max(...values) * room];
  const perPixel = Math.log(high / low) / (end - start); // only for drawing
  const first = Math.ceil(Math.log10(low)); // only for drawing, as is the next
  const count = Math.max(0, Math.floor(Math.log10(high)) - first + 1);
  return {
    domain: [low, high],
    apply: (value) => start + Math.log(value / low) / perPixel,
    invert: (pixel) => low * Math.exp((pixel - start) * perPixel),
    ticks: Array.from({ length: count }, (_, index) => Number(`1e${first + index}`)),
  };
}
