/**
 * How the ranks of a distributed run speak to one another: the one thing that training knows of them. A rank is a process that
 * has the whole network and computes a part of each batch.
 *
 * Every rank makes the same calls in the same order. Calls begin an exchange and return; `isDone` waits for all that has
 * begun. Until then nobody touches the arrays.
 * @module
 */

/** Where the block of each rank begins, in bytes, and then the end of the last one: one number more than there are ranks. */
export type Bounds = readonly number[];

/** How a rank speaks to the others. */
export interface Communicator {
  /** Of this process, from 0. */
  readonly rank: number;
  /** Number of ranks. */
  readonly size: number;
  /** Gives all ranks the block of each: to begin with, `bytes` holds the one of this rank. */
  gather(bytes: Uint8Array, bounds: Bounds): void;
  /** Sends block r of `from` to rank r, for every rank; block r of `to` comes from rank r. */
  exchange(from: Uint8Array, fromBounds: Bounds, to: Uint8Array, toBounds: Bounds): void;
  /** Sums `numbers` over the ranks, in place and in an order of its own; the sum has the same bytes on all ranks. */
  sum(numbers: Float32Array): void;
  /**
   * Waits for what has begun. @returns false if it is not through within `timeout` milliseconds.
   * @throws {LostRankError} if it cannot end any more.
   */
  isDone(timeout: number): boolean;
}

/** A rank that does not answer. What the others hold is as it was after the last whole step. */
export class LostRankError extends Error {
  override readonly name = 'LostRankError';

  /** What is known of it, without a full stop. */
  readonly reason: string;

  constructor(
    reason: string,
    advice = 'Find out why it ended, then go on from the last checkpoint, on any number of ranks.',
  ) {
    super(`ranks: expected every rank to answer, one did not (${reason}). ${advice}`);
    this.reason = reason;
  }
}
