/**
 * How the ranks of a distributed run share a step, and what they tell one another, as plain data.
 *
 * Rank r computes consecutive shards of each batch. The order in which the gradients of shards are added is the one of a single
 * process, so the bytes are the same on any number of ranks:
 *
 *   rank 0   shard 0 1 2 3 ─┐ exchange: range r of     ┌─ adds up range 0 ─┐ gather: all     ┌─ update of all parameters
 *   rank 1   shard 4 5 6 7 ─┘ every slice to rank r    └─ adds up range 1 ─┘ ranges to all   └─ the same
 *
 * With S shards, R ranks and P bytes of gradients, a rank sends and receives (S / R + 1)·P·(R − 1) / R bytes a step: with
 * as many ranks as shards as much as an all-reduce, which has another order of sums.
 * @module
 */
import type { Bounds } from '../base/communicator.ts';

/** How gradients are added up over ranks: in shard order, or in the order that is fastest, to other bytes. */
export type Reduction = 'ordered' | 'fast';

/** A place among the ranks. */
export interface Ranks {
  readonly rank: number;
  readonly size: number;
  readonly reduce: Reduction;
}

/** A process that shares its steps with none. */
export const ALONE: Ranks = { rank: 0, size: 1, reduce: 'ordered' };

/** What ranks tell one another between two phases: see Communicator. Addresses are in the memory of the program. */
export type Exchange =
  | { readonly type: 'gather'; readonly address: number; readonly bounds: Bounds }
  | {
      readonly type: 'exchange';
      readonly from: number;
      readonly fromBounds: Bounds;
      readonly to: number;
      readonly toBounds: Bounds;
    }
  | { readonly type: 'sum'; readonly address: number; readonly length: number };

/** The first of `count` items of each rank, and the end of the last one's: consecutive, and as even as can be. */
export function boundsOf(count: number, { size }: Pick<Ranks, 'size'>): Bounds {
  return Array.from({ length: size + 1 }, (_, rank) => Math.ceil((rank * count) / size));
}

/** Bounds in bytes. */
export function scaled(bounds: Bounds, bytes: number): Bounds {
  return bounds.map((bound) => bound * bytes);
}

/** Most shards that a rank computes. */
export function mostShards(shards: number, { size }: Ranks): number {
  return Math.ceil(shards / size);
}
