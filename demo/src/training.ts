/**
 * Training: run, pause, step, start over. One `fit` runs at a time; whatever ends it leaves a checkpoint, and whatever
 * begins again goes on from there, to the same bits as if it had never stopped.
 *
 * The pace is kept by `onCheckpoint`, which `fit` awaits and does not count as training: the figures stay true.
 * @module
 */
import {
  type AugmentOptions,
  type Checkpoint,
  DivergenceError,
  type EarlyStoppingOptions,
  type EpochEvent,
  type FitOptions,
  FormatError,
  type History,
  type ModelSpec,
  type OptimizerSpec,
  ShapeError,
  type StepEvent,
  type Tensor,
} from 'convlet';
import { createWorkerBackend, type RemoteModel, type WorkerBackend } from 'convlet/worker';
import type { Digits } from './digits.ts';
import { wordsOf } from './errors.ts';
import { Pacer } from './pacer.ts';
import { augmentOf, optimizerOf, type Settings } from './settings.ts';
import { type StepTime, StepTimes } from './stepTimes.ts';
import { Store } from './store.ts';
import { answered, Watchdog } from './watchdog.ts';
import { withoutStopping } from './withoutStopping.ts';

export type Phase = 'loading' | 'running' | 'stepping' | 'paused' | 'finished' | 'failed';

/** What others draw; each is called at once, and must be quick. */
export interface TrainingListener {
  /** A new model, or one that goes on from a checkpoint of elsewhere. */
  onModel(history: readonly EpochEvent[]): void;
  /** What it goes by is another: the network, the pictures or the settings. */
  onRecipe(): void;
  onStep(event: StepEvent): void;
  onEpoch(event: EpochEvent): void;
  /** Steps that a dead worker took with it are to be taken again: training goes on from here, in epochs. */
  onReturn(epochs: number): void;
  /** Something that the user should read. */
  onNotice(text: string): void;
}

/** Where training stands. */
export interface Position {
  readonly epochsDone: number;
  /** Steps done in the epoch after these. */
  readonly step: number;
  /** Mean time of a step of this epoch, in ms; 0 before the first. */
  readonly stepTime: number;
  /** Of the last steps; undefined before there are some of one pace. */
  readonly lately: StepTime | undefined;
}

/** Seconds after which a worker that says nothing is taken for dead: before its first batch, which may take long, and after. */
const FIRST_SILENCE = 60;
const SILENCE = 15;
/** Steps that it may be silent for beside, as a step may be slow. */
const SILENT_STEPS = 50;
/** Seconds for a worker to load and answer; twice as many for each one after it. */
const LOADING = 20;
/** Workers that may die one after another before training gives up. */
const MOST_DEATHS = 3;

