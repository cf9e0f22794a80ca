/** The measurements, for people and for programs: the table, the ratios, and whether all targets are met. */
import { availableParallelism, cpus, loadavg } from 'node:os';
import type { MissingEngine } from './engine.ts';
import type { Plan, Row } from './measure.ts';

export interface Report {
  readonly date: string;
  readonly machine: {
    readonly cpu: string;
    readonly cores: number;
    readonly platform: string;
    /** Programs that wanted to run in the minute before. */
    readonly load: number;
  };
  readonly data: { readonly name: string; readonly sha256: string };
  readonly plan: Plan;
  readonly rows: readonly Row[];
  readonly missing: readonly MissingEngine[];
}

/** An epoch in Chromium beside one in the Node that npm runs on, on as many threads. */
export interface Ratio {
  readonly place: string;
  readonly threads: number;
  /** Of the medians. */
  readonly ratio: number;
  /** Of the quickest epochs: what is left of it on a machine that does other things too. */
  readonly quickest: number;
}

/** What an epoch in Chromium may take, in epochs of Node. */
export const MOST_BESIDE_NODE = 1.3;

/** Ask before anything is measured. */
export function describeMachine(): Report['machine'] {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    platform: `${process.platform} ${process.arch}`,
    load: loadavg()[0] ?? 0,
  };
}

/** Rows that have failed, or whose weights are not those of the first row. */
export function wrongRows({ rows }: Report): Row[] {
  const expected = rows[0]?.weightsSha256;
  return rows.filter(
    ({ weightsSha256 }) => weightsSha256 === undefined || weightsSha256 !== expected,
  );
}

export function ratios({ rows }: Report): Ratio[] {
  return rows
    .filter(({ name }) => name === 'Chromium')
    .flatMap(({ place, threads, milliseconds }) => {
      const node = rows.find((row) => row.name === 'Node' && row.threads === threads);
      const others = node?.milliseconds ?? [];
      const ratio = median(milliseconds) / median(others);
      const quickest = Math.min(...milliseconds) / Math.min(...others);
      return Number.isFinite(ratio) ? [{ place, threads, ratio, quickest }] : [];
    });
}

/** @param isRequired Whether an engine that is not here is a fault. @param isTimed Whether the ratios count. */
export function isAsPromised(report: Report, isRequired: boolean, isTimed: boolean): boolean {
  if (report.rows.length === 0 || wrongRows(report).length > 0) return false;
  if (isRequired && report.missing.length > 0) return false;
  return !isTimed || ratios(report).every(({ ratio }) => ratio <= MOST_BESIDE_NODE);
}

/** The lines of the table. */
export function tableLines(report: Report): string[] {
  const { date, machine, data, plan, rows, missing } = report;
  const wrong = new Set(wrongRows(report));
  const cells = rows.map((row) => [
    row.version,
    row.place,
    String(row.threads),
    row.weightsSha256?.slice(0, 16) ?? '',
    ...[median(row.milliseconds), Math.min(...row.milliseconds)].map((milliseconds) =>
      Number.isFinite(milliseconds) ? milliseconds.toFixed(0) : '',
    ),
    row.failed === undefined ? (wrong.has(row) ? 'differs' : 'ok') : `failed: ${row.failed}`,
  ]);
  const { epochs, rounds, warmUp } = plan;
  const counted = warmUp === 0 ? '' : `, the first ${warmUp} of each training not counted`;
  return [
    `${date.slice(0, 10)}  ${machine.cpu}, ${machine.cores} cores, ${machine.platform}`,
    `the reference network, seed 1, batch 128, ${epochs} epochs × ${rounds}${counted}`,
    `${data.name}, sha256 ${data.sha256.slice(0, 16)}`,
    '',
    ...align([['engine', 'where', 'threads', 'weights', 'ms an epoch', 'quickest', ''], ...cells]),
    ...busyLines(machine),
    ...missing.map(({ name, missing: how }) => `${name}: skipped, not here: ${how}`),
  ];
}

export function ratioLines(report: Report): string[] {
  return ratios(report).map(({ place, threads, ratio, quickest }) => {
    const verdict = ratio <= MOST_BESIDE_NODE ? 'met    ' : 'not met';
    const what = `Chromium / Node, threads: ${threads}, ${place}`;
    return `${verdict}  ${ratio.toFixed(2)} ≤ ${MOST_BESIDE_NODE}  ${what}; quickest epochs ${quickest.toFixed(2)}`;
  });
}

/** A notice for a busy machine: its times include other work. */
function busyLines({ load, cores }: Report['machine']): string[] {
  if (load < cores / 2) return [];
  return [
    `busy: load ${load.toFixed(1)} on ${cores} cores before the start; only the quickest epochs mean something`,
  ];
}

/** The median of the samples; NaN if there are none. */
function median(samples: readonly number[]): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return low === undefined || high === undefined ? Number.NaN : (low + high) / 2;
}

/** Columns under one another, numbers to the right, and a rule under the heads. */
function align(lines: readonly (readonly string[])[]): string[] {
  const [heads = [], ...cells] = lines;
  const widths = heads.map((_, column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0)),
  );
  const isNumber = (column: number) => cells.every((line) => /^\d*$/.test(line[column] ?? ''));
  const pad = (text: string, column: number) =>
    isNumber(column) && heads[column] !== ''
      ? text.padStart(widths[column] ?? 0)
      : text.padEnd(widths[column] ?? 0);
  const rule = widths
    .slice(0, -1)
    .map((width) => '─'.repeat(width))
    .join('  ');
  const [head = '', ...rest] = lines.map((line) => line.map(pad).join('  ').trimEnd());
  return [head, rule, ...rest];
}
