/**
 * The gradients of a batch: forward, loss and backward of its shards, and how their gradients become one. Shards with an even
 * number are added in shard order, and so are those with an odd number; update.ts adds the second sum to the first. That order
 * is the same on any number of threads.
 *
 * If each shard has a slice of gradients of its own, all shards run, and then their slices are added. If there are fewer slices,
 * a thread has a chain of shards, every one of which is added to its sum before the next one begins:
 *
 *   slices   even sum │ odd sum │ one for each chain         shards 0 and 1 add to the sums themselves
 *
 * If several ranks share the batch, all of them have the sum of all shards in the end (reduce.ts).
 * @module
 */
import { compilePhases } from './calls.ts';
import { resultsOf } from './gathers.ts';
import { type Plan, SUMS } from './plan.ts';
import { reduceSlices } from './reduce.ts';
import { ownShards } from './shards.ts';
import { addSlices } from './slices.ts';
import type { StepOptions } from './stepOptions.ts';
import { type Call, isPhaseWork, type Phase, type Work } from './work.ts';

/**
 * The plan by which one of two threads computes all shards, while that is faster (balance.ts): in one chain, which leaves less to
 * clear and to add up. Undefined if it is no other plan, or if its sums were elsewhere.
 *
 * Measured: beside a busy process 1.05 to 1.06 of the time of one thread with small parameters, 1.10 to 1.12 without.
 */
export function aloneOf(plan: Plan): Plan | undefined {
  const { threads, hasChains, hasRegionsByShard, capacity } = plan;
  const isSame = threads !== SUMS || hasChains || hasRegionsByShard || capacity.ranks.size > 1;
  return isSame ? undefined : { ...plan, hasChains: true, threads: 1 };
}

/** The phases up to the two sums, and the calls that layers ask for once a batch. */
export function compileGradients(
  plan: Plan,
  options: StepOptions,
): { readonly phases: readonly Phase[]; readonly updates: readonly Call[] } {
  const { phases, updates } = compilePhases(plan, options);
  const shards = ownShards(plan, options).length;
  const own = plan.hasChains ? phases.map((phase) => chained(plan, phase)) : phases;
  if (plan.capacity.ranks.size > 1) {
    const reduced = reduceSlices(plan, options.count, shards, resultsOf(plan, options));
    return { phases: [...own, ...reduced], updates };
  }
  return { phases: plan.hasChains ? own : [...own, ...addSlices(plan, shards)], updates };
}

function chained(plan: Plan, phase: Phase): Phase {
  return isPhaseWork(phase) ? (thread) => chainsOf(plan, phase(thread)) : phase;
}

/** A task for each thread: every so many shards, one after another. At most two threads, so no two chains share a sum. */
function chainsOf(plan: Plan, shards: readonly (readonly Work[])[]): readonly (readonly Work[])[] {
  return Array.from({ length: plan.threads }, (_, chain) =>
    shards.filter((_calls, shard) => shard % plan.threads === chain).flat(),
  );
}
