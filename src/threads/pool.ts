/** The worker threads of a backend. They work for one team at a time (team.ts). @module */
import type { WorkerHandle } from '../host/handle.ts';
import type { TeamMessage } from './message.ts';
import { SpareMemory } from './spareMemory.ts';

export class ThreadPool {
  /** Number of threads that work together, the calling thread included. */
  readonly size: number;
  /** Memories that programs may use again. */
  readonly spare: SpareMemory = new SpareMemory();
  readonly #workers: WorkerHandle[] = [];
  #failure: string | undefined;
  #teams = 0;
  /** The team that the workers belong to now. */
  #entered: number | undefined;

  private constructor(size: number) {
    this.size = size;
  }

  /** Starts `size − 1` workers and waits until they listen. @throws {Error} if one does not start. */
  static async start(size: number, startThread: () => WorkerHandle): Promise<ThreadPool> {
    const pool = new ThreadPool(size);
    try {
      while (pool.#workers.length < size - 1) pool.#add(startThread());
      await Promise.all(pool.#workers.map((worker) => worker.ready));
      if (pool.#failure !== undefined) throw new Error(pool.#failure); // one ended while others still started
    } catch (cause) {
      pool.dispose();
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new Error(
        `createBackend: expected ${size - 1} workers to start, got one that did not (${reason}). Use threads: 1.`,
        { cause },
      );
    }
    return pool;
  }

  #add(worker: WorkerHandle): void {
    this.#workers.push(worker);
    worker.ready.catch(() => {}); // nobody waits for it if a later one cannot be started
    worker.onEnd((reason) => {
      this.#failure ??= reason;
    });
  }

  /** The number of a new team. */
  nextTeam(): number {
    return this.#teams++;
  }

  /** Posts each worker the message for its index; 0 is the first worker. */
  post(message: (worker: number) => TeamMessage): void {
    for (const [index, worker] of this.#workers.entries()) worker.post(message(index));
  }

  /** Gives the workers to a team. @returns false if another team has them. */
  claim(team: number): boolean {
    this.#entered ??= team;
    return this.#entered === team;
  }

  /** Takes the workers back from a team. */
  release(team: number): void {
    if (this.#entered === team) this.#entered = undefined;
  }

  /** @throws {Error} if a worker has ended. */
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
