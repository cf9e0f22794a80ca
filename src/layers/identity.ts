/** Identity: the same tensor under another name, so that a block of layers has a place to begin. No kernel: y is x. @module */
import { type LayerFactory, layer } from './factory.ts';
import type { Placement } from './layer.ts';

export interface IdentitySpec extends Placement {
  readonly type: 'identity';
}

/** `y = x`, of any shape. A view: it takes neither memory nor time. */
export const identity: LayerFactory<IdentitySpec> = layer<IdentitySpec>({
  type: 'identity',
  options: {},
  isView: true,
  backwardReads: [],
  outputShape: (_where, _spec, [input]) => input,
  emit: () => undefined,
});
