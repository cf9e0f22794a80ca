/**
 * From a plan to the kernel calls of one step, as plain data (work.ts).
 *
 * Calls are kept by shard, so that a shard can run on any thread. A step is a list of phases: within a phase shards know
 * nothing of one another, and between two phases all of them meet. Most networks have one phase; a layer that works on the
 * whole batch cuts forward and backward (shardCalls.ts).
 * @module
 */
import { partialsOf } from './gathers.ts';
import { type Plan, regionOf } from './plan.ts';
import { type CompiledShard, type ShardCalls, ShardCompiler } from './shardCalls.ts';
import { ShardGradients } from './shardGradients.ts';
import { ownShards, shardsOf } from './shards.ts';
import type { StepOptions } from './stepOptions.ts';
import type { Call, Phase } from './work.ts';

/** The calls of the shards of this rank, and what is the same for all shards. */
export interface StepCalls extends Pick<CompiledShard, 'updates' | 'meetings'> {
  readonly shards: readonly ShardCalls[];
}

/** The calls of a step on one thread, one entry a shard of this rank, in shard order. */
export function compileStep(plan: Plan, options: StepOptions, thread = 0): StepCalls {
  const isTraining = options.purpose.type === 'train';
  const own = ownShards(plan, options);
  // a rank without images takes part in the meetings and the updates all the same
  const compiled = (own.length > 0 ? own : shardsOf(plan, options.count).slice(0, 1)).map(
    (shard, local) => {
      const region = regionOf(plan, local, thread, isTraining);
      const gradients = new ShardGradients(plan, local, shard.count);
      return new ShardCompiler(plan, region, gradients, shard, options).compile();
    },
  );
  const { updates = [], meetings = [] } = compiled[0] ?? {};
  return { shards: compiled.slice(0, own.length).map(({ phases }) => phases), updates, meetings };
}

/** The phases of a step, a task a shard, with what ranks tell one another when shards meet; and the calls that follow once a batch. */
export function compilePhases(
  plan: Plan,
  options: StepOptions,
): { readonly phases: readonly Phase[]; readonly updates: readonly Call[] } {
  const threads = Array.from({ length: plan.threads }, (_, thread) =>
    compileStep(plan, options, thread),
  );
  const { updates = [], meetings = [] } = threads[0] ?? {};
  const phases = Array.from({ length: meetings.length + 1 }, (_, phase): Phase[] => {
    const work: Phase = (thread) =>
      (threads[thread]?.shards ?? []).map((shard) =>
        (shard[phase] ?? []).flatMap(({ calls }) => calls),
      );
    const step = meetings[phase];
    const isTold = step !== undefined && plan.capacity.ranks.size > 1;
    return isTold ? [work, [partialsOf(plan, options, step)]] : [work];
  });
  return { phases: phases.flat(), updates };
}
