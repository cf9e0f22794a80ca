/** How the slices of one process become the two sums, of even and of odd shards, and then one: see gradients.ts. @module */
import { ELEMENT_BYTES, type Plan, type Range, SUMS } from './plan.ts';
import { type Call, call, type PhaseWork } from './work.ts';

/** What remains between the gradients of the shards and their sum in the first slice, in a range of the parameters. */
export function totalOf(plan: Plan, shards: number, range: Range): readonly Call[] {
  const [even = 0, odd = even] = plan.gradients;
  const at = even + range.start * ELEMENT_BYTES;
  const last = call('accumulate', at, at + odd - even, range.length, 1, odd - even);
  return shards <= 1 ? [] : [...sumsOf(plan, shards, range), last];
}

/** What remains between the gradients of the shards and the two sums. */
function sumsOf(plan: Plan, shards: number, range: Range): readonly Call[] {
  const isDone = plan.hasChains || plan.threads === SUMS;
  return isDone ? [] : [0, 1].flatMap((parity) => sumOf(plan, shards, parity, range));
}

/**
 * On two threads each adds up one of the sums, before the update: it has made most of its slices, so a quarter of the numbers
 * crosses to the other core.
 *
 * Measured: 0.93 of an epoch's time if the cores lie far apart.
 */
export function addSlices(plan: Plan, shards: number): readonly PhaseWork[] {
  if (plan.threads !== SUMS) return [];
  const whole = { start: 0, length: plan.network.trainedCount };
  const tasks = [0, 1].map((parity) => sumOf(plan, shards, parity, whole));
  return [() => tasks];
}

/** Adds the slices of one parity, which lie two slices apart, to the first of them. */
function sumOf(plan: Plan, shards: number, parity: number, { start, length }: Range): Call[] {
  const slices = plan.gradients.slice(0, shards).filter((_, index) => index % SUMS === parity);
  const [sum = 0, first] = slices.map((slice) => slice + start * ELEMENT_BYTES);
  if (first === undefined) return [];
  return [call('accumulate', sum, first, length, slices.length - 1, first - sum)];
}
