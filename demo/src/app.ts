/** The page put together: who tells whom what. @module */
import { type Backend, type Checkpoint, createBackend, type ModelSpec } from 'convlet';
import { Chart } from './charts/chart.ts';
import { type Cell, Confusion } from './charts/confusion.ts';
import { Mistakes } from './charts/mistakes.ts';
import { epochTable } from './charts/table.ts';
import { COMPARED_STEPS, connectComparison } from './comparison.ts';
import { connectControls } from './controls.ts';
import { Curves } from './curves.ts';
import { type Digits, loadDigits } from './digits.ts';
import { byId, setText } from './dom.ts';
import { connectFiles } from './files.ts';
import { Judge, type Judgement } from './judgement.ts';
import { networkOf } from './networks.ts';
import { percent } from './numbers.ts';
import { Picture } from './picture.ts';
import { type Palette, paletteOf } from './pictures/palette.ts';
import { Scene } from './pictures/scene.ts';
import { DEFAULTS, formatSettings, parseSettings, type Settings } from './settings.ts';
import { Store } from './store.ts';
import { connectTake } from './take.ts';
import { createTheme } from './theme.ts';
import { Training } from './training.ts';
import { connectTransport, Progress, Readouts, Score } from './transport.ts';

/** Milliseconds between two looks at the curves, and between two readings of the test digits. */
const CHART_INTERVAL = 120;
const JUDGE_INTERVAL = 500;

export class App {
  readonly #theme = createTheme();
  readonly #settings = new Store<Settings>(parseSettings(location.search));
  readonly #backend: Backend;
  readonly #training: Training;
  readonly #curves = new Curves();
  readonly #charts: readonly Chart[];
  readonly #scene: Scene;
  readonly #picture: Picture;
  readonly #confusion: Confusion;
  readonly #mistakes: Mistakes;
  readonly #score = new Score();
  readonly #progress = new Progress();
  readonly #readouts = new Readouts();
  #palette: Palette;
  #digits: Digits;
  #isBundled = true;
  #spec: ModelSpec;
  #judge: Judge;
  #judgement: Judgement | undefined;
  #cell: Cell | undefined;
  #isJudged = false;
  #areCurvesDrawn = false;

  static async start(): Promise<App> {
    const [backend, digits] = await Promise.all([createBackend(), loadDigits()]);
    const app = new App(backend, digits);
    await app.#startOver();
    void app.#training.run();
    return app;
  }

