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

/** In what lengths are counted. */
export type Unit = 'epoch' | 'step';

/** What every schedule takes beside its own options. */
export interface ScheduleSpec extends Typed {
  /** `'epoch'`: lengths are epochs, fractions allowed. `'step'`: lengths are updates. @default 'epoch' */
  readonly unit?: Unit;
}

/** All that training needs to know of a schedule. */
export interface ScheduleDefinition<Spec> extends Definition<Spec> {
  /** The rate after `time` units: of the first update that is at time 0, of the next at 1 step or a part of an epoch. */
  rate(spec: Spec, time: number): number;
}

/** Makes specs of one type of schedule. */
export type ScheduleFactory<Spec> = Factory<Spec, Omit<Spec, 'type'>, ScheduleDefinition<Spec>>;

const unit: OptionCheck = (where, name, value) => {
  if (value === 'epoch' || value === 'step') return;
  throw new RangeError(
    `${where}: expected ${name} to be 'epoch' or 'step', got ${describe(value)}. Use one of these.`,
  );
};

/** The factory of a schedule; `options` are its own. */
export function schedule<Spec extends ScheduleSpec>(
  definition: Omit<ScheduleDefinition<Spec>, 'options'> & {
    readonly options: Omit<ScheduleDefinition<Spec>['options'], 'unit'>;
  },
): ScheduleFactory<Spec> {
  const options = { ...definition.options, unit };
  return factoryOf('schedules', { ...definition, options } as unknown as ScheduleDefinition<Spec>);
}
