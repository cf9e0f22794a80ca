/** A run as text: the machine, the kernels, training, each table with a legend. @module */
import { tableLines } from '../base/textTable.ts';
import { machineNoise } from './figures.ts';
import type { Reading } from './peak.ts';
import { type BenchRun, vectorBits } from './result.ts';
import { kernelTable, NOISE_RULE, type Table, trainingTable } from './table.ts';
import { digits, formatBytes, formatTime, percent } from './text.ts';

/** The whole run. @param width Characters of a line: wider tables become lists. @default no limit */
export function showRun(run: BenchRun, width?: number): string {
  const noise = machineNoise(run);
  return [
    machineLines(run)
      .map(([name, value]) => `${name.padEnd(10)} ${value}`)
      .join('\n'),
    ...(run.wrong.length > 0 ? [showWrong(run)] : []),
    ...(run.cases.length > 0 ? [showTable(kernelTable(run), width)] : []),
    ...(run.training.length > 0 ? [showTable(trainingTable(run), width)] : []),
    ...(run.cases.length + run.training.length > 0 ? [NOISE_RULE] : []),
    ...(run.notes.length > 0 ? [run.notes.join('\n')] : []),
    ...(noise === undefined ? [] : [noise]),
  ].join('\n\n');
}

/** Facts of the machine, as names and values. */
export function machineLines(
  run: Pick<BenchRun, 'machine' | 'wide' | 'peak' | 'bandwidths' | 'timerResolution'>,
): [name: string, value: string][] {
  const { machine, peak, bandwidths, timerResolution } = run;
  const { cpu, cores, platform, runtime, engine, kernelsSha256, kernelsBytes } = machine;
  const reads = bandwidths.map(
    (reading) => `${formatBytes(reading.bytes)} ${showReading(reading)}`,
  );
  const by = engine === undefined ? runtime : `${runtime} (${engine})`;
  return [
    ['machine', `${cpu}, ${cores} cores, ${platform}, ${by}`],
    [
      'kernels',
      `kernels.wasm ${kernelsSha256.slice(0, 12)}, ${kernelsBytes.toLocaleString('en')} bytes`,
    ],
    [
      'peak',
      `${showReading(peak)} GFLOP/s, f32 multiply and add at ${vectorBits(run)} bits, ${peak.readings} readings among the cases`,
    ],
    ['reads', `${reads.join(', ')} GB/s from a block of this size`],
    ['clock', `steps of ${formatTime(timerResolution)}`],
  ];
}

function showReading({ rate, spread }: Reading): string {
  return `${digits(rate)} ±${percent(spread)}`;
}

function showWrong({ wrong }: BenchRun): string {
  const lines = wrong.map(({ kernel, shape, reason }) => `  ${kernel} ${shape}: ${reason}`);
  return `WRONG, and therefore not timed:\n${lines.join('\n')}`;
}

/** The table, and under it the meaning of its columns. */
function showTable({ columns, rows }: Table, width?: number): string {
  const explained = columns.filter(({ meaning }) => meaning !== '');
  const indent = Math.max(...columns.map(({ heading }) => heading.length)) + 2;
  const legend = explained.map(({ heading, meaning }) => `  ${heading.padEnd(indent)}${meaning}`);
  const { head, lines } = tableLines(columns, rows, width);
  return [...(head === '' ? [] : [head]), ...lines, '', ...legend].join('\n');
}
