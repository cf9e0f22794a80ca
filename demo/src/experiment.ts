/**
 * The experiment under way: it begins by the settings and changes with them, and becomes another one by a preset, a data set, a
 * checkpoint or a network from a file.
 * @module
 */
import { type Backend, type Checkpoint, createModel, type ModelSpec, type Tensor } from 'convlet';
import { showAddress } from './address.ts';
import { describeData, doneText } from './describe.ts';
import type { Digits } from './digits.ts';
import { byId, setText } from './dom.ts';
import { wordsOf } from './errors.ts';
import type { FoundModel } from './files.ts';
import { textOf } from './networks.ts';
import type { Preset } from './presets.ts';
import { DEFAULTS, restartsTraining, type Settings } from './settings.ts';
import type { Store } from './store.ts';
import { say } from './toast.ts';
import type { Training } from './training.ts';
import { inWords } from './wording.ts';
import type { Workbench } from './workbench.ts';

export class Experiment {
  readonly #backend: Backend;
  readonly #bench: Workbench;
  readonly #training: Training;
  readonly #settings: Store<Settings>;
  /** Those that training was given last: it goes by them as soon as it is their turn. */
  #given: Settings;

  constructor(backend: Backend, bench: Workbench, training: Training, settings: Store<Settings>) {
    this.#backend = backend;
    this.#bench = bench;
    this.#training = training;
    this.#settings = settings;
    this.#given = settings.value;
  }

  /** Trains on; some epochs more if it had come to its end. If no worker has started yet, it begins anew. */
  run(): void {
    this.#begin();
    if (this.#training.phase.value === 'finished' && this.#training.isDone) {
      const { epochs } = this.#settings.value;
      this.#settings.set({ ...this.#settings.value, epochs: epochs + DEFAULTS.epochs });
    }
    say('');
    void this.#training.run();
  }

  /** One batch. */
  step(): void {
    this.#begin();
    void this.#training.step();
  }

  #begin(): void {
    if (!this.#training.hasModel) void this.startOver();
  }

  /** A setting has changed: some act on training as it goes, others on how it began. */
  async adopt(settings: Settings): Promise<void> {
    showAddress(settings);
    const before = this.#given;
    if (settings === before) return;
    if (!restartsTraining(settings, before)) {
      this.#given = settings;
      await this.#training.adjust(settings);
      return;
    }
    const isResting = this.#training.phase.value === 'paused';
    const opened = this.startOver(before);
    if (!isResting) void this.#training.run(); // in its turn: a pause that is pressed meanwhile comes after it
    await opened;
  }

  /** Begins an experiment anew, whatever of it is as before, and says what to look at. */
  async follow({ name, look, settings }: Preset): Promise<void> {
    const spec = this.#check(() => this.#bench.specOf(settings));
    if (spec === undefined) return;
    const opened = this.#open(spec, settings);
    void this.#training.run();
    if (!(await opened)) return;
    say(inWords(`${name}: ${look}`));
    byId('flow', HTMLElement).scrollIntoView({ block: 'start' });
  }

  /** Fresh weights by the seed. A network that cannot be is refused, and the settings before come back. */
  async startOver(before = DEFAULTS): Promise<void> {
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
   * @returns whether there is a model; the page says why there is none.
   */
  #open(
    spec: ModelSpec,
    settings: Settings,
    from?: Checkpoint,
    weights?: ReadonlyMap<string, Tensor>,
  ): Promise<boolean> {
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
    say(text);
  }

  /** Learns the reader's own pictures; with the thesis's network, if that of the settings cannot read them. */
  async use(digits: Digits, name: string, path: string | undefined): Promise<void> {
    const before = this.#settings.value;
    const settings = { ...before };
    const spec = this.#check(() => {
      settings.network = this.#bench.use(digits, before.network, { name, path });
      return this.#bench.specOf(settings);
    });
    if (spec === undefined) return;
    const opened = this.#open(spec, settings);
    void this.#training.run();
    if (!(await opened)) return;
    const isReplaced = settings.network !== before.network;
    const addition = isReplaced
      ? ' The network that was here does not read such pictures: the thesis’s network learns them.'
      : '';
    say(`${name}: ${describeData(digits)}${addition}`);
  }

  /** Goes on from a checkpoint: its network, seed, batch and optimizer become the settings. @returns whether it does. */
  async goOn(checkpoint: Checkpoint, name: string): Promise<boolean> {
    if (this.#check(() => this.#bench.fitting(checkpoint.spec, name)) === undefined) return false;
    const settings = this.#bench.settingsOf(checkpoint, this.#settings.value);
    if (!(await this.#open(checkpoint.spec, settings, checkpoint))) return false;
    say(`${name}: ${doneText(checkpoint)} done. Train goes on from there.`);
    return true;
  }

  /** Goes on from weights: as at the beginning, but with these. */
  async adoptModel({ spec: found, seed, weights }: FoundModel, name: string): Promise<void> {
    const spec = this.#check(() => this.#bench.adopted(found, name));
    if (spec === undefined) return;
    const { shape, classes } = this.#bench.digits.train;
    const network = textOf(spec, shape, classes);
    const settings = { ...this.#settings.value, network, ...(seed !== undefined && { seed }) };
    if (!(await this.#open(spec, settings, undefined, weights))) return;
    const addition = spec === found ? '' : ', with softmax at its end';
    say(`${name}: its weights are here${addition}. Train goes on from them, as a new run.`);
  }
}
