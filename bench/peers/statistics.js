/** The median of the samples; NaN if there are none. */
export function median(samples) {
  const sorted = samples.toSorted((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return sorted.length === 0 ? Number.NaN : (low + high) / 2;
}
