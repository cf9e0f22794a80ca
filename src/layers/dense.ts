/** Dense (fully connected) layer. Kernels: assembly/dense/dense.ts. Oracle: src/reference/dense.ts. @module */
import { flag, required, whole } from '../base/options.ts';
import { type LayerFactory, layer } from './factory.ts';
import { features, heNormal, type Placement } from './layer.ts';

export interface DenseSpec extends Placement {
  readonly type: 'dense';
  /** Outputs of each image. */
  readonly units: number;
  /** A bias for each unit. @default true */
  readonly useBias?: boolean;
}

/**
 * `y = x·wᵀ + b` with `w[units, inputs]`, He-normal, and `b[units]`, 0.
 *
 * x, dx: `[N, inputs]`; y, dy: `[N, units]`.
 */
export const dense: LayerFactory<DenseSpec> = layer<DenseSpec>({
  type: 'dense',
  options: { units: required(whole(1)), useBias: flag },
  backwardReads: ['x'],
  outputShape(where, { units }, [input]) {
    features(where, input);
    return [units];
  },
  parameters({ units, useBias = true }, [[inputs = 0]]) {
    const shape = [units, inputs];
    const weight = { name: 'weight', shape, role: 'trained', initial: heNormal(inputs) } as const;
    const zeros = { constant: 0 };
    const bias = { name: 'bias', shape: [units], role: 'trained', initial: zeros } as const;
    return useBias ? [weight, bias] : [weight];
  },
  scratchBytes: (kernels, { units }, [[inputs = 0]], batch) =>
    kernels.denseScratchBytes(batch, inputs, units),
  emit(to, { units }, [[inputs = 0]], { batch, x, y, dx, dy, parameters, gradients, scratch }) {
    const { weight: w = 0, bias: b = 0 } = parameters;
    const { weight: dw = 0, bias: db = 0 } = gradients;
    to.forward('denseForward', y, x, w, b, scratch, batch, inputs, units);
    if (dw !== 0) to.backward('denseBackwardWeight', dw, dy, x, scratch, batch, inputs, units);
    if (db !== 0) to.backward('denseBackwardBias', db, dy, batch, units);
    if (dx !== 0) to.backward('denseBackwardInput', dx, dy, w, scratch, batch, inputs, units);
  },
});
