/** What a browser tells of itself and its machine, which is little, and on purpose. @module */
import type { Host } from 'convlet/bench';

/** Not every browser has it, and TypeScript does not know it. */
interface UserAgentData {
  readonly brands: readonly { readonly brand: string; readonly version: string }[];
  readonly platform: string;
}

const NAMES: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/Firefox\/([\d.]+)/, 'Firefox'],
  [/Version\/([\d.]+).*Safari/, 'Safari'],
  [/Chrom(?:e|ium)\/([\d.]+)/, 'Chromium'],
];

export function describeHost(): Host {
  const { userAgent, hardwareConcurrency } = navigator;
  const told =
    'userAgentData' in navigator ? (navigator.userAgentData as UserAgentData) : undefined;
  return {
    cpu: 'a processor that browsers do not name',
    cores: hardwareConcurrency,
    platform: told?.platform || (/\((?:X11; )?([^;)]+)/.exec(userAgent)?.[1] ?? 'unknown platform'),
    runtime: browserOf(userAgent, told),
  };
}

/** `Chromium 140`: the brand that is no placeholder, or what the old text says. */
function browserOf(userAgent: string, told: UserAgentData | undefined): string {
  const brands = told?.brands.filter(({ brand }) => !/not.*brand/i.test(brand)) ?? [];
  const [brand] = brands.toSorted((a, b) => rank(a.brand) - rank(b.brand));
  if (brand !== undefined) return `${brand.brand} ${brand.version}`;
  for (const [pattern, name] of NAMES) {
    const version = pattern.exec(userAgent)?.[1];
    if (version !== undefined) return `${name} ${version}`;
  }
  return 'unknown browser';
}

/** Names of products before that of their common engine. */
function rank(brand: string): number {
  return brand === 'Chromium' ? 1 : 0;
}
