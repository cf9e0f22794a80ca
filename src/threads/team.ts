/**
 * The threads on the memory of one model: the calling thread leads, the workers of a pool follow.
 *
 * `define` posts the tasks of a phase to the workers beforehand, without reading them. From `enter` to `leave` the
 * workers wait inside the shared memory and receive no messages (barrier.ts).
 * @module
 */

import { coreCount, yieldTurn } from '#host';
import type { WasmMemory, WasmModule } from '../base/engine.ts';
import { awaitDone, lead, SPIN_MILLISECONDS, sentOff } from './barrier.ts';
import { LEAVE } from './message.ts';
import type { ThreadPool } from './pool.ts';
import { type BoundTask, refillQueues, shareTasks } from './tasks.ts';

/** After this long without an answer, the event loop gets a turn, which tells whether the workers still run. */
const PATIENCE_MILLISECONDS = 500;

/** The longest that a call waits for a worker if it cannot give the event loop a turn. */
const LAST_PATIENCE_MILLISECONDS = 10_000;

export class Team {
  readonly #pool: ThreadPool;
  readonly #team: number;
  readonly #control: Int32Array;
  readonly #spin: number;
  #isEntered = false;
  /** Whether the workers have answered the last LEAVE. */
  #haveLeft = true;
  /** Whether a worker may be working. */
  #isAtWork = false;
  /** How many reports there are when all workers have answered. */
  #reports = 0;

  /** @param control Address of the control block in `memory`. */
  constructor(pool: ThreadPool, module: WasmModule, memory: WasmMemory, control: number) {
    const team = pool.nextTeam();
    this.#pool = pool;
    this.#team = team;
    this.#control = new Int32Array(memory.buffer, control);
    this.#spin = pool.size <= coreCount() ? SPIN_MILLISECONDS : 0;
    const { size: threads } = pool;
    const message = { type: 'attach', team, module, memory, control, threads } as const;
    pool.post((worker) => ({ ...message, thread: worker + 1 }));
  }

  get isEntered(): boolean {
    return this.#isEntered;
  }

  /** Defines phases by the keys from `first` on: the same tasks as each thread does them. This thread's own are not sent. */
  define(
    first: number,
    phases: readonly ((thread: number) => readonly (readonly unknown[])[])[],
  ): void {
    const wasEntered = this.#isEntered;
    this.leave();
    for (const [index, tasksOf] of phases.entries()) {
      this.#pool.post((worker) => ({
        type: 'define',
        team: this.#team,
        key: first + index,
        tasks: tasksOf(worker + 1),
      }));
    }
    if (wasEntered) this.enter();
  }

  /**
   * Calls the workers into the memory, to wait there for the first key. Does nothing if they are there already, if another
   * team has them, or if one has not answered the last LEAVE: it would take the next key for that one.
   * @throws {Error} if a worker has ended.
   */
  enter(): void {
    this.#pool.check();
    if (this.#isEntered) return;
    this.#haveLeft ||= this.#isAtRest(0, 0);
    if (!this.#haveLeft || !this.#pool.claim(this.#team)) return;
    this.#isEntered = true;
    const seen = sentOff(this.#control);
    this.#pool.post(() => ({ type: 'enter', team: this.#team, seen, spin: this.#spin }));
  }

  /** Sends the workers back to their messages. A worker that does not answer in time is late or dead; `enter` looks again. */
  leave(): void {
    if (!this.#isEntered) return;
    this.#isEntered = false;
    this.#pool.release(this.#team);
    this.#lead(LEAVE);
    this.#haveLeft = this.#isAtRest(this.#spin, PATIENCE_MILLISECONDS);
  }

  /** Runs `key` on all threads. @returns false if a worker has not answered in time: call `settle` then. */
  run(key: number, tasks: readonly BoundTask[]): boolean {
    refillQueues(this.#control, this.#pool.size);
    this.#lead(key);
    shareTasks(this.#control, 0, this.#pool.size, tasks);
    return this.#isAtRest(this.#spin, PATIENCE_MILLISECONDS);
  }

  /** Waits for workers that are late. @throws {Error} if one has ended: it will never be done. */
  async settle(): Promise<void> {
    do {
      await yieldTurn(); // a thread that waits is not told that another thread has ended
      this.#check();
    } while (!this.#isAtRest(0, PATIENCE_MILLISECONDS / 10));
  }

  /** `settle` for a caller that cannot await. @returns false if a worker is not done within ten seconds. */
  insist(): boolean {
    this.#check();
    return this.#isAtRest(0, LAST_PATIENCE_MILLISECONDS);
  }

  /** Makes the workers drop this team. @returns true if no worker is in the team's memory any more. */
  detach(): boolean {
    this.leave();
    this.#pool.post(() => ({ type: 'detach', team: this.#team }));
    return this.#haveLeft && !this.#isAtWork;
  }

  /** Sends the workers off. If one has not reported the key before, its reports of both keys are counted. */
  #lead(key: number): void {
    lead(this.#control, key, this.#isAtWork);
    this.#reports = (this.#isAtWork ? this.#reports : 0) + this.#pool.size - 1;
    this.#isAtWork = true;
  }

  #isAtRest(spin: number, timeout: number): boolean {
    this.#isAtWork = !awaitDone(this.#control, this.#reports, spin, timeout);
    return !this.#isAtWork;
  }

  #check(): void {
    try {
      this.#pool.check();
    } catch (error) {
      this.#isEntered = false; // a dead worker cannot be sent away
      this.#pool.release(this.#team);
      throw error;
    }
  }
}
