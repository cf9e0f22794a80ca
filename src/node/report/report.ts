/** The report of a training run: one HTML file that needs no other file, made without a browser. @module */

import { escapeHtml } from '../../base/html.ts';
import { printable } from '../../base/printable.ts';
import type { Dataset, Evaluation } from '../../base/types.ts';
import { classNamesOf } from '../../data/dataset.ts';
import {
  type Figure,
  type FigureName,
  figuresOf,
  formatFigure,
  namesIn,
  tellingFigures,
  trainingRate,
  validationFigures,
} from '../figures.ts';
import { loadCharts, type Plot, type PlotDocument } from './charts.ts';
import { classTable, confusionTable, percent, table } from './page.ts';
import { chooseImages, filterSheet, imageSheet } from './pictures.ts';
import { isOfClasses, type RateSample, type RunReport, readRunReport } from './runReport.ts';
import { style } from './style.ts';
import { classSamples, movedSheet } from './trainingImages.ts';

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
  const ofClasses = isOfClasses(testSet) ? classSections(run, testSet) : NO_CLASSES;
  const training = run.trainSet && isOfClasses(run.trainSet) ? classSamples(run.trainSet) : '';
  const moved =
    run.trainSet && run.augment ? await movedSheet(run.trainSet, run.augment, run.seed ?? 1) : '';
  const test = escapeHtml(testSet.name ?? 'test images');
  const seconds = history.reduce((total, epoch) => total + epoch.seconds, 0);
  const rate = trainingRate(history);
  const figures = lossLast(tellingFigures(evaluation, Object.keys(history.at(-1) ?? {})));
  const facts: [string, string][] = [
    ...figures.map((figure): [string, string] => [
      figure.key === 'accuracy' ? percent(figure.value) : formatFigure(figure),
      `${figure.name} on ${test}`,
    ]),
    [`${seconds.toFixed(2)} s`, `training, ${history.length} epochs`],
    [
      rate === undefined ? '–' : Math.round(rate).toLocaleString('en'),
      'images of training a second',
    ],
  ];
  const sections: [string, string][] = [
    ['Figures over the epochs', charts.curves],
    ['Learning rate', charts.rates],
    ['Classes', ofClasses.classes],
    ['Confusion matrix', ofClasses.confusions],
    ['Training images', training],
    ['Augmented images', moved],
    ['Learned filters', filterSheet(run.initialWeights, run.weights)],
    ['Weights', charts.histograms],
    ['Test images', ofClasses.samples],
    ['Worst mistakes', ofClasses.mistakes],
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
    ['Settings', `<div class="settings">${table([], run.settings)}</div>`],
    ['Epochs', epochTable(run)],
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

/** What a report of labelled images has beside the rest. */
interface ClassSections {
  readonly classes: string;
  readonly confusions: string;
  readonly samples: string;
  readonly mistakes: string;
}

const NO_CLASSES: ClassSections = { classes: '', confusions: '', samples: '', mistakes: '' };

function classSections({ evaluation, probabilities }: RunReport, testSet: Dataset): ClassSections {
  const names = classNamesOf(testSet);
  const measured = evaluation as Evaluation; // as readRunReport checked
  const shown = { testSet, probabilities };
  return {
    classes: classTable(measured, names),
    confusions: confusionTable(measured, names),
    samples: imageSheet(shown, chooseImages(shown, 'first')),
    mistakes: imageSheet(shown, chooseImages(shown, 'worst')),
  };
}

/** Widths in pixels. Every chart is drawn twice, for a desk and for a phone; the style shows the one that fits. */
const [WIDE, NARROW] = [820, 370];
/** Pixels of a number on the axis of epochs: closer ones would overlap. */
const TICK_WIDTH = 32;

/** A chart for a desk and for a phone. */
function twice(draw: (width: number) => string): string {
  return `<div class="wide">${draw(WIDE)}</div><div class="narrow">${draw(NARROW)}</div>`;
}

function chartsOf(
  plot: Plot,
  document: PlotDocument,
  run: RunReport,
): { curves: string; rates: string; histograms: string } {
  const line = ({ key, name: label }: FigureName, width: number) => {
    const testName = run.validation
      ? `validation: ${run.validation}`
      : `test: ${printable(run.testSet.name ?? 'test images')}`;
    const points = run.history.flatMap((event) => {
      const { epoch } = event;
      const values = (figures: readonly Figure[], set: string) =>
        figures.filter((figure) => figure.key === key).map(({ value }) => ({ epoch, value, set }));
      return [
        ...values(figuresOf(event), 'training'),
        ...values(validationFigures(event), testName),
      ];
    });
    const chart = plot.plot({
      document,
      width,
      height: 260,
      marginLeft: 50,
      x: {
        label: 'epoch',
        ticks: epochTicks(run, Math.floor(width / TICK_WIDTH)),
        tickFormat: 'd',
      },
      y: { label, grid: true, nice: true },
      color: { domain: ['training', testName], range: [TRAIN, TEST], legend: true },
      marks: [
        plot.lineY(points, { x: 'epoch', y: 'value', z: 'set', stroke: 'set', strokeWidth: 2 }),
        plot.dot(points, { x: 'epoch', y: 'value', fill: 'set', r: 2.5 }),
      ],
    });
    return chart.outerHTML;
  };
  const rates = (samples: readonly RateSample[], width: number) => {
    const chart = plot.plot({
      document,
      width,
      height: 180,
      marginLeft: 70,
      x: { label: 'epochs done', nice: true },
      y: { label: 'learning rate', grid: true, zero: true },
      marks: [
        plot.lineY(samples, {
          x: 'epoch',
          y: 'rate',
          stroke: TRAIN,
          strokeWidth: 2,
          curve: 'step-after',
        }),
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
      width: NARROW,
      height: 200,
      marginLeft: 50,
      x: { label: printable(key) },
      y: { label: 'count', grid: true },
      marks: [
        bars(before, thresholds, 'currentColor', 0.18),
        bars(values, thresholds, TRAIN, 0.75),
        plot.ruleY([0]),
      ],
    });
    return `<figure>${chart.outerHTML}<figcaption>${escapeHtml(key)}: trained (blue) and initial (grey)</figcaption></figure>`;
  };
  const { rates: samples = [] } = run;
  const keys = [...run.weights.keys()].filter((key) => key.endsWith('.weight'));
  return {
    curves: lossLast(namesIn(run.history, figuresOf))
      .map((figure) => twice((width) => line(figure, width)))
      .join(''),
    rates: samples.length === 0 ? '' : twice((width) => rates(samples, width)),
    histograms: `<div class="row">${keys.map(histogram).join('')}</div>`,
  };
}

/** Every epoch, or of many epochs every second, fifth, tenth and so on: numbers that do not overlap. */
function epochTicks({ history }: RunReport, most: number): number[] {
  const step =
    [1, 2, 5, 10, 20, 50].find((step) => history.length <= step * most) ??
    Math.ceil(history.length / most);
  return history.map(({ epoch }) => epoch).filter((epoch) => epoch % step === 0);
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

function lossLast<Named extends FigureName>(figures: readonly Named[]): readonly Named[] {
  const isLoss = ({ key }: Named) => key === 'loss';
  return [...figures.filter((figure) => !isLoss(figure)), ...figures.filter(isLoss)];
}

function epochTable({ history, validation }: RunReport): string {
  if (history.length === 0) return '';
  const other = validation === undefined ? 'test' : 'validation';
  // epochs before a checkpoint may have been measured by other metrics
  const [own, others] = [namesIn(history, figuresOf), namesIn(history, validationFigures)];
  const cells = (names: readonly FigureName[], figures: readonly Figure[]) =>
    names.map(({ key }) => figures.find((figure) => figure.key === key)?.value.toFixed(4) ?? '');
  return table(
    [
      'epoch',
      ...own.map(({ name }) => name),
      ...others.map(({ name }) => `${other} ${name}`),
      'seconds',
    ],
    history.map((event) => [
      String(event.epoch),
      ...cells(own, figuresOf(event)),
      ...cells(others, validationFigures(event)),
      event.seconds.toFixed(3),
    ]),
  );
}
