/** The page put together: who tells whom what. @module */
import {
  type Backend,
  type Checkpoint,
  createBackend,
  createModel,
  type EpochEvent,
  type ModelSpec,
  type Tensor,
} from 'convlet';
import { isEmbedded, showAddress } from './address.ts';
import { connectBar } from './bar.ts';
import { CurvesView } from './charts/curvesView.ts';
import { namesOf } from './classes.ts';
import { COMPARED_STEPS, connectComparison, type Rest } from './comparison.ts';
import { connectControls } from './controls.ts';
import { describeData, describeTraining, doneText, momentText } from './describe.ts';
import { type Digits, firstOf, loadDigits } from './digits.ts';
import { byId, setText } from './dom.ts';
import { connectEmbed } from './embed.ts';
import { wordsOf } from './errors.ts';
import { connectFiles, type FoundModel } from './files.ts';
import type { Moment } from './judgement.ts';
import { Learning } from './learning.ts';
import { showSpec } from './networkForm.ts';
import { textOf } from './networks.ts';
import { Picture } from './picture.ts';
import { paletteOf } from './pictures/palette.ts';
import { Scene } from './pictures/scene.ts';
import { connectPresets, type Preset } from './presets.ts';
import { keepCheckpoints, offerCheckpoint } from './remember.ts';
import { DEFAULTS, parseSettings, restartsTraining, type Settings } from './settings.ts';
import { Store } from './store.ts';
import { type Belongings, connectTake } from './take.ts';
import { createTheme, INK } from './theme.ts';
import { say } from './toast.ts';
import { connectTour } from './tour.ts';
import { Training } from './training.ts';
import { connectTransport, Progress, Readouts, Speaker } from './transport.ts';
import { Verdict } from './verdict.ts';
import { inWords, speakOf } from './wording.ts';
import { Workbench } from './workbench.ts';

