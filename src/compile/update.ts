/**
 * What follows the gradients of a batch. A task takes a range of the trained parameters, adds up its part of the gradients, and
 * updates. Element by element, so the bits are the same whoever does it.
 *
 *   sum slices ─► update                                              or, with clipNorm,
 *   sum slices ─► sums of squares ─ meet ─► scale ─► update           or, if several batches share an update,
 *   sum slices ─► add to the group's gradient (─► update, if the batch is the last of its group)
 *
 * The rule leaves frozen parameters as they are. The calls that layers ask for once a batch, such as running statistics, are the first task's.
 * @module
 */
import { type OptimizerSpec, optimizerOf } from '../optimizers/registry.ts';
import {
  ELEMENT_BYTES,
  LINE_ELEMENTS,
  NORM_BLOCK,
  type Plan,
  type Range,
  rangesOf,
} from './plan.ts';
import { shardsOf } from './shards.ts';
import { totalOf } from './slices.ts';
import { type Call, call, type PhaseWork, type Work } from './work.ts';

/** What follows the gradients of a batch. */
export interface UpdateOptions {
  readonly optimizer: OptimizerSpec;
  /** Images of the batch. */
  readonly count: number;
  /** The batches that share an update; none: the batch has its own. */
  readonly group?: Group | undefined;
  /** Whether the average of the weights follows. */
  readonly averages: boolean;
  /** Calls that layers ask for once a batch. */
  readonly updates: readonly Call[];
}

/** A batch's place in its group. */
export interface Group {
  /** Of all its batches: the gradient of the group is the mean over them. */
  readonly images: number;
  readonly isFirst: boolean;
  readonly isLast: boolean;
}

/** The phases after the gradients of a batch. */
export function compileUpdate(
  plan: Plan,
  { optimizer, count, group, averages, updates }: UpdateOptions,
): readonly PhaseWork[] {
  const clips = optimizer.clipNorm !== undefined;
  const gradient = group === undefined ? (plan.gradients[0] ?? 0) : plan.group;
  const ranges = rangesOf(
    plan.network.trainedCount,
    plan.threads,
    clips ? NORM_BLOCK : LINE_ELEMENTS,
  );
  const sums = ranges.map((range, task): Work[] => [
    ...sumSlices(plan, count, range),
    ...(group === undefined ? [] : addToGroup(plan, count, group, range)),
    ...(task === 0 ? updates : []),
  ]);
  if (group?.isLast === false) return [() => sums];
  const target = { optimizer, gradient, average: averages ? plan.average : 0 };
  const rules = ranges.map((range) => rulesOf(plan, target, range));
  if (clips) {
    const squares = ranges.map((range, task) => [
      ...(sums[task] ?? []),
      squaresOf(plan, gradient, range),
    ]);
    return [() => squares, () => rules];
  }
  const all = sums.map((calls, task) => [...calls, ...(rules[task] ?? [])]);
  return [() => all];
}

/** The gradient of a range, in the first slice; ranks have it there already. */
function sumSlices(plan: Plan, count: number, range: Range): readonly Call[] {
  return plan.capacity.ranks.size > 1 ? [] : totalOf(plan, shardsOf(plan, count).length, range);
}

/** The batch's share of the mean over its group. */
function addToGroup(plan: Plan, count: number, group: Group, { start, length }: Range): Call[] {
  const [to, from] = [plan.group, plan.gradients[0] ?? 0].map((at) => at + start * ELEMENT_BYTES);
  if (to === undefined || from === undefined) throw new Error('internal: a group without a place');
  const added = call('addScaled', to, from, length, count / group.images);
  return group.isFirst ? [call('zero', to, length), added] : [added];
}

function squaresOf(plan: Plan, gradient: number, { start, length }: Range): Call {
  const sums = plan.norms + (start / NORM_BLOCK) * Float64Array.BYTES_PER_ELEMENT;
  return call('squaredNorms', sums, gradient + start * ELEMENT_BYTES, length, NORM_BLOCK);
}

/** The rule over the parameters of a range that learn: one go for neighbours that decay alike. */
function rulesOf(plan: Plan, target: Target, range: Range): Work[] {
  const { decayBiases = true } = target.optimizer;
  const runs: { start: number; end: number; decays: boolean }[] = [];
  for (const { learns, isWeight = false, offset, length } of plan.network.parameters) {
    const start = Math.max(offset, range.start);
    const end = Math.min(offset + length, range.start + range.length);
    if (!learns || start >= end) continue;
    const decays = decayBiases || isWeight;
    const last = runs.at(-1);
    if (last !== undefined && last.end === start && last.decays === decays) last.end = end;
    else runs.push({ start, end, decays });
  }
  return runs.map(({ start, end, decays }) =>
    ruleOf(plan, target, { start, length: end - start }, decays),
  );
}

/** What a rule works with beside the parameters. */
interface Target {
  readonly optimizer: OptimizerSpec;
  /** Addresses of whole blocks; 0 for no average. */
  readonly gradient: number;
  readonly average: number;
}

function ruleOf(
  plan: Plan,
  { optimizer, gradient, average }: Target,
  { start, length }: Range,
  decays: boolean,
): Work {
  const at = (block: number) => block + start * ELEMENT_BYTES;
  const { length: blocks } = optimizerOf(optimizer).initialState(optimizer);
  return {
    decays,
    optimizer,
    tensors: {
      w: at(plan.parameters),
      dw: at(gradient),
      length,
      state: plan.state.slice(0, blocks).map(at),
    },
    average: average === 0 ? 0 : at(average),
    scalars: plan.scalars,
    norms: [plan.norms, Math.ceil(plan.network.trainedCount / NORM_BLOCK)],
  };
}
