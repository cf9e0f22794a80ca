/** How fast figures grow over the rounds of a soak. */

/** What a round leaves behind: bytes, handles, threads. */
export type Sample = { readonly minutes: number } & Readonly<Record<string, number>>;

/** Growth an hour of each figure after the first third: the median slope of all pairs (Theil and Sen), which a peak does not bend. */
export function growthPerHour(samples: readonly Sample[]): Record<string, number> {
  const settled = samples.slice(Math.floor(samples.length / 3));
  const names = Object.keys(settled[0] ?? {}).filter((name) => name !== 'minutes');
  return Object.fromEntries(names.map((name) => [name, 60 * medianSlope(settled, name)]));
}

function medianSlope(samples: readonly Sample[], name: string): number {
  const step = Math.ceil(samples.length / 500); // pairs grow with the square
  const few = samples.filter((_, at) => at % step === 0);
  const slopes = few.flatMap((a, i) =>
    few.slice(i + 1).map((b) => ((b[name] ?? 0) - (a[name] ?? 0)) / (b.minutes - a.minutes)),
  );
  return slopes.sort((a, b) => a - b)[slopes.length >> 1] ?? 0;
}
