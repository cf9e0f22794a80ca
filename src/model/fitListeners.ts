/** Who hears of a running `fit`, and who may end it: the options that a page keeps when a worker trains. @module */

import { wrongKind } from '../base/checks.ts';
import type { AbortSignal } from '../base/engine.ts';
import { listener, type OptionCheck, type OptionChecks } from '../base/options.ts';
import type { EpochEvent, StepEvent } from '../base/types.ts';
import type { Checkpoint } from './checkpoint.ts';

export interface FitListeners {
  /** Told once each: what is likely not meant, though it is allowed. */
  readonly onWarning?: (text: string) => void;
  /** Called after every step; if it returns a promise, that is awaited. */
  readonly onStepEnd?: ((event: StepEvent) => unknown) | undefined;
  /** Awaited before the next epoch. */
  readonly onEpochEnd?: (event: EpochEvent) => void | Promise<void>;
  /**
   * Is given all that is needed to go on from here: after every epoch, when `signal` or `maxSteps` ends training, and
   * when `checkpointEvery` says. Awaited; its time is not counted as training.
   */
  readonly onCheckpoint?: (checkpoint: Checkpoint) => void | Promise<void>;
  /** Ends training after the current step; the model stays usable. */
  readonly signal?: AbortSignal;
}

const abortSignal: OptionCheck = (where, name, value) => {
  const signal: Partial<Record<keyof AbortSignal, unknown>> = Object(value);
  const isFunction = (name: keyof AbortSignal) => typeof signal[name] === 'function';
  if (
    typeof signal.aborted === 'boolean' &&
    isFunction('addEventListener') &&
    isFunction('removeEventListener')
  )
    return;
  throw wrongKind(where, name, 'an AbortSignal', value);
};

export const listenerChecks: OptionChecks<FitListeners> = {
  onWarning: listener,
  onStepEnd: listener,
  onEpochEnd: listener,
  onCheckpoint: listener,
  signal: abortSignal,
};

/** Takes the listeners out of options of `fit`. @throws {TypeError} naming a listener that is none. */
export function takeListeners(where: string, options: Record<string, unknown>): FitListeners {
  const taken: Record<string, unknown> = {};
  for (const [name, check] of Object.entries<OptionCheck>(listenerChecks)) {
    const { [name]: value } = options;
    delete options[name];
    if (value === undefined) continue;
    check(where, name, value);
    taken[name] = value;
  }
  return taken;
}