  private constructor(backend: Backend, digits: Digits) {
    this.#backend = backend;
    this.#digits = digits;
    this.#palette = paletteOf(this.#theme.value);
    this.#spec = networkOf(DEFAULTS.network, digits.train.shape, digits.train.classes);
    this.#judge = new Judge(backend, this.#spec);
    this.#training = new Training(this.#settings.value, {
      onModel: (history) => this.#begin(history),
      onStep: (event) => {
        this.#curves.addStep(event, this.#training.stepsPerEpoch);
        this.#areCurvesDrawn = false;
      },
      onEpoch: (event) => {
        this.#curves.addEpoch(event);
        this.#areCurvesDrawn = false;
        this.#isJudged = false;
        this.#score.speak(event);
      },
      onNotice: (text) => this.#notice(text),
    });
    this.#scene = new Scene(backend, this.#palette, (answer) => this.#picture.answer(answer));
    this.#picture = new Picture((pixels) => {
      this.#scene.pixels = pixels;
    });
    this.#confusion = new Confusion((cell) => {
      this.#cell = cell;
      this.#showMistakes();
    });
    this.#mistakes = new Mistakes((index) => {
      this.#picture.pick(index);
      byId('flow', HTMLElement).scrollIntoView({ block: 'start' });
    });
    this.#charts = [
      new Chart({
        id: 'loss-chart',
        measure: 'loss',
        title: 'Loss',
        format: (value) => value.toFixed(3),
        table: () => epochTable(this.#curves.epochs),
      }),
      new Chart({
        id: 'accuracy-chart',
        measure: 'accuracy',
        title: 'Accuracy',
        format: (value) => percent(value),
        table: () => epochTable(this.#curves.epochs),
      }),
    ];
    this.#connect();
  }

  #connect(): void {
    const training = this.#training;
    connectControls(this.#settings);
    connectTransport(training, {
      run: () => this.#run(),
      pause: () => void training.pause(),
      step: () => void training.step(),
      startOver: () => void this.#startOver(),
    });
    this.#settings.watch((settings, before) => this.#adopt(settings, before));
    training.weights.watch((weights) => {
      this.#scene.weights = weights;
    });
    training.position.watch(() => this.#showPosition());
    training.phase.watch(() => {
      this.#isJudged = false;
      this.#showPosition();
    });
    this.#theme.watch((theme) => {
      this.#palette = paletteOf(theme);
      this.#scene.palette = this.#palette;
      this.#picture.pad.setColour(theme === 'dark' ? '#f2f0ea' : '#1c2129');
      for (const chart of this.#charts) chart.restyle();
      this.#showJudgement();
    });
    connectFiles({
      onCheckpoint: (checkpoint, name) => void this.#goOn(checkpoint, name),
      onDigits: (digits) => void this.#use(digits),
      onError: (message) => this.#notice(message),
    });
    connectTake(() => ({
      spec: this.#spec,
      settings: this.#settings.value,
      weights: training.weights.value,
      checkpoint: training.checkpoint,
      trainSamples: this.#isBundled ? this.#digits.train.labels.length : undefined,
    }));
    this.#connectComparison();
    setInterval(() => this.#drawCurves(), CHART_INTERVAL);
    setInterval(() => this.#judgeAgain(), JUDGE_INTERVAL);
  }

  #connectComparison(): void {
    let wasRunning = false;
    connectComparison(
      async () => {
        wasRunning = this.#training.phase.value === 'running';
        await this.#training.pause();
        const { batchSize, learningRate } = this.#settings.value;
        const count = Math.min(this.#digits.train.labels.length, COMPARED_STEPS * batchSize);
        const pixels = this.#digits.train.images.length / this.#digits.train.labels.length;
        return {
          spec: this.#spec,
          weights: this.#training.weights.value,
          data: {
            ...this.#digits.train,
            images: this.#digits.train.images.slice(0, count * pixels),
            labels: this.#digits.train.labels.slice(0, count),
          },
          batchSize,
          learningRate: Math.min(learningRate, 0.01),
        };
      },
      () => {
        if (wasRunning) void this.#training.run();
      },
    );
  }

  /** The page as it is before the first step, or after those of a checkpoint. */
  #begin(history: Parameters<Curves['begin']>[0]): void {
    this.#curves.begin(history);
    this.#areCurvesDrawn = false;
    this.#isJudged = false;
    this.#cell = undefined;
    this.#confusion.build(this.#digits.test.classes);
    this.#scene.build(this.#spec, this.#training.weights.value, this.#picture.pixels);
    this.#showSummary();
  }

  #run(): void {
    if (this.#training.phase.value === 'finished') {
      const { epochs } = this.#settings.value;
      this.#settings.set({ ...this.#settings.value, epochs: epochs + DEFAULTS.epochs });
    }
    this.#notice('');
    void this.#training.run();
  }

  /** A setting has changed: some change training on its way, others what it began with. */
  #adopt(settings: Settings, before: Settings): void {
    if (settings === before) return;
    history.replaceState(null, '', `${location.pathname}${formatSettings(settings)}`);
    const begins = ['batchSize', 'optimizer', 'seed', 'network'] as const;
    if (begins.every((key) => settings[key] === before[key])) {
      void this.#training.adjust(settings);
      return;
    }
    const wasRunning = this.#training.phase.value === 'running';
    void this.#startOver(before.network).then(() => {
      if (wasRunning) void this.#training.run();
    });
  }

  /** Fresh weights by the seed. A network that cannot be is refused, and the one before stays. */
  async #startOver(networkBefore = DEFAULTS.network): Promise<void> {
    const settings = this.#settings.value;
    const error = byId('json-error', HTMLElement);
    try {
      this.#setNetwork(settings.network);
      setText(error, '');
    } catch (cause) {
      const text = cause instanceof Error ? cause.message : String(cause);
      setText(error, text);
      this.#notice(text);
      this.#settings.set({ ...settings, network: networkBefore });
      return;
    }
    this.#notice('');
    if (this.#picture.pixels.length === 0) this.#picture.use(this.#digits.test);
    await this.#training.open(this.#spec, this.#digits, settings);
  }

  #setNetwork(network: string): void {
    const { shape, classes } = this.#digits.train;
    const spec = networkOf(network, shape, classes);
    const judge = new Judge(this.#backend, spec);
    this.#judge.dispose();
    this.#judge = judge;
    this.#spec = spec;
  }

  async #use(digits: Digits): Promise<void> {
    this.#digits = digits;
    this.#isBundled = false;
    this.#picture.use(digits.test);
    await this.#startOver();
    this.#notice(
      `${digits.train.name}: ${digits.train.labels.length.toLocaleString('en')} images to train on.`,
    );
    void this.#training.run();
  }

  async #goOn(checkpoint: Checkpoint, name: string): Promise<void> {
    void [checkpoint, name];
  }

  #showPosition(): void {
    const { phase, position, threads, stepsPerEpoch } = this.#training;
    const settings = this.#settings.value;
    this.#progress.show(phase.value, position.value, stepsPerEpoch, settings);
    this.#readouts.show(position.value, settings.batchSize, threads.value);
  }

  #drawCurves(): void {
    if (this.#areCurvesDrawn || document.hidden) return;
    this.#areCurvesDrawn = true;
    const { epochs } = this.#settings.value;
    for (const [index, measure] of (['loss', 'accuracy'] as const).entries()) {
      this.#charts[index]?.show(this.#curves.points(measure), this.#curves.last(measure), epochs);
    }
  }

  #judgeAgain(): void {
    if (this.#isJudged || document.hidden || this.#training.weights.value.size === 0) return;
    this.#isJudged = true;
    this.#judgement = this.#judge.judge(this.#training.weights.value, this.#digits);
    this.#showJudgement();
  }

  #showJudgement(): void {
    const judgement = this.#judgement;
    if (judgement === undefined) return;
    const accuracy = 1 - judgement.mistakes.length / judgement.count;
    this.#score.show(accuracy, `${judgement.count.toLocaleString('en')} test images`);
    this.#confusion.show(judgement, this.#palette);
    this.#showMistakes();
  }

  #showMistakes(): void {
    if (this.#judgement === undefined) return;
    this.#mistakes.show(this.#judgement, this.#cell, this.#digits.test, this.#palette);
  }

  #showSummary(): void {
    const { parameterCount, steps } = this.#training;
    const parameters = parameterCount.toLocaleString('en');
    setText(byId('summary', HTMLElement), `${steps.join(' → ')}. ${parameters} parameters.`);
    const { train, test } = this.#digits;
    setText(byId('train-count', HTMLElement), train.labels.length.toLocaleString('en'));
    setText(
      byId('data-name', HTMLElement),
      `Now: ${train.name} to train on; ${test.name} to test.`,
    );
  }

  #notice(text: string): void {
    setText(byId('notice', HTMLElement), text);
  }
}
