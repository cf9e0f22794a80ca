/** A communicator over MPI: exchanges begin at once, and `isDone` waits for all of them. @module */
import { type Bounds, type Communicator, LostRankError } from '../base/communicator.ts';
import { type MpiCalls, MpiError } from './calls.ts';

/** Exchanges that may be under way at a time, at least. */
const FIRST_ROOM = 16;

/** How long a rank that waits asks again and again, and how long it then sleeps between two questions, in milliseconds. */
const SPIN_MILLISECONDS = 1;
const NAP_MILLISECONDS = 0.2;

/** Reading the clock costs as much as a question. */
const QUESTIONS_PER_CLOCK = 8;

/** Counts and starts of the blocks of ranks: MPI reads them until the exchange is through, so they are kept. */
interface Blocks {
  readonly counts: Int32Array;
  readonly starts: Int32Array;
}

/** Most bytes of an exchange: MPI counts them in 31 bits. */
const MOST_BYTES = 2 ** 31 - 1;

/** The ranks that `mpirun` started, as collective calls of MPI reach them (MPI 3.1, sections 5.12 and 3.7). `joinMpi` makes it. */
export class MpiCommunicator implements Communicator {
  readonly rank: number;
  readonly size: number;
  readonly #calls: MpiCalls;
  readonly #handleBytes: number;
  #requests: Uint8Array;
  #pending = 0;
  /** What is under way keeps its arrays alive. */
  readonly #held: ArrayBufferView[] = [];
  readonly #flag = new Int32Array(new ArrayBuffer(64));
  readonly #bed = new Int32Array(new SharedArrayBuffer(4));
  readonly #blocks = new WeakMap<Bounds, Blocks>();
  #isOver = false;

  constructor(calls: MpiCalls) {
    this.#calls = calls;
    this.#handleBytes = calls.handleBytes;
    this.#requests = new Uint8Array(new ArrayBuffer(FIRST_ROOM * calls.handleBytes));
    this.rank = calls.rank();
    this.size = calls.size();
  }

  gather(bytes: Uint8Array, bounds: Bounds): void {
    const { counts, starts } = this.#blocksOf(bounds);
    this.#begin([bytes], (request) => this.#calls.allgather(bytes, counts, starts, request));
  }

  exchange(from: Uint8Array, fromBounds: Bounds, to: Uint8Array, toBounds: Bounds): void {
    const sent = this.#blocksOf(fromBounds);
    const { counts, starts } = this.#blocksOf(toBounds);
    this.#begin([from, to], (request) =>
      this.#calls.alltoall(from, sent.counts, sent.starts, to, counts, starts, request),
    );
  }

  sum(numbers: Float32Array): void {
    this.#begin([numbers], (request) => this.#calls.allreduce(numbers, request));
  }

  isDone(timeout: number): boolean {
    const begin = performance.now();
    for (let questions = 1; ; questions++) {
      if (this.#areThrough()) return true;
      if (questions % QUESTIONS_PER_CLOCK > 0) continue;
      const waited = performance.now() - begin;
      if (waited > timeout) return false;
      if (waited > SPIN_MILLISECONDS) Atomics.wait(this.#bed, 0, 0, NAP_MILLISECONDS);
    }
  }

  /** Ends this rank's part in the job, when all ranks come here. Twice does no harm. */
  leave(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#calls.finalize();
  }

  /** Ends the job, the other ranks too, with this exit code. */
  abort(code: number): void {
    this.#isOver = true;
    this.#calls.abort(code);
  }

  #areThrough(): boolean {
    if (this.#pending === 0) return true;
    try {
      if (!this.#calls.areThrough(this.#pending, this.#requests, this.#flag)) return false;
    } catch (error) {
      throw lost(error);
    }
    this.#pending = 0;
    this.#held.length = 0;
    return true;
  }

  #begin(arrays: readonly ArrayBufferView[], begin: (request: Uint8Array) => void): void {
    const at = this.#pending * this.#handleBytes;
    if (at === this.#requests.length) this.#grow();
    this.#held.push(...arrays);
    try {
      begin(this.#requests.subarray(at));
    } catch (error) {
      throw lost(error);
    }
    this.#pending++;
  }

  #grow(): void {
    const larger = new Uint8Array(new ArrayBuffer(2 * this.#requests.length));
    larger.set(this.#requests);
    this.#requests = larger;
  }

  /** The same exchanges come in every step, with the same bounds. */
  #blocksOf(bounds: Bounds): Blocks {
    const known = this.#blocks.get(bounds);
    if (known !== undefined) return known;
    if ((bounds.at(-1) ?? 0) > MOST_BYTES) {
      throw new RangeError(
        `--distributed mpi: expected at most 2 GiB in an exchange, got ${bounds.at(-1)} bytes. Use more ranks, or a smaller network.`,
      );
    }
    const words = () => new Int32Array(new ArrayBuffer(4 * this.size));
    const blocks = { counts: words(), starts: words() };
    for (let rank = 0; rank < this.size; rank++) {
      blocks.starts[rank] = bounds[rank] ?? 0;
      blocks.counts[rank] = (bounds[rank + 1] ?? 0) - (bounds[rank] ?? 0);
    }
    this.#blocks.set(bounds, blocks);
    return blocks;
  }
}

/** A failure of MPI, which a rank that is gone brings about. */
function lost(error: unknown): unknown {
  return error instanceof MpiError ? new LostRankError(error.message) : error;
}
