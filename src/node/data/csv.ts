/**
 * CSV: a row an image, a label and its pixels, as Kaggle's `label,pixel0,pixel1,…`. Commas, semicolons or tabs; with a header or
 * without. The optional package csv-parse reads it as a stream (RFC 4180, quotes and line ends in quotes included).
 * @module
 */
import { createReadStream } from 'node:fs';
import { basename, join } from 'node:path';
import { createGunzip } from 'node:zlib';
import { describe, FormatError } from '../../base/errors.ts';
import { importOptional } from '../../base/optional.ts';
import { errorCode } from '../fileErrors.ts';
import { checkOrdinary } from '../files.ts';
import { type ArrayPart, arraySource, imagesOfRows } from './arrays.ts';
import type { ReadSettings, Source } from './source.ts';

/** Names of a column of labels. */
const LABEL = /^(label|labels|class|target|y)$/i;
/** Longest row, in characters. */
const MOST_ROW = 2 ** 26;

/** The rows of a file, not yet images. */
interface Table {
  readonly path: string;
  readonly labels: string[];
  readonly rows: (Uint8Array | Float32Array)[];
}

/** A data set out of one file, or of two. A test file without labels, as Kaggle gives it, is left out. */
export async function openCsv(
  trainFile: string,
  testFile: string | undefined,
  settings: ReadSettings,
): Promise<Source> {
  const train = await readTable(trainFile, settings);
  const hasLabels =
    testFile !== undefined && (await labelColumnOf(testFile, settings)) !== undefined;
  const test = hasLabels ? partOf(await readTable(testFile, settings), settings) : undefined;
  return arraySource(trainFile, partOf(train, settings), test, 'picture', settings);
}

/** The files of a folder, if it holds CSV: the one with `train` in its name and the one with `test`, or the only one. */
export function csvFiles(
  folder: string,
  names: readonly string[],
): { readonly train: string; readonly test: string | undefined } | undefined {
  const files = names.filter((name) => /\.(csv|tsv)(\.gz)?$/i.test(name));
  const train =
    files.find((name) => /train/i.test(name)) ?? (files.length === 1 ? files[0] : undefined);
  if (train === undefined) return undefined;
  const test = files.find((name) => /test/i.test(name) && name !== train);
  return { train: join(folder, train), test: test === undefined ? undefined : join(folder, test) };
}

function partOf({ path, labels, rows }: Table, settings: ReadSettings): ArrayPart {
  const [first] = rows;
  if (first === undefined) {
    throw new FormatError(
      `${path}: expected rows of a label and pixels, got none. Use a file with such rows.`,
      0,
    );
  }
  const isBytes =
    rows.every((row) => row instanceof Uint8Array) &&
    rows.some((row) => row.some((value) => value > 1));
  const pixels = new (isBytes ? Uint8Array : Float32Array)(rows.length * first.length);
  for (const [n, row] of rows.entries()) pixels.set(row, n * first.length);
  const images = imagesOfRows(path, pixels, first.length, settings);
  return { ...images, labels, name: basename(path) };
}

/** Reads all rows. */
async function readTable(path: string, settings: ReadSettings): Promise<Table> {
  const table: Table = { path, labels: [], rows: [] };
  let columns = 0;
  let label = -1;
  for await (const { record, line } of recordsOf(path)) {
    if (columns === 0) {
      columns = record.length;
      const isHead = isHeader(record);
      label = findLabel(path, record, isHead, settings.labelColumn) ?? missingLabel(path, record);
      if (isHead) continue;
    }
    try {
      const row = rowOf(`${path}: line ${line}`, record, columns, label);
      table.rows.push(row);
      table.labels.push(labelOf(record[label] ?? ''));
    } catch (cause) {
      settings.bad.report(cause as Error);
    }
  }
  return table;
}

/** The column of the labels of a file, or undefined if it has none. */
async function labelColumnOf(path: string, settings: ReadSettings): Promise<number | undefined> {
  for await (const { record } of recordsOf(path)) {
    return findLabel(path, record, isHeader(record), settings.labelColumn);
  }
  return undefined;
}

