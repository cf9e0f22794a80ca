/** A run as text: the machine, the kernels, training. @module */
import { type Figures, figuresOf, WIDE_SPREAD } from './figures.ts';
import type { Reading } from './peak.ts';
import type { BenchRun, CaseResult, TrainingResult } from './result.ts';
import { digits, formatBytes, formatTable, formatTime, percent } from './text.ts';
import { EPOCH_IMAGES } from './training.ts';

/** Set beside a figure that the spread makes doubtful. */
const DOUBT = '~';
/** Overhead is the small difference of two large times. */
const OVERHEAD_SPREAD = 0.02;

/** The whole run. */
export function showRun(run: BenchRun): string {
  const blocks = [showMachine(run)];
  if (run.wrong.length > 0) {
    const lines = run.wrong.map(({ kernel, shape, reason }) => `  ${kernel} ${shape}: ${reason}`);
    blocks.push(`WRONG, and therefore not timed:\n${lines.join('\n')}`);
  }
  if (run.cases.length > 0) blocks.push(showKernels(run));
  if (run.training.length > 0) blocks.push(showTraining(run.training));
  if (run.notes.length > 0) blocks.push(run.notes.join('\n'));
  return blocks.join('\n\n');
}

function showMachine({ machine, peak, bandwidths, timerResolution }: BenchRun): string {
  const { cpu, cores, platform, runtime, v8, kernelsSha256, kernelsBytes } = machine;
  const reads = bandwidths.map(
    (reading) => `${formatBytes(reading.bytes)} ${showReading(reading)}`,
  );
  return [
    `machine    ${cpu}, ${cores} cores, ${platform}, ${runtime} (V8 ${v8})`,
    `kernels    kernels.wasm ${kernelsSha256.slice(0, 12)}, ${kernelsBytes.toLocaleString('en')} bytes; one thread, caches warm`,
    `peak       ${showReading(peak)} GFLOP/s, f32 multiply and add at 128 bits, ${peak.readings} readings among the cases`,
    `reads      ${reads.join('   ')}   GB/s from a block of so many bytes`,
    `clock      steps of ${formatTime(timerResolution)}; shorter calls than 10 µs are timed in batches`,
  ].join('\n');
}

function showReading({ rate, spread }: Reading): string {
  return `${digits(rate)} ±${percent(spread)}${spread > WIDE_SPREAD ? DOUBT : ''}`;
}

function showKernels(run: BenchRun): string {
  const rows = run.cases.map((result) => kernelRow(result, figuresOf(result, run.peak)));
  const headings = ['kernel', 'shape', 'median', 'spread', 'samples', 'rate', '', 'limit', '× JS'];
  return [
    formatTable(headings, rows, 2),
    '',
    'spread: median absolute deviation. limit: share of the peak, or of the speed at which a block as large is read beside',
    'the case: above 100 % where writes go on beside the reads, or wider than 128 bits. × JS: how many times as long the same',
    `loops take in plain JavaScript. ${DOUBT}: doubtful, for a spread above ${percent(WIDE_SPREAD)}, fewer than three samples, or a machine that just then`,
    `gave less than ${percent(1 - WIDE_SPREAD)} of its peak.`,
  ].join('\n');
}

function kernelRow({ kernel, shape, timing }: CaseResult, figures: Figures): string[] {
  const { rate, unit, share, ratio, isShareSteady, isRatioSteady } = figures;
  return [
    kernel,
    shape,
    formatTime(timing.milliseconds),
    `±${percent(timing.spread)}`,
    String(timing.samples),
    digits(rate),
    unit,
    `${percent(share)}${isShareSteady ? ' ' : DOUBT}`,
    `${digits(ratio)}${isRatioSteady ? ' ' : DOUBT}`,
  ];
}

function showTraining(training: readonly TrainingResult[]): string {
  const rows = training.map(trainingRow);
  const headings = [
    'fit',
    'threads',
    'images/s',
    'ms/epoch',
    'spread',
    'epochs',
    'gather',
    'forward',
    'loss',
    'backward',
    'update',
    'overhead',
    'share',
  ];
  return [
    formatTable(headings, rows, 1),
    '',
    `ms of an epoch of ${EPOCH_IMAGES.toLocaleString('en')} images, batch 128; those of networks timed on fewer images are scaled and marked *.`,
    'overhead: what fit takes beyond the kernel calls of its parts, timed in epochs between its own; as doubtful as their spread is wide.',
  ].join('\n');
}

function trainingRow(result: TrainingResult): string[] {
  const { network, threads, images, milliseconds, spread, samples, parts, partsSpread } = result;
  const doubt = spread > WIDE_SPREAD ? DOUBT : '';
  const row = [
    images === EPOCH_IMAGES ? network : `${network} *`,
    String(threads),
    Math.round((EPOCH_IMAGES / milliseconds) * 1000).toLocaleString('en') + doubt,
    digits(milliseconds),
    `±${percent(spread)}`,
    String(samples),
  ];
  if (parts === undefined) return [...row, ...Array.from({ length: 7 }, () => '')];
  const { gather, forward, loss, backward, update } = parts;
  const overhead = milliseconds - (gather + forward + loss + backward + update);
  const overheadDoubt = Math.max(spread, partsSpread ?? 0) > OVERHEAD_SPREAD ? DOUBT : '';
  const times = [gather, forward, loss, backward, update, overhead].map(digits);
  return [...row, ...times, percent(overhead / milliseconds) + overheadDoubt];
}
