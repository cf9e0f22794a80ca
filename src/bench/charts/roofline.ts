/**
 * The roofline of a run (Williams, Waterman and Patterson, "Roofline: an insightful visual performance model", CACM
 * 2009): GFLOP/s over operations per byte, under the limits of this machine's arithmetic and memory.
 * @module
 */
import { doubtOf } from '../noise.ts';
import type { BenchRun, CaseResult } from '../result.ts';
import { firstShapes } from '../select.ts';
import { digits, formatTime } from '../text.ts';
import { type PlacedLabel, placeLabels } from './labels.ts';
import { type Drawing, drawingOf, type Plot } from './plot.ts';
import { labelPeak, labelRoofs, type Roof, type RoofLabel, roofsOf } from './roofs.ts';
import { type LogScale, logScale } from './scale.ts';
import {
  type ChartOptions,
  families,
  familyColours,
  familyOf,
  familySymbols,
  NARROW,
  shortName,
  svgOf,
} from './style.ts';

type Run = Pick<BenchRun, 'cases' | 'peak' | 'bandwidths'>;

/** The roofline as a picture. */
export interface RooflineChart {
  readonly svg: string;
  /** Names of the numbered points, if the chart is narrow. */
  readonly key: readonly string[];
  /** Kernels that do no arithmetic and so are not on the chart. */
  readonly missing: readonly string[];
}

/** A case on the chart. */
interface Point {
  readonly kernel: string;
  readonly family: string;
  /** Operations per byte. */
  readonly intensity: number;
  /** GFLOP/s. */
  readonly rate: number;
  readonly title: string;
  readonly isSteady: boolean;
}

const LINE = { strokeOpacity: 0.5, strokeWidth: 1.5 };
const TEXT = { stroke: 'var(--paper)', strokeWidth: 3, fill: 'currentColor' };
/** Factor of room around the lowest and the highest value. */
const ROOM = 1.8;

/** @returns undefined if no case does arithmetic. */
export function rooflineChart(run: Run, options: ChartOptions): RooflineChart | undefined {
  const points = run.cases.filter(({ work }) => work.flops > 0).map(pointOf);
  if (points.length === 0) return undefined;
  const isNarrow = options.width < NARROW;
  const labelled = firstShapes(points);
  const names = labelled.map(({ kernel }) => shortName(kernel));
  const texts = isNarrow ? names.map((_, index) => String(index + 1)) : names;
  const idle = run.cases.filter(({ work }) => work.flops === 0).map(({ kernel }) => kernel);
  return {
    svg: draw(run, drawingOf(options), points, labelled, texts),
    key: isNarrow ? names : [],
    missing: [...new Set(idle)],
  };
}

function pointOf({ kernel, shape, work, timing }: CaseResult): Point {
  const [intensity, rate] = [work.flops / work.bytes, work.flops / timing.milliseconds / 1e6];
  return {
    kernel,
    family: familyOf(kernel),
    intensity,
    rate,
    title: `${kernel} ${shape}\n${digits(rate)} GFLOP/s, ${digits(intensity)} operations a byte, ${formatTime(timing.milliseconds)} a call`,
    isSteady: doubtOf(timing) === undefined,
  };
}

function draw(
  run: Run,
  { plot, document, width }: Drawing,
  points: readonly Point[],
  labelled: readonly Point[],
  texts: readonly string[],
): string {
  const height = Math.round(Math.min(560, Math.max(400, width * 0.64)));
  const frame = { left: 46, top: 24, right: width - 14, bottom: height - 40 };
  const x = logScale(
    points.map(({ intensity }) => intensity),
    ROOM,
    [frame.left, frame.right],
  );
  const rates = [...points.map(({ rate }) => rate), run.peak.rate];
  const y = logScale(rates, ROOM, [frame.bottom, frame.top]);
  const at = ({ intensity, rate }: Point) => ({ x: x.apply(intensity), y: y.apply(rate) });
  const anchors = labelled.map((point, index) => ({ ...at(point), text: texts[index] }));
  const roofs = roofsOf(run.bandwidths, run.peak, x, y, width < NARROW);
  const roofLabels = [labelPeak(run.peak.rate, x, y), ...labelRoofs(roofs, points.map(at), x, y)];
  const roofSpots = roofLabels.flatMap(({ covers }) => covers);
  const labels = placeLabels(anchors, points.map(at), frame, roofSpots);
  const axis = { type: 'log', tickFormat: String } as const;
  const chart = plot.plot({
    ...(document && { document }),
    width,
    height,
    marginLeft: frame.left,
    marginTop: frame.top,
    marginRight: width - frame.right,
    marginBottom: height - frame.bottom,
    ariaLabel: 'Roofline: GFLOP/s of each kernel over its operations per byte',
    x: { ...axis, domain: x.domain, ticks: x.ticks, label: 'operations per byte' },
    y: { ...axis, domain: y.domain, ticks: y.ticks, label: 'GFLOP/s', grid: true },
    color: { domain: [...families], range: [...familyColours] },
    symbol: { domain: [...families], range: [...familySymbols] },
    marks: [
      ...roofMarks(plot, roofs, roofLabels, run.peak.rate, x, y),
      ...pointMarks(plot, points, labelled),
      ...labelMarks(plot, labels, x, y),
    ],
  });
  return svgOf(chart);
}

function roofMarks(
  plot: Plot,
  roofs: readonly Roof[],
  labels: readonly RoofLabel[],
  peak: number,
  x: LogScale,
  y: LogScale,
) {
  return [
    plot.link(roofs, {
      x1: 'start',
      x2: 'end',
      y1: ({ start, rate }) => start * rate,
      y2: ({ end, rate }) => end * rate,
      ...LINE,
    }),
    plot.ruleY([peak], { x1: roofs[0]?.end ?? x.domain[0], x2: x.domain[1], ...LINE }),
    ...labels.map((label) =>
      plot.text([label], {
        x: (roof) => x.invert(roof.x),
        y: (roof) => y.invert(roof.y),
        text: 'text',
        rotate: label.rotate,
        ...TEXT,
      }),
    ),
  ];
}

function pointMarks(plot: Plot, points: readonly Point[], labelled: readonly Point[]) {
  const isLabelled = new Set(labelled);
  const place = {
    x: 'intensity',
    y: 'rate',
    stroke: 'family',
    symbol: 'family',
    title: 'title',
  } as const;
  return [
    plot.dot(
      points.filter((point) => !isLabelled.has(point)),
      { ...place, r: 2.2, strokeOpacity: 0.6, strokeWidth: 1 },
    ),
    plot.dot(
      labelled.filter(({ isSteady }) => isSteady),
      { ...place, r: 4.5, fill: 'family' },
    ),
    plot.dot(
      labelled.filter(({ isSteady }) => !isSteady),
      { ...place, r: 4.5, fill: 'none', strokeWidth: 1.5 },
    ),
  ];
}

function labelMarks(plot: Plot, labels: readonly PlacedLabel[], x: LogScale, y: LogScale) {
  return [
    plot.link(
      labels.filter(({ isFar }) => isFar),
      {
        x1: ({ anchor }) => x.invert(anchor.x),
        y1: ({ anchor }) => y.invert(anchor.y),
        x2: (label) => x.invert(label.x),
        y2: (label) => y.invert(label.y),
        strokeOpacity: 0.35,
      },
    ),
    plot.text(labels, {
      x: (label) => x.invert(label.x),
      y: (label) => y.invert(label.y),
      text: 'text',
      ...TEXT,
    }),
  ];
}
