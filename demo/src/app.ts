/** The page put together: who tells whom what. @module */
import { type Backend, createBackend, type EpochEvent } from 'convlet';
import { isEmbedded } from './address.ts';
import { connectBar } from './bar.ts';
import { CurvesView } from './charts/curvesView.ts';
import { namesOf } from './classes.ts';
import { COMPARED_STEPS, connectComparison, type Rest } from './comparison.ts';
import { connectControls } from './controls.ts';
import { describeTraining, momentText } from './describe.ts';
import { type Digits, firstOf, loadDigits } from './digits.ts';
import { byId } from './dom.ts';
import { connectEmbed } from './embed.ts';
import { Experiment } from './experiment.ts';
import { connectFiles } from './files.ts';
import type { Moment } from './judgement.ts';
import { Learning } from './learning.ts';
import { showSpec } from './networkForm.ts';
import { Picture } from './picture.ts';
import { paletteOf } from './pictures/palette.ts';
import { Scene } from './pictures/scene.ts';
import { connectPresets } from './presets.ts';
import { keepCheckpoints, offerCheckpoint } from './remember.ts';
import { parseSettings, type Settings } from './settings.ts';
import { Speaker } from './speaker.ts';
import { Store } from './store.ts';
import { type Belongings, connectTake } from './take.ts';
import { INK, type Theme } from './theme.ts';
import { say } from './toast.ts';
import { connectTour } from './tour.ts';
import { Training } from './training.ts';
import { connectTransport, epochText, Progress, Readouts } from './transport.ts';
import { Verdict } from './verdict.ts';
import { speakOf } from './wording.ts';
import { Workbench } from './workbench.ts';

/** Milliseconds between two epochs for screen readers: at full speed there are many. */
const SPEAK = 5000;

