/** The page of `convlet precision`: a table, and a plot of size and loss. One HTML file that needs no other. @module */
import type { PrecisionResult } from '../../formats/convlet/precision.ts';
import { loadCharts } from './charts.ts';
import { table } from './page.ts';
import { style } from './style.ts';

/** Room of the plot in pixels. */
const WIDTH = 640;

/** Where names stand at their points: files of f16 and bf16 have the same size. */
const LABELS = [
  { dtypes: ['f32', 'int8'], dy: -12 },
  { dtypes: ['f16'], dx: 10, dy: -8, textAnchor: 'start' },
  { dtypes: ['bf16'], dx: -10, dy: -8, textAnchor: 'end' },
] as const;

/** A point of the plot. */
interface Point {
  readonly dtype: string;
  readonly kilobytes: number;
  /** Per cent of changed answers, or the loss of images with values. */
  readonly cost: number;
}

/**
 * @param title As HTML.
 * @throws {Error} in one line, if the optional packages of the charts are absent.
 */
export async function createPrecisionReport(
  title: string,
  head: readonly string[],
  rows: readonly (readonly string[])[],
  results: readonly PrecisionResult[],
): Promise<string> {
  const heading = 'What fewer bits cost';
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${heading}: ${title}</title><style>${style}</style></head>
<body><main><h1>${heading}</h1>
<p class="soft">${title}</p>
<section>${table(head, rows)}</section>
<section><h2>Size and cost</h2>${await plotOf(results)}</section>
</main></body></html>
`;
}

async function plotOf(results: readonly PrecisionResult[]): Promise<string> {
  const { plot: Plot, document } = await loadCharts();
  const hasClasses = results.every(({ changed }) => changed !== undefined);
  const points: Point[] = results.map(({ dtype, bytes, changed, evaluation }) => ({
    dtype,
    kilobytes: bytes / 1000,
    cost: changed === undefined ? evaluation.loss : 100 * changed,
  }));
  const most = Math.max(...points.map(({ cost }) => cost));
  const chart = Plot.plot({
    document,
    width: WIDTH,
    height: 300,
    marginLeft: 60,
    marginRight: 40,
    ariaLabel: `${hasClasses ? 'Changed answers' : 'Loss'} by the size of the file`,
    x: {
      domain: [0, 1.1 * Math.max(...points.map(({ kilobytes }) => kilobytes))],
      label: 'file, kB',
    },
    y: {
      domain: [0, most > 0 ? 1.2 * most : 1],
      label: hasClasses ? 'changed answers, %' : 'loss',
      grid: true,
    },
    marks: [
      Plot.ruleY([0]),
      Plot.line(points, { x: 'kilobytes', y: 'cost', strokeOpacity: 0.3 }),
      Plot.dot(points, { x: 'kilobytes', y: 'cost', r: 4, fill: 'currentColor' }),
      ...LABELS.map(({ dtypes, ...placed }) =>
        Plot.text(
          points.filter(({ dtype }) => dtypes.some((own) => own === dtype)),
          { x: 'kilobytes', y: 'cost', text: 'dtype', ...placed },
        ),
      ),
    ],
  });
  return chart.outerHTML.replace(/<style>[^<]*<\/style>/, '').replace('<svg', '<svg role="img"');
}
