/** Which pixels of a row or a column a larger or a smaller pixel covers, for means over areas. @module */

/** Divides the old pixels `start` to `end` among `count` new ones: which each covers, and their shares, 1 in sum. */
export function coverage(
  start: number,
  end: number,
  count: number,
): [at: number, share: number][][] {
  const step = (end - start) / count;
  return Array.from({ length: count }, (_, i) => {
    const [from, to] = [start + i * step, start + (i + 1) * step];
    const first = Math.floor(from);
    const last = Math.min(end, Math.ceil(to)) - 1;
    return Array.from({ length: last - first + 1 }, (_, k): [number, number] => {
      const at = first + k;
      return [at, (Math.min(to, at + 1) - Math.max(from, at)) / step];
    });
  });
}
