/**
 * How learning shows: what the filters show, one slow step, and a look back at the epochs that are done. Decides which weights
 * the page shows: those of now, or of the past.
 * @module
 */
import { batchText, momentText } from './describe.ts';
import { type PastEpoch, PastEpochs } from './past/epochs.ts';
import { Scrubber } from './past/scrubber.ts';
import type { Picture } from './picture.ts';
import { changeSince, gradientOverlay, type Overlay, PLAIN } from './pictures/overlay.ts';
import type { Scene } from './pictures/scene.ts';
import { type Learner, measureStep, type Run, replay, type Standing } from './steps/gradient.ts';
import { Journal, type LastSteps, runOf } from './steps/journal.ts';
import { type KnownGradient, LastGradient, type Subject } from './steps/lastGradient.ts';
import { Measurer } from './steps/measurer.ts';
import { SlowStep } from './steps/slowStep.ts';
import type { Training } from './training.ts';

/** Milliseconds between two looks for a newer step. */
const INTERVAL = 100;

export class Learning {
  readonly #training: Training;
  readonly #scene: Scene;
  readonly #picture: Picture;
  readonly #epochs = new PastEpochs();
  readonly #journal: Journal;
  readonly #measurer = new Measurer();
  readonly #gradient: LastGradient;
  readonly #slowStep: SlowStep;
  readonly #scrubber = new Scrubber((epoch) => this.#lookAt(epoch));
  /** The epoch that is looked at; undefined: now. */
  #past: PastEpoch | undefined;

  constructor(training: Training, scene: Scene, picture: Picture) {
    this.#training = training;
    this.#scene = scene;
    this.#picture = picture;
    this.#journal = new Journal(training);
    this.#gradient = new LastGradient(
      () => this.#subject(),
      () => this.#showOverlay(),
    );
    this.#slowStep = new SlowStep(training, this.#measurer, this.#narrator());
    training.weights.watch(() => {
      this.#show();
      if (this.#epochs.list.length > 0) this.#showScrubber();
    });
    training.position.watch(() => this.#follow());
    scene.lens.kind.watch(() => this.#showOverlay());
    setInterval(() => {
      if (scene.lens.kind.value === 'gradient') void this.#gradient.measure();
    }, INTERVAL);
  }

  /** Another run: its first weights are what changes are counted from. */
  begin(): void {
    const { weights, position } = this.#training;
    this.#slowStep.giveUp();
    this.#past = undefined;
    this.#journal.begin();
    this.#epochs.begin({ ...position.value, weights: weights.value });
    this.#show();
    this.#showScrubber();
  }

  /** What the page does while a step is told. The filters show again what they did before, unless the reader has chosen. */
  #narrator() {
    const { kind } = this.#scene.lens;
    let before = kind.value;
    return {
      onBegin: () => {
        before = kind.value;
        this.#lookAt(undefined);
      },
      onGradient: (gradient: KnownGradient) => {
        this.#gradient.take(gradient);
        kind.set('gradient');
        this.#showOverlay();
      },
      onEnd: () => {
        if (kind.value === 'gradient') kind.set(before);
      },
    };
  }

  /** Training stands elsewhere: at the end of an epoch, its weights are kept. */
  #follow(): void {
    const { position, weights } = this.#training;
    const { epochsDone, step } = position.value;
    this.#journal.look();
    if (this.#epochs.list.length === 0) return; // no run has begun
    if (step === 0 && epochsDone > 0) {
      this.#epochs.add({ epochsDone, step, weights: weights.value });
    }
    this.#showScrubber();
  }

  #lookAt(epoch: PastEpoch | undefined): void {
    this.#past = epoch;
    this.#epochs.pin(epoch);
    this.#show();
    this.#showScrubber();
  }

  #show(): void {
    const past = this.#past;
    this.#picture.when = past && this.#momentOf(past);
    this.#scene.weights = past?.weights ?? this.#training.weights.value;
    this.#showOverlay();
  }

  /** The last epoch is not past before training has gone on. */
  #showScrubber(): void {
    const { position, bestEpoch } = this.#training;
    const { epochsDone, step } = position.value;
    const now = bestEpoch ?? epochsDone;
    const isNow = (epoch: PastEpoch) => epoch.epochsDone === now && epoch.step === step;
    const list = this.#epochs.list.filter((epoch) => epoch === this.#past || !isNow(epoch));
    this.#scrubber.show(list, this.#past, (epoch) => this.#momentOf(epoch));
  }

  #momentOf({ epochsDone, step }: PastEpoch): string {
    return momentText(epochsDone, step, this.#training.stepsPerEpoch);
  }

  #showOverlay(): void {
    this.#scene.overlay = this.#overlay();
  }

  #overlay(): Overlay {
    const { value } = this.#scene.lens.kind;
    if (value === 'weights') return PLAIN;
    if (value === 'gradient') return this.#gradientOverlay();
    const [start] = this.#epochs.list;
    const isFirst = start?.epochsDone === 0 && start.step === 0;
    const since =
      isFirst || start === undefined ? 'the start' : this.#momentOf(start).slice('after '.length);
    return changeSince(start?.weights ?? new Map(), since);
  }

  #gradientOverlay(): Overlay {
    const known = this.#gradient.value;
    if (known !== undefined) {
      const { epochsDone, step, gradientOf } = known;
      const batch = batchText(epochsDone, step + 1, this.#training.stepsPerEpoch);
      const text = `Gradient of ${batch}: growing means more loss if blue, less if orange.`;
      return gradientOverlay(gradientOf, text);
    }
    const hasStep = this.#subject().measure !== undefined;
    const text = hasStep
      ? 'The gradient is being measured …'
      : 'No gradient: there is no step to measure yet.';
    return gradientOverlay(undefined, text);
  }

  /** Of now, the last step; of a past epoch, the first step after it. */
  #subject(): Subject {
    const [past, last] = [this.#past, this.#journal.last];
    if (past === undefined) {
      const measure = last && (() => this.#measureLast(last));
      return { view: this.#epochs.list[0], source: last, measure };
    }
    // if weights are averaged, the average is kept, and steps begin elsewhere
    const isAverage = this.#training.checkpoint?.averageWeights !== undefined;
    const measure = isAverage ? undefined : () => this.#measurePast(past);
    return { view: past, source: past, measure };
  }

  #measurePast({ weights, epochsDone, step }: PastEpoch): Promise<KnownGradient> {
    const { checkpoint } = this.#training;
    return this.#measure(() => Promise.resolve({ weights, epochsDone, step, checkpoint }));
  }

  #measureLast({ before, count, course }: LastSteps): Promise<KnownGradient> {
    return this.#measure((model, run) => replay(model, run, before, course, count - 1));
  }

  /** @param standingOf Brings a fresh model to where training stood before the step. */
  async #measure(
    standingOf: (model: Learner, run: Run) => Promise<Standing>,
  ): Promise<KnownGradient> {
    const { spec, settings } = this.#training;
    if (spec === undefined) throw new Error('internal: expected a network to measure.');
    const run = runOf(this.#training);
    return this.#measurer.run(spec, settings.seed, async (model) => {
      const standing = await standingOf(model, run);
      const { gradientOf } = await measureStep(model, run, standing);
      return { epochsDone: standing.epochsDone, step: standing.step, gradientOf };
    });
  }
}
