/**
 * The epoch loop: order, steps, events. It prints nothing and knows nothing of files; whoever wants to show or keep
 * something listens.
 * @module
 */

import { yieldTurn } from '#host';
import { isPromise } from '../base/brands.ts';
import { LostRankError } from '../base/communicator.ts';
import { DivergenceError } from '../base/errors.ts';
import { validationName } from '../base/monitor.ts';
import { shuffledOrder } from '../base/random.ts';
import type { EpochEvent, Metrics } from '../base/types.ts';
import type { Group } from '../compile/update.ts';
import { batchCount, updateCount } from '../data/batches.ts';
import type { Blocks } from '../data/source.ts';
import type { BatchResults } from '../metrics/metric.ts';
import { averageDecay } from './averageWeights.ts';
import { type EpochSums, NOTHING_BEGUN } from './checkpoint.ts';
import { type History, RATE, STOPPING, type Training } from './training.ts';

/** Long enough to cost nothing, short enough for Ctrl-C, a progress bar and a page to feel at once. */
const TURN_MILLISECONDS = 12;

/**
 * Trains.
 * @throws {DivergenceError} at the first loss that is not finite, before its update; and if weights are not finite when they
 * are to be kept, or when training ends.
 */
export function train(training: Training): Promise<History> {
  return new EpochLoop(training).run();
}

/** Sums of an epoch, as they grow. */
interface Sums {
  step: number;
  loss: number;
  readonly metrics: Record<string, number[]>;
  seconds: number;
}

class EpochLoop {
  readonly #training: Training;
  readonly #history: EpochEvent[];
  /** Of the epoch after these. */
  #begun: Sums;
  /** The metrics of the last step alone. */
  readonly #ofStep: Record<string, number[]> = {};
  /** Its results, with the number of its images. */
  readonly #results: { -readonly [Key in keyof BatchResults]: BatchResults[Key] };
  readonly #order: Int32Array;
  #stepsLeft: number;
  #isKept = true;
  #lastTurn = performance.now();

  constructor(training: Training) {
    const { start, count, maxSteps, program } = training;
    this.#training = training;
    this.#history = [...start.history];
    this.#begun = this.#sumsFrom(start.begun);
    this.#results = { ...program.training, count: 0 };
    this.#order = Int32Array.from({ length: count }, (_, i) => i);
    this.#stepsLeft = maxSteps;
  }

