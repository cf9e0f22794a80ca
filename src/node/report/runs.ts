/** Runs side by side: one HTML file that needs no other file, made without a browser. @module */
import { formatFigure, validationFigures } from '../figures.ts';
import { differences, type FinishedRun } from '../runs.ts';
import { loadCharts } from './charts.ts';
import { table } from './page.ts';
import { style } from './style.ts';

/** Room for columns of settings. */
const wider = 'main { max-width: 1120px; }';

/** @throws {Error} in one line, if the optional packages of the charts are absent. */
export async function createRunsReport(runs: readonly FinishedRun[]): Promise<string> {
  const { plot, document } = await loadCharts();
  const keys = [...new Set(runs.flatMap(({ figures }) => figures.map(({ key }) => key)))];
  const charts = ['loss', ...keys.filter((key) => key === 'accuracy')].map((key) => {
    const points = runs.flatMap(({ folder, epochs }) =>
      epochs.flatMap((event) => {
        const found = validationFigures(event).find((figure) => figure.key === key);
        return found ? [{ run: folder, epoch: event.epoch, value: found.value }] : [];
      }),
    );
    const chart = plot.plot({
      document,
      width: 900,
      height: 320,
      marginLeft: 50,
      x: { label: 'epoch', tickFormat: 'd' },
      y: { label: `validation ${key}`, grid: true, nice: true },
      color: { legend: true, type: 'categorical' },
      marks: [plot.lineY(points, { x: 'epoch', y: 'value', z: 'run', stroke: 'run' })],
    });
    return points.length === 0 ? '' : chart.outerHTML;
  });
  const { head, rows } = runRows(runs);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${runs.length} runs</title><style>${style}${wider}</style></head>
<body><main><h1>${runs.length} runs</h1>
<section><h2>Figures over the epochs</h2>${charts.join('')}</section>
<section><h2>Runs</h2>${table(head, rows)}</section>
</main></body></html>
`;
}

/** A row a run: its folder, the settings that differ, the figures of the test set, epochs and seconds. */
export function runRows(runs: readonly FinishedRun[]): {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
} {
  const settings = differences(runs);
  const figures = new Map(
    runs.flatMap((run) => run.figures.map(({ key, name }) => [key, name] as const)),
  );
  const rows = runs.map((run) => [
    run.folder,
    ...settings.map((name) => run.texts.get(name) ?? '–'),
    ...[...figures.keys()].map((key) => {
      const figure = run.figures.find((own) => own.key === key);
      return figure === undefined ? '–' : formatFigure(figure);
    }),
    String(run.epochs.length),
    run.seconds.toFixed(2),
  ]);
  return { head: ['run', ...settings, ...figures.values(), 'epochs done', 'seconds'], rows };
}
