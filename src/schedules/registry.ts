/** The schedules by the `type` of their specs. @module */
import { checkInteger } from '../base/checks.ts';
import { checkOptions, positive } from '../base/options.ts';
import { definitionIn, readSpec } from '../base/spec.ts';
import type { Schedule } from '../base/types.ts';
import * as schedules from './index.ts';
import type { Moment, ScheduleDefinition, Unit } from './schedule.ts';

type Factories = typeof schedules;

export type AnySchedule = ReturnType<Factories[keyof Factories]>;

/** What a schedule is told of the run; plots know less. */
export interface Run {
  readonly epochs?: number | undefined;
  /** Updates of an epoch. */
  readonly stepsPerEpoch?: number | undefined;
  /** What the schedule that follows the epochs remembers of them. */
  readonly state?: readonly number[];
}

/** Most schedules that follow one another by `then`. Without a limit a schedule that holds itself would never end. */
const MOST = 8;

/** Takes any value for a schedule: a copy of it, checked. @throws {TypeError | RangeError} naming what is wrong. */
export function readSchedule(where: string, value: unknown, place: number = 1): AnySchedule {
  const schedule = readSpec<AnySchedule>(where, 'a schedule', schedules, value);
  if (!('then' in schedule)) return schedule;
  if (place === MOST) {
    throw new RangeError(
      `${where}: expected at most ${MOST} schedules one after another, got more. Use fewer.`,
    );
  }
  const next = readSchedule(`${where} ${schedule.type}: then`, schedule.then, place + 1);
  return { ...schedule, then: next };
}

/** The rate of update `step`, counted from 0, by a checked schedule. @param unit What counts if the schedule does not say. */
export function rateOf(
  schedule: AnySchedule,
  step: number,
  run: Run,
  unit: Unit = 'epoch',
): number {
  return definitionOf(schedule).rate(schedule, momentOf(schedule, step, run, unit));
}

/** A schedule that follows a figure of the epochs. */
export interface Follower {
  readonly monitor: string;
  /** Updates of the run before it begins. */
  readonly begin: number;
  /** What it remembers after an epoch with this figure. */
  next(state: readonly number[], figure: number): readonly number[];
}

/** The one that follows the epochs, this schedule or the one that it leads to; undefined if there is none. */
export function followerOf(
  schedule: AnySchedule,
  run: Run,
  unit: Unit = 'epoch',
): Follower | undefined {
  const { afterEpoch } = definitionOf(schedule);
  if (afterEpoch !== undefined && 'monitor' in schedule) {
    const next: Follower['next'] = (state, figure) => afterEpoch(schedule, state, figure);
    return { monitor: schedule.monitor, begin: 0, next };
  }
  if (!('then' in schedule)) return undefined;
  const own = unitOf(schedule, unit);
  const follower = followerOf(schedule.then as AnySchedule, run, own); // as readSchedule left it
  if (follower === undefined) return undefined;
  const { length, stepsPerUnit } = momentOf(schedule, 0, run, unit);
  return { ...follower, begin: follower.begin + length * stepsPerUnit };
}

/**
 * The learning rate of update `step`, counted from 0, for plots and tests.
 * @param options `stepsPerEpoch`: updates of an epoch, which a schedule in epochs needs.
 * @throws {TypeError | RangeError} if something does not fit, a `length` is missing, or the rate follows what is measured.
 */
export function learningRateAt(
  schedule: Schedule,
  step: number,
  options: { readonly stepsPerEpoch?: number } = {},
): number {
  const checked = readSchedule(WHERE, schedule);
  checkInteger(WHERE, 'step', step, 0);
  const run = checkOptions<{ stepsPerEpoch?: number }>(WHERE, options, { stepsPerEpoch: positive });
  return rateOf(checked, step, run);
}

const WHERE = 'learningRateAt';

function momentOf(schedule: AnySchedule, step: number, run: Run, outer: Unit): Moment {
  const { type } = schedule;
  const unit = unitOf(schedule, outer);
  const stepsPerUnit = unit === 'step' ? 1 : run.stepsPerEpoch;
  return {
    step,
    get stepsPerUnit() {
      return stepsPerUnit ?? missing(`stepsPerEpoch for ${type} in epochs`, OF_EPOCH);
    },
    get time() {
      return step / this.stepsPerUnit;
    },
    get length() {
      if ('length' in schedule && schedule.length !== undefined) return schedule.length;
      const { epochs, stepsPerEpoch } = run;
      if (epochs === undefined) return missing(`a length in ${type}`, OF_LENGTH);
      return unit === 'step' ? epochs * (stepsPerEpoch ?? 0) : epochs;
    },
    get state() {
      if (run.state !== undefined) return run.state;
      throw new RangeError(
        `${WHERE}: expected a schedule that follows from the step alone, got ${type}, which follows what is measured. Use another.`,
      );
    },
    rateOf: (other, at) => rateOf(other as AnySchedule, at, run, unit), // as readSchedule left it
  };
}

const OF_EPOCH = "Give { stepsPerEpoch }, or the schedule unit: 'step'.";
const OF_LENGTH = 'Give it one: here is no run whose epochs it could be.';

/** Only a plot can lack these: `fit` knows them. */
function missing(what: string, advice: string): never {
  throw new TypeError(`${WHERE}: expected ${what}, got none. ${advice}`);
}

function unitOf(schedule: AnySchedule, outer: Unit): Unit {
  return ('unit' in schedule ? schedule.unit : undefined) ?? outer;
}

function definitionOf(schedule: AnySchedule): ScheduleDefinition<AnySchedule> {
  return definitionIn<AnySchedule, ScheduleDefinition<AnySchedule>>(schedules, schedule);
}