  async run(): Promise<History> {
    const { epochs, stopper } = this.#training;
    const isDone = () => this.#history.length >= epochs || stopper?.isOver === true;
    try {
      while (!isDone() && (await this.#trainEpoch()) && (await this.#endEpoch()));
    } catch (error) {
      if (error instanceof LostRankError) await this.#keep(); // what it stands for is whole
      throw error;
    }
    await this.#keep();
    this.#checkFinite();
    this.#finish(!isDone());
    const history = { epochs: this.#history, stopped: !isDone() };
    return stopper === undefined ? history : { ...history, bestEpoch: stopper.bestEpoch };
  }

  /** The steps that the epoch lacks. @returns false if the loop is stopped before the last. */
  async #trainEpoch(): Promise<boolean> {
    const { program, count, batchSize, seed, shuffle } = this.#training;
    const { blocks, beginEpoch, keepEvery } = this.#training;
    const steps = batchCount(count, batchSize);
    const begun = this.#begun;
    if (begun.step < steps && this.#isOver()) return false;
    let start = performance.now();
    const lifeEpoch = beginEpoch(this.#history.length + 1);
    if (shuffle) shuffledOrder(this.#order, seed, lifeEpoch);
    blocks?.begin(this.#order);
    while (begun.step < steps && !this.#isOver()) {
      const first = begun.step * batchSize;
      if (blocks?.has(first) === false && !(await this.#load(blocks, first))) break;
      const images = Math.min(batchSize, count - first);
      const rate = this.#training.rate.rateOf(this.#updates());
      program.setClock(seed, lifeEpoch, begun.step);
      program.wish(this.#training.signal?.aborted === true);
      if (!program.beginBatch(this.#order, first, images)) await this.#settle();
      if (!program.computeGradients(images)) await this.#settle();
      const loss = this.#lossOf(images, rate);
      if (!this.#update(images, rate)) await this.#settle();
      const heard = this.#endStep(images, loss);
      if (isPromise(heard)) await this.#hear(heard);
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

  /** Brings the block that begins with the batch at hand into the memory. @returns false if the loop is stopped meanwhile. */
  async #load(blocks: Blocks, first: number): Promise<boolean> {
    const { program, warner, checkAlive } = this.#training;
    const isRead = await blocks.read(first, (block) => {
      checkAlive();
      program.loadDataset(block);
      warner?.lookAt(block.images);
    });
    this.#resume();
    return isRead && !this.#isOver();
  }

  /** Updates of the run that were taken before the batch at hand. */
  #updates(): number {
    const { count, batchSize, accumulate } = this.#training;
    const perEpoch = updateCount(count, batchSize, accumulate);
    return this.#history.length * perEpoch + Math.floor(this.#begun.step / accumulate);
  }

  /** @returns false if a thread is late. */
  #update(images: number, rate: number): boolean {
    const { program, averageWeights, accumulate } = this.#training;
    const keep =
      averageWeights === undefined ? 0 : averageDecay(averageWeights, this.#updates() + 1);
    return program.update(images, rate, keep, accumulate === 1 ? undefined : this.#group());
  }

  /** Where the batch at hand stands among those that share its update. */
  #group(): Group {
    const { count, batchSize, accumulate } = this.#training;
    const { step } = this.#begun;
    const first = step - (step % accumulate);
    const images = Math.min(accumulate * batchSize, count - first * batchSize);
    const isLast = step + 1 === first + Math.ceil(images / batchSize);
    return { images, isFirst: step === first, isLast };
  }

  /** What the model keeps when the run ends: the average, or the parameters of the best epoch if it ends by itself. */
  #finish(isStopped: boolean): void {
    const { program, averageWeights, stopper } = this.#training;
    if (averageWeights !== undefined) program.parameters.set(program.average);
    const best = stopper?.bestParameters;
    if (best !== undefined && !isStopped) program.parameters.set(best);
  }

  /** Copies of the parameters that validation measures. */
  #measuredParameters(): Float32Array {
    const { program, averageWeights } = this.#training;
    const block = program.parameters.slice();
    if (averageWeights !== undefined) block.set(program.average);
    return block;
  }

  /** Sum of the losses of a batch whose weights are not updated yet. */
  #lossOf(images: number, rate: number): number {
    const { losses } = this.#training.program.training;
    let loss = 0; // in order and in double precision: the same sum wherever the batches were cut
    for (let i = 0; i < images; i++) loss += losses[i] ?? 0;
    if (Number.isFinite(loss)) return loss;
    const where = `step ${this.#begun.step + 1} of epoch ${this.#history.length + 1}`;
    throw diverged(`loss, got ${loss} at ${where}`, rate);
  }

  /** @returns what the listener of steps returns. */
  #endStep(images: number, loss: number): unknown {
    const { metrics, onStepEnd, checkAlive, classes } = this.#training;
    const isHeard = onStepEnd !== undefined;
    this.#results.count = images;
    for (const { name, start, add } of metrics) {
      const sums = this.#begun.metrics[name] ?? [];
      if (!isHeard) add(sums, this.#results);
      else {
        const own = start(classes);
        add(own, this.#results);
        for (const [i, sum] of own.entries()) sums[i] = (sums[i] ?? 0) + sum;
        this.#ofStep[name] = own;
      }
    }
    this.#begun.step++;
    this.#begun.loss += loss;
    this.#stepsLeft--;
    this.#isKept = false;
    if (!isHeard) return undefined;
    const heard = onStepEnd({
      epoch: this.#history.length + 1,
      step: this.#begun.step,
      loss: loss / images,
      ...this.#measured(this.#ofStep, images),
    });
    checkAlive();
    return heard;
  }

  /** Waits for a listener of steps; the model may be gone then. */
  async #hear(promise: PromiseLike<unknown>): Promise<void> {
    await promise;
    this.#resume();
  }

  /** @returns false if the loop is stopped before the epoch is measured. */
  async #endEpoch(): Promise<boolean> {
    const { count, rate, stopper, warner, onEpochEnd, checkAlive } = this.#training;
    const { loss, metrics, seconds } = this.#begun;
    const validation = await this.#validate();
    if (validation === undefined) return false;
    const event: EpochEvent = {
      epoch: this.#history.length + 1,
      loss: loss / count,
      ...this.#measured(metrics, count),
      ...validation,
      seconds,
      imagesPerSecond: count / seconds,
    };
    this.#history.push(event);
    rate.afterEpoch(event);
    stopper?.afterEpoch(event, () => this.#measuredParameters());
    warner?.afterEpoch(event);
    this.#begun = this.#sumsFrom(NOTHING_BEGUN);
    await onEpochEnd?.(event);
    checkAlive();
    await this.#keep();
    return true;
  }

  /** Copies of sums; those that are missing are sums of nothing. */
  #sumsFrom({ metrics, ...sums }: EpochSums): Sums {
    const { metrics: known, classes } = this.#training;
    const entries = known.map(({ name, start }) => [name, [...(metrics[name] ?? start(classes))]]);
    return { ...sums, metrics: Object.fromEntries(entries) };
  }

  #measured(sums: Readonly<Record<string, readonly number[]>>, count: number): Metrics {
    const entries = this.#training.metrics.map(({ name, result }) => [
      name,
      result(sums[name] ?? [], count),
    ]);
    return Object.fromEntries(entries);
  }

  /** The figures of the validation data, under names of their own; undefined if the loop is stopped before they are there. */
  async #validate(): Promise<Partial<EpochEvent> | undefined> {
    const { validate } = this.#training;
    if (validate === undefined) return {};
    const measured = await validate();
    this.#resume();
    if (measured === undefined) return undefined;
    if (!Number.isFinite(measured.loss)) {
      const where = `epoch ${this.#history.length + 1}`;
      throw diverged(`validation loss, got ${measured.loss} after ${where}`, this.#lastRate());
    }
    return Object.fromEntries(
      Object.entries(measured).map(([name, value]) => [validationName(name), value]),
    );
  }

  /** Keeps where the loop stands if there were steps since the last time. Never keeps what has diverged. */
  async #keep(): Promise<void> {
    const { keep, rate, stopper, checkAlive } = this.#training;
    if (this.#isKept || keep === undefined) return;
    this.#checkFinite();
    this.#isKept = true;
    const { step, loss, metrics, seconds } = this.#begun;
    const copies = Object.entries(metrics).map(([name, values]) => [name, [...values]]);
    const controls = {
      ...(rate.state && { [RATE]: rate.state }),
      ...(stopper && { [STOPPING]: stopper.state() }),
    };
    await keep({
      history: [...this.#history],
      begun: { step, loss, metrics: Object.fromEntries(copies), seconds },
      ...(Object.keys(controls).length > 0 && { controls }),
    });
    checkAlive();
  }

  #checkFinite(): void {
    if (this.#isKept || this.#training.program.isFinite()) return;
    const isBetween = this.#begun.step === 0;
    const epoch = this.#history.length + (isBetween ? 0 : 1);
    const steps = batchCount(this.#training.count, this.#training.batchSize);
    const where = `step ${isBetween ? steps : this.#begun.step} of epoch ${epoch}`;
    throw diverged(
      `state, got NaN or Infinity in weights or optimizer after ${where}`,
      this.#lastRate(),
    );
  }

  /** The rate of the update before. */
  #lastRate(): number {
    return this.#training.rate.rateOf(Math.max(0, this.#updates() - 1));
  }

  #isOver(): boolean {
    const { program, isDistributed, signal } = this.#training;
    const isStopped = isDistributed ? program.isStopWished : signal?.aborted === true;
    return this.#stepsLeft === 0 || isStopped;
  }

  /** Waits for threads and ranks that are late; the event loop has its turn meanwhile. */
  async #settle(): Promise<void> {
    const { program, checkAlive, signal } = this.#training;
    await program.settle(signal);
    checkAlive();
  }

  /** Gives the event loop its turn. */
  async #yield(): Promise<void> {
    await yieldTurn();
    this.#resume();
    this.#lastTurn = performance.now();
  }

  /** After others had their turn. */
  #resume(): void {
    const { program, checkAlive } = this.#training;
    checkAlive();
    program.enter(); // another training may have had the threads
  }
}

function diverged(what: string, learningRate: number): DivergenceError {
  return new DivergenceError(
    `fit: expected a finite ${what} with learning rate ${learningRate}. Lower the learning rate.`,
  );
}

function secondsSince(start: number): number {
  return (performance.now() - start) / 1000;
}
