/**
 * The threads on the memory of one model: the calling thread leads, the workers of a pool follow.
 *
 * `define` posts the shares of the work to the workers beforehand, without reading them. From `enter` to `leave` the
 * workers wait inside the shared memory and receive no messages (barrier.ts).
 * @module
 */

import { coreCount, yieldTurn } from '#host';
import type { WasmMemory, WasmModule } from '../base/engine.ts';
import { awaitDone, hasFailed, lead, SPIN_MILLISECONDS, sentOff } from './barrier.ts';
import { LEAVE } from './message.ts';
import type { ThreadPool } from './pool.ts';

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
  /** Whether a worker may be working on its share. */
  #isAtWork = false;

  /** @param control Address of the control block in `memory`. */
  constructor(pool: ThreadPool, module: WasmModule, memory: WasmMemory, control: number) {
    const team = pool.nextTeam();
    this.#pool = pool;
    this.#team = team;
    this.#control = new Int32Array(memory.buffer, control);
    this.#spin = pool.size <= coreCount() ? SPIN_MILLISECONDS : 0;
    pool.post(() => ({ type: 'attach', team, module, memory, control }));
  }

  get isEntered(): boolean {
    return this.#isEntered;
  }

  /** Defines `key`: one share for each thread. The first share is the calling thread's own and is not sent. */
  define(key: number, shares: readonly (readonly unknown[])[]): void {
    const wasEntered = this.#isEntered;
    this.leave();
    this.#pool.post((worker) => ({
      type: 'define',
      team: this.#team,
      key,
      share: shares[worker + 1] ?? [],
    }));
    if (wasEntered) this.enter();
  }

  /**
   * Calls the workers into the memory, where they wait to be sent off. Does nothing if they are there already, or if
   * another team has them.
   * @throws {Error} if a worker has ended, or has not answered the last LEAVE within ten seconds: it would take the next
   * key for that LEAVE.
   */
  enter(): void {
    this.#pool.check();
    if (this.#isEntered) return;
    if (!this.#haveLeft) this.insist();
    this.#haveLeft = true;
    if (!this.#pool.claim(this.#team)) return;
    this.#isEntered = true;
    const seen = sentOff(this.#control);
    this.#pool.post(() => ({ type: 'enter', team: this.#team, seen, spin: this.#spin }));
  }

  /** Sends the workers back to their messages. A worker that does not answer in time is late or dead; `enter` checks. */
  leave(): void {
    if (!this.#isEntered) return;
    this.#isEntered = false;
    this.#pool.release(this.#team);
    lead(this.#control, LEAVE);
    const followers = this.#pool.size - 1;
    this.#haveLeft = awaitDone(this.#control, followers, this.#spin, PATIENCE_MILLISECONDS);
  }

  /** Runs `key` on all threads. @returns false if a worker has not answered in time: call `settle` then. */
  run(key: number, own: readonly (() => void)[]): boolean {
    this.#isAtWork = true;
    lead(this.#control, key);
    for (const work of own) work();
    return this.#isDone(this.#spin, PATIENCE_MILLISECONDS);
  }

  /** Waits for workers that are late. @throws {Error} if one has ended. */
  async settle(): Promise<void> {
    do {
      await yieldTurn(); // a thread that waits is not told that another thread has ended
      this.#check();
    } while (!this.#isDone(0, PATIENCE_MILLISECONDS / 10));
  }

  /** `settle` for a caller that cannot await. @throws {Error} after ten seconds. */
  insist(): void {
    if (this.#isDone(0, LAST_PATIENCE_MILLISECONDS)) return;
    throw new Error(
      'threads: expected every worker to answer, one did not. Create another backend.',
    );
  }

  /** Makes the workers drop this team. @returns true if no worker is in the team's memory any more. */
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
      this.#pool.lose('it failed in its share'); // it has told so before it ends
      throw new Error(
        'threads: expected a worker to do its share, it failed. Create another backend.',
      );
    } catch (error) {
      this.#isEntered = false; // a dead worker cannot be sent away
      this.#pool.release(this.#team);
      throw error;
    }
  }
}
