/** How the gradients of ranks become one gradient, the same on every rank: see ranks.ts. @module */

import { ELEMENT_BYTES, LINE_ELEMENTS, type Plan, type Range, rangesOf, SUMS } from './plan.ts';
import { boundsOf, type Exchange, scaled } from './ranks.ts';
import { shardsOf } from './shards.ts';
import { addSlices, totalOf } from './slices.ts';
import { type Call, call, type Phase } from './work.ts';

/**
 * The phases after those of the shards of this rank. The sum of all shards is in the first slice then.
 * @param own Shards of this rank. @param results What ranks tell one another beside the gradients.
 */
export function reduceSlices(
  plan: Plan,
  count: number,
  own: number,
  results: readonly Exchange[],
): readonly Phase[] {
  if (plan.capacity.ranks.reduce === 'fast') return reduceFast(plan, own, results);
  const shards = shardsOf(plan, count).length;
  return shards === 1 ? [[...results, fromFirst(plan)]] : reduceOrdered(plan, shards, results);
}

/** Sums of this rank's shards, then a sum over the ranks in the order of the communicator. */
function reduceFast(plan: Plan, own: number, results: readonly Exchange[]): readonly Phase[] {
  const { trainedCount } = plan.network;
  const [address = 0] = plan.gradients;
  const tasks = rangesOf(trainedCount, plan.threads, LINE_ELEMENTS).map((range) =>
    own === 0
      ? [call('zero', address + range.start * ELEMENT_BYTES, range.length)]
      : totalOf(plan, own, range),
  );
  const sums = plan.hasChains || own === 0 ? [] : addSlices(plan, own);
  const sum: Exchange = { type: 'sum', address, length: trainedCount };
  return [...sums, () => tasks, [...results, sum]];
}

/** The only shard of a small batch is one of rank 0. */
function fromFirst({ network, gradients, capacity }: Plan): Exchange {
  const bytes = network.trainedCount * ELEMENT_BYTES;
  const bounds = boundsOf(1, capacity.ranks).map((bound) => bound * bytes);
  return { type: 'gather', address: gradients[0] ?? 0, bounds };
}

/** Every rank adds up one range of the parameters, of all shards in shard order. */
function reduceOrdered(plan: Plan, shards: number, results: readonly Exchange[]): readonly Phase[] {
  const { network, gradients, capacity, received, threads } = plan;
  const { rank, size } = capacity.ranks;
  const ranges = rangesOf(network.trainedCount, size, LINE_ELEMENTS);
  const bounds = scaled([...ranges.map(({ start }) => start), network.trainedCount], ELEMENT_BYTES);
  const mine = ranges[rank] ?? { start: 0, length: 0 };
  const owned = boundsOf(shards, capacity.ranks);
  const ownedBy = (other: number) => (owned[other + 1] ?? 0) - (owned[other] ?? 0);
  /** How many of the ranks before `rank` have a shard of number `local`. */
  const before = (rank: number, local: number) =>
    Array.from({ length: rank }, (_, other) => ownedBy(other)).filter((own) => own > local).length;
  const exchanges = received.map((to, local): Exchange => {
    const isSent = local < ownedBy(rank);
    const toBounds = Array.from({ length: size + 1 }, (_, r) => before(r, local));
    return {
      type: 'exchange',
      from: gradients[local] ?? 0,
      fromBounds: isSent ? bounds : bounds.map(() => 0),
      to,
      toBounds: scaled(toBounds, mine.length * ELEMENT_BYTES),
    };
  });
  const blocks = Array.from({ length: size }, (_, other) =>
    Array.from({ length: ownedBy(other) }, (_, local) => {
      const place = before(other, local) * mine.length;
      return (received[local] ?? 0) + place * ELEMENT_BYTES;
    }),
  ).flat();
  const to = (gradients[0] ?? 0) + mine.start * ELEMENT_BYTES;
  const tasks = rangesOf(mine.length, threads, LINE_ELEMENTS).map((range) =>
    addBlocks(to, blocks, range),
  );
  const gather: Exchange = { type: 'gather', address: gradients[0] ?? 0, bounds };
  return [[...results, ...exchanges], () => tasks, [gather]];
}

/** The sum of a range of the blocks of at least two shards: the even ones, the odd ones, then both. */
function addBlocks(to: number, blocks: readonly number[], { start, length }: Range): Call[] {
  const from = start * ELEMENT_BYTES;
  const [even = 0, odd = 0, ...others] = blocks.map((block) => block + from);
  return [
    ...others.map((block, index) =>
      call('accumulate', index % SUMS === 0 ? even : odd, block, length, 1, ELEMENT_BYTES),
    ),
    call('add', to + from, even, odd, length),
  ];
}
