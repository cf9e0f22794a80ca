/**
 * How finely time can be told here. Node's clock has steps of some tens of nanoseconds; a page's is made coarse on
 * purpose, 5 µs where it is cross-origin isolated, else 0.1 to 1 ms ("High Resolution Time", W3C, section 8.1).
 * @module
 */

/** A sample lasts at least so many steps of the clock: one step is then 2 % of it. */
const STEPS = 50;
const LOOKS = 200;

export interface Clock {
  /** Milliseconds. */
  readonly resolution: number;
  /** Milliseconds of processor time that this process has had. */
  readonly processorTime: (() => number) | undefined;
}

/**
 * Begins to watch how much of a core this process gets: where others wait for it too, all samples are longer alike.
 * @returns a function that tells it for the time between, or undefined where the host does not tell.
 */
export function processorShare({ processorTime }: Clock): () => number | undefined {
  const [start, before] = [performance.now(), processorTime?.()];
  return () => {
    const after = processorTime?.();
    if (before === undefined || after === undefined) return undefined;
    return (after - before) / (performance.now() - start);
  };
}

/** Smallest step of the clock that shows, in milliseconds. */
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

/** Milliseconds that a sample must last for a clock with such steps. */
export function shortestSample(resolution: number): number {
  return STEPS * resolution;
}
