/**
 * A logarithmic axis.
 *
 * `Math.log`, `Math.log10` and `Math.exp` place ink alone: engines may differ in their last bits, and no weight follows
 * from a chart.
 * @module
 */

export interface LogScale {
  readonly domain: [low: number, high: number];
  /** Pixels of a value, and the value at a pixel. */
  apply(value: number): number;
  invert(pixel: number): number;
  /** Powers of ten within. */
  readonly ticks: number[];
}

/** Takes in all of the values, with a factor of `room` around them. */
export function logScale(
  values: readonly number[],
  room: number,
  [start, end]: readonly [start: number, end: number],
): LogScale {
  const [low, high] = [Math.min(...values) / room, Math.max(...values) * room];
  const perPixel = Math.log(high / low) / (end - start); // of ink: no weight follows from it
  const first = Math.ceil(Math.log10(low)); // of ink too, as is the next
  const count = Math.max(0, Math.floor(Math.log10(high)) - first + 1);
  return {
    domain: [low, high],
    apply: (value) => start + Math.log(value / low) / perPixel,
    invert: (pixel) => low * Math.exp((pixel - start) * perPixel),
    ticks: Array.from({ length: count }, (_, index) => Number(`1e${first + index}`)),
  };
}
