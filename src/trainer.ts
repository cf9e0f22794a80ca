/**
 * The epoch loop: order, steps, events. It prints nothing and knows nothing of files; whoever wants to show or keep
 * something listens.
 * @module
 */
import { yieldTurn } from '#host';
import { batchCount } from './data/batches.ts';
import { DivergenceError } from './errors.ts';
import { countCorrect, sum } from './metrics.ts';
import type { OptimizerSpec } from './optimizers/index.ts';
import type { Program } from './program.ts';
import { shuffledOrder } from './random.ts';
import type { EpochEvent, Evaluation, StepEvent } from './types.ts';

/** Long enough to cost nothing, short enough for Ctrl-C, a progress bar and a page to feel at once. */
const TURN_MILLISECONDS = 12;

/** What `fit` came to. */
export interface History {
  readonly epochs: readonly EpochEvent[];
  /** True where an abort signal ended it; the weights are those after the last whole step. */
  readonly stopped: boolean;
}

/** All that the epoch loop needs, checked. */
export interface Training {
  readonly program: Program;
  /** Images in the loaded training set. */
  readonly count: number;
  readonly epochs: number;
  readonly batchSize: number;
  readonly optimizer: OptimizerSpec;
  /** The seed of the order, or undefined to keep the order of the data set. */
  readonly shuffleSeed: number | undefined;
  /** Counts one more epoch over the model's life; each has an order of its own. */
  readonly nextEpoch: () => number;
  readonly signal: AbortSignal | undefined;
  /** Throws where the model was disposed of while the loop had yielded. */
  readonly checkAlive: () => void;
  /** Measures the validation data, where there is some. */
  readonly validate: (() => Evaluation) | undefined;
  readonly onStepEnd: ((event: StepEvent) => void) | undefined;
  readonly onEpochEnd: ((event: EpochEvent) => void | Promise<void>) | undefined;
}

/** Trains. @throws {DivergenceError} at the first loss that is not finite, before its update. */
export async function train(training: Training): Promise<History> {
  const { count, epochs, shuffleSeed, nextEpoch, signal, validate, onEpochEnd } = training;
  const order = Int32Array.from({ length: count }, (_, i) => i);
  const history: EpochEvent[] = [];
  const turns = new Turns(training);
  for (let epoch = 1; epoch <= epochs; epoch++) {
    if (signal?.aborted) return { epochs: history, stopped: true };
    const start = performance.now();
    const lifeEpoch = nextEpoch();
    if (shuffleSeed !== undefined) shuffledOrder(order, shuffleSeed, lifeEpoch);
    const totals = await trainEpoch(training, order, epoch, turns);
    if (totals === undefined) return { epochs: history, stopped: true };
    const seconds = (performance.now() - start) / 1000;
    const event = {
      epoch,
      ...totals,
      ...measure(validate, epoch, training.optimizer),
      seconds,
      imagesPerSecond: count / seconds,
    };
    history.push(event);
    await onEpochEnd?.(event);
    training.checkAlive();
  }
  return { epochs: history, stopped: false };
}

/** One pass over the data: the mean loss and accuracy, or undefined where the signal ended it. */
async function trainEpoch(
  { program, count, batchSize, optimizer, signal, onStepEnd }: Training,
  order: Int32Array,
  epoch: number,
  turns: Turns,
): Promise<{ loss: number; accuracy: number } | undefined> {
  const steps = batchCount(count, batchSize);
  let totalLoss = 0;
  let totalCorrect = 0;
  for (let step = 1; step <= steps; step++) {
    const start = (step - 1) * batchSize;
    const images = Math.min(batchSize, count - start);
    if (!program.computeGradients(order, start, images)) await program.settle();
    const loss = sum(program.losses, images);
    if (!Number.isFinite(loss)) {
      throw diverged(`loss, got ${loss} at step ${step} of epoch ${epoch}`, optimizer);
    }
    if (!program.update(images)) await program.settle();
    const correct = countCorrect(program.predictions, program.labels, images);
    totalLoss += loss;
    totalCorrect += correct;
    onStepEnd?.({ epoch, step, loss: loss / images, accuracy: correct / images });
    if (turns.isDue()) await turns.yield();
    if (signal?.aborted) return undefined;
  }
  return { loss: totalLoss / count, accuracy: totalCorrect / count };
}

/** Gives the event loop its turn now and then. */
class Turns {
  readonly #checkAlive: () => void;
  #last = performance.now();

  constructor({ checkAlive }: Training) {
    this.#checkAlive = checkAlive;
  }

  isDue(): boolean {
    return performance.now() - this.#last > TURN_MILLISECONDS;
  }

  async yield(): Promise<void> {
    await yieldTurn();
    this.#checkAlive();
    this.#last = performance.now();
  }
}

function measure(
  validate: Training['validate'],
  epoch: number,
  optimizer: OptimizerSpec,
): { validationLoss: number; validationAccuracy: number } | undefined {
  if (validate === undefined) return undefined;
  const { loss, accuracy } = validate();
  if (!Number.isFinite(loss))
    throw diverged(`validation loss, got ${loss} after epoch ${epoch}`, optimizer);
  return { validationLoss: loss, validationAccuracy: accuracy };
}

function diverged(what: string, { learningRate }: OptimizerSpec): DivergenceError {
  return new DivergenceError(
    `fit: expected a finite ${what} with learning rate ${learningRate}. Lower the learning rate.`,
  );
}
