/** ReLU. Kernels: assembly/activations/relu.ts. Oracle: src/reference/relu.ts. @module */
import { elementCount } from '../base/shape.ts';
import type { LayerDefinition } from './layer.ts';

export interface ReluSpec {
  readonly type: 'relu';
}

/** Spec entry of a rectified linear unit, `y = max(x, 0)`; its slope at 0 is taken as 0. */
export function relu(): ReluSpec {
  return { type: 'relu' };
}

/** x, y, dx, dy all have the input's shape `[N, …]`. */
export const reluLayer: LayerDefinition<ReluSpec> = {
  options: [],
  outputShape: (_where, _spec, input) => input,
  parameters: () => [],
  emit(to, _spec, input, { batch, x, y, dx, dy }) {
    const length = batch * elementCount(input);
    to.forward('reluForward', y, x, length);
    to.backward('reluBackward', dx, dy, y, length);
  },
};