export class App {
  readonly #theme: Store<Theme>;
  readonly #settings = new Store<Settings>(parseSettings(location.search));
  readonly #bench: Workbench;
  readonly #training: Training;
  readonly #experiment: Experiment;
  readonly #curves = new CurvesView(() => this.#settings.value.epochs);
  readonly #picture = new Picture((pixels) => {
    this.#scene.pixels = pixels;
  });
  readonly #scene: Scene;
  readonly #learning: Learning;
  readonly #verdict: Verdict;
  readonly #progress = new Progress();
  readonly #readouts = new Readouts();
  readonly #speaker = new Speaker(SPEAK);
  readonly #showSnippet = connectTake(() => this.#belongings());

  /** Loads, and begins to train. */
  static async start(theme: Store<Theme>): Promise<void> {
    const [backend, digits] = await Promise.all([createBackend(), loadDigits()]);
    const app = new App(theme, backend, digits);
    await new Promise((resolve) => setTimeout(resolve)); // a page that is put together can be scrolled before it opens a network
    await app.#experiment.startOver();
    await app.#training.run();
  }

  private constructor(theme: Store<Theme>, backend: Backend, digits: Digits) {
    this.#theme = theme;
    const palette = paletteOf(theme.value);
    this.#bench = new Workbench(backend, digits);
    this.#training = this.#createTraining();
    this.#experiment = new Experiment(backend, this.#bench, this.#training, this.#settings);
    this.#scene = new Scene(
      backend,
      palette,
      () => this.#picture.truth,
      (answer) => this.#picture.answer(answer),
    );
    this.#learning = new Learning(this.#training, this.#scene, this.#picture);
    this.#verdict = new Verdict(
      palette,
      () => this.#moment(),
      (index) => this.#look(index),
    );
    this.#connectTraining();
    this.#connectPage();
  }

  #createTraining(): Training {
    return new Training(this.#settings.value, {
      onModel: (history) => this.#begin(history),
      onRecipe: () => this.#showSnippet(),
      onStep: (event) => {
        this.#curves.addStep(event, this.#training.stepsPerEpoch);
        if (event.epoch === 1 && event.step === 1) performance.mark('first loss');
      },
      onEpoch: (event) => {
        this.#curves.addEpoch(event);
        this.#speaker.speak(epochText(event));
      },
      onReturn: (epochs) => this.#curves.returnTo(epochs),
      onNotice: say,
    });
  }

  #connectTraining(): void {
    const { position, phase } = this.#training;
    position.watch(() => this.#showPosition());
    phase.watch(() => this.#showPosition());
    connectTransport(this.#training, {
      run: () => this.#experiment.run(),
      pause: () => void this.#training.pause(),
      step: () => this.#experiment.step(),
      startOver: () => void this.#experiment.startOver(),
    });
  }

  #connectPage(): void {
    connectControls(this.#settings);
    connectPresets(this.#settings, (preset) => void this.#experiment.follow(preset));
    connectEmbed(this.#settings);
    this.#settings.watch((settings) => void this.#experiment.adopt(settings));
    this.#theme.watch((theme) => {
      const palette = paletteOf(theme);
      this.#scene.palette = palette;
      this.#verdict.palette = palette;
      this.#picture.pad.setColour(INK[theme]);
      this.#curves.restyle();
    });
    connectFiles({
      onCheckpoint: (checkpoint, name) => void this.#experiment.goOn(checkpoint, name),
      onModel: (model, name) => void this.#experiment.adoptModel(model, name),
      onPicture: (digit, name) => this.#lookAt(digit, name),
      onDigits: (digits, name, path) => void this.#experiment.use(digits, name, path),
      onNotice: say,
      networks: () => this.#bench.networks(this.#training.spec),
    });
    connectComparison(() => this.#rest());
    connectBar();
    connectTour();
    if (!isEmbedded()) void this.#remember();
  }

  /** What the last visit left is read before this one leaves anything. */
  async #remember(): Promise<void> {
    await offerCheckpoint((checkpoint) => this.#experiment.goOn(checkpoint, 'Your last visit'));
    keepCheckpoints(() => {
      const isWhole = this.#bench.isBundled && this.#training.settings.samples === 0;
      return isWhole ? this.#training.checkpoint : undefined;
    });
  }

  /** What there is to judge, and of which step it is. */
  #moment(): Moment {
    const { weights, position, stepsPerEpoch, bestEpoch } = this.#training;
    const { epochsDone, step } = position.value;
    return {
      weights: weights.value,
      when: momentText(bestEpoch ?? epochsDone, step, stepsPerEpoch),
      hasLearnt: epochsDone > 0 || step > 0,
    };
  }

  /** What there is to take along. */
  #belongings(): Belongings | undefined {
    const { spec, settings, optimizer, augment, earlyStopping, weights, checkpoint } =
      this.#training;
    const { digits } = this.#training;
    const { path, isBundled } = this.#bench;
    if (spec === undefined || digits === undefined) return undefined;
    const { train } = digits;
    const isPart = isBundled || settings.samples > 0; // the digits of the page are a part of the package's
    const trainSamples = isPart ? train.labels.length : undefined;
    const recipe = { settings, optimizer, augment, earlyStopping, trainSamples, isBundled, path };
    return { spec, ...recipe, weights: weights.value, checkpoint, train };
  }

  /** Training rests while the processor is needed for something else. */
  async #rest(): Promise<Rest> {
    const training = this.#training;
    const wasRunning = training.phase.value === 'running';
    await training.pause();
    const { spec, digits, settings, weights } = training;
    const { batchSize } = settings;
    const data = digits && firstOf(digits.train, COMPARED_STEPS * batchSize);
    return {
      request: spec && data && { spec, weights: weights.value, data, batchSize },
      resume: () => void (wasRunning && training.run()),
    };
  }

  /** Puts a picture from a file before the network. */
  #lookAt(digit: Uint8Array, name: string): void {
    if (!this.#picture.takesDigits) {
      say(`${name}: the network reads pictures of another size than 28 × 28 now.`);
      return;
    }
    this.#picture.bring(digit, name);
    say(`${name}: prepared as handwritten digits are, and put before the network.`);
    byId('flow', HTMLElement).scrollIntoView({ block: 'start' });
  }

  /** The page as it is before the first step, or after those of a checkpoint. */
  #begin(history: readonly EpochEvent[]): void {
    const { spec, digits, weights } = this.#training;
    if (spec === undefined || digits === undefined) return;
    showSpec(spec);
    speakOf(this.#bench.isBundled);
    this.#picture.use(digits.test);
    this.#curves.begin(history);
    this.#verdict.use(spec, digits);
    this.#scene.build(spec, weights.value, namesOf(digits.test), this.#picture.pixels);
    this.#learning.begin();
    describeTraining(this.#training);
  }

  /** Puts a test image before the network, and the network before the reader. */
  #look(index: number): void {
    this.#picture.pick(index);
    byId('flow', HTMLElement).scrollIntoView({ block: 'start' });
  }

  #showPosition(): void {
    const { phase, position, threads, stepsPerEpoch } = this.#training;
    const settings = this.#settings.value;
    this.#progress.show(phase.value, position.value, stepsPerEpoch, settings);
    this.#readouts.show(position.value, settings, threads.value);
  }
}
