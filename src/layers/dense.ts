/** Dense (fully connected) layer. Kernels: assembly/dense/dense.ts. Oracle: src/reference/dense.ts. @module */
import { required, whole } from '../base/options.ts';
import { type LayerFactory, layer } from './factory.ts';
import { features, type Placement } from './layer.ts';
import { type WeightOptions, weightAndBias, weightChecks } from './weights.ts';

export interface DenseSpec extends WeightOptions, Placement {
  readonly type: 'dense';
  /** Outputs of each image. */
  readonly units: number;
}

/** Images in a block of the sum that gemmTN of assembly/gemm/gemm.ts adds to each element. */
const GEMM_BLOCK = 256;

/**
 * `y = x·wᵀ + b` with `w[units, inputs]` and `b[units]`.
 *
 * x, dx: `[N, inputs]`; y, dy: `[N, units]`.
 */
export const dense: LayerFactory<DenseSpec> = layer<DenseSpec>({
  type: 'dense',
  options: { units: required(whole(1)), ...weightChecks },
  backwardReads: ['x'],
  outputShape(where, { units }, [input]) {
    features(where, input);
    return [units];
  },
  parameters(spec, [[inputs = 0]]) {
    const [weight, ...bias] = weightAndBias(spec, [spec.units, inputs], spec.units);
    return [{ ...weight, addsOnce: GEMM_BLOCK }, ...bias];
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
