/** Data sets out of bytes, in Node and in pages: .npz and CSV. @module */
import { wrongKind } from '../../base/checks.ts';
import { describe } from '../../base/errors.ts';
import { importOptional } from '../../base/optional.ts';
import { checkOptions, type OptionChecks } from '../../base/options.ts';
import { checkNamedBytes, type NamedBytes } from '../../data/idx.ts';
import { decodeNpz } from '../npz.ts';
import { type ArrayPart, arraySource } from './arrays.ts';
import { CSV_OPTIONS, CSV_PACKAGE, CsvTable, hasLabels, unreadable } from './csvTable.ts';
import { csvBytes } from './csvText.ts';
import { divide, type LoadedDataset } from './divide.ts';
import { type LoadOptions, loadChecks } from './loadOptions.ts';
import { openArrays } from './numpy.ts';
import { BadInputs, type ReadSettings, type Source } from './source.ts';

/** How bytes become a data set. */
export type DecodeOptions = Omit<LoadOptions, 'onProgress' | 'skipBad' | 'stream'>;

const WHERE = 'decodeDataset';
const { onProgress: _, skipBad: _skipBad, stream: _stream, ...checks } = loadChecks;
const decodeChecks: OptionChecks<DecodeOptions> = checks;

/**
 * The data set of a file, divided into training and testing as `loadDataset` divides it, to the same bytes: a `.npz` of NumPy
 * with `x_train`, `y_train` and maybe `x_test`, `y_test`, or `x` and `y`; a CSV with a label and the pixels in each row; two such
 * CSV, one of them with `test` in its name. The first bytes tell which it is.
 *
 * @param files The bytes, and a name for messages.
 * @param options As of `loadDataset`; what its files alone need is absent.
 * @returns data sets that the caller owns, with the names of the classes: labels that are words are these names.
 * @throws {FormatError} if a file is not whole, or no data set. @throws {RangeError | ShapeError} if options or data do not fit.
 * @throws {Error} in one line, if a package that reads them (fflate, csv-parse) is absent.
 * @example
 * const response = await fetch('shapes.npz');
 * const bytes = new Uint8Array(await response.arrayBuffer());
 * const { train, test, classNames } = await decodeDataset({ name: 'shapes.npz', bytes });
 */
export async function decodeDataset(
  files: NamedBytes | readonly NamedBytes[],
  options: DecodeOptions = {},
): Promise<LoadedDataset> {
  const list: readonly NamedBytes[] = Array.isArray(files) ? files : [files];
  if (list.length === 0) throw wrongKind(WHERE, 'files', 'a file or a list of files', files);
  for (const file of list) checkNamedBytes(WHERE, 'files', file);
  const given = checkOptions(WHERE, options, decodeChecks);
  const { size } = given;
  const settings = {
    size: typeof size === 'number' ? ([size, size] as const) : size,
    channels: given.channels,
    labelColumn: given.labelColumn,
    bad: new BadInputs(false, false),
    isStreamed: false,
  };
  const source = await sourceOf(list, settings);
  // without `stream` the training images are in memory
  return (await divide(list[0]?.name ?? '', source, given, settings)) as LoadedDataset;
}

async function sourceOf(files: readonly NamedBytes[], settings: ReadSettings): Promise<Source> {
  const [file, ...others] = files;
  if (file === undefined) throw new Error('internal: expected a file');
  const { name, bytes } = file;
  const isZip = bytes[0] === 0x50 && bytes[1] === 0x4b;
  if (isZip && others.length === 0) {
    return openArrays(name, name, await decodeNpz(bytes, name), settings);
  }
  const named = files.find((each) => /train/i.test(each.name)); // which may have test in it too: latest_train.csv
  const tests = files.filter((each) => each !== named && /test/i.test(each.name));
  const test = others.length > 0 && tests.length === 1 ? tests[0] : undefined;
  const train = files.find((each) => each !== test) ?? file;
  if (isZip || files.length > 2 || (others.length === 1 && test === undefined)) {
    const names = files.map((each) => describe(each.name)).join(', ');
    throw new RangeError(
      `${WHERE}: expected a .npz, a CSV, or two CSV of which one has test in its name, got ${names}. Give files that belong together.`,
    );
  }
  const isTested = test !== undefined && (await isLabelled(test, settings));
  const parts = [
    await readCsv(train, settings),
    isTested ? await readCsv(test, settings) : undefined,
  ] as const;
  return { ...arraySource(train.name, ...parts, 'picture', settings), hasColumns: true };
}

async function readCsv(file: NamedBytes, settings: ReadSettings): Promise<ArrayPart> {
  const table = new CsvTable(file.name, file.name, settings);
  await eachRecord(file, (record, line) => table.add(record, line));
  return table.part();
}

/** Whether a file has labels; an empty one has none. */
async function isLabelled(file: NamedBytes, settings: ReadSettings): Promise<boolean> {
  let answer = false;
  await eachRecord(
    file,
    (record) => {
      answer = hasLabels(file.name, record, settings);
    },
    1,
  );
  return answer;
}

/** Gives the records one after another, with the lines that they end on: a table of them all would take many times the file. */
async function eachRecord(
  { name, bytes }: NamedBytes,
  take: (record: string[], line: number) => void,
  most = -1,
): Promise<void> {
  const { parse } = await importOptional(
    CSV_PACKAGE,
    'CSV',
    () => import('csv-parse/browser/esm/sync'), // without the streams of Node, which pages have not
  );
  const text = await csvBytes(bytes, name);
  let refusal: unknown;
  try {
    parse(text, {
      ...CSV_OPTIONS,
      to: most,
      on_record: (record: string[], { lines }) => {
        try {
          take(record, lines);
        } catch (cause) {
          refusal = cause;
          throw cause;
        }
        return null;
      },
    });
  } catch (cause) {
    throw refusal ?? unreadable(name, cause);
  }
}
