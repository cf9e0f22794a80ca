/**
 * A folder with one folder of pictures for each class, or with two such folders, for training and for testing.
 *
 *   pictures/cat/1.jpg      pictures/train/cat/1.jpg    (training)
 *   pictures/dog/2.png      pictures/test/dog/2.png     (testing; val, validation, if there is no other)
 *
 * Every file in a folder of a class is a picture, also in folders below it; names that begin with a dot are left out.
 * @module
 */
import { readdir, stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { basename, join, relative, sep } from 'node:path';
import { describe } from '../../base/errors.ts';
import { elementCount } from '../../base/shape.ts';
import type { Shape } from '../../base/types.ts';
import { commonSize, type Size } from '../../data/fitPicture.ts';
import type {
  Part,
  ReadSettings,
  RowReader,
  Rows,
  Selection,
  Source,
} from '../../formats/dataset/source.ts';
import { fileError } from '../fileErrors.ts';
import { absolute } from '../folders.ts';
import { decodePicture, type PictureFacts, readPictureFacts } from '../picture.ts';
import { readPicture } from '../pictureBytes.ts';

const TRAIN = ['train', 'training'];
const TEST = ['test', 'testing', 'val', 'valid', 'validation'];
/** What systems leave in folders. */
const JUNK = new Set(['Thumbs.db', 'desktop.ini']);
/** Most pictures that are decoded at a time. */
const MOST_AT_A_TIME = 8;

interface PicturePart extends Part {
  readonly paths: readonly string[];
}

/** The data set of a folder, or undefined if it has no folders. */
export async function openPictures(
  folder: string,
  settings: ReadSettings,
): Promise<Source | undefined> {
  const names = await foldersIn(folder);
  if (names.length === 0) return undefined;
  const title = basename(absolute(folder));
  const find = (known: readonly string[]) =>
    known.flatMap((name) => names.filter((other) => other.toLowerCase() === name))[0];
  const [training, testing] = [find(TRAIN), find(TEST)];
  const train = await readPart(training === undefined ? folder : join(folder, training), title);
  const hasTest = training !== undefined && testing !== undefined;
  const test = hasTest ? await readPart(join(folder, testing), `${title} ${testing}`) : undefined;
  return {
    train,
    ...(test && { test }),
    order: 'text',
    preparation: 'picture',
    isByClass: true,
    open: (selections) => openSelections(selections, train, test ?? train, settings),
  };
}

async function foldersIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw fileError(folder, 'a folder that can be read', cause, 'Check its permissions');
  });
  for (const entry of entries) {
    const { name } = entry;
    if (name.startsWith('.')) continue;
    const isFolder = entry.isSymbolicLink()
      ? await leadsToFolder(join(folder, name))
      : entry.isDirectory();
    if (isFolder) names.push(name);
  }
  return names.sort();
}

/** Whether a link leads to a folder. @throws {Error} if it leads nowhere: a class would be missing without a word. */
async function leadsToFolder(link: string): Promise<boolean> {
  const found = await stat(link).catch((cause: unknown) => {
    throw fileError(link, 'a link to a file or a folder', cause, 'Mend the link, or remove it');
  });
  return found.isDirectory();
}

/** The pictures of all classes, class by class, sorted by name. */
async function readPart(folder: string, name: string): Promise<PicturePart> {
  const labels: string[] = [];
  const paths: string[] = [];
  for (const label of await foldersIn(folder)) {
    const own = await picturesIn(join(folder, label));
    if (own.length === 0) {
      throw new Error(
        `${join(folder, label)}: expected pictures of the class ${describe(label)}, got none. Remove the folder, or fill it.`,
      );
    }
    for (const path of own) {
      labels.push(label);
      paths.push(path);
    }
  }
  if (paths.length > 0) return { name, labels, paths };
  throw new Error(
    `${folder}: expected a folder of pictures for each class, got no folders. Put the pictures of each class into a folder named after it.`,
  );
}

