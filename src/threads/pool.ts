/**
 * The worker threads of a backend, and the team they form with the calling thread around the memory of one model.
 *
 * What a team will do is posted to its workers beforehand (`define`). From `enter` to `leave` they wait inside the shared
 * memory and no message passes (`barrier.ts`); outside they hear messages.
 * @module
 */
import { coreCount, yieldTurn } from '#host';
import type { BoundWork, Work } from '../compile/work.ts';
import type { WorkerHandle } from '../host/handle.ts';
import { awaitDone, hasFailed, lead, SPIN_MILLISECONDS, sentOff } from './barrier.ts';
import { SpareMemory } from './spareMemory.ts';

/** What a worker is told. Teams go by a number. */
export type WorkerMessage =
  | {
      readonly type: 'attach';
      readonly team: number;
      readonly module: WebAssembly.Module;
      readonly memory: WebAssembly.Memory;
      readonly control: number;
    }
  | {
      readonly type: 'define';
      readonly team: number;
      readonly key: number;
      readonly work: readonly Work[];
    }
  | { readonly type: 'enter'; readonly team: number; readonly seen: number; readonly spin: number }
  | { readonly type: 'detach'; readonly team: number };

/** The key that sends workers back to their messages; a step's key is 0 or more. */
export const LEAVE = -1;

/** After so long without an answer the event loop is asked what became of the workers. */
const PATIENCE_MILLISECONDS = 500;

/** The longest that a call which cannot ask the event loop waits for a worker. */
const LAST_PATIENCE_MILLISECONDS = 10_000;

export class ThreadPool {
  /** Threads that work together, the calling one included. */
  readonly size: number;
  /** For programs. */
  readonly spare: SpareMemory = new SpareMemory();
  readonly #workers: readonly WorkerHandle[];
  #failure: string | undefined;
  #teams = 0;
  /** The team that the workers are with. */
  #entered: Team | undefined;

  private constructor(size: number, workers: readonly WorkerHandle[]) {
    this.size = size;
    this.#workers = workers;
    for (const worker of workers) {
      worker.onEnd((reason) => {
        this.#failure ??= reason;
      });
    }
  }

  /** Starts `size − 1` workers and waits until they listen. @throws {Error} where one does not start. */
  static async start(size: number, startThread: () => WorkerHandle): Promise<ThreadPool> {
    const workers = Array.from({ length: size - 1 }, () => startThread());
    const pool = new ThreadPool(size, workers);
    try {
      await Promise.all(workers.map((worker) => worker.ready));
    } catch (cause) {
      pool.dispose();
      throw new Error(
        `createBackend: expected ${size - 1} workers to start, got none. Use threads: 1.`,
        { cause },
      );
    }
    return pool;
  }

  /** Makes a team around a memory; `control` is the address of its control block. */
  attach(module: WebAssembly.Module, memory: WebAssembly.Memory, control: number): Team {
    const team = this.#teams++;
    this.post(() => ({ type: 'attach', team, module, memory, control }));
    return new Team(this, team, new Int32Array(memory.buffer, control));
  }

