/**
 * The true gradient of a step of training, whatever the optimizer. A model that stands where training stood takes the same
 * step on the same batch, with the same dropout and augmentation, but by plain gradient descent, `w −= α·dw`; then
 *
 *   dw = (w before − w after) / α
 *
 * α is large, so that rounding w takes next to nothing off dw, and a power of two, so that α·dw itself is exact.
 * @module
 */
import {
  type AugmentOptions,
  type Checkpoint,
  type Dataset,
  type FitOptions,
  type OptimizerSpec,
  optimizers,
  type StepEvent,
  type Tensor,
} from 'convlet';
import type { Weights } from '../pictures/forward.ts';
import { scaledDifference } from '../pictures/overlay.ts';
import { withoutStopping } from '../withoutStopping.ts';

const RATE = 1024;

/** A fresh model to compute with, of a worker or of this thread. */
export interface Learner {
  fit(dataset: Dataset, options: FitOptions): Promise<unknown>;
  weights(): Weights | Promise<Weights>;
  setWeights(weights: Weights): unknown;
}

/** What the steps of a run have in common. */
export interface Run {
  readonly train: Dataset;
  readonly batchSize: number;
  readonly augment: AugmentOptions | undefined;
}

/** Where training stands between two steps. */
export interface Standing {
  readonly weights: Weights;
  readonly epochsDone: number;
  /** Steps done of the epoch after these. */
  readonly step: number;
  /** Of the same run, of this moment or a later one; undefined before its first step. */
  readonly checkpoint: Checkpoint | undefined;
}

/** What a step saw: of its batch, before its update. */
export interface StepFigures {
  readonly loss: number;
  readonly accuracy: number;
  /** The gradient of a trained parameter, in its shape. */
  gradientOf(name: string): Tensor | undefined;
}

/** Measures the step that follows a standing. @param learner A fresh model of the network and seed of the run. */
export async function measureStep(
  learner: Learner,
  { train, batchSize, augment }: Run,
  { weights, epochsDone, step, checkpoint }: Standing,
): Promise<StepFigures> {
  let event: StepEvent | undefined;
  const optimizer = optimizers.sgd({ learningRate: RATE });
  if (checkpoint === undefined) await learner.setWeights(weights);
  const begin =
    checkpoint === undefined
      ? { batchSize, ...(augment && { augment }) }
      : { resume: plainly({ ...checkpoint, weights, optimizer }, epochsDone, step) };
  await learner.fit(train, {
    ...begin,
    optimizer,
    maxSteps: 1,
    onStepEnd: (heard) => {
      event = heard;
    },
  });
  const after = await learner.weights();
  return {
    loss: event?.loss ?? Number.NaN,
    accuracy: event?.accuracy ?? Number.NaN,
    gradientOf(name) {
      const [from, to] = [weights.get(name), after.get(name)];
      return from && to && scaledDifference(from, to, 1 / RATE);
    },
  };
}

/** A checkpoint that goes on with one step of its new optimizer alone. The order of the images follows from the count of epochs. */
function plainly(checkpoint: Checkpoint, epochsDone: number, step: number): Checkpoint {
  const { accumulate, group, averageWeights, average, earlyStopping, best, controls, ...rest } =
    checkpoint;
  return {
    ...rest,
    state: { blocks: [], scalars: [] },
    metrics: ['accuracy'],
    history: [],
    begun: { step, loss: 0, metrics: {}, seconds: 0 },
    epochsBefore: rest.epochsBefore + epochsDone,
  };
}

/** How a run goes on. */
export interface Course {
  readonly optimizer: OptimizerSpec;
  readonly epochs: number;
}

/** Takes steps of the run itself, within an epoch. @returns the weights and the checkpoint after them. */
export async function replay(
  learner: Learner,
  { train, batchSize, augment }: Run,
  from: Standing,
  { optimizer, epochs }: Course,
  steps: number,
): Promise<Standing> {
  if (steps === 0) return from;
  let last: Checkpoint | undefined;
  const { checkpoint, weights } = from;
  if (checkpoint === undefined) await learner.setWeights(weights);
  const begin =
    checkpoint === undefined
      ? { batchSize, ...(augment && { augment }) }
      : { resume: withoutStopping(checkpoint) };
  await learner.fit(train, {
    ...begin,
    optimizer,
    epochs,
    maxSteps: steps,
    onCheckpoint: (kept) => {
      last = kept;
    },
  });
  if (last === undefined || last.history.length !== from.epochsDone) {
    throw new Error(`internal: expected ${steps} steps within an epoch.`);
  }
  return {
    weights: last.weights,
    epochsDone: last.history.length,
    step: last.begun.step,
    checkpoint: last,
  };
}
