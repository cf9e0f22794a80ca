/** Flatten: the same numbers in the same order, one row an image. No kernel: y is x. @module */
import { elementCount } from '../base/shape.ts';
import { type LayerFactory, layer } from './factory.ts';
import type { Placement } from './layer.ts';

export interface FlattenSpec extends Placement {
  readonly type: 'flatten';
}

/** `[N, C, H, W]` as `[N, C·H·W]`, channel after channel as PyTorch does. */
export const flatten: LayerFactory<FlattenSpec> = layer<FlattenSpec>({
  type: 'flatten',
  options: {},
  isView: true,
  backwardReads: [],
  outputShape: (_where, _spec, [input]) => [elementCount(input)],
  emit: () => undefined,
});