  /** Tells each worker what `message` says for its place: 0 is the first worker. */
  post(message: (worker: number) => WorkerMessage): void {
    for (const [index, worker] of this.#workers.entries()) worker.post(message(index));
  }

  /** Gives the workers to a team. @returns false where they are with another. */
  claim(team: Team): boolean {
    this.#entered ??= team;
    return this.#entered === team;
  }

  /** Takes the workers back from a team. */
  release(team: Team): void {
    if (this.#entered === team) this.#entered = undefined;
  }

  /** @throws {Error} where a worker has ended. */
  check(): void {
    if (this.#failure === undefined) return;
    throw new Error(
      `threads: expected ${this.size} threads, but a worker ended (${this.#failure}). Create another backend.`,
    );
  }

  /** Ends the workers. */
  dispose(): void {
    this.#failure = 'the backend was disposed of';
    for (const worker of this.#workers) worker.terminate();
  }
}

/** The threads around the memory of one model. */
export class Team {
  readonly #pool: ThreadPool;
  readonly #team: number;
  readonly #control: Int32Array;
  readonly #spin: number;
  #isEntered = false;
  /** Whether the workers have heard the last LEAVE. */
  #haveLeft = true;
  /** Whether a worker may be at its share. */
  #isAtWork = false;

  /** Use `ThreadPool.attach`. */
  constructor(pool: ThreadPool, team: number, control: Int32Array) {
    this.#pool = pool;
    this.#team = team;
    this.#control = control;
    this.#spin = pool.size <= coreCount() ? SPIN_MILLISECONDS : 0;
  }

  get isEntered(): boolean {
    return this.#isEntered;
  }

  /** What `key` stands for: the work of each thread, of which the first is the calling one's. */
  define(key: number, work: readonly (readonly Work[])[]): void {
    const wasEntered = this.#isEntered;
    this.leave();
    this.#pool.post((worker) => ({
      type: 'define',
      team: this.#team,
      key,
      work: work[worker + 1] ?? [],
    }));
    if (wasEntered) this.enter();
  }

  /**
   * Calls the workers into the memory, where they wait to be sent off; not where they are there, or with another team.
   * @throws {Error} where one has ended, or has not heard in ten seconds that it was to leave: it would take what
   * comes next for that.
   */
  enter(): void {
    this.#pool.check();
    if (this.#isEntered) return;
    if (!this.#haveLeft) this.insist();
    this.#haveLeft = true;
    if (!this.#pool.claim(this)) return;
    this.#isEntered = true;
    const seen = sentOff(this.#control);
    this.#pool.post(() => ({ type: 'enter', team: this.#team, seen, spin: this.#spin }));
  }

  /** Lets the workers out to hear messages. One that has not left in time is late, which `enter` minds, or dead. */
  leave(): void {
    if (!this.#isEntered) return;
    this.#isEntered = false;
    this.#pool.release(this);
    lead(this.#control, LEAVE);
    const followers = this.#pool.size - 1;
    this.#haveLeft = awaitDone(this.#control, followers, this.#spin, PATIENCE_MILLISECONDS);
  }

  /** Runs `key` on all threads. @returns false where a worker has not answered: `settle` then. */
  run(key: number, own: readonly BoundWork[]): boolean {
    this.#isAtWork = true;
    lead(this.#control, key);
    for (const work of own) work();
    return this.#isDone(this.#spin, PATIENCE_MILLISECONDS);
  }

  /** Waits for workers that are late, or finds that one has ended. @throws {Error} then. */
  async settle(): Promise<void> {
    do {
      await yieldTurn(); // a thread that waits hears of no other thread's end
      this.#check();
    } while (!this.#isDone(0, PATIENCE_MILLISECONDS / 10));
  }

  /** The same where nothing can be awaited. @throws {Error} after ten seconds. */
  insist(): void {
    if (this.#isDone(0, LAST_PATIENCE_MILLISECONDS)) return;
    throw new Error(
      'threads: expected every worker to answer, one did not. Create another backend.',
    );
  }

  /** Makes the workers forget this team. @returns whether none of them is in its memory any more. */
  detach(): boolean {
    const isAtWork = this.#isAtWork;
    this.leave();
    this.#pool.post(() => ({ type: 'detach', team: this.#team }));
    return this.#haveLeft && !isAtWork;
  }

  #isDone(spin: number, timeout: number): boolean {
    if (!awaitDone(this.#control, this.#pool.size - 1, spin, timeout)) return false;
    this.#check();
    this.#isAtWork = false;
    return true;
  }

  #check(): void {
    try {
      this.#pool.check();
      if (!hasFailed(this.#control)) return;
      throw new Error(
        'threads: expected a worker to do its share, it failed. Create another backend.',
      );
    } catch (error) {
      this.#isEntered = false; // who is dead cannot be sent away
      this.#pool.release(this);
      throw error;
    }
  }
}
