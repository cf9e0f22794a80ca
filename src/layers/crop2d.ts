/** An image without its border. Kernel: assembly/shape/copyRows.ts. Oracle: src/reference/sides.ts. @module */
import { describe, ShapeError } from '../base/errors.ts';
import { required } from '../base/options.ts';
import { elementCount, imageShape } from '../base/shape.ts';
import type { Shape, Sides } from '../base/types.ts';
import { fourSides, sides } from '../base/window.ts';
import { type LayerFactory, layer } from './factory.ts';
import type { Placement } from './layer.ts';

export interface Crop2dSpec extends Placement {
  readonly type: 'crop2d';
  /** Pixels off every side, `[vertical, horizontal]`, or `[top, left, bottom, right]`. */
  readonly cropping: Sides;
}

/**
 * `y[n, c, i, j] = x[n, c, i + top, j + left]`; dx is dy there and 0 around it. Throws a `ShapeError` if no pixel is left.
 *
 * x, dx: `[N, C, H, W]`; y, dy: `[N, C, H − top − bottom, W − left − right]`.
 */
export const crop2d: LayerFactory<Crop2dSpec> = layer<Crop2dSpec>({
  type: 'crop2d',
  options: { cropping: required(sides) },
  backwardReads: [],
  outputShape(where, spec, [input]) {
    const [, height, width] = imageShape(where, input);
    const output = croppedShape(spec, input);
    if (output.every((size) => size > 0)) return output;
    throw new ShapeError(
      `${where}: expected cropping that leaves a pixel, got ${describe(fourSides(spec.cropping))} of ${height}×${width}. Crop less.`,
    );
  },
  emit(to, spec, [input], { batch, x, y, dx, dy }) {
    const [channels = 0, height = 0, width = 0] = input;
    const [, outH = 0, outW = 0] = croppedShape(spec, input);
    const [top, left] = fourSides(spec.cropping);
    const inside = (top * width + left) * Float32Array.BYTES_PER_ELEMENT;
    const block = [batch * channels, outH, outW] as const;
    const [inner, outer] = [[outH * outW, outW] as const, [height * width, width] as const];
    to.forward('copyRows', y, x + inside, ...block, ...inner, ...outer);
    if (dx === 0) return;
    to.backward('zero', dx, batch * elementCount(input));
    to.backward('copyRows', dx + inside, dy, ...block, ...outer, ...inner);
  },
});

function croppedShape(
  { cropping }: Crop2dSpec,
  [channels = 0, height = 0, width = 0]: Shape,
): Shape {
  const [top, left, bottom, right] = fourSides(cropping);
  return [channels, height - top - bottom, width - left - right];
}
