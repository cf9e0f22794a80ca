/**
 * The epoch loop: order, steps, events. It prints nothing and knows nothing of files; whoever wants to show or keep
 * something listens.
 * @module
 */
import { yieldTurn } from '#host';
import { DivergenceError } from '../base/errors.ts';
import { shuffledOrder } from '../base/random.ts';
import type { EpochEvent, Evaluation, StepEvent } from '../base/types.ts';
import type { Program } from '../compile/program.ts';
import { batchCount } from '../data/batches.ts';
import { countCorrect, sum } from '../metrics/confusion.ts';
import type { OptimizerSpec } from '../optimizers/index.ts';
import { type EpochSums, NOTHING_BEGUN } from './checkpoint.ts';

/** Long enough to cost nothing, short enough for Ctrl-C, a progress bar and a page to feel at once. */
const TURN_MILLISECONDS = 12;

/** What `fit` came to. */
export interface History {
  /** Those of the checkpoint that it went on from, then its own. */
  readonly epochs: readonly EpochEvent[];
  /** True where a signal or `maxSteps` ended it; the weights are those after the last whole step. */
  readonly stopped: boolean;
}

/** Where the loop stands. */
export interface Progress {
  /** The epochs that are done. */
  readonly history: readonly EpochEvent[];
  /** Of the epoch after these. */
  readonly begun: EpochSums;
}

/** All that the epoch loop needs, checked. */
export interface Training {
  readonly program: Program;
  /** Images in the loaded training set. */
  readonly count: number;
  /** In all, those done before included. */
  readonly epochs: number;
  readonly batchSize: number;
  readonly optimizer: OptimizerSpec;
  /** The seed of the order, or undefined to keep the order of the data set. */
  readonly shuffleSeed: number | undefined;
  /** Where to go on from. */
  readonly start: Progress;
  /** Takes note that an epoch begins. @returns its number over the model's life; each has an order of its own. */
  readonly beginEpoch: (epoch: number) => number;
  /** Most steps of this call. */
  readonly maxSteps: number;
  readonly signal: AbortSignal | undefined;
  /** Throws where the model was disposed of while the loop had yielded. */
  readonly checkAlive: () => void;
  /** Measures the validation data, where there is some. */
  readonly validate: (() => Evaluation) | undefined;
  readonly onStepEnd: ((event: StepEvent) => void) | undefined;
  readonly onEpochEnd: ((event: EpochEvent) => void | Promise<void>) | undefined;
  /** Keeps where the loop stands: after every epoch, where it is stopped, and after so many steps of an epoch. */
  readonly keep: ((progress: Progress) => void | Promise<void>) | undefined;
  readonly keepEvery: number;
}

/**
 * Trains. @throws {DivergenceError} at the first loss that is not finite, before its update, and where there are
 * numbers to keep that are not.
 */
export function train(training: Training): Promise<History> {
  return new EpochLoop(training).run();
}

class EpochLoop {
  readonly #training: Training;
  readonly #history: EpochEvent[];
  /** Of the epoch after these. */
  #begun: { -readonly [Key in keyof EpochSums]: EpochSums[Key] };
  readonly #order: Int32Array;
  #stepsLeft: number;
  #isKept = true;
  #lastTurn = performance.now();

  constructor(training: Training) {
    const { start, count, maxSteps } = training;
    this.#training = training;
    this.#history = [...start.history];
    this.#begun = { ...start.begun };
    this.#order = Int32Array.from({ length: count }, (_, i) => i);
    this.#stepsLeft = maxSteps;
  }

