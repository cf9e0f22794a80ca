/** Flatten: the same numbers in the same order, one row an image. No kernel: y is x. @module */
import { elementCount } from '../base/shape.ts';
import type { LayerDefinition } from './layer.ts';

export interface FlattenSpec {
  readonly type: 'flatten';
}

/** Spec entry that turns `[N, C, H, W]` into `[N, C·H·W]`, channel after channel as PyTorch does. */
export function flatten(): FlattenSpec {
  return { type: 'flatten' };
}

export const flattenLayer: LayerDefinition<FlattenSpec> = {
  options: [],
  isView: true,
  outputShape: (_where, _spec, input) => [elementCount(input)],
  parameters: () => [],
  emit: () => undefined,
};
