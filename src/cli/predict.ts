/** `convlet predict FILE IMAGE…`: which digit a picture shows. @module */
import type { Command } from 'commander';
import { checkSameShape } from '../base/shape.ts';
import { DIGIT_SHAPE, prepareDigit } from '../data/prepare.ts';
import { readInput } from '../node/files.ts';
import { decodeImage } from '../node/image.ts';
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
      'tell which digit a picture shows. Pictures are prepared as in MNIST: white on black, fitted into 20×20, with the centre of mass in the middle of 28×28',
    )
    .argument('<FILE>', 'a model.safetensors or checkpoint.convlet of convlet train')
    .argument('<IMAGE...>', 'PNG or JPEG files, dark on light or light on dark')
    .option('--json', 'print one JSON object per line')
    .action(predict);
}

async function predict(
  file: string,
  images: readonly string[],
  { json = false }: PredictOptions,
): Promise<void> {
  const content = await readModelFile(file);
  checkSameShape(`predict: ${file}: images`, DIGIT_SHAPE, content.spec.inputShape);
  const last = content.spec.layers.at(-1)?.type;
  if (last !== 'softmax') {
    throw new Error(
      `predict: ${file}: expected a model whose last layer is softmax, got ${last}. Its outputs are no probabilities.`,
    );
  }
  const model = await loadModel(content);
  // read all pictures first: if one is broken, nothing is printed
  const digits: Uint8Array[] = [];
  for (const image of images) digits.push(await readDigit(image)); // one after another: there may be thousands
  const print = json ? jsonLine : textLine;
  for (const [index, digit] of digits.entries()) {
    const probabilities = [...model.predict(digit).data];
    process.stdout.write(`${print(images[index] ?? '', probabilities)}\n`);
  }
}

async function readDigit(path: string): Promise<Uint8Array> {
  const image = await decodeImage(await readInput(path), path);
  try {
    return prepareDigit(image);
  } catch (cause) {
    throw new Error((cause as Error).message.replace('prepareDigit', path), { cause });
  }
}

function jsonLine(image: string, probabilities: readonly number[]): string {
  const probability = Math.max(...probabilities);
  const digit = probabilities.indexOf(probability);
  return JSON.stringify({ event: 'prediction', image, class: digit, probability, probabilities });
}

function textLine(image: string, probabilities: readonly number[]): string {
  const style = styler(process.stdout);
  const [first, ...others] = probabilities
    .map((probability, digit) => ({ probability, digit }))
    .sort((a, b) => b.probability - a.probability)
    .slice(0, SHOWN_CLASSES)
    .map(({ probability, digit }) => [`${digit}`, formatAccuracy(probability)]);
  const rest = others.map((pair) => pair.join(' ')).join(', ');
  return `${image}: ${style('bold', first?.[0] ?? '')} ${first?.[1] ?? ''}  ${style('dim', `then ${rest}`)}`;
}
