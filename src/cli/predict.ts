/** `convlet predict FILE PATH…`: what pictures show. @module */
import { stat } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Command } from 'commander';
import { ShapeError } from '../base/errors.ts';
import { formatShape } from '../base/shape.ts';
import { DIGIT_SHAPE, prepareDigit } from '../data/digit/prepareDigit.ts';
import { reshapeImages } from '../data/reshapeImages.ts';
import type { ModelFile } from '../formats/convlet/source.ts';
import { BadInputs } from '../formats/dataset/source.ts';
import { picturesIn } from '../node/data/pictureFolder.ts';
import { errorCode } from '../node/fileErrors.ts';
import { decodeImage } from '../node/image.ts';
import { decodePicture } from '../node/picture.ts';
import { readPicture } from '../node/pictureBytes.ts';
import { tellSkipped } from './data.ts';
import { loadModel, readModelFile } from './load.ts';
import { UsageError } from './options.ts';
import { createPictureBar } from './pictureBar.ts';
import { csvLines, jsonLines, textLines } from './predictions.ts';
import { classCount, probabilitiesOf } from './probabilities.ts';
import { leaveSignals } from './signals.ts';
import { print, printExactly, show } from './terminal.ts';

interface PredictOptions {
  readonly json?: boolean;
  readonly csv?: boolean;
  readonly skipBad?: boolean;
}

const FORMATS = `
Of a folder all pictures are predicted, sorted by name, those of the folders in it too.
If one cannot be read, its name is told and nothing is predicted, unless --skip-bad.

Columns of --csv: image (its path), class (the index of the most likely class),
className (empty if the model has no names), probability (of that class), and for
each class probability.NAME, or probability.INDEX. A cell with a comma, a quote or a
line end is in quotes, and its quotes are doubled.`;

/** Adds the command. */
export function addPredict(program: Command): void {
  program
    .command('predict')
    .description(
      'tell what pictures show. For a model of digits they are prepared as in MNIST: white on black, fitted into 20×20, with the centre of mass in the middle of 28×28; for a model of pictures they are scaled until they fit',
    )
    .argument('<FILE>', 'a model.safetensors or checkpoint.convlet of convlet train')
    .argument(
      '<PATH...>',
      'PNG, JPEG or other pictures, or folders of them; digits dark on light or light on dark',
    )
    .option('--json', 'print one JSON object per line')
    .option('--csv', 'print a table with a row for each picture')
    .option('--skip-bad', 'pass over pictures that cannot be read, and count them')
    .addHelpText('after', FORMATS)
    .action(predict);
}

async function predict(
  file: string,
  paths: readonly string[],
  options: PredictOptions,
): Promise<void> {
  const { json = false, csv = false } = options;
  if (json && csv) throw new UsageError('predict: expected --json or --csv, got both. Use one.');
  const content = await readModelFile(file);
  const read = readerFor(file, content);
  const classes = classCount(content);
  if (classes === undefined) {
    throw new Error(
      `predict: ${file}: expected a model whose last layer is softmax, got ${content.spec.layers.at(-1)?.type}. Its outputs are no probabilities.`,
    );
  }
  const model = await loadModel(content);
  // read all pictures first: if one is broken, nothing is printed
  const pictures = await readPictures(await picturesOf(paths), read, options);
  const format = json ? jsonLines : csv ? csvLines : textLines;
  const write = csv ? printExactly : json ? print : show;
  const { head, line } = format(content.classNames, classes);
  leaveSignals();
  if (head !== undefined) write(head);
  for (const { path, input } of pictures) {
    const { data } = probabilitiesOf(model, { images: input, classes });
    write(line(path, [...data]));
  }
}

/** The paths of all pictures; those of a folder are sorted. */
async function picturesOf(paths: readonly string[]): Promise<string[]> {
  const pictures: string[] = [];
  for (const path of paths) {
    const found = await stat(path).catch((cause: unknown) => {
      throw new Error(
        `${path}: expected a picture or a folder of pictures, got ${errorCode(cause)}. Check the path.`,
        { cause },
      );
    });
    const own = found.isDirectory() ? await picturesIn(path) : [path];
    if (own.length === 0) {
      throw new Error(`${path}: expected a folder of pictures, got none in it. Check the path.`);
    }
    for (const picture of own) pictures.push(picture); // too many for the arguments of one call
  }
  return pictures;
}

interface Picture {
  readonly path: string;
  /** `C · H · W` pixels. */
  readonly input: Uint8Array;
}

/** Reads the pictures one after another: there may be thousands. */
async function readPictures(
  paths: readonly string[],
  read: (path: string) => Promise<Uint8Array>,
  { json, csv, skipBad = false }: PredictOptions,
): Promise<readonly Picture[]> {
  const bad = new BadInputs(skipBad);
  const bar = createPictureBar({ quiet: json === true || csv === true });
  const pictures: Picture[] = [];
  try {
    for (const [n, path] of paths.entries()) {
      await read(path).then(
        (input) => pictures.push({ path, input }),
        (cause: Error) => bad.report(cause),
      );
      bar?.update(n + 1, paths.length);
    }
  } finally {
    bar?.stop();
  }
  tellSkipped(bad.lines);
  if (pictures.length > 0) return pictures;
  throw new Error(
    'predict: expected at least one picture that can be read, got none. Use other pictures.',
  );
}

/** Reads a picture as the model was trained on it. A model of 28×28 that does not say how was trained on digits. */
function readerFor(
  file: string,
  { spec, preparation }: ModelFile,
): (path: string) => Promise<Uint8Array> {
  const [channels, height = 0, width = 0] = spec.inputShape;
  const isDigit =
    preparation === undefined
      ? isDeepStrictEqual(spec.inputShape, DIGIT_SHAPE)
      : preparation === 'digit';
  if (isDigit && (channels === 1 || channels === 3)) {
    return async (path) => {
      const digit = { images: await readDigit(path), shape: DIGIT_SHAPE };
      return reshapeImages(digit, [height, width], channels).images as Uint8Array; // of bytes
    };
  }
  if (channels === 1 || channels === 3) {
    return async (path) => decodePicture(await readPicture(path), path, [height, width], channels);
  }
  throw new ShapeError(
    `predict: ${file}: expected a model of images with 1 or 3 channels, got ${formatShape(spec.inputShape)}. Use another model.`,
  );
}

async function readDigit(path: string): Promise<Uint8Array> {
  const image = await decodeImage(await readPicture(path), path);
  try {
    return prepareDigit(image);
  } catch (cause) {
    throw new Error((cause as Error).message.replace('prepareDigit', path), { cause });
  }
}
