/** Names, colours and symbols that the charts of a run share, light and dark. @module */

/** Plot, as its users import it: the charts are made in Node and in a page, and bring no copy of their own. */
export type PlotLibrary = typeof import('@observablehq/plot');
/** The document to draw in; a page's own unless given. */
export type PlotDocument = NonNullable<NonNullable<Parameters<PlotLibrary['plot']>[0]>['document']>;

export interface ChartOptions {
  readonly plot: PlotLibrary;
  readonly document?: PlotDocument;
  /** Pixels. Narrow ones number their points and leave the names to a key. */
  readonly width: number;
}

/** Below this width names do not fit into a chart. */
export const NARROW = 560;

/** Kernels that work alike. */
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

/** Told apart by hue, by lightness and by symbol. */
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

/** Their colours, as the system has it, or as a page with a switch says by `data-theme`. */
export const chartStyle: string = `
:root { ${LIGHT} }
@media (prefers-color-scheme: dark) { :root:not([data-theme="light"]) { ${DARK} } }
:root[data-theme="dark"] { ${DARK} }
`;

/**
 * The markup of a chart: one picture to those who hear it, not a heap of its parts, and without Plot's own style element,
 * which the policy of a strict page forbids.
 */
export function svgOf(chart: { readonly outerHTML: string }): string {
  return chart.outerHTML
    .replace(/<style>[^<]*<\/style>/, '')
    .replaceAll(/<g aria-label="[^"]*"/g, '<g')
    .replace('<svg', '<svg role="img"');
}

/** `conv2dBackwardWeight` as `conv2d dw`: short enough to stand beside a point. */
export function shortName(kernel: string): string {
  return kernel
    .replace(/Forward$/, '')
    .replace(/Backward(Input)?$/, ' dx')
    .replace(/BackwardWeight$/, ' dw')
    .replace(/BackwardBias$/, ' db');
}
