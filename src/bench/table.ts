/** A run as tables of texts, with the meaning of each column: for a terminal, a report, a page. @module */
import { figuresOf, speedUp } from './figures.ts';
import { FEW_SAMPLES, showRatio, WIDE_SPREAD } from './noise.ts';
import type { BenchRun, CaseResult, TrainingResult } from './result.ts';
import { digits, formatTime, percent } from './text.ts';
import { EPOCH_IMAGES } from './training.ts';

/** Largest spread at which overhead is shown: it is the small difference of two large times. */
const OVERHEAD_SPREAD = 0.02;

/** A column of a table, with what it means. */
export interface Column {
  readonly heading: string;
  /** Empty for a column with the units of the column before it. */
  readonly meaning: string;
  /** True for texts, which are flush left; figures are flush right. */
  readonly isText?: true;
}

/** Texts in rows, and what their columns mean. */
export interface Table {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly string[])[];
}

/** When a dash is shown instead of a figure. */
export const NOISE_RULE: string = [
  `too noisy: no ratio is told if a spread is above ${percent(WIDE_SPREAD)} or there are fewer than ${FEW_SAMPLES} samples, and no overhead above ${percent(OVERHEAD_SPREAD)}.`,
  `busy: other programs had more than ${percent(WIDE_SPREAD)} of the machine: its peak was lower just then, or the bench waited for a core.`,
].join('\n');

const KERNEL_COLUMNS: readonly Column[] = [
  {
    heading: 'kernel',
    meaning: 'function of kernels.wasm, checked against the oracle before it was timed',
    isText: true,
  },
  {
    heading: 'shape',
    meaning: 'batch×channels×height×width of images, m×n×k of products, length of flat blocks',
    isText: true,
  },
  { heading: 'median', meaning: 'time of a call: median of the samples, one thread, caches warm' },
  {
    heading: 'spread',
    meaning: 'median absolute deviation of the samples, divided by their median',
  },
  { heading: 'samples', meaning: 'number of timings; short calls are timed many at a time' },
  {
    heading: 'rate',
    meaning:
      'arithmetic, or bytes read and written, per second; convolutions count the direct sum, and Winograd needs less',
  },
  { heading: '', meaning: '' },
  {
    heading: 'limit',
    meaning:
      'share of the multiply-add peak, or of the speed at which a block of this size is read here (Winograd, and writes beside reads, can pass 100 %)',
  },
  { heading: '× JS', meaning: 'how many times as long the same loops take in plain JavaScript' },
];

/** A row for every case that was right. */
export function kernelTable({ cases, peak }: Pick<BenchRun, 'cases' | 'peak'>): Table {
  const row = (result: CaseResult) => {
    const { kernel, shape, timing } = result;
    const { rate, unit, share, ratio } = figuresOf(result, peak);
    return [
      kernel,
      shape,
      formatTime(timing.milliseconds),
      `±${percent(timing.spread)}`,
      String(timing.samples),
      digits(rate),
      unit,
      showRatio(share, percent),
      showRatio(ratio, digits),
    ];
  };
  return { columns: KERNEL_COLUMNS, rows: cases.map(row) };
}

const TRAINING_COLUMNS: readonly Column[] = [
  {
    heading: 'fit',
    meaning: 'network trained by model.fit, batch 128; * timed on fewer images and scaled',
    isText: true,
  },
  { heading: 'threads', meaning: 'number of threads that share each step' },
  { heading: 'images/s', meaning: 'images per second of training, shuffling and metrics included' },
  {
    heading: 'ms/epoch',
    meaning: `median time of ${EPOCH_IMAGES.toLocaleString('en')} images`,
  },
  {
    heading: 'spread',
    meaning: 'median absolute deviation of the epochs, divided by their median',
  },
  { heading: 'epochs', meaning: 'number of timed epochs, after one to warm up' },
  { heading: 'gather', meaning: 'ms per epoch: images by index, bytes to f32' },
  { heading: 'forward', meaning: 'ms: the layers' },
  { heading: 'loss', meaning: 'ms: softmax with cross-entropy' },
  { heading: 'backward', meaning: 'ms: the layers, backward' },
  { heading: 'update', meaning: "ms: sum of the gradients, the optimizer's step" },
  { heading: 'overhead', meaning: 'share of everything else: order, events, event loop' },
  { heading: 'gain', meaning: 'how many times as fast as on one thread' },
];
const NO_PARTS: readonly string[] = ['', '', '', '', '', ''];

/** A row for every network and number of threads. */
export function trainingTable({ training }: Pick<BenchRun, 'training'>): Table {
  const row = (result: TrainingResult) => {
    const { network, threads, images, milliseconds, spread, samples } = result;
    const gain = speedUp(result, training);
    return [
      images === EPOCH_IMAGES ? network : `${network}\u00a0*`,
      String(threads),
      Math.round((EPOCH_IMAGES / milliseconds) * 1000).toLocaleString('en'),
      digits(milliseconds),
      `±${percent(spread)}`,
      String(samples),
      ...partCells(result),
      gain === undefined ? '' : showRatio(gain, digits),
    ];
  };
  return { columns: TRAINING_COLUMNS, rows: training.map(row) };
}

function partCells({ milliseconds, spread, parts, partsSpread = 0 }: TrainingResult) {
  if (parts === undefined) return NO_PARTS;
  const { gather, forward, loss, backward, update } = parts;
  const overhead = milliseconds - (gather + forward + loss + backward + update);
  const widest = Math.max(spread, partsSpread);
  const doubt = widest <= OVERHEAD_SPREAD ? undefined : `too noisy (±${percent(widest)})`;
  return [
    ...[gather, forward, loss, backward, update].map(digits),
    showRatio({ value: overhead / milliseconds, doubt }, percent),
  ];
}
