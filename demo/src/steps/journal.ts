/** Where training stood at the last look but one, and at the last: between the two are the last steps. @module */
import type { Training } from '../training.ts';
import type { Course, Run, Standing } from './gradient.ts';

/** The steps from one look to the next. */
export interface LastSteps {
  readonly before: Standing;
  readonly after: Standing;
  readonly count: number;
  readonly course: Course;
}

export class Journal {
  readonly #training: Training;
  #last: LastSteps | undefined;
  #now: Standing;

  constructor(training: Training) {
    this.#training = training;
    this.#now = standingOf(training);
  }

  /** Undefined before the first step since the run is here. */
  get last(): LastSteps | undefined {
    return this.#last;
  }

  /** Another run. */
  begin(): void {
    this.#now = standingOf(this.#training);
    this.#last = undefined;
  }

  /** Looks where training stands now. A look is at the end of every epoch, so that the steps between two are of one. */
  look(): void {
    const { checkpoint, settings, stepsPerEpoch } = this.#training;
    const before = this.#now;
    if (checkpoint === undefined || checkpoint === before.checkpoint) return;
    const after = standingOf(this.#training);
    const count = (after.step === 0 ? stepsPerEpoch : after.step) - before.step;
    this.#now = after;
    if (count < 1) return; // its worker had died, and it went back
    const epochs = Math.max(settings.epochs, before.epochsDone + 1);
    this.#last = { before, after, count, course: { optimizer: checkpoint.optimizer, epochs } };
  }
}

export function standingOf({ checkpoint, weights, position }: Training): Standing {
  const { epochsDone, step } = position.value;
  return { weights: checkpoint?.weights ?? weights.value, epochsDone, step, checkpoint };
}

/** What the steps of training have in common. @throws {Error} before there are digits: an internal error. */
export function runOf({ digits, settings, augment }: Training): Run {
  if (digits === undefined) throw new Error('internal: expected digits to train on.');
  return { train: digits.train, batchSize: settings.batchSize, augment };
}