/** The records of a file with the lines that they end on. */
async function* recordsOf(path: string): AsyncGenerator<{ record: string[]; line: number }> {
  await checkOrdinary(path);
  const { parse } = await importOptional('csv-parse@7.0.3', 'CSV', () => import('csv-parse'));
  const parser = parse({
    bom: true,
    delimiter: [',', ';', '\t'],
    info: true,
    max_record_size: MOST_ROW,
    relax_column_count: true, // counted here, with the line in the message
    skip_empty_lines: true,
  });
  const file = createReadStream(path);
  const unzip = path.endsWith('.gz') ? createGunzip() : undefined;
  file.on('error', (error) => parser.destroy(error));
  unzip?.on('error', (error) => parser.destroy(error));
  (unzip === undefined ? file : file.pipe(unzip)).pipe(parser);
  try {
    for await (const { record, info } of parser) yield { record, line: info.lines };
  } catch (cause) {
    throw new FormatError(
      `${path}: expected CSV, got what could not be read (${reasonOf(cause)}). Save it as CSV in UTF-8.`,
      0,
    );
  } finally {
    file.destroy();
  }
}

/** The code of an error as words, and the line: messages of csv-parse quote the file. */
function reasonOf(cause: unknown): string {
  const code = errorCode(cause);
  const { lines }: { lines?: unknown } = Object(cause);
  if (typeof lines !== 'number') return code;
  return `${code.replace(/^CSV_/, '').replaceAll('_', ' ').toLowerCase()}, line ${lines}`;
}

/** A row of names: at least two of its cells, or all of them, are no numbers. */
function isHeader(record: readonly string[]): boolean {
  const names = record.filter((cell) => Number.isNaN(numberOf(cell))).length;
  return names >= 2 || names === record.length;
}

/**
 * The place of the labels: the column that is asked for, by its name, or by its place if there is no header; else the column
 * `label`, `class`, `target` or `y`; without a header the first.
 */
function findLabel(
  path: string,
  record: readonly string[],
  isHead: boolean,
  asked: string | undefined,
): number | undefined {
  if (isHead) {
    const found = record.findIndex((name) =>
      asked === undefined ? LABEL.test(name.trim()) : name.trim() === asked,
    );
    return found < 0 ? undefined : found;
  }
  if (asked === undefined) return 0;
  const place = numberOf(asked);
  if (Number.isInteger(place) && place >= 0 && place < record.length) return place;
  throw new RangeError(
    `${path}: expected the label column by its place from 0 to ${record.length - 1}, as there is no header, got ${describe(asked)}. Give its place, or a header.`,
  );
}

function missingLabel(path: string, record: readonly string[]): never {
  const names = record.slice(0, 5).map((name) => describe(name));
  throw new RangeError(
    `${path}: expected a column label, or one that labelColumn names (--label-column), got ${names.join(', ')}${record.length > 5 ? ', …' : ''}. Name the column of the labels.`,
  );
}

/** The pixels of a row: bytes if all of them are. @throws {FormatError} naming the line. */
function rowOf(
  where: string,
  record: readonly string[],
  columns: number,
  label: number,
): Uint8Array | Float32Array {
  if (record.length !== columns) {
    throw new FormatError(
      `${where}: expected ${columns} cells, got ${record.length}. Give every row as many.`,
      0,
    );
  }
  if (record[label]?.trim() === '')
    throw new FormatError(
      `${where}: expected a label, got an empty cell. Fill it, or remove the row.`,
      0,
    );
  const row = new Float32Array(columns - 1);
  let isBytes = true;
  for (let column = 0, at = 0; column < columns; column++) {
    if (column === label) continue;
    const value = numberOf(record[column] ?? '');
    if (!Number.isFinite(value)) {
      throw new FormatError(
        `${where}: expected a number in column ${column + 1}, got ${describe(record[column])}. Keep only the label and the pixels.`,
        0,
      );
    }
    isBytes &&= Number.isInteger(value) && value >= 0 && value <= 255;
    row[at++] = value;
  }
  return isBytes ? Uint8Array.from(row) : row;
}

/** A number, or NaN; an empty cell is none. */
function numberOf(cell: string): number {
  return cell.trim() === '' ? Number.NaN : Number(cell);
}

/** Numbers in one spelling: `3` for `3.0`. */
function labelOf(cell: string): string {
  const value = numberOf(cell);
  return Number.isFinite(value) ? String(value) : cell.trim();
}
