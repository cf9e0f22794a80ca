/** Names, colours and symbols that the charts of a run share, light and dark. @module */

/**
 * The library Plot, as the caller imports it: charts are made in Node and in a page, and have no copy of it.
 * Only one function is named here, because the types of that package need those of a page.
 */
export interface PlotLibrary {
  readonly plot: (options?: never) => unknown;
}

/** The document to draw in. @default the page's own */
export type PlotDocument = object;

/** What draws a chart, and how wide it is. */
export interface ChartOptions {
  readonly plot: PlotLibrary;
  readonly document?: PlotDocument;
  /** Pixels. Narrow charts number their points and put the names in a key. */
  readonly width: number;
}

/** Below this width, names do not fit into a chart. */
export const NARROW = 560;

/** Families of kernels that work in a similar way. */
const FAMILIES: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/^gemm/, 'matrix product'],
  [/^conv2d/, 'convolution'],
  [/^convReluPool/, 'conv + ReLU + pool'],
  [/^dense/, 'dense'],
  [/(?:)/, 'one pass'],
];

export function familyOf(kernel: string): string {
  return FAMILIES.find(([pattern]) => pattern.test(kernel))?.[1] ?? '';
}

/** Families differ in hue, lightness and symbol. */
export const families: readonly string[] = FAMILIES.map(([, name]) => name);
export const familyColours: readonly string[] = FAMILIES.map(
  (_, index) => `var(--chart-${index + 1})`,
);
export const familySymbols: readonly FamilySymbol[] = [
  'square',
  'circle',
  'diamond',
  'triangle',
  'cross',
];
type FamilySymbol = 'square' | 'circle' | 'diamond' | 'triangle' | 'cross';

/** The same symbols for a legend, in a box of 12×12. */
export const symbolPaths: Readonly<Record<FamilySymbol, string>> = {
  square: 'M2 2h8v8h-8z',
  circle: 'M6 1.5a4.5 4.5 0 1 0 .01 0z',
  diamond: 'M6 0l4 6l-4 6l-4 -6z',
  triangle: 'M6 1l5.5 9.5h-11z',
  cross: 'M4 1h4v3h3v4h-3v3h-4v-3h-3v-4h3z',
};

const LIGHT =
  '--chart-1: #2f6fb5; --chart-2: #c2570c; --chart-3: #8a4fbf; --chart-4: #14805a; --chart-5: #6b7280;';
const DARK =
  '--chart-1: #77b0ee; --chart-2: #f2a154; --chart-3: #c39bf0; --chart-4: #55c99b; --chart-5: #a3acb9;';

/** The colours of the families, light or dark as the system is, or as a page with a switch sets `data-theme`. */
export const chartStyle: string = `
:root { ${LIGHT} }
@media (prefers-color-scheme: dark) { :root:not([data-theme="light"]) { ${DARK} } }
:root[data-theme="dark"] { ${DARK} }
`;

/**
 * The markup of a chart. A screen reader meets one picture, not its many parts. Plot's own style element is removed, as
 * the policy of a strict page forbids it.
 */
export function svgOf(chart: { readonly outerHTML: string }): string {
  return chart.outerHTML
    .replace(/<style>[^<]*<\/style>/, '')
    .replaceAll(/<g aria-label="[^"]*"/g, '<g')
    .replace('<svg', '<svg role="img"');
}

/** `conv2dBackwardWeight` as `conv2d dw`: short enough to fit beside a point. */
export function shortName(kernel: string): string {
  return kernel
    .replace(/Forward$/, '')
    .replace(/Backward(Input)?$/, ' dx')
    .replace(/BackwardWeight$/, ' dw')
    .replace(/BackwardBias$/, ' db');
}
