/**
 * CSV files on disk, read as streams by the optional package csv-parse (RFC 4180, quotes and line ends in quotes included). What
 * their rows mean: formats/dataset/csvTable.ts.
 * @module
 */
import { createReadStream } from 'node:fs';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { FormatError } from '../../base/errors.ts';
import { importOptional } from '../../base/optional.ts';
import { type ArrayPart, arraySource } from '../../formats/dataset/arrays.ts';
import {
  CSV_OPTIONS,
  CSV_PACKAGE,
  CsvTable,
  hasLabels,
  unreadable,
} from '../../formats/dataset/csvTable.ts';
import { csvDecoder, damagedGzip, GZIP } from '../../formats/dataset/csvText.ts';
import type { ReadSettings, Source } from '../../formats/dataset/source.ts';
import { errorCode } from '../fileErrors.ts';
import { checkOrdinary, firstBytes } from '../files.ts';

/** A data set out of one file, or of two. A test file without labels, as Kaggle gives it, is left out. */
export async function openCsv(
  trainFile: string,
  testFile: string | undefined,
  settings: ReadSettings,
): Promise<Source> {
  const train = await readPart(trainFile, settings);
  const isTested = testFile !== undefined && (await isLabelled(testFile, settings));
  const test = isTested ? await readPart(testFile, settings) : undefined;
  return { ...arraySource(trainFile, train, test, 'picture', settings), hasColumns: true };
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

/** Reads all rows. */
async function readPart(path: string, settings: ReadSettings): Promise<ArrayPart> {
  const table = new CsvTable(path, basename(path), settings);
  for await (const { record, line } of recordsOf(path)) table.add(record, line);
  return table.part();
}

/** Whether a file has labels; an empty one has none. */
async function isLabelled(path: string, settings: ReadSettings): Promise<boolean> {
  for await (const { record } of recordsOf(path)) return hasLabels(path, record, settings);
  return false;
}

/** The records of a file with the lines that they end on. */
async function* recordsOf(path: string): AsyncGenerator<{ record: string[]; line: number }> {
  await checkOrdinary(path);
  const { parse } = await importOptional(CSV_PACKAGE, 'CSV', () => import('csv-parse'));
  const start = await firstBytes(path);
  const file = createReadStream(path);
  const bytes = start.startsWith(GZIP) ? pipeline(file, createGunzip(), toParser) : file;
  const decode = csvDecoder(path);
  const text = async function* (blocks: AsyncIterable<Uint8Array>) {
    for await (const block of blocks) yield decode(block);
    yield decode();
  };
  const parser = pipeline(bytes, text, parse({ ...CSV_OPTIONS, info: true }), toParser);
  try {
    for await (const { record, info } of parser) yield { record, line: info.lines };
  } catch (cause) {
    if (cause instanceof FormatError) throw cause;
    throw errorCode(cause).startsWith('Z_') ? damagedGzip(path) : unreadable(path, cause);
  }
}

/** Errors of a pipeline also end its last stream, which throws them where its records are read. */
function toParser(): void {}