  async run(): Promise<History> {
    const { epochs } = this.#training;
    while (this.#history.length < epochs && (await this.#trainEpoch())) await this.#endEpoch();
    await this.#keep();
    return { epochs: this.#history, stopped: this.#history.length < epochs };
  }

  /** The steps that the epoch lacks. @returns false where the loop is stopped before the last. */
  async #trainEpoch(): Promise<boolean> {
    const { program, count, batchSize, shuffleSeed, beginEpoch, keepEvery } = this.#training;
    const steps = batchCount(count, batchSize);
    const begun = this.#begun;
    if (begun.step < steps && this.#isOver()) return false;
    let start = performance.now();
    const lifeEpoch = beginEpoch(this.#history.length + 1);
    if (shuffleSeed !== undefined) shuffledOrder(this.#order, shuffleSeed, lifeEpoch);
    while (begun.step < steps && !this.#isOver()) {
      const first = begun.step * batchSize;
      const images = Math.min(batchSize, count - first);
      if (!program.computeGradients(this.#order, first, images)) await this.#settle();
      const loss = this.#lossOf(images);
      if (!program.update(images)) await this.#settle();
      this.#endStep(images, loss);
      if (begun.step % keepEvery === 0 && begun.step < steps) {
        begun.seconds += secondsSince(start);
        await this.#keep();
        start = performance.now();
      }
      if (performance.now() - this.#lastTurn > TURN_MILLISECONDS) await this.#yield();
    }
    begun.seconds += secondsSince(start);
    return begun.step === steps;
  }

  /** Sum of the losses of a batch whose weights are not updated yet. */
  #lossOf(images: number): number {
    const loss = sum(this.#training.program.losses, images);
    if (Number.isFinite(loss)) return loss;
    const where = `step ${this.#begun.step + 1} of epoch ${this.#history.length + 1}`;
    throw this.#diverged(`loss, got ${loss} at ${where}`);
  }

  #endStep(images: number, loss: number): void {
    const { program, onStepEnd, checkAlive } = this.#training;
    const correct = countCorrect(program.predictions, program.labels, images);
    this.#begun.step++;
    this.#begun.loss += loss;
    this.#begun.correct += correct;
    this.#stepsLeft--;
    this.#isKept = false;
    if (onStepEnd === undefined) return;
    onStepEnd({
      epoch: this.#history.length + 1,
      step: this.#begun.step,
      loss: loss / images,
      accuracy: correct / images,
    });
    checkAlive();
  }

  async #endEpoch(): Promise<void> {
    const { count, onEpochEnd, checkAlive } = this.#training;
    const { loss, correct, seconds } = this.#begun;
    const event = {
      epoch: this.#history.length + 1,
      loss: loss / count,
      accuracy: correct / count,
      ...this.#validate(),
      seconds,
      imagesPerSecond: count / seconds,
    };
    this.#history.push(event);
    this.#begun = { ...NOTHING_BEGUN };
    await onEpochEnd?.(event);
    checkAlive();
    await this.#keep();
  }

  #validate(): { validationLoss: number; validationAccuracy: number } | undefined {
    const evaluation = this.#training.validate?.();
    if (evaluation === undefined) return undefined;
    const { loss, accuracy } = evaluation;
    if (Number.isFinite(loss)) return { validationLoss: loss, validationAccuracy: accuracy };
    throw this.#diverged(`validation loss, got ${loss} after epoch ${this.#history.length + 1}`);
  }

  /** Keeps where the loop stands, unless it has not moved since. What has diverged takes no good one's place. */
  async #keep(): Promise<void> {
    const { keep, checkAlive, program } = this.#training;
    if (this.#isKept || keep === undefined) return;
    this.#isKept = true;
    if (!program.isFinite()) {
      const where = `step ${this.#begun.step} of epoch ${this.#history.length + 1}`;
      throw this.#diverged(`state, got NaN or Infinity in weights or optimizer after ${where}`);
    }
    await keep({ history: [...this.#history], begun: { ...this.#begun } });
    checkAlive();
  }

  #isOver(): boolean {
    return this.#stepsLeft === 0 || this.#training.signal?.aborted === true;
  }

  /** Waits for threads that are late; the event loop has its turn meanwhile. */
  async #settle(): Promise<void> {
    const { program, checkAlive } = this.#training;
    await program.settle();
    checkAlive();
  }

  /** Gives the event loop its turn. */
  async #yield(): Promise<void> {
    const { program, checkAlive } = this.#training;
    await yieldTurn();
    checkAlive();
    program.enter(); // another training may have had the threads
    this.#lastTurn = performance.now();
  }

  #diverged(what: string): DivergenceError {
    const { learningRate } = this.#training.optimizer;
    return new DivergenceError(
      `fit: expected a finite ${what} with learning rate ${learningRate}. Lower the learning rate.`,
    );
  }
}

function secondsSince(start: number): number {
  return (performance.now() - start) / 1000;
}
