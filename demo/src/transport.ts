/** Train, Pause, Step, Start over; how far training is; the accuracy in large. @module */
import type { EpochEvent } from 'convlet';
import { doubtOf, showRatio } from 'convlet/bench';
import { byId, onClick, setText } from './dom.ts';
import { count, milliseconds, percent, rounded } from './numbers.ts';
import type { Settings } from './settings.ts';
import type { StepTime } from './stepTimes.ts';
import type { Phase, Position, Training } from './training.ts';

const LABELS: Readonly<Record<Phase, string>> = {
  loading: 'Train',
  running: 'Pause',
  stepping: 'Train',
  paused: 'Train',
  finished: 'Train on',
  failed: 'Train',
};

/** What the buttons ask for. */
export interface TransportActions {
  run(): void;
  pause(): void;
  step(): void;
  startOver(): void;
}

/** Connects the buttons of the page, and of the bar on a phone. */
export function connectTransport(training: Training, actions: TransportActions): void {
  const runs = ['run', 'bar-run'].map((id) =>
    onClick(id, () => {
      if (training.phase.value === 'running') actions.pause();
      else actions.run();
    }),
  );
  const step = onClick('step', () => actions.step());
  const reset = onClick('reset', () => actions.startOver());
  training.phase.watch((phase) => {
    for (const run of runs) {
      setText(run, LABELS[phase]);
      run.disabled = phase === 'loading';
    }
    step.disabled = phase === 'loading' || phase === 'finished';
    reset.disabled = phase === 'loading';
  });
}

export class Progress {
  readonly #text = byId('progress-text', HTMLElement);
  readonly #bar = byId('progress', HTMLProgressElement);

  show(
    phase: Phase,
    { epochsDone, step }: Position,
    stepsPerEpoch: number,
    settings: Settings,
  ): void {
    const { epochs } = settings;
    this.#bar.value = Math.min(1, (epochsDone + step / stepsPerEpoch) / epochs);
    setText(this.#text, progressText(phase, epochsDone, step, stepsPerEpoch, epochs));
  }
}

function progressText(
  phase: Phase,
  epochsDone: number,
  step: number,
  stepsPerEpoch: number,
  epochs: number,
): string {
  if (phase === 'loading') return 'Loading the digits …';
  if (phase === 'finished') return `${count(epochsDone, 'epoch')} done`;
  if (epochsDone === 0 && step === 0) return `Nothing learnt yet: weights drawn by chance`;
  const epoch = step === 0 && phase !== 'running' ? epochsDone : epochsDone + 1;
  return `Epoch ${epoch} of ${Math.max(epoch, epochs)} · batch ${step === 0 ? (phase === 'running' ? 1 : stepsPerEpoch) : step} of ${stepsPerEpoch}`;
}

/** For screen readers, a sentence an epoch. */
export function epochText({ epoch, loss, validationAccuracy: accuracy }: EpochEvent): string {
  const test = accuracy === undefined ? '' : `, ${percent(accuracy)} of the test images read`;
  return `Epoch ${epoch}: loss ${loss.toFixed(3)}${test}.`;
}

/**
 * Images a second and the time of a batch, as training itself counts them: without pauses, events and pictures. Medians of
 * the last times; the rate is withheld if they scatter, by the rule of the bench.
 */
export class Readouts {
  readonly #rate = byId('images-per-second', HTMLElement);
  readonly #stepTime = byId('step-time', HTMLElement);
  readonly #threads = byId('threads', HTMLElement);
  readonly #build = byId('build', HTMLElement);
  readonly #note = byId('pace-note', HTMLElement);

  show({ lately }: Position, { batchSize, pace }: Settings, threads: number): void {
    this.#note.hidden = pace === 'full';
    const doubt = lately && doubtOf(lately);
    const rate = lately && { value: (1000 * batchSize) / lately.milliseconds, doubt };
    setText(this.#rate, rate === undefined ? '–' : showRatio(rate, rounded));
    this.#rate.classList.toggle('doubt', doubt !== undefined);
    setText(this.#stepTime, lately === undefined ? '–' : timeText(lately));
    setText(this.#threads, threadsText(threads));
    setText(this.#build, threads > 1 ? 'SIMD, threads' : 'SIMD');
  }
}

/** `3.65 ms ±4 %`; with one sample, it is not known how far they scatter. */
function timeText({ milliseconds: time, spread, samples }: StepTime): string {
  return samples === 1 ? milliseconds(time) : `${milliseconds(time)} ±${percent(spread, 0)}`;
}

function threadsText(threads: number): string {
  if (threads > 1) return String(threads);
  return crossOriginIsolated ? '1' : '1 (page not isolated)';
}
