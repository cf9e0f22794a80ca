/** How a batch is cut into shards, and which rank computes which of them. @module */
import type { Bounds } from '../base/communicator.ts';
import type { Plan } from './plan.ts';
import { boundsOf } from './ranks.ts';
import type { StepOptions } from './stepOptions.ts';

/** One part of a batch: images `start` to `start + count`. */
export interface Shard {
  /** Among all that have images. */
  readonly index: number;
  readonly start: number;
  readonly count: number;
}

/** What says into which shards a batch is cut, and whose they are. */
interface Cutting {
  readonly capacity: Pick<Plan['capacity'], 'shards' | 'ranks'>;
}

/** The shards that have images: all, or one an image. Each adds to the gradient slice of its place here. */
export function shardsOf({ capacity: { shards } }: Cutting, count: number): readonly Shard[] {
  const bound = (index: number) => Math.ceil((index * count) / shards);
  return Array.from({ length: shards }, (_, index) => ({
    start: bound(index),
    count: bound(index + 1) - bound(index),
  }))
    .filter((shard) => shard.count > 0)
    .map((shard, index) => ({ ...shard, index }));
}

/** The shards that this rank computes. */
export function ownShards(
  plan: Plan,
  { purpose, count, isShared = purpose.type === 'train' }: StepOptions,
): readonly Shard[] {
  const { ranks } = plan.capacity;
  const shards = shardsOf(plan, count);
  const bounds = boundsOf(shards.length, ranks);
  return isShared ? shards.slice(bounds[ranks.rank], bounds[ranks.rank + 1]) : shards;
}

/** The first image of each rank in a batch, and the end of the last one's. */
export function imagesOf(plan: Cutting, count: number): Bounds {
  const shards = shardsOf(plan, count);
  return boundsOf(shards.length, plan.capacity.ranks).map((bound) => shards[bound]?.start ?? count);
}
