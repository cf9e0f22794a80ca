/**
 * What a schedule is: the learning rate of every update as a function of how far training is. Plain JSON in the optimizer's
 * spec, so that a checkpoint keeps it.
 *
 * Rates are computed in double precision without `Math.cos` and `Math.pow`, which engines round differently.
 * @module
 */
import { describe } from '../base/errors.ts';
import type { OptionCheck } from '../base/options.ts';
import { type Definition, type Factory, factoryOf, type Typed } from '../base/spec.ts';
import type { Schedule } from '../base/types.ts';

/** In what lengths are counted. */
export type Unit = 'epoch' | 'step';

/** What every schedule takes beside its own options. */
export interface ScheduleSpec extends Typed {
  /**
   * `'epoch'`: lengths are epochs, fractions allowed. `'step'`: lengths are updates. A schedule inside another has the unit of
   * that one by default. @default 'epoch'
   */
  readonly unit?: Unit;
}

/** The moment of an update as a schedule sees it. Times are in its own unit and begin with the schedule. */
export interface Moment {
  /** Updates before this one. */
  readonly step: number;
  /** Updates in a unit. */
  readonly stepsPerUnit: number;
  /** Units before this update. */
  readonly time: number;
  /** The schedule's `length`, or the run's if it has none. */
  readonly length: number;
  /** What a schedule that follows the epochs remembers of them; empty at first. */
  readonly state: readonly number[];
  /** The rate of another schedule, `step` updates after its beginning. */
  rateOf(schedule: Schedule, step: number): number;
}

/** All that training needs to know of a schedule. */
export interface ScheduleDefinition<Spec> extends Definition<Spec> {
  rate(spec: Spec, moment: Moment): number;
  /** For a schedule that follows a figure of the epochs: what it remembers after an epoch with this figure. */
  afterEpoch?(spec: Spec, state: readonly number[], figure: number): readonly number[];
}

/** Makes specs of one type of schedule; those options that have defaults may be left out. */
export type ScheduleFactory<Spec, Optional extends keyof Spec = never> = Factory<
  Spec,
  Omit<Spec, 'type' | Optional> & Partial<Pick<Spec, Optional>>,
  ScheduleDefinition<Spec>
>;

const unit: OptionCheck = (where, name, value) => {
  if (value === 'epoch' || value === 'step') return;
  throw new RangeError(
    `${where}: expected ${name} to be 'epoch' or 'step', got ${describe(value)}. Use one of these.`,
  );
};

/** The factory of a schedule; `options` are its own. */
export function schedule<Spec extends ScheduleSpec, Optional extends keyof Spec = never>(
  definition: Omit<ScheduleDefinition<Spec>, 'options'> & {
    readonly options: Omit<ScheduleDefinition<Spec>['options'], 'unit'>;
  },
): ScheduleFactory<Spec, Optional> {
  const options = { ...definition.options, unit };
  return factoryOf('schedules', { ...definition, options } as unknown as ScheduleDefinition<Spec>);
}

/** How much of a length is over, from 0 to 1. */
export function shareOf({ time, length }: Pick<Moment, 'time' | 'length'>): number {
  return time < length ? time / length : 1;
}

/** `from` if all of the share is left, `to` if nothing is: exactly either. */
export function between(from: number, to: number, share: number): number {
  return from * share + to * (1 - share);
}

/** How many whole times `part` is in `time`, both sums or quotients that were rounded. */
export function wholeParts(time: number, part: number): number {
  return Math.floor(time / part + 1e-9);
}
