/** One step of training in words, in four stages, with the numbers of its batch. @module */
import { learningRateAt, type OptimizerSpec, type Tensor } from 'convlet';
import { count, significant } from '../numbers.ts';
import type { Weights } from '../pictures/forward.ts';

/** One weight, by which the step is told. */
export interface NamedWeight {
  /** Of the parameter: `0.weight`. */
  readonly parameter: string;
  /** Its place in the parameter. */
  readonly index: number;
  /** `0.weight[3, 0, 1, 2] (filter 4, row 2, column 3)` */
  readonly name: string;
}

export interface Stage {
  readonly title: string;
  readonly text: string;
}

/** What is known of a step before its update. */
export interface Before {
  /** `batch 32 of 63 in epoch 1` */
  readonly batch: string;
  readonly images: number;
  readonly classes: number;
  readonly loss: number;
  readonly accuracy: number;
  /** Type of the loss. */
  readonly lossType: string;
  readonly parameters: number;
  readonly weight: NamedWeight;
  readonly gradient: number;
}

/** What its update did. */
export interface After {
  readonly from: number;
  readonly to: number;
  readonly optimizer: OptimizerSpec;
  /** Undefined if it follows from more than the number of the step. */
  readonly learningRate: number | undefined;
  /** Of the same batch, with the new weights. */
  readonly loss: number;
}

export const STAGES = ['Forward', 'Loss', 'Gradient', 'Update'] as const;

/** The stages before the update. */
export function stagesBefore(before: Before): Stage[] {
  const { batch, images, classes, loss, accuracy, lossType, parameters, weight, gradient } = before;
  const pictures = count(images, 'picture');
  const mean =
    lossType === 'categoricalCrossentropy'
      ? 'the mean of −log p, with p the probability that it gave to the right answer'
      : `here ${lossType}`;
  const way = gradient > 0 ? 'rises' : 'falls';
  const meaning =
    gradient === 0
      ? `For ${weight.parameter} that is 0 throughout: the answer does not hang on these weights now, and no step changes them.`
      : `For ${weight.name} that is ${significant(gradient)}: if this weight grows by a little, the loss ${way} ${significant(Math.abs(gradient))} times as much.`;
  return [
    {
      title: 'Forward',
      text: `The ${pictures} of ${batch} go through the network as it is. It reads ${Math.round(accuracy * images)} of them correctly.`,
    },
    {
      title: 'Loss',
      text: `How wrong it was is one number, ${mean}: ${significant(loss)}. Guessing among ${classes} has log ${classes} = ${significant(Math.log(classes))}.`,
    },
    {
      title: 'Gradient',
      text: `Backwards through the layers, it works out for each of its ${parameters.toLocaleString('en')} numbers how the loss changes with it. ${meaning}`,
    },
  ];
}

/** The update, and what the loss of the same batch has become. */
export function updateStage({ images, loss, weight, gradient }: Before, after: After): Stage {
  const { from, to } = after;
  const fall = loss - after.loss;
  const became = fall >= 0 ? 'less' : 'more, for the step was too large';
  return {
    title: 'Update',
    text: `${ruleText(gradient, after)} So ${weight.parameter}[…] goes from ${significant(from, 6)} to ${significant(to, 6)}, and all the others move in the same way. Of the same ${count(images, 'picture')} the loss is ${significant(after.loss)} now, ${significant(Math.abs(fall), 3)} ${became}.`,
  };
}

/** How the change of the weight follows from its gradient. */
function ruleText(gradient: number, { from, to, optimizer, learningRate }: After): string {
  const change = significant(to - from, 3);
  if (learningRate === undefined) return `${nameOf(optimizer)} changes the weight by ${change}.`;
  const product = significant(learningRate * gradient, 3);
  const times = `learning rate × gradient = ${rateText(optimizer, learningRate)} × ${significant(gradient)} = ${product}`;
  if (isPlain(optimizer)) return `The weight goes against its gradient: minus ${times}.`;
  return `The ${times}; of this and of the steps before, ${nameOf(optimizer)} makes a change of ${change}.`;
}

/** As it was set, or as a schedule has it at this step. */
function rateText({ learningRate: set }: OptimizerSpec, rate: number): string {
  return typeof set === 'number' ? String(rate) : significant(rate);
}

/** Whether the change is the learning rate times the gradient, and nothing else. */
function isPlain({ type, ...options }: OptimizerSpec): boolean {
  return type === 'sgd' && Object.keys(options).every((name) => name === 'learningRate');
}

function nameOf({ type }: OptimizerSpec): string {
  return type === 'sgd' ? 'SGD with its options' : type;
}

/** The learning rate of an update of the run, counted from 0; undefined if it follows what is measured. */
export function rateOf(
  { learningRate }: OptimizerSpec,
  update: number,
  stepsPerEpoch: number,
  epochs: number,
): number | undefined {
  if (typeof learningRate === 'number') return learningRate;
  try {
    const schedule = { length: epochs, ...learningRate }; // over the whole run by default
    return learningRateAt(schedule, update, { stepsPerEpoch });
  } catch {
    return undefined;
  }
}

/** The weights that a step is told by: those of the first filters, or of the first layer that has some. */
export function parameterToTell(weights: Weights): string {
  const [first] = weights.keys();
  const filters = [...weights].find(([, { shape }]) => shape.length === 4);
  const name = filters?.[0] ?? first;
  if (name === undefined) throw new Error('internal: expected a network with weights.');
  return name;
}

/** The weight with the largest gradient, either way. */
export function steepest(parameter: string, { shape, data }: Tensor): NamedWeight {
  let index = 0;
  for (let i = 1; i < data.length; i++) {
    if (Math.abs(data[i] ?? 0) > Math.abs(data[index] ?? 0)) index = i;
  }
  const at = placeOf(shape, index);
  return { parameter, index, name: `${parameter}[${at.join(', ')}]${wordsOf(at)}` };
}

/** Where an element is, axis by axis, from 0. */
function placeOf(shape: readonly number[], index: number): number[] {
  const at: number[] = [];
  let rest = index;
  for (const size of shape.toReversed()) {
    at.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  return at;
}

function wordsOf(at: readonly number[]): string {
  const [filter = 0, , row, column] = at;
  if (row === undefined || column === undefined) return '';
  return ` (filter ${filter + 1}, row ${row + 1}, column ${column + 1})`;
}
