/** An engine trains the reference network on request. */

/** Which thread leads: a process's only one, a page's main one, or a web worker of a page. */
export type Place = 'process' | 'page' | 'worker';

/** What to train: plain JSON, for it goes to the engine as text. */
export interface Job {
  readonly model: 'reference' | 'lenet5';
  readonly optimizer: 'sgd' | 'momentum' | 'nesterov' | 'adam' | 'adamw' | 'rmsprop';
  readonly threads: number;
  readonly epochs: number;
  /** Only the first so many digits. */
  readonly images?: number;
}

export interface Setting {
  readonly place: Place;
  readonly threads: number;
}

/** What came of one training, told by the engine itself. */
export interface Outcome {
  /** The engine's name and version: `Node 24.21.0`. */
  readonly version: string;
  readonly threads: number;
  readonly weightsSha256: string;
  /** Of each epoch. */
  readonly milliseconds: readonly number[];
}

export interface Engine {
  readonly name: string;
  /** Where it can train, and on how many threads: a page's main thread may not wait for others. */
  readonly settings: readonly Setting[];
  /** A new process, or a new page, for each training. */
  train(place: Place, job: Job): Promise<Outcome>;
  close(): Promise<void>;
}

/** An engine that is not on this machine. */
export interface MissingEngine {
  readonly name: string;
  readonly missing: string;
}