export class Training {
  readonly phase: Store<Phase> = new Store<Phase>('loading');
  readonly position: Store<Position> = new Store<Position>({
    epochsDone: 0,
    step: 0,
    stepTime: 0,
    lately: undefined,
  });
  readonly weights: Store<ReadonlyMap<string, Tensor>> = new Store<ReadonlyMap<string, Tensor>>(
    new Map(),
  );
  readonly threads: Store<number> = new Store(1);
  readonly #listener: TrainingListener;
  #settings: Settings;
  #digits: Digits | undefined;
  #spec: ModelSpec | undefined;
  #backend: WorkerBackend | undefined;
  /** The backend to be, from when it is asked for. */
  #starting: Promise<WorkerBackend> | undefined;
  #model: RemoteModel | undefined;
  #checkpoint: Checkpoint | undefined;
  /** Weights of a file, instead of those that the seed gives. */
  #begunWith: ReadonlyMap<string, Tensor> | undefined;
  #abort = new AbortController();
  /** The fit that runs, if one does. It never rejects. */
  #fitting: Promise<void> = Promise.resolve();
  /** What is asked of training is done one thing after another. */
  #queue: Promise<void> = Promise.resolve();
  readonly #stepTimes = new StepTimes();
  /** A worker that is gone does not always say so: without its backend, its fit ends. */
  readonly #watchdog = new Watchdog(
    () => this.#patience(),
    () => this.#backend?.dispose(),
  );
  /** Whether the fit that runs has made a step. */
  #hasStepped = false;
  #deaths = 0;
  #bestEpoch: number | undefined;

  constructor(settings: Settings, listener: TrainingListener) {
    this.#settings = settings;
    this.#listener = listener;
  }

  /** Everything needed to go on from here; undefined before the first step. */
  get checkpoint(): Checkpoint | undefined {
    return this.#checkpoint;
  }

  /** Those that it goes by. */
  get settings(): Settings {
    return this.#settings;
  }

  /** The optimizer that it goes on with. */
  get optimizer(): OptimizerSpec {
    return optimizerOf(this.#settings, this.#checkpoint?.optimizer);
  }

  /** How it moves the pictures that it learns from. */
  get augment(): AugmentOptions | undefined {
    return this.#checkpoint === undefined ? augmentOf(this.#settings) : this.#checkpoint.augment;
  }

  /** When it ends before its last epoch. */
  get earlyStopping(): EarlyStoppingOptions | undefined {
    const { patience } = this.#settings;
    return patience === 0 ? undefined : { ...this.#checkpoint?.earlyStopping, patience };
  }

  /** What the model is, and what it learns from; undefined before the first one. */
  get spec(): ModelSpec | undefined {
    return this.#spec;
  }

  get digits(): Digits | undefined {
    return this.#digits;
  }

  /** The epoch that the weights are those of, if early stopping has brought back others than the last. */
  get bestEpoch(): number | undefined {
    return this.#bestEpoch;
  }

  /** Whether there is a model: there is none before the first worker has started. */
  get hasModel(): boolean {
    return this.#model !== undefined;
  }

  /** Whether its last epoch is over. */
  get isDone(): boolean {
    const { epochsDone, step } = this.position.value;
    return step === 0 && epochsDone >= this.#settings.epochs;
  }

  get stepsPerEpoch(): number {
    const count = this.#digits?.train.labels.length ?? 1;
    return Math.ceil(count / this.#settings.batchSize);
  }

  get parameterCount(): number {
    return this.#model?.parameterCount ?? 0;
  }

  /** How the model's layers run: those that are one step joined. */
  get steps(): readonly string[] {
    return this.#model?.steps ?? [];
  }

  /** A new model under these settings, from a checkpoint or from weights if there are some. It rests. @returns whether there is one. */
  open(
    spec: ModelSpec,
    digits: Digits,
    settings: Settings,
    from?: Checkpoint,
    weights?: ReadonlyMap<string, Tensor>,
  ): Promise<boolean> {
    let isOpen = false;
    const opened = this.#enqueue(async () => {
      await this.#halt();
      this.#settings = settings;
      this.#spec = spec;
      this.#digits = digits;
      this.#checkpoint = from;
      this.#begunWith = weights;
      this.#bestEpoch = undefined;
      this.#stepTimes.clear();
      this.#listener.onRecipe();
      await this.#replaceModel();
      this.#locate();
      this.#listener.onModel(from?.history ?? []);
      this.phase.set(this.isDone ? 'finished' : 'paused');
      isOpen = true;
    });
    return opened.then(() => isOpen);
  }

  run(): Promise<void> {
    return this.#enqueue(async () => {
      if (this.phase.value === 'running' || this.isDone) return;
      this.#fitting = this.#fit();
    });
  }

  pause(): Promise<void> {
    return this.#enqueue(() => this.#halt());
  }

  /** One batch, and rests. */
  step(): Promise<void> {
    return this.#enqueue(async () => {
      await this.#halt();
      if (this.isDone) return;
      this.#fitting = this.#fit(1);
      await this.#fitting;
    });
  }

  /** Takes over what may change on the way: the learning rate, its schedule, early stopping, the pace, the number of epochs. */
  adjust(settings: Settings): Promise<void> {
    return this.#enqueue(async () => {
      const isRunning = this.phase.value === 'running';
      if (isRunning) await this.#halt();
      if (settings.pace !== this.#settings.pace) this.#stepTimes.clear();
      this.#settings = settings;
      this.#listener.onRecipe();
      if (this.isDone) this.phase.set('finished');
      else if (isRunning) this.#fitting = this.#fit();
      else if (this.phase.value === 'finished') this.phase.set('paused');
    });
  }

  #enqueue(work: () => Promise<void>): Promise<void> {
    this.#queue = this.#queue.then(work).catch((error: unknown) => this.#fail(error));
    return this.#queue;
  }

  async #halt(): Promise<void> {
    this.#abort.abort();
    await this.#fitting;
  }

  async #fit(maxSteps?: number): Promise<void> {
    const [model, digits] = [this.#model, this.#digits];
    if (model === undefined || digits === undefined) return;
    const abort = new AbortController();
    this.#abort = abort;
    this.phase.set(maxSteps === undefined ? 'running' : 'stepping');
    this.#hasStepped = false;
    this.#watchdog.start();
    try {
      const history = await model.fit(digits.train, {
        ...this.#options(digits, abort.signal),
        ...(maxSteps !== undefined && { maxSteps }),
      });
      this.#deaths = 0;
      if (!history.stopped && history.bestEpoch !== undefined) await this.#bringBack(history);
      this.phase.set(history.stopped ? 'paused' : 'finished');
    } catch (error) {
      this.#end(error, abort.signal, maxSteps !== undefined);
    } finally {
      this.#watchdog.stop();
    }
  }

  #options(digits: Digits, signal: AbortSignal): FitOptions {
    const settings = this.#settings;
    const { augment, earlyStopping } = this;
    const resume = earlyStopping
      ? this.#checkpoint
      : this.#checkpoint && withoutStopping(this.#checkpoint);
    const pacer = new Pacer(settings.pace, this.position.value.stepTime);
    return {
      epochs: Math.max(settings.epochs, this.#epochsBegun()),
      batchSize: settings.batchSize,
      optimizer: this.optimizer,
      // a checkpoint may have held out images of its own
      ...(resume?.validationSplit === undefined && { validationData: digits.test }),
      signal,
      checkpointEvery: pacer.every,
      onStepEnd: (event) => {
        this.#hasStepped = true;
        this.#watchdog.sign();
        this.#listener.onStep(event);
      },
      onEpochEnd: (event) => this.#listener.onEpoch(event),
      onCheckpoint: async (checkpoint) => {
        this.#keep(checkpoint);
        await pacer.wait(signal);
        this.#watchdog.sign();
        if (pacer.isOff(this.position.value.stepTime)) this.#repace(signal);
      },
      ...(augment && { augment }),
      ...(earlyStopping && { earlyStopping }),
      ...(resume !== undefined && { resume }),
    };
  }

  /** The model has the weights of the best epoch. To train on is to go on from the last one, with new patience. */
  async #bringBack({ epochs, bestEpoch }: History): Promise<void> {
    this.#checkpoint = this.#checkpoint && withoutStopping(this.#checkpoint);
    if (bestEpoch === epochs.length) return;
    const weights = await this.#model?.weights();
    this.#bestEpoch = bestEpoch;
    if (weights !== undefined) this.weights.set(weights);
    this.#listener.onNotice(
      `Of ${epochs.length} epochs number ${bestEpoch} had the smallest test loss. Its weights are back.`,
    );
  }

  /** Goes on with checkpoints as often as its steps ask for, now that it is known how long they take. */
  #repace(signal: AbortSignal): void {
    void this.#enqueue(async () => {
      if (signal.aborted) return; // somebody was faster
      await this.#halt();
      if (this.phase.value === 'paused' && !this.isDone) this.#fitting = this.#fit();
    });
  }

  #keep(checkpoint: Checkpoint): void {
    const { history, begun } = checkpoint;
    this.#checkpoint = checkpoint;
    this.#bestEpoch = undefined;
    this.#watchdog.sign();
    this.#stepTimes.read({ epoch: history.length, step: begun.step, seconds: begun.seconds });
    this.weights.set(weightsOf(checkpoint));
    this.#locate();
  }

  #locate(): void {
    const { history = [], begun } = this.#checkpoint ?? {};
    const last = history.at(-1);
    const [seconds, steps] =
      begun !== undefined && begun.step > 0
        ? [begun.seconds, begun.step]
        : [last?.seconds ?? 0, this.stepsPerEpoch];
    this.position.set({
      epochsDone: history.length,
      step: begun?.step ?? 0,
      stepTime: (1000 * seconds) / Math.max(steps, 1),
      lately: this.#stepTimes.value,
    });
  }

  #epochsBegun(): number {
    const { epochsDone, step } = this.position.value;
    return epochsDone + (step > 0 ? 1 : 0);
  }

  /** A new model in the place of the one before; in a new worker, if the old one does not answer. */
  async #replaceModel(): Promise<void> {
    const previous = this.#model;
    for (let deaths = 0; ; deaths++) {
      try {
        await answered(this.#placeModel(), LOADING * 2 ** deaths);
        break;
      } catch (error) {
        this.#dropBackend();
        if (deaths === MOST_DEATHS) throw error;
      }
    }
    previous?.dispose().catch(() => {}); // it is gone with its worker
  }

  async #placeModel(): Promise<void> {
    if (this.#spec === undefined) throw new Error('internal: expected a network to train.');
    this.#starting ??= createWorkerBackend({ threads: 'auto' });
    const backend = await this.#starting;
    this.#backend = backend;
    this.threads.set(backend.threads);
    const model = await backend.createModel(this.#spec, { seed: this.#settings.seed });
    const from = this.#checkpoint;
    if (from === undefined && this.#begunWith) await model.setWeights(this.#begunWith);
    const weights = from ? weightsOf(from) : await model.weights();
    if (backend !== this.#backend) return; // too late: another one has its place
    this.#model = model;
    this.weights.set(weights);
  }

  /** Ends the worker, as soon as it has started if it has not yet. */
  #dropBackend(): void {
    this.#starting?.then((backend) => backend.dispose()).catch(() => {});
    this.#starting = undefined;
    this.#backend = undefined;
  }

  /** After an error of `fit`: if it refuses what it was asked for, the run rests; otherwise its worker is replaced. */
  #end(error: unknown, signal: AbortSignal, isStep: boolean): void {
    if (isRefusal(error) || ++this.#deaths > MOST_DEATHS) {
      this.#fail(error);
      return;
    }
    this.phase.set('paused');
    void this.#enqueue(async () => {
      this.#dropBackend(); // one of its threads may be gone, and it answers all the same
      this.#stepTimes.clear();
      await this.#replaceModel();
      const { epochsDone, step } = this.position.value;
      this.#listener.onReturn(epochsDone + step / this.stepsPerEpoch);
      this.#listener.onNotice('The worker ended; another one goes on from the last batch.');
      if (!signal.aborted && !isStep) this.#fitting = this.#fit();
    });
  }

  #fail(error: unknown): void {
    this.#deaths = 0; // asked again, it tries again
    this.phase.set('failed');
    this.#listener.onNotice(wordsOf(error));
  }

  /** Seconds without a step after which a worker is taken for dead; the test images after an epoch take time as well. */
  #patience(): number {
    const { stepTime } = this.position.value;
    const tests = (this.#digits?.test.labels.length ?? 0) / this.#settings.batchSize;
    const slow = ((SILENT_STEPS + tests) * stepTime) / 1000;
    return (this.#hasStepped && stepTime > 0 ? SILENCE : FIRST_SILENCE) + slow;
  }
}

/** Whether an error says that something is wrong with what was asked for, and not with the worker. */
function isRefusal(error: unknown): boolean {
  const kinds = [TypeError, RangeError, ShapeError, FormatError, DivergenceError];
  return kinds.some((kind) => error instanceof kind);
}

/** What the network reads with: the average of its weights if it keeps one. */
function weightsOf({ weights, average }: Checkpoint): ReadonlyMap<string, Tensor> {
  return average === undefined ? weights : new Map([...weights, ...average]);
}
