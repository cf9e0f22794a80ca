/** Views of what a batch came to, in the memory of a program. @module */
import { elementCount } from '../base/shape.ts';
import type { BatchResults } from '../metrics/metric.ts';
import type { Arena } from '../wasm/memory.ts';
import type { Batch, Plan } from './plan.ts';

/** Results of a batch, live: as many entries as it had images mean something. */
export interface LiveBatch extends Omit<BatchResults, 'count'> {
  /** Of each image. */
  readonly losses: Float32Array;
}

export function viewBatch(arena: Arena, { network, capacity }: Plan, batch: Batch): LiveBatch {
  const length = elementCount(network.output);
  return {
    length,
    half: network.layers.at(-1)?.definition.type === 'sigmoid' ? 0.5 : 0, // else they are logits
    losses: arena.f32(batch.losses, capacity.batch),
    predictions: arena.i32(batch.predictions, capacity.batch),
    labels: arena.i32(batch.targets, capacity.batch),
    outputs: arena.f32(batch.outputs, capacity.batch * length),
    values: arena.f32(batch.targets, capacity.hasValues ? capacity.batch * length : 0),
  };
}
