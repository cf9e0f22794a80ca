/**
 * Tables of images: a row an image, a label and its pixels, as Kaggle's `label,pixel0,pixel1,…`, with a header or without. Whoever
 * reads the file gives the rows one after another.
 * @module
 */
import { describe, FormatError } from '../../base/errors.ts';
import { type ArrayPart, imagesOfRows } from './arrays.ts';
import type { ReadSettings } from './source.ts';

/** Names of a column of labels. */
const LABEL = /^(label|labels|class|target|y)$/i;

/** The rows of a file, not yet images. */
export class CsvTable {
  readonly #path: string;
  readonly #name: string;
  readonly #settings: ReadSettings;
  readonly #labels: string[] = [];
  readonly #rows: (Uint8Array | Float32Array)[] = [];
  #columns = 0;
  #label = -1;

  /**
   * @param path Begins the messages.
   * @param name For people.
   */
  constructor(path: string, name: string, settings: ReadSettings) {
    this.#path = path;
    this.#name = name;
    this.#settings = settings;
  }

  /** Takes the next row. @param line Where it ends in the file. */
  add(record: readonly string[], line: number): void {
    const { labelColumn, bad } = this.#settings;
    if (this.#columns === 0) {
      const isHead = isHeader(record, labelColumn);
      this.#columns = record.length;
      this.#label =
        findLabel(this.#path, record, isHead, labelColumn) ?? missingLabel(this.#path, record);
      if (isHead) return;
    }
    try {
      const row = rowOf(`${this.#path}: line ${line}`, record, this.#columns, this.#label);
      this.#rows.push(row);
      this.#labels.push(labelOf(record[this.#label] ?? ''));
    } catch (cause) {
      bad.report(cause as Error);
    }
  }

  /** The images and labels. @throws {FormatError | ShapeError} if there are none, or the rows are no images. */
  part(): ArrayPart {
    const rows = this.#rows;
    const [first] = rows;
    if (first === undefined) {
      throw new FormatError(
        `${this.#path}: expected rows of a label and pixels, got none. Use a file with such rows.`,
        0,
      );
    }
    const isBytes =
      rows.every((row) => row instanceof Uint8Array) &&
      rows.some((row) => row.some((value) => value > 1));
    const pixels = new (isBytes ? Uint8Array : Float32Array)(rows.length * first.length);
    for (const [n, row] of rows.entries()) pixels.set(row, n * first.length);
    const images = imagesOfRows(this.#path, pixels, first.length, this.#settings);
    return { ...images, labels: this.#labels, name: this.#name };
  }
}

/** Whether a table that begins with this row has labels. */
export function hasLabels(
  path: string,
  record: readonly string[],
  { labelColumn }: ReadSettings,
): boolean {
  return findLabel(path, record, isHeader(record, labelColumn), labelColumn) !== undefined;
}

/** What csv-parse is told, whoever reads. */
export const CSV_OPTIONS: Readonly<Record<string, boolean | number | string[]>> = {
  delimiter: [',', ';', '\t'],
  max_record_size: 67_108_864, // characters
  relax_column_count: true, // counted here, with the line in the message
  skip_empty_lines: true,
};

/** The name of the package, and its version. */
export const CSV_PACKAGE = 'csv-parse@7.0.3';

/** What csv-parse could not read: the code of its error as words, and the line. Its messages quote the file. */
export function unreadable(path: string, cause: unknown): FormatError {
  const { code, lines, message }: { code?: unknown; lines?: unknown; message?: unknown } =
    Object(cause);
  const reason = String(code ?? message ?? cause);
  const words = reason.replace(/^CSV_/, '').replaceAll('_', ' ').toLowerCase();
  return new FormatError(
    `${path}: expected CSV, got what could not be read (${typeof lines === 'number' ? `${words}, line ${lines}` : reason}). Save it as CSV in UTF-8.`,
    0,
  );
}

/** A row of names: at least two of its cells, or all of them, are no numbers; or the name of the labels beside 0, 1, 2, … */
function isHeader(record: readonly string[], asked: string | undefined): boolean {
  const names = record.filter((cell) => Number.isNaN(numberOf(cell)));
  if (names.length !== 1) return names.length > 0;
  const name = names[0]?.trim() ?? '';
  if (name !== asked && !LABEL.test(name)) return record.length === 1;
  const numbers = record.map(numberOf).filter((number) => !Number.isNaN(number));
  const [first = 0] = numbers;
  return (first === 0 || first === 1) && numbers.every((number, i) => number === first + i);
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
    if (!Number.isFinite(Math.fround(value))) {
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

/** A whole number: `3`, `3.0`, or `3.000e+00` as NumPy's savetxt writes it. */
const WHOLE = /^[+-]?\d+(\.0*|\.\d+e[+-]\d\d)?$/i;

/** Whole numbers in one spelling, `3` for `3.0`; everything else as it is written, so that different labels stay different. */
function labelOf(cell: string): string {
  const text = cell.trim();
  const value = WHOLE.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(value) ? String(value) : text;
}
