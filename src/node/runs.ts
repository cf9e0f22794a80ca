/** Finished runs, as `convlet train` leaves them in folders, side by side. @module */
import { join } from 'node:path';
import { isRecord } from '../base/brands.ts';
import { describe } from '../base/errors.ts';
import { printable } from '../base/printable.ts';
import type { EpochEvent } from '../base/types.ts';
import { inFile, parseJson } from '../formats/convlet/content.ts';
import { readHistory } from '../model/checkpoint.ts';
import { type Figure, figuresOf } from './figures.ts';
import { MOST_TEXT_BYTES, readInput } from './files.ts';

/** A run, read from its history.json. */
export interface FinishedRun {
  readonly folder: string;
  readonly settings: Readonly<Record<string, unknown>>;
  /** The same as texts, by path: `optimizer.learningRate`. */
  readonly texts: ReadonlyMap<string, string>;
  readonly epochs: readonly EpochEvent[];
  /** Of the test set. */
  readonly figures: readonly Figure[];
  readonly seconds: number;
}

/** Reads the run in a folder. @throws {Error} in one line, if there is none. */
export async function readFinishedRun(folder: string): Promise<FinishedRun> {
  const file = join(folder, 'history.json');
  const bytes = await readInput(file, { most: MOST_TEXT_BYTES });
  const fields = parseJson(new TextDecoder().decode(bytes), 'the history of a run', file);
  const { settings, epochs, evaluation, seconds } = isRecord(fields) ? fields : {};
  if (!isRecord(settings) || !isRecord(evaluation) || typeof seconds !== 'number') {
    throw new Error(
      `${file}: expected settings, epochs, evaluation and seconds, got ${describe(fields)} without. Use the folder of a run of convlet train.`,
    );
  }
  return {
    folder,
    settings,
    texts: new Map(flat('', settings)),
    epochs: inFile(file, () => readHistory('epochs', epochs)),
    figures: figuresOf(evaluation),
    seconds,
  };
}

function flat(path: string, value: unknown): (readonly [string, string])[] {
  if (!isRecord(value)) {
    const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'none');
    return [[path, printable(text)]];
  }
  return Object.entries(value).flatMap(([name, inner]) =>
    flat(path === '' ? printable(name) : `${path}.${printable(name)}`, inner),
  );
}

/** The settings that are not the same in all runs, in the order of the first that has them. */
export function differences(runs: readonly FinishedRun[]): readonly string[] {
  const names = new Set(runs.flatMap(({ texts }) => [...texts.keys()]));
  return [...names].filter((name) => new Set(runs.map(({ texts }) => texts.get(name))).size > 1);
}

/** The best first: by the largest accuracy, or else the smallest loss. Of equal ones the first stays first. */
export function bestFirst(runs: readonly FinishedRun[]): readonly FinishedRun[] {
  const figureOf = (run: FinishedRun, key: string) =>
    run.figures.find((figure) => figure.key === key)?.value;
  const isByAccuracy = runs.every((run) => figureOf(run, 'accuracy') !== undefined);
  const rank = (run: FinishedRun) =>
    isByAccuracy
      ? -(figureOf(run, 'accuracy') ?? 0)
      : (figureOf(run, 'loss') ?? Number.POSITIVE_INFINITY);
  return [...runs].sort((a, b) => rank(a) - rank(b));
}
