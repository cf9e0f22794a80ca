/** `convlet predict FILE IMAGE…`: what a picture shows. @module */
import { isDeepStrictEqual } from 'node:util';
import type { Command } from 'commander';
import { ShapeError } from '../base/errors.ts';
import { checkSameShape, formatShape } from '../base/shape.ts';
import { DIGIT_SHAPE, prepareDigit } from '../data/prepare.ts';
import type { ModelFile } from '../formats/convlet/source.ts';
import { printable } from '../node/figures.ts';
import { readInput } from '../node/files.ts';
import { decodeImage } from '../node/image.ts';
import { decodePicture } from '../node/picture.ts';
import { loadModel, readModelFile } from './load.ts';
import { formatAccuracy, styler } from './style.ts';

interface PredictOptions {
  readonly json?: boolean;
}

/** How many classes a line of text names. */
const SHOWN_CLASSES = 3;

/** Adds the command. */
export function addPredict(program: Command): void {
  program
    .command('predict')
    .description(
      'tell what a picture shows. For a model of digits it is prepared as in MNIST: white on black, fitted into 20×20, with the centre of mass in the middle of 28×28; for a model of pictures it is scaled until it fits',
    )
    .argument('<FILE>', 'a model.safetensors or checkpoint.convlet of convlet train')
    .argument('<IMAGE...>', 'PNG, JPEG or other pictures; digits dark on light or light on dark')
    .option('--json', 'print one JSON object per line')
    .action(predict);
}

async function predict(
  file: string,
  images: readonly string[],
  { json = false }: PredictOptions,
): Promise<void> {
  const content = await readModelFile(file);
  const read = readerFor(file, content);
  const last = content.spec.layers.at(-1)?.type;
  if (last !== 'softmax') {
    throw new Error(
      `predict: ${file}: expected a model whose last layer is softmax, got ${last}. Its outputs are no probabilities.`,
    );
  }
  const model = await loadModel(content);
  // read all pictures first: if one is broken, nothing is printed
  const inputs: Uint8Array[] = [];
  for (const image of images) inputs.push(await read(image)); // one after another: there may be thousands
  const print = json ? jsonLine : textLine;
  for (const [index, input] of inputs.entries()) {
    const probabilities = [...model.predict(input).data];
    process.stdout.write(`${print(images[index] ?? '', probabilities, content.classNames)}\n`);
  }
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
  if (isDigit) {
    checkSameShape(`predict: ${file}: images`, DIGIT_SHAPE, spec.inputShape);
    return readDigit;
  }
  if (channels === 1 || channels === 3) {
    return async (path) => decodePicture(await readInput(path), path, [height, width], channels);
  }
  throw new ShapeError(
    `predict: ${file}: expected a model of images with 1 or 3 channels, got ${formatShape(spec.inputShape)}. Use another model.`,
  );
}

async function readDigit(path: string): Promise<Uint8Array> {
  const image = await decodeImage(await readInput(path), path);
  try {
    return prepareDigit(image);
  } catch (cause) {
    throw new Error((cause as Error).message.replace('prepareDigit', path), { cause });
  }
}

type Names = readonly string[] | undefined;

function jsonLine(image: string, probabilities: readonly number[], names: Names): string {
  const probability = Math.max(...probabilities);
  const index = probabilities.indexOf(probability);
  return JSON.stringify({
    event: 'prediction',
    image,
    class: index,
    className: names?.[index],
    probability,
    probabilities,
  });
}

function textLine(image: string, probabilities: readonly number[], names: Names): string {
  const style = styler(process.stdout);
  const [first, ...others] = probabilities
    .map((probability, index) => ({ probability, name: printable(names?.[index] ?? `${index}`) }))
    .sort((a, b) => b.probability - a.probability)
    .slice(0, SHOWN_CLASSES)
    .map(({ probability, name }) => [name, formatAccuracy(probability)]);
  const rest = others.map((pair) => pair.join(' ')).join(', ');
  return `${image}: ${style('bold', first?.[0] ?? '')} ${first?.[1] ?? ''}  ${style('dim', `then ${rest}`)}`;
}
