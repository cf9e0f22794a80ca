/**
 * One slow step: a step of training, told in four stages with the numbers of its batch. Before the update nothing of the
 * network changes: another model has measured what the step will see. The update is training's own.
 * @module
 */
import { batchText } from '../describe.ts';
import { byId, make, onClick, setText } from '../dom.ts';
import type { Training } from '../training.ts';
import { measureStep, type Standing, type StepFigures } from './gradient.ts';
import { runOf, standingOf } from './journal.ts';
import type { KnownGradient } from './lastGradient.ts';
import type { Measurer } from './measurer.ts';
import {
  type Before,
  parameterToTell,
  rateOf,
  STAGES,
  type Stage,
  stagesBefore,
  steepest,
  updateStage,
} from './narration.ts';

/** Milliseconds that a stage stays; readers who asked for less motion go on by themselves. */
const STAY = 6000;
const goesOnAlone = () => !matchMedia('(prefers-reduced-motion: reduce)').matches;

/** What the page does while a step is told. */
export interface SlowStepListener {
  /** Nothing of the past is to be in sight. */
  onBegin(): void;
  /** The gradient is spoken of: show it. */
  onGradient(gradient: KnownGradient): void;
  /** The step is taken, or given up. */
  onEnd(): void;
}

export class SlowStep {
  readonly #training: Training;
  readonly #measurer: Measurer;
  readonly #listener: SlowStepListener;
  readonly #button = onClick('slow-step', () => void this.#take());
  readonly #box = byId('narration', HTMLElement);
  readonly #stages: readonly HTMLElement[];
  readonly #text = byId('narration-text', HTMLElement);
  readonly #next = byId('narration-next', HTMLButtonElement);
  readonly #skip = byId('narration-skip', HTMLButtonElement);
  /** Fires when the step that is told is given up. */
  #telling: AbortController | undefined;
  /** From the press of the button to the end of what is told. */
  #isBusy = false;
  #isSkipped = false;
  /** Whether the step that training takes is this one. */
  #isStepping = false;
  /** Ends the stage that is told. */
  #goOn = () => {};

  constructor(training: Training, measurer: Measurer, listener: SlowStepListener) {
    this.#training = training;
    this.#measurer = measurer;
    this.#listener = listener;
    this.#stages = STAGES.map((title) => make('li', {}, title));
    byId('narration-stages', HTMLElement).append(...this.#stages);
    this.#next.addEventListener('click', () => this.#goOn());
    this.#skip.addEventListener('click', () => {
      this.#isSkipped = true;
      this.#goOn();
    });
    training.phase.watch((phase) => {
      const isOwn = phase === 'stepping' && this.#isStepping;
      if ((phase === 'running' || phase === 'stepping') && !isOwn) this.giveUp();
      this.#showButton();
    });
  }

  /** Training goes on without it, or begins anew. */
  giveUp(): void {
    this.#box.hidden = true;
    this.#telling?.abort();
    this.#goOn();
  }

  #showButton(): void {
    const { value } = this.#training.phase;
    this.#button.disabled = this.#isBusy || value === 'loading' || value === 'finished';
  }

  async #take(): Promise<void> {
    if (this.#isBusy) return;
    const telling = new AbortController();
    this.#begin();
    try {
      await this.#training.pause(); // what gives a step up is what comes after this
      this.#telling = telling;
      if (this.#training.isDone) this.#box.hidden = true;
      else await this.#tell(telling.signal);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#say(undefined, `The step cannot be told: ${reason}`);
    } finally {
      this.#telling = undefined;
      this.#end();
    }
  }

  #begin(): void {
    this.#isBusy = true;
    this.#isSkipped = false;
    this.#box.hidden = false;
    this.#showButton();
    this.#say(undefined, 'A batch is taken …');
    this.#listener.onBegin();
  }

  #end(): void {
    const hadFocus = [this.#next, this.#skip].some((button) => button === document.activeElement);
    this.#isBusy = false;
    this.#next.hidden = true;
    this.#skip.hidden = true;
    this.#showButton();
    if (hadFocus) this.#button.focus({ preventScroll: true });
    this.#listener.onEnd();
  }

  async #tell(signal: AbortSignal): Promise<void> {
    const standing = standingOf(this.#training);
    if ((standing.checkpoint?.accumulate ?? 1) > 1) {
      throw new Error('this run adds up several batches before it moves a weight.');
    }
    const figures = await this.#measure(standing);
    const before = this.#before(standing, figures);
    this.#next.hidden = false;
    this.#skip.hidden = false;
    for (const [index, stage] of stagesBefore(before).entries()) {
      if (signal.aborted) return;
      this.#say(index, stage.text);
      if (stage.title === 'Gradient') this.#listener.onGradient({ ...standing, ...figures });
      await this.#pause();
    }
    if (signal.aborted) return;
    const update = await this.#update(standing, before);
    if (!signal.aborted) this.#say(STAGES.length - 1, update.text);
  }

  /** Takes the step. @returns what is to be said of it. */
  async #update(standing: Standing, before: Before): Promise<Stage> {
    const training = this.#training;
    const { parameter, index } = before.weight;
    const from = standing.weights.get(parameter)?.data[index] ?? Number.NaN;
    this.#isStepping = true;
    await training.step();
    this.#isStepping = false;
    const { checkpoint, settings, stepsPerEpoch } = training;
    if (checkpoint === undefined || checkpoint === standing.checkpoint) {
      throw new Error('training took no step.');
    }
    const { weights, optimizer } = checkpoint;
    const after = await this.#measure({ ...standing, weights, checkpoint });
    const done = standing.epochsDone * stepsPerEpoch + standing.step;
    return updateStage(before, {
      from,
      to: weights.get(parameter)?.data[index] ?? Number.NaN,
      optimizer,
      learningRate: rateOf(optimizer, done, stepsPerEpoch, settings.epochs),
      loss: after.loss,
    });
  }

  #measure(standing: Standing): Promise<StepFigures> {
    const { spec, settings } = this.#training;
    if (spec === undefined) throw new Error('internal: expected a network.');
    const run = runOf(this.#training);
    return this.#measurer.run(spec, settings.seed, (model) => measureStep(model, run, standing));
  }

  #before({ epochsDone, step, weights, checkpoint }: Standing, figures: StepFigures): Before {
    const { digits, settings, stepsPerEpoch, parameterCount } = this.#training;
    const images = (digits?.train.labels.length ?? 0) - step * settings.batchSize;
    const { loss, accuracy } = figures;
    const parameter = parameterToTell(weights);
    const gradient = figures.gradientOf(parameter);
    if (gradient === undefined) throw new Error('internal: expected the gradient of a weight.');
    const weight = steepest(parameter, gradient);
    return {
      batch: batchText(epochsDone, step + 1, stepsPerEpoch),
      images: Math.min(settings.batchSize, images),
      classes: digits?.train.classes ?? 0,
      loss,
      accuracy,
      lossType: checkpoint?.loss.type ?? 'categoricalCrossentropy',
      parameters: parameterCount,
      weight,
      gradient: gradient.data[weight.index] ?? Number.NaN,
    };
  }

  #say(stage: number | undefined, text: string): void {
    for (const [index, item] of this.#stages.entries()) {
      if (index === stage) item.setAttribute('aria-current', 'step');
      else item.removeAttribute('aria-current');
    }
    setText(this.#text, text);
  }

  /** Until the reader goes on, or time does. */
  #pause(): Promise<void> {
    if (this.#isSkipped || this.#telling?.signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = goesOnAlone() ? setTimeout(resolve, STAY) : undefined;
      this.#goOn = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
