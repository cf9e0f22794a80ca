/** The report of a training run: one HTML file that needs no other file, made without a browser. @module */

import { escapeHtml } from '../../base/html.ts';
import type { EpochEvent } from '../../base/types.ts';
import { loadCharts, type Plot, type PlotDocument } from './charts.ts';
import { confusionTable, percent, table } from './page.ts';
import { chooseDigits, digitSheet, filterSheet } from './pictures.ts';
import { type RunReport, readRunReport } from './runReport.ts';
import { style } from './style.ts';

const HISTOGRAM_BINS = 40;

/** Blue and orange, which every kind of colour vision tells apart. */
const [TRAIN, TEST] = ['#3b78c2', '#d9730d'];

/**
 * Makes the report.
 * @returns an HTML document without scripts or references.
 * @throws {TypeError | RangeError | ShapeError} if something is missing or does not fit together.
 * @throws {Error} in one line, if the optional packages of the charts are absent.
 */
export async function createReport(run: RunReport): Promise<string> {
  readRunReport(run);
  const { plot, document } = await loadCharts();
  const charts = chartsOf(plot, document, run);
  const { history, evaluation, testSet } = run;
  const test = escapeHtml(testSet.name ?? 'test images');
  const seconds = history.reduce((total, epoch) => total + epoch.seconds, 0);
  const rate = history.reduce((total, epoch) => total + epoch.imagesPerSecond, 0) / history.length;
  const facts: [string, string][] = [
    [percent(evaluation.accuracy), `accuracy on ${test}`],
    [evaluation.loss.toFixed(3), `loss on ${test}`],
    [`${seconds.toFixed(2)} s`, `training, ${history.length} epochs`],
    [history.length > 0 ? Math.round(rate).toLocaleString('en') : '–', 'images a second'],
  ];
  const sections: [string, string][] = [
    ['Accuracy and loss over the epochs', charts.curves],
    ['Confusion matrix', confusionTable(evaluation)],
    ['Learned filters', filterSheet(run.initialWeights, run.weights)],
    ['Weights', charts.histograms],
    ['Sample digits', digitSheet(run, chooseDigits(run, 'first'))],
    ['Worst mistakes', digitSheet(run, chooseDigits(run, 'worst'))],
    [
      'Layers',
      table(
        ['layer', 'output', 'parameters'],
        run.layers.map(({ name, output, parameters }) => [
          name,
          output.join(' × '),
          parameters.toLocaleString('en'),
        ]),
      ),
    ],
    ['Settings', table([], run.settings)],
    ['Epochs', epochTable(history)],
  ];
  const body = sections
    .filter(([, content]) => content !== '')
    .map(([heading, content]) => `<section><h2>${heading}</h2>${content}</section>`)
    .join('\n');
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(run.title)}</title><style>${style}</style></head>
<body><main><h1>${escapeHtml(run.title)}</h1>
<dl class="facts">${facts.map(([value, name]) => `<div><dd>${value}</dd><dt>${name}</dt></div>`).join('')}</dl>
${body}
</main></body></html>
`;
}

function chartsOf(
  plot: Plot,
  document: PlotDocument,
  run: RunReport,
): { curves: string; histograms: string } {
  const line = (
    label: string,
    train: 'loss' | 'accuracy',
    test: 'validationLoss' | 'validationAccuracy',
  ) => {
    const testName = `test: ${run.testSet.name ?? 'test images'}`;
    const points = run.history.flatMap((event) => [
      { epoch: event.epoch, value: event[train], set: 'training' },
      ...(event[test] === undefined
        ? []
        : [{ epoch: event.epoch, value: event[test], set: testName }]),
    ]);
    if (points.length === 0) return '';
    const chart = plot.plot({
      document,
      width: 820,
      height: 260,
      marginLeft: 50,
      x: { label: 'epoch', ticks: run.history.map(({ epoch }) => epoch), tickFormat: 'd' },
      y: { label, grid: true, nice: true },
      color: { domain: ['training', testName], range: [TRAIN, TEST], legend: true },
      marks: [
        plot.lineY(points, { x: 'epoch', y: 'value', z: 'set', stroke: 'set', strokeWidth: 2 }),
        plot.dot(points, { x: 'epoch', y: 'value', fill: 'set', r: 2.5 }),
      ],
    });
    return chart.outerHTML;
  };
  const bars = (
    values: readonly number[],
    thresholds: number[],
    fill: string,
    fillOpacity: number,
  ) => {
    const options = { x: (w: number) => w, fill, fillOpacity, thresholds };
    return plot.rectY(values, plot.binX({ y: 'count' }, options));
  };
  const histogram = (key: string) => {
    const values = Array.from(run.weights.get(key)?.data ?? []);
    const before = Array.from(run.initialWeights.get(key)?.data ?? []);
    const thresholds = binEdges([...values, ...before]);
    const chart = plot.plot({
      document,
      width: 400,
      height: 200,
      marginLeft: 50,
      x: { label: key },
      y: { label: 'count', grid: true },
      marks: [
        bars(before, thresholds, 'currentColor', 0.18),
        bars(values, thresholds, TRAIN, 0.75),
        plot.ruleY([0]),
      ],
    });
    return `<figure>${chart.outerHTML}<figcaption>${key}: trained (blue) and initial (grey)</figcaption></figure>`;
  };
  const keys = [...run.weights.keys()].filter((key) => key.endsWith('.weight'));
  return {
    curves:
      line('accuracy', 'accuracy', 'validationAccuracy') + line('loss', 'loss', 'validationLoss'),
    histograms: `<div class="row">${keys.map(histogram).join('')}</div>`,
  };
}

/** The edges of the bins. Both histograms share them, so that their heights can be compared. */
function binEdges(values: readonly number[]): number[] {
  const [least, most] = values.reduce(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
  const step = (most - least) / HISTOGRAM_BINS;
  return Array.from({ length: HISTOGRAM_BINS + 1 }, (_, i) => least + i * step);
}

function epochTable(history: readonly EpochEvent[]): string {
  const number = (value: number | undefined, digits: number) =>
    value === undefined ? '–' : value.toFixed(digits);
  return table(
    ['epoch', 'loss', 'accuracy', 'test loss', 'test accuracy', 'seconds', 'images/s'],
    history.map((event) => [
      String(event.epoch),
      number(event.loss, 4),
      number(event.accuracy, 4),
      number(event.validationLoss, 4),
      number(event.validationAccuracy, 4),
      number(event.seconds, 3),
      Math.round(event.imagesPerSecond).toLocaleString('en'),
    ]),
  );
}