/** The paths of all pictures in a folder and the folders below it, sorted. */
export async function picturesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(
    (cause: unknown) => {
      throw fileError(folder, 'a folder of pictures', cause, 'Check its permissions');
    },
  );
  const paths = entries
    .filter((entry) => !entry.isDirectory() && !JUNK.has(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter(
      (path) =>
        !relative(folder, path)
          .split(sep)
          .some((part) => part.startsWith('.')),
    );
  return paths.sort();
}

/** Finds one size and one number of channels for pictures. */
async function openSelections(
  selections: readonly Selection[],
  train: PicturePart,
  test: PicturePart,
  settings: ReadSettings,
): Promise<RowReader> {
  const pathsOf = ({ isTest, indices }: Selection) =>
    indices.map((index) => (isTest ? test : train).paths[index] ?? '');
  const facts = new Map<string, PictureFacts>();
  const isKnown = settings.size !== undefined && settings.channels !== undefined;
  if (!isKnown) {
    const paths = selections.flatMap(pathsOf);
    await each(paths, async (path) => void facts.set(path, await readFacts(path)), settings);
  }
  const all = [...facts.values()];
  const size = settings.size ?? commonSize(all.map(({ size }) => size));
  const channels = settings.channels ?? (all.some(({ isColoured }) => isColoured) ? 3 : 1);
  const shape: Shape = [channels, ...size];
  const isWanted = (path: string) => isKnown || facts.has(path);
  return {
    shape,
    read: (selection, tell = () => {}) =>
      readRows(selection, pathsOf(selection), shape, { ...settings, isWanted, tell }),
  };
}

interface RowSettings extends Pick<ReadSettings, 'bad'> {
  /** False for what was found to be no picture before. */
  readonly isWanted: (path: string) => boolean;
  /** Called after each picture. */
  readonly tell: () => void;
}

async function readRows(
  { indices }: Selection,
  paths: readonly string[],
  shape: Shape,
  settings: RowSettings,
): Promise<Rows> {
  const [channels, height = 0, width = 0] = shape;
  const size: Size = [height, width];
  const length = elementCount(shape);
  const images = new Uint8Array(paths.length * length);
  const isRead = new Uint8Array(paths.length);
  await each(
    paths,
    async (path, n) => {
      if (!settings.isWanted(path)) return;
      const picture = await decodePicture(
        await readPicture(path),
        path,
        size,
        channels === 1 ? 1 : 3,
      );
      images.set(picture, n * length);
      isRead[n] = 1;
      settings.tell();
    },
    settings,
  );
  const kept = indices.filter((_, n) => isRead[n] === 1);
  if (kept.length === indices.length) return { images, shape, indices };
  let end = 0; // the good ones move together
  for (const [n, good] of isRead.entries()) {
    if (good === 1) images.copyWithin(length * end++, n * length, (n + 1) * length);
  }
  return { images: images.subarray(0, length * end), shape, indices: kept };
}

async function readFacts(path: string): Promise<PictureFacts> {
  return readPictureFacts(await readPicture(path), path);
}

/** Runs a few at a time. What is wrong with single files is reported in the order of the files. */
async function each(
  paths: readonly string[],
  run: (path: string, index: number) => Promise<void>,
  { bad }: Pick<ReadSettings, 'bad'>,
): Promise<void> {
  const workers = Math.min(MOST_AT_A_TIME, availableParallelism());
  const errors = new Map<number, Error>();
  let next = 0;
  let reported = 0;
  const isDone = new Uint8Array(paths.length);
  let isOver = false;
  const work = async (): Promise<void> => {
    while (next < paths.length && !isOver) {
      const index = next++;
      await run(paths[index] ?? '', index).catch((cause: Error) => errors.set(index, cause));
      isDone[index] = 1;
      for (; isDone[reported] === 1; reported++) {
        const error = errors.get(reported);
        if (error !== undefined) bad.report(error);
      }
    }
  };
  const all = Array.from({ length: workers }, () =>
    work().catch((cause: unknown) => {
      isOver = true;
      throw cause;
    }),
  );
  await Promise.all(all);
}
