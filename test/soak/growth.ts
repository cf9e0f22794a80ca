/** How fast figures grow over the rounds of a soak. */

/** What a round leaves behind: bytes, handles, threads. */
export type Sample = { readonly minutes: number } & Readonly<Record<string, number>>;

/** Parts of a run of which each counts by the least that it held. */
const PARTS = 60;

/**
 * Growth an hour of each figure after the first third: the median slope of all pairs (Theil and Sen) of what was held at least in
 * each part of the run. What stays for good raises the least too; what a collector has not yet come to does not.
 */
export function growthPerHour(samples: readonly Sample[]): Record<string, number> {
  const settled = samples.slice(Math.floor(samples.length / 3));
  const names = Object.keys(settled[0] ?? {}).filter((name) => name !== 'minutes');
  return Object.fromEntries(
    names.map((name) => [name, 60 * medianSlope(leastOfParts(settled, name), name)]),
  );
}

function leastOfParts(samples: readonly Sample[], name: string): readonly Sample[] {
  const length = Math.ceil(samples.length / PARTS);
  return Array.from({ length: Math.ceil(samples.length / length) }, (_, part) =>
    samples
      .slice(part * length, (part + 1) * length)
      .reduce((least, sample) => ((sample[name] ?? 0) < (least[name] ?? 0) ? sample : least)),
  );
}

function medianSlope(samples: readonly Sample[], name: string): number {
  const slopes = samples.flatMap((a, i) =>
    samples.slice(i + 1).map((b) => ((b[name] ?? 0) - (a[name] ?? 0)) / (b.minutes - a.minutes)),
  );
  return slopes.sort((a, b) => a - b)[slopes.length >> 1] ?? 0;
}
