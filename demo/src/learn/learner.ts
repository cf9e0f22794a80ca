/** The network that learns the pictures: in a worker, trained anew each time, answering in between. @module */
import type { EpochEvent, StepEvent } from 'convlet';
import { decodeModel, encodeModel, type ModelFile } from 'convlet/formats';
import { createWorkerBackend, type RemoteModel, type WorkerBackend } from 'convlet/worker';
import { wordsOf } from '../errors.ts';
import { Store } from '../store.ts';
import type { Collection } from './collection.ts';
import { type Data, dataOf, fitOptionsOf, type Lesson, specOf } from './lesson.ts';
import { type Pixels, shrink } from './pixels.ts';

export type Phase = 'empty' | 'loading' | 'training' | 'trained' | 'failed';

/** What is answered about the picture at hand, and by whom. */
export interface Answer {
  /** By class id. */
  readonly shares: ReadonlyMap<number, number>;
}

/** How well the held-back pictures are read. */
export interface Judgement {
  readonly count: number;
  readonly right: number;
  /** Ids of pictures that are read wrongly. */
  readonly misread: ReadonlySet<number>;
}

/** What the network knows: classes in the order of its outputs. */
export interface Known {
  readonly classIds: readonly number[];
  readonly side: number;
}

export interface LearnerListener {
  onBegin(stepsPerEpoch: number): void;
  onStep(event: StepEvent): void;
  onEpoch(event: EpochEvent): void;
  onError(text: string): void;
}

/** Every training begins from the same weights: the same pictures give the same network. */
const SEED = 1;

export class Learner {
  readonly phase: Store<Phase> = new Store<Phase>('empty');
  readonly judgement: Store<Judgement | undefined> = new Store<Judgement | undefined>(undefined);
  readonly answer: Store<Answer | undefined> = new Store<Answer | undefined>(undefined);
  readonly #listener: LearnerListener;
  #backend: Promise<WorkerBackend> | undefined;
  #model: RemoteModel | undefined;
  #known: Known | undefined;
  #threads = 1;
  #abort = new AbortController();
  #data: Data | undefined;
  #hand: Pixels | undefined;
  #isAsking = false;
  /** Whether the picture or the network has changed since it was asked. */
  #isAsked = true;
  #isJudging = false;

  constructor(listener: LearnerListener) {
    this.#listener = listener;
  }

  get known(): Known | undefined {
    return this.#known;
  }

  /** How many it trains on; 1 before it is known. */
  get threads(): number {
    return this.#threads;
  }

  /** Trains anew, until the epochs are over, nothing gets better, or `stop`. */
  async train(collection: Collection, lesson: Lesson): Promise<void> {
    if (this.phase.value === 'training' || this.phase.value === 'loading') return;
    this.phase.set('loading');
    this.#abort = new AbortController();
    try {
      const data = dataOf(collection, lesson);
      const model = await this.#replace(lesson, collection);
      const options = fitOptionsOf(lesson, collection);
      this.#data = data;
      this.judgement.set(undefined);
      this.#listener.onBegin(Math.ceil(data.train.labels.length / (options.batchSize ?? 1)));
      this.phase.set('training');
      await model.fit(data.train, {
        ...options,
        validationData: data.held,
        signal: this.#abort.signal,
        onStepEnd: (event) => this.#listener.onStep(event),
        onEpochEnd: (event) => {
          this.#listener.onEpoch(event);
          void this.#judge();
          this.#askAgain();
        },
      });
      this.phase.set('trained');
      await this.#judge();
      this.#askAgain();
    } catch (error) {
      await this.#fail(error);
    }
  }

  stop(): void {
    this.#abort.abort();
  }

  /** Answers for this picture from now on, as the network changes. */
  ask(hand: Pixels | undefined): void {
    this.#hand = hand;
    if (hand === undefined) this.answer.set(undefined);
    this.#askAgain();
  }

  /** What was learnt, to keep and to take along; undefined if there is nothing. */
  async file(): Promise<ModelFile | undefined> {
    const model = this.#model;
    if (model === undefined || this.#known === undefined) return undefined;
    const { spec, seed, loss, classNames, preparation } = model;
    return {
      spec,
      seed,
      weights: await model.weights(),
      ...(loss && { loss }),
      ...(classNames && { classNames }),
      ...(preparation && { preparation }),
    };
  }

  /** The same as bytes. */
  async bytes(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const file = await this.file();
    return file && encodeModel(file);
  }

  /**
   * Goes on with what an earlier visit has learnt.
   * @param collection What it has learnt from; undefined if that has changed since: then nothing is known to be held back from it.
   */
  async open(bytes: Uint8Array, known: Known, collection: Collection | undefined): Promise<void> {
    this.phase.set('loading');
    try {
      const { spec, weights, ...options } = decodeModel(bytes, 'its file');
      const backend = await this.#start();
      this.#model = await backend.createModel(spec, options);
      await this.#model.setWeights(weights);
    } catch (error) {
      await this.#fail(error, 'The network of your last visit cannot be opened: ');
      return;
    }
    this.#known = known;
    this.#data = collection && dataOf(collection, { side: known.side });
    this.phase.set('trained');
    await this.#judge();
    this.#askAgain();
  }

  #start(): Promise<WorkerBackend> {
    this.#backend ??= createWorkerBackend({ threads: 'auto' });
    return this.#backend;
  }

  async #replace(lesson: Lesson, collection: Collection): Promise<RemoteModel> {
    const backend = await this.#start();
    this.#threads = backend.threads;
    const model = await backend.createModel(specOf(lesson, collection.length), { seed: SEED });
    const before = this.#model;
    this.#model = model;
    this.#known = { classIds: collection.map(({ id }) => id), side: lesson.side };
    await before?.dispose();
    return model;
  }

  /** The network of before is lost; of a worker that ended, another takes the place. */
  async #fail(error: unknown, what = ''): Promise<void> {
    const backend = await this.#backend?.catch(() => undefined);
    backend?.dispose();
    this.#backend = undefined;
    this.#model = undefined;
    this.#known = undefined;
    this.answer.set(undefined);
    this.judgement.set(undefined);
    this.phase.set('failed');
    this.#listener.onError(`${what}${wordsOf(error)}`);
  }

  #askAgain(): void {
    this.#isAsked = false;
    void this.#ask();
  }

  /** One question at a time: of many pictures the newest. */
  async #ask(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    try {
      while (!this.#isAsked) {
        this.#isAsked = true;
        const [model, known, hand] = [this.#model, this.#known, this.#hand];
        if (model === undefined || known === undefined || hand === undefined) continue;
        const { data } = await model.predict(shrink(hand, known.side));
        if (this.#hand === undefined || this.#known !== known) continue;
        this.answer.set({
          shares: new Map(known.classIds.map((id, place) => [id, data[place] ?? 0])),
        });
      }
    } catch {
      // the network was replaced in between: the next one is asked when it has learnt something
    } finally {
      this.#isAsking = false;
    }
  }

  /** Reads the held-back pictures. */
  async #judge(): Promise<void> {
    const [model, data] = [this.#model, this.#data];
    if (model === undefined || data === undefined || this.#isJudging) return;
    if (data.heldIds.length === 0) return;
    this.#isJudging = true;
    try {
      const readings = await model.predictClasses(data.held.images);
      const misread = data.heldIds.filter((_, n) => readings[n] !== data.held.labels[n]);
      const count = data.heldIds.length;
      this.judgement.set({ count, right: count - misread.length, misread: new Set(misread) });
    } catch {
      // as above
    } finally {
      this.#isJudging = false;
    }
  }
}
