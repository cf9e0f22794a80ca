/** Dense (fully connected) layer. Kernels: assembly/dense/dense.ts. Oracle: src/reference/dense.ts. @module */
import { checkInteger } from '../base/checks.ts';
import { ShapeError } from '../base/errors.ts';
import { formatShape } from '../base/shape.ts';
import type { LayerDefinition } from './layer.ts';

export interface DenseOptions {
  /** Outputs of each image. */
  readonly units: number;
  /** A bias for each unit; true unless said otherwise. */
  readonly useBias?: boolean;
}

export interface DenseSpec extends DenseOptions {
  readonly type: 'dense';
}

/** Spec entry of `y = x·wᵀ + b` with `w[units, inputs]`, He-normal, and `b[units]`, 0. */
export function dense(options: DenseOptions): DenseSpec {
  return { type: 'dense', ...options };
}

/** x, dx: `[N, inputs]`; y, dy: `[N, units]`. */
export const denseLayer: LayerDefinition<DenseSpec> = {
  options: ['units', 'useBias'],
  outputShape(where, { units }, input) {
    checkInteger(where, 'units', units, 1);
    if (input.length === 1) return [units];
    throw new ShapeError(
      `${where}: expected one row of features an image, got ${formatShape(input)}. Put layers.flatten() before it.`,
    );
  },
  parameters({ units, useBias = true }, [inputs = 0]) {
    const weight = {
      name: 'weight',
      shape: [units, inputs],
      initializer: 'heNormal',
      fanIn: inputs,
    } as const;
    const bias = { name: 'bias', shape: [units], initializer: 'zeros', fanIn: inputs } as const;
    return useBias ? [weight, bias] : [weight];
  },
  scratchBytes: (kernels, { units }, [inputs = 0], batch) =>
    kernels.denseScratchBytes(batch, inputs, units),
  emit(to, { units }, [inputs = 0], { batch, x, y, dx, dy, w, b, dw, db, scratch }) {
    to.forward('denseForward', y, x, w, b, scratch, batch, inputs, units);
    to.backward('denseBackwardWeight', dw, dy, x, scratch, batch, inputs, units);
    if (db !== 0) to.backward('denseBackwardBias', db, dy, batch, units);
    if (dx !== 0) to.backward('denseBackwardInput', dx, dy, w, scratch, batch, inputs, units);
  },
};