export class App {
  readonly #theme = createTheme();
  readonly #settings = new Store<Settings>(parseSettings(location.search));
  /** Those that training was given last: it goes by them as soon as it is their turn. */
  #given: Settings = this.#settings.value;
  readonly #backend: Backend;
  readonly #bench: Workbench;
  readonly #training: Training;
  readonly #curves = new CurvesView(() => this.#settings.value.epochs);
  readonly #picture = new Picture((pixels) => {
    this.#scene.pixels = pixels;
  });
  readonly #scene: Scene;
  readonly #learning: Learning;
  readonly #verdict: Verdict;
  readonly #progress = new Progress();
  readonly #readouts = new Readouts();
  readonly #speaker = new Speaker();

  /** Loads, and begins to train. */
  static async start(): Promise<void> {
    const [backend, digits] = await Promise.all([createBackend(), loadDigits()]);
    const app = new App(backend, digits);
    await app.#startOver();
    await app.#training.run();
  }

  private constructor(backend: Backend, digits: Digits) {
    const palette = paletteOf(this.#theme.value);
    this.#backend = backend;
    this.#bench = new Workbench(digits);
    this.#training = this.#createTraining();
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
      onStep: (event) => {
        this.#curves.addStep(event, this.#training.stepsPerEpoch);
        if (event.epoch === 1 && event.step === 1) performance.mark('first loss');
      },
      onEpoch: (event) => {
        this.#curves.addEpoch(event);
        this.#speaker.speak(event);
      },
      onReturn: (epochs) => this.#curves.returnTo(epochs),
      onNotice: (text) => this.#notice(text),
    });
  }

  #connectTraining(): void {
    const { position, phase } = this.#training;
    position.watch(() => this.#showPosition());
    phase.watch(() => this.#showPosition());
    connectTransport(this.#training, {
      run: () => this.#run(),
      pause: () => void this.#training.pause(),
      step: () => void this.#training.step(),
      startOver: () => void this.#startOver(),
    });
  }

  #connectPage(): void {
    connectControls(this.#settings);
    connectPresets(this.#settings, (preset) => void this.#follow(preset));
    connectEmbed(this.#settings);
    this.#settings.watch((settings) => void this.#adopt(settings));
    this.#theme.watch((theme) => {
      const palette = paletteOf(theme);
      this.#scene.palette = palette;
      this.#verdict.palette = palette;
      this.#picture.pad.setColour(INK[theme]);
      this.#curves.restyle();
    });
    connectFiles({
      onCheckpoint: (checkpoint, name) => void this.#goOn(checkpoint, name),
      onModel: (model, name) => void this.#adoptModel(model, name),
      onPicture: (digit, name) => this.#lookAt(digit, name),
      onDigits: (digits, name, path) => void this.#use(digits, name, path),
      onNotice: (message) => this.#notice(message),
      networks: () => this.#bench.networks(this.#training.spec),
    });
    connectTake(() => this.#belongings());
    connectComparison(() => this.#rest());
    connectBar();
    connectTour();
    if (!isEmbedded()) void this.#remember();
  }

  /** What the last visit left is read before this one leaves anything. */
  async #remember(): Promise<void> {
    await offerCheckpoint((checkpoint) => void this.#goOn(checkpoint, 'Your last visit'));
    keepCheckpoints(() => {
      const isWhole = this.#bench.isBundled && this.#training.settings.samples === 0;
      return isWhole ? this.#training.checkpoint : undefined;
    });
  }

  /** What there is to judge, and of which step it is. */
  #moment(): Moment {
    const { weights, position, stepsPerEpoch } = this.#training;
    const { epochsDone, step } = position.value;
    return {
      weights: weights.value,
      when: momentText(epochsDone, step, stepsPerEpoch),
      hasLearnt: epochsDone > 0 || step > 0,
    };
  }

  /** What there is to take along. */
  #belongings(): Belongings | undefined {
    const { spec, settings, optimizer, augment, earlyStopping, weights, checkpoint } =
      this.#training;
    const { digits } = this.#training;
    const trainSamples = this.#bench.isBundled ? digits?.train.labels.length : undefined;
    const { path } = this.#bench;
    const recipe = { settings, optimizer, augment, earlyStopping, trainSamples, path };
    const { train } = this.#bench.digits;
    return spec && { spec, ...recipe, weights: weights.value, checkpoint, train };
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

  #run(): void {
    if (this.#training.phase.value === 'finished' && this.#training.isDone) {
      const { epochs } = this.#settings.value;
      this.#settings.set({ ...this.#settings.value, epochs: epochs + DEFAULTS.epochs });
    }
    this.#notice('');
    void this.#training.run();
  }

  /** A setting has changed: some act on training as it goes, others on how it began. */
  async #adopt(settings: Settings): Promise<void> {
    showAddress(settings);
    const before = this.#given;
    if (settings === before) return;
    if (!restartsTraining(settings, before)) {
      this.#given = settings;
      await this.#training.adjust(settings);
      return;
    }
    const isResting = this.#training.phase.value === 'paused';
    await this.#startOver(before);
    if (!isResting) await this.#training.run();
  }

  /** Begins an experiment anew, whatever of it is as before, and says what to look at. */
  async #follow({ name, look, settings }: Preset): Promise<void> {
    const spec = this.#check(() => this.#bench.specOf(settings));
    if (spec === undefined) return;
    await this.#open(spec, settings);
    this.#notice(inWords(`${name}: ${look}`));
    byId('flow', HTMLElement).scrollIntoView({ block: 'start' });
    await this.#training.run();
  }

  /** Fresh weights by the seed. A network that cannot be is refused, and the settings before come back. */
  async #startOver(before = DEFAULTS): Promise<void> {
    const settings = this.#settings.value;
    const spec = this.#check(
      () => this.#bench.specOf(settings),
      () => this.#settings.set({ ...settings, network: before.network }),
    );
    if (spec !== undefined) await this.#open(spec, settings);
  }

  /**
   * Training begins anew, or from a checkpoint or weights, under these settings. The page shows them at once: a setting that is
   * changed while it opens is a change of these, and is taken up after them.
   */
  #open(
    spec: ModelSpec,
    settings: Settings,
    from?: Checkpoint,
    weights?: ReadonlyMap<string, Tensor>,
  ): Promise<void> {
    this.#given = settings;
    this.#settings.set(settings);
    return this.#training.open(spec, this.#bench.digitsFor(settings), settings, from, weights);
  }

  /**
   * The network, or undefined if it is none or does not fit the digits; the page says why.
   * @param onRefusal Is called before the page says so: to begin anew clears what it says.
   */
  #check(specOf: () => ModelSpec, onRefusal = () => {}): ModelSpec | undefined {
    try {
      const spec = specOf();
      createModel(this.#backend, spec).dispose();
      this.#refuse('');
      return spec;
    } catch (cause) {
      onRefusal();
      this.#refuse(wordsOf(cause));
      return undefined;
    }
  }

  #refuse(text: string): void {
    setText(byId('json-error', HTMLElement), text);
    this.#notice(text);
  }

  /** Learns the reader's own pictures; with the thesis's network, if that of the settings cannot read them. */
  async #use(digits: Digits, name: string, path: string | undefined): Promise<void> {
    const before = this.#settings.value;
    const settings = { ...before };
    const spec = this.#check(() => {
      settings.network = this.#bench.use(this.#backend, digits, before.network, { name, path });
      return this.#bench.specOf(settings);
    });
    if (spec === undefined) return;
    await this.#open(spec, settings);
    const isReplaced = settings.network !== before.network;
    const addition = isReplaced
      ? ' The network that was here does not read such pictures: the thesis’s network learns them.'
      : '';
    this.#notice(`${name}: ${describeData(digits)}${addition}`);
    await this.#training.run();
  }

  /** Goes on from a checkpoint: its network, seed, batch and optimizer become the settings. */
  async #goOn(checkpoint: Checkpoint, name: string): Promise<void> {
    if (this.#check(() => this.#bench.fitting(checkpoint.spec, name)) === undefined) return;
    const settings = this.#bench.settingsOf(checkpoint, this.#settings.value);
    await this.#open(checkpoint.spec, settings, checkpoint);
    this.#notice(`${name}: ${doneText(checkpoint)} done. Train goes on from there.`);
  }

  /** Goes on from weights: as at the beginning, but with these. */
  async #adoptModel({ spec: found, seed, weights }: FoundModel, name: string): Promise<void> {
    const spec = this.#check(() => this.#bench.adopted(this.#backend, found, name));
    if (spec === undefined) return;
    const { shape, classes } = this.#bench.digits.train;
    const network = textOf(spec, shape, classes);
    const settings = { ...this.#settings.value, network, ...(seed !== undefined && { seed }) };
    await this.#open(spec, settings, undefined, weights);
    const addition = spec === found ? '' : ', with softmax at its end';
    this.#notice(
      `${name}: its weights are here${addition}. Train goes on from them, as a new run.`,
    );
  }

  /** Puts a picture from a file before the network. */
  #lookAt(digit: Uint8Array, name: string): void {
    if (!this.#picture.takesDigits) {
      this.#notice(`${name}: the network reads pictures of another size than 28 × 28 now.`);
      return;
    }
    this.#picture.bring(digit, name);
    this.#notice(`${name}: prepared as handwritten digits are, and put before the network.`);
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

  #notice(text: string): void {
    say(text);
  }
}
