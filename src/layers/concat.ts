/**
 * Tensors behind one another along their channels, as in a dense block (Huang, Liu, van der Maaten & Weinberger, "Densely
 * connected convolutional networks", 2017). Kernel: assembly/shape/copyRows.ts. Oracle: src/reference/concat.ts.
 * @module
 */
import { ShapeError } from '../base/errors.ts';
import { elementCount, formatShape } from '../base/shape.ts';
import { type LayerFactory, layer } from './factory.ts';
import type { Placement } from './layer.ts';

export interface ConcatSpec extends Placement {
  readonly type: 'concat';
}

/**
 * The channels of the first input, then those of the second, …: `layers.concat({ inputs: ['a', 'b'] })`. Inputs are equal in all
 * but their channels, else a `ShapeError` is thrown. The same input may be given twice. Every dx is its part of dy.
 *
 * x, dx: `[N, Cᵢ, H, W]` or `[N, Fᵢ]`; y, dy: `[N, ΣCᵢ, H, W]` or `[N, ΣFᵢ]`.
 */
export const concat: LayerFactory<ConcatSpec> = layer<ConcatSpec>({
  type: 'concat',
  options: {},
  leastInputs: 2,
  backwardReads: [],
  outputShape(where, _spec, inputs) {
    const [[, ...plane]] = inputs;
    for (const other of inputs) {
      const [, ...otherPlane] = other;
      if (formatShape(otherPlane) === formatShape(plane)) continue;
      throw new ShapeError(
        `${where}: inputs: expected shapes that differ in channels alone, got ${inputs.map(formatShape).join(' and ')}. Use layers of such outputs.`,
      );
    }
    return [inputs.reduce((channels, [own = 0]) => channels + own, 0), ...plane];
  },
  emit(to, _spec, inputs, { batch, xs, dxs, y, dy }) {
    const counts = inputs.map(elementCount);
    const total = counts.reduce((sum, count) => sum + count, 0);
    let offset = 0;
    for (const [i, count] of counts.entries()) {
      const [x = 0, dx = 0] = [xs[i], dxs[i]];
      const block = [batch, 1, count] as const;
      to.forward('copyRows', y + offset, x, ...block, total, 0, count, 0);
      if (dx !== 0) to.backward('copyRows', dx, dy + offset, ...block, count, 0, total, 0);
      offset += count * Float32Array.BYTES_PER_ELEMENT;
    }
  },
});
