/**
 * The resolution of the clock. Node's clock has steps of some tens of nanoseconds. A page's clock is coarse on purpose:
 * 5 µs if the page is cross-origin isolated, otherwise 0.1 to 1 ms ("High Resolution Time", W3C, section 8.1).
 * @module
 */

/** A sample lasts at least this many steps of the clock: one step is then 2 % of it. */
const STEPS = 50;
const LOOKS = 200;

export interface Clock {
  /** Step of the clock in milliseconds. */
  readonly resolution: number;
  /** Returns the processor time of this process in milliseconds; undefined if the host does not tell. */
  readonly processorTime: (() => number) | undefined;
}

/**
 * Begins to measure how much of a core this process gets. If other processes share the core, all samples are longer.
 * @returns a function that returns the share since this call, or undefined if the host does not tell.
 */
export function processorShare({ processorTime }: Clock): () => number | undefined {
  const [start, before] = [performance.now(), processorTime?.()];
  return () => {
    const after = processorTime?.();
    if (before === undefined || after === undefined) return undefined;
    return (after - before) / (performance.now() - start);
  };
}

/** Smallest observed step of the clock, in milliseconds. */
export function timerResolution(): number {
  let smallest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < LOOKS; i++) {
    const start = performance.now();
    let now = start;
    while (now === start) now = performance.now();
    smallest = Math.min(smallest, now - start);
  }
  return smallest;
}

/** Milliseconds that a sample must last, given the step of the clock. */
export function shortestSample(resolution: number): number {
  return STEPS * resolution;
}
