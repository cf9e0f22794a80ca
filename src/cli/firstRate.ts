/** The learning rate that a schedule is built on, which the command line gives apart: `from`, or the peak of `oneCycle`. @module */
import { describe } from '../base/errors.ts';
import { UsageError } from './options.ts';

type Fields = Readonly<Record<string, unknown>>;

function fieldOf(type: unknown): string {
  return type === 'oneCycle' ? 'peak' : 'from';
}

/**
 * The schedule built on a rate. What a warm-up leads to is built on it.
 * @param flag The option that gives the rate, if one does. @throws {UsageError} if the schedule has a rate too.
 */
export function withFirstRate(schedule: Fields, rate: unknown, flag: string | undefined): Fields {
  const { type, then } = schedule;
  if (type === 'warmup') {
    if (typeof then !== 'object' || then === null) return schedule; // refused when it is read
    return { ...schedule, then: withFirstRate({ ...then }, rate, flag) };
  }
  const own = fieldOf(type);
  if (schedule[own] !== undefined && flag !== undefined) {
    throw new UsageError(
      `${flag}: expected none, as --schedule has ${own}, got ${describe(rate)}. Leave one of them out.`,
    );
  }
  return { [own]: rate, ...schedule };
}

/** The reverse: the rate, and the schedule without it. */
export function takeFirstRate(schedule: Fields): readonly [rate: unknown, schedule: Fields] {
  const { type, then } = schedule;
  if (type === 'warmup') {
    const [rate, rest] = takeFirstRate({ ...(then as object) });
    return [rate, { ...schedule, then: rest }];
  }
  const { [fieldOf(type)]: rate, ...rest } = schedule;
  return [rate, rest];
}
