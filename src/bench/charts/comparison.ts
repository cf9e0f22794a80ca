/** A chart of how many times as long plain JavaScript takes: per kernel a bar for the median, and a dot per shape. @module */
import { ratioToPlain } from '../figures.ts';
import { median } from '../measure.ts';
import type { BenchRun } from '../result.ts';
import { digits } from '../text.ts';
import { drawingOf } from './plot.ts';
import {
  type ChartOptions,
  families,
  familyColours,
  familyOf,
  NARROW,
  shortName,
  svgOf,
} from './style.ts';

interface Row {
  readonly name: string;
  readonly kernel: string;
  readonly family: string;
  /** The ratios that are not withheld, by shape. */
  readonly ratios: readonly {
    readonly name: string;
    readonly shape: string;
    readonly ratio: number;
  }[];
  /** Median of the ratios; undefined if every ratio is withheld. */
  readonly middle: number | undefined;
  readonly label: string;
}

/** @returns an SVG, or undefined if there is nothing to draw. */
export function comparisonChart(
  run: Pick<BenchRun, 'cases'>,
  options: ChartOptions,
): string | undefined {
  const { plot, document, width } = drawingOf(options);
  const rows = rowsOf(run);
  const ratios = rows.flatMap((row) => row.ratios);
  if (rows.length === 0) return undefined;
  const isNarrow = width < NARROW;
  const most = Math.max(10, ...ratios.map(({ ratio }) => ratio));
  const least = Math.min(1, ...ratios.map(({ ratio }) => ratio)) / 1.15;
  const domain = [least, most * (isNarrow ? 2.2 : 1.6)];
  const bars = rows.filter(({ middle }) => middle !== undefined);
  const chart = plot.plot({
    ...(document && { document }),
    width,
    height: 56 + 21 * rows.length,
    marginLeft: isNarrow ? 132 : 150,
    marginRight: 14,
    marginTop: 36,
    marginBottom: 20,
    ariaLabel: 'How many times as long plain JavaScript takes, for each kernel',
    x: {
      type: 'log',
      domain,
      axis: 'top',
      label: 'times as long in plain JavaScript',
      ticks: [1, 2, 5, 10, 20, 50, 100, 200].filter((tick) => tick >= least && tick <= most),
      tickFormat: (tick: number) => `${tick}×`,
      grid: true,
    },
    y: { domain: rows.map(({ name }) => name), label: null, tickSize: 0 },
    color: { domain: [...families], range: [...familyColours] },
    marks: [
      plot.barX(bars, {
        x1: 1,
        x2: 'middle',
        y: 'name',
        fill: 'family',
        fillOpacity: 0.45,
        insetTop: 3,
        insetBottom: 3,
        title: ({ kernel, label }: Row) => `${kernel}: ${label}`,
      }),
      plot.ruleX([1], { strokeOpacity: 0.6 }),
      plot.dot(ratios, {
        x: 'ratio',
        y: 'name',
        r: 2.2,
        fill: ({ name }) => rows.find((row) => row.name === name)?.family,
        title: ({ shape, ratio }) => `${shape}: ${digits(ratio)}×`,
      }),
      plot.text(rows, {
        x: ({ ratios }: Row) => Math.max(1, ...ratios.map(({ ratio }) => ratio)),
        y: 'name',
        text: 'label',
        textAnchor: 'start',
        dx: 8,
      }),
    ],
  });
  return svgOf(chart);
}

function rowsOf({ cases }: Pick<BenchRun, 'cases'>): Row[] {
  return [...new Set(cases.map(({ kernel }) => kernel))].map((kernel) => {
    const name = shortName(kernel);
    const ratios = cases
      .filter((result) => result.kernel === kernel)
      .map((result) => ({ name, shape: result.shape, ...ratioToPlain(result) }))
      .filter(({ doubt }) => doubt === undefined)
      .map(({ name, shape, value }) => ({ name, shape, ratio: value }));
    const middle = ratios.length === 0 ? undefined : median(ratios.map(({ ratio }) => ratio));
    const label = middle === undefined ? 'too noisy' : `${digits(middle)}×`;
    return { name, kernel, family: familyOf(kernel), ratios, middle, label };
  });
}
