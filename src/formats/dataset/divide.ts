/** What was found becomes data sets: labels become classes, and images are for training or for testing. @module */
import { describe } from '../../base/errors.ts';
import type { Dataset } from '../../base/types.ts';
import { distinctLabels, emptyLabels, nameClasses } from '../../data/classNames.ts';
import { allOf, type Choice, choose, formatCount, holdOut } from './choose.ts';
import { type LabelledSource, sourceOf } from './datasetSource.ts';
import type { LoadOptions } from './loadOptions.ts';
import type { ReadSettings, Source } from './source.ts';

/** What `loadDataset` and `decodeDataset` give. */
export interface LoadedDataset extends Loaded {
  readonly train: Dataset;
}

/** What `loadDataset` gives with `stream`. */
export interface StreamedDataset extends Loaded {
  /** For `fit`. Its `identity` follows from all labels and from the pixels of some images. */
  readonly train: LabelledSource;
}

interface Loaded {
  readonly test: Dataset;
  readonly classNames: readonly string[];
  /** A line for each picture or row that was passed over, with `skipBad`. */
  readonly skipped: readonly string[];
}

const TEST_SHARE = 0.1;

/**
 * Divides a source, and reads its images.
 * @param path Begins the messages.
 * @throws {RangeError} if options do not fit, or a part would have no image.
 */
export async function divide(
  path: string,
  source: Source,
  given: LoadOptions,
  { bad, isStreamed }: Pick<ReadSettings, 'bad' | 'isStreamed'>,
): Promise<LoadedDataset | StreamedDataset> {
  const { seed = 1, testSplit, labelColumn } = given;
  const { train: whole, test: own } = source;
  if (own !== undefined && testSplit !== undefined && path !== 'mnist') {
    throw new RangeError(
      `${path}: expected no testSplit, as it has a test part, got ${testSplit}. Leave it out.`,
    );
  }
  if (labelColumn !== undefined && source.hasColumns !== true) {
    throw new RangeError(
      `${path}: expected no labelColumn, as it is no CSV, got ${describe(labelColumn)}. Leave it out.`,
    );
  }
  const parts = [whole, ...(own ? [own] : [])];
  const labels = parts.flatMap(({ labels, known = [] }) => [...new Set([...labels, ...known])]);
  const { names, classOf } = nameClasses(
    path,
    distinctLabels(labels, source.order),
    given.classNames,
  );
  const held = own === undefined ? holdOut(path, whole, testSplit ?? TEST_SHARE, seed) : undefined;
  const chosen = [
    choose(source, held?.train ?? allOf(whole), false, 'trainSamples', given, seed),
    choose(
      source,
      held?.test ?? allOf(own ?? whole),
      own !== undefined,
      'testSamples',
      given,
      seed,
    ),
  ] as const;
  const reader = await source.open(chosen);
  const [trainChoice, testChoice] = chosen;
  const classesOf = ({ isTest }: Choice, indices: readonly number[]) => {
    const { labels } = isTest && own !== undefined ? own : whole;
    const found = emptyLabels(indices.length, names.length);
    for (const [n, index] of indices.entries()) found[n] = classOf.get(labels[index] ?? '') ?? 0;
    return found;
  };
  const facts = ({ isTest }: Choice, note: string) => ({
    classes: names.length,
    classNames: names,
    preparation: source.preparation,
    name: (isTest && own !== undefined ? own : whole).name + note,
  });
  const total = isStreamed
    ? testChoice.indices.length
    : chosen.reduce((sum, { indices }) => sum + indices.length, 0);
  let done = 0;
  const tell = () => given.onProgress?.(++done, total);
  const load = async (choice: Choice, note: string): Promise<Dataset> => {
    const { images, shape, indices } = await reader.read(choice, tell);
    if (indices.length === 0) {
      throw new RangeError(
        `${path}: expected at least one image in each part, got none that could be read. Mend the files that were passed over.`,
      );
    }
    return { images, shape, labels: classesOf(choice, indices), ...facts(choice, note) };
  };
  const suffix = held === undefined ? '' : `, ${formatCount(held.test.length)} held out`;
  const common = { classNames: names, skipped: bad.lines };
  if (isStreamed) {
    const { indices, note } = trainChoice;
    const labels = classesOf(trainChoice, indices);
    const train = await sourceOf(reader, indices, { labels, ...facts(trainChoice, note) });
    return { train, test: await load(testChoice, suffix + testChoice.note), ...common };
  }
  const train = await load(trainChoice, trainChoice.note);
  return { train, test: await load(testChoice, suffix + testChoice.note), ...common };
}
