/** Reshape: the same numbers in the same order under another shape. No kernel: y is x. @module */
import { checkInteger, wrongKind } from '../base/checks.ts';
import { describe, ShapeError } from '../base/errors.ts';
import { type OptionCheck, required } from '../base/options.ts';
import { elementCount, formatShape } from '../base/shape.ts';
import type { Shape } from '../base/types.ts';
import { type LayerFactory, layer } from './factory.ts';
import type { Placement } from './layer.ts';

export interface ReshapeSpec extends Placement {
  readonly type: 'reshape';
  /** Sizes of one image, without the batch: `[C, H, W]`, `[F]`. One of them may be −1: whatever is left. */
  readonly shape: Shape;
}

/**
 * `[N, …]` as `[N, ...shape]`, in row-major order as PyTorch does. A view: it takes neither memory nor time. Throws a
 * `ShapeError` if the shape has another number of elements.
 */
export const reshape: LayerFactory<ReshapeSpec> = layer<ReshapeSpec>({
  type: 'reshape',
  options: { shape: required(newShape) },
  isView: true,
  backwardReads: [],
  outputShape(where, { shape }, [input]) {
    const count = elementCount(input);
    const known = elementCount(shape.filter((size) => size !== -1));
    const output = shape.map((size) => (size === -1 ? count / known : size));
    if (elementCount(output) === count && output.every(Number.isInteger)) return output;
    throw new ShapeError(
      `${where}: expected a shape of ${count} numbers, as ${formatShape(input)} has, got ${describe(shape)}. Use -1 for one size.`,
    );
  },
  emit: () => undefined,
});

function newShape(...[where, name, value]: Parameters<OptionCheck>): void {
  const sizes: readonly unknown[] = Array.isArray(value) ? value : [];
  if (sizes.length === 0) throw wrongKind(where, name, 'a list of sizes', value);
  for (const [axis, size] of sizes.entries()) {
    const isOpen = size === -1 && sizes.indexOf(-1) === axis;
    if (!isOpen) checkInteger(where, `size ${axis} of ${name}`, size, 1);
  }
}
