/**
 * What ranks tell one another of a batch, beside its gradients (reduce.ts): each has what follows from the images of its shards,
 * and gets the rest from the others.
 * @module
 */
import { elementCount } from '../base/shape.ts';
import { alignUp } from '../wasm/memory.ts';
import { ELEMENT_BYTES, type Plan } from './plan.ts';
import { boundsOf, type Exchange, scaled } from './ranks.ts';
import { imagesOf, shardsOf } from './shards.ts';
import type { StepOptions } from './stepOptions.ts';

/** What a batch came to, of the images of each rank, for all ranks; and which ranks wish to stop. */
export function resultsOf(plan: Plan, { purpose, count, targets }: StepOptions): Exchange[] {
  const { network, capacity, wishes } = plan;
  const batch = purpose.type === 'train' ? plan.training : plan.evaluation;
  const images = imagesOf(plan, count);
  const outputs = elementCount(network.output);
  const isOfValues = targets === 'f32';
  const rows: readonly (readonly [address: number, length: number])[] = [
    [batch.losses, 1],
    [batch.outputs, outputs],
    [batch.targets, isOfValues ? outputs : 1],
    ...(isOfValues ? [] : [[batch.predictions, 1] as const]),
  ];
  const wished = scaled(boundsOf(capacity.ranks.size, capacity.ranks), ELEMENT_BYTES);
  return [
    { type: 'gather', address: wishes, bounds: wished },
    ...rows.map(
      ([address, length]): Exchange => ({
        type: 'gather',
        address,
        bounds: scaled(images, length * ELEMENT_BYTES),
      }),
    ),
  ];
}

/** What the images of each rank weigh, for all ranks. */
export function weightsOf(plan: Plan, count: number): Exchange[] {
  const { weights, products } = plan.training;
  const images = imagesOf(plan, count);
  return [
    { type: 'gather', address: weights, bounds: scaled(images, ELEMENT_BYTES) },
    { type: 'gather', address: products, bounds: scaled(images, 2 * ELEMENT_BYTES) },
  ];
}

/** The partial results of a step: each rank has those of its shards, and gets the others. */
export function partialsOf(plan: Plan, { count }: StepOptions, index: number): Exchange {
  const shards = shardsOf(plan, count).length;
  const bytes = alignUp(plan.steps[index]?.partialBytes ?? 0);
  const bounds = scaled(boundsOf(shards, plan.capacity.ranks), bytes);
  return { type: 'gather', address: plan.partials[index] ?? 0, bounds };
}
