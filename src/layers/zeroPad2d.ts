/** Zeros around an image. Kernel: assembly/shape/copyRows.ts. Oracle: src/reference/sides.ts. @module */
import { required } from '../base/options.ts';
import { elementCount, imageShape } from '../base/shape.ts';
import type { Shape, Sides } from '../base/types.ts';
import { fourSides, sides } from '../base/window.ts';
import { type LayerFactory, layer } from './factory.ts';
import type { Placement } from './layer.ts';

export interface ZeroPad2dSpec extends Placement {
  readonly type: 'zeroPad2d';
  /** Pixels on every side, `[vertical, horizontal]`, or `[top, left, bottom, right]`. */
  readonly padding: Sides;
}

/**
 * `y[n, c, i, j] = x[n, c, i − top, j − left]` in the image, 0 around it; dx is the part of dy where x was.
 *
 * x, dx: `[N, C, H, W]`; y, dy: `[N, C, top + H + bottom, left + W + right]`.
 */
export const zeroPad2d: LayerFactory<ZeroPad2dSpec> = layer<ZeroPad2dSpec>({
  type: 'zeroPad2d',
  options: { padding: required(sides) },
  backwardReads: [],
  outputShape: (where, spec, [input]) => paddedShape(spec, imageShape(where, input)),
  emit(to, spec, [input], { batch, x, y, dx, dy }) {
    const output = paddedShape(spec, input);
    const [channels = 0, height = 0, width = 0] = input;
    const [, outH = 0, outW = 0] = output;
    const [top, left] = fourSides(spec.padding);
    const inside = (top * outW + left) * Float32Array.BYTES_PER_ELEMENT;
    const block = [batch * channels, height, width] as const;
    const [inner, outer] = [[height * width, width] as const, [outH * outW, outW] as const];
    to.forward('zero', y, batch * elementCount(output));
    to.forward('copyRows', y + inside, x, ...block, ...outer, ...inner);
    if (dx !== 0) to.backward('copyRows', dx, dy + inside, ...block, ...inner, ...outer);
  },
});

function paddedShape(
  { padding }: ZeroPad2dSpec,
  [channels = 0, height = 0, width = 0]: Shape,
): Shape {
  const [top, left, bottom, right] = fourSides(padding);
  return [channels, top + height + bottom, left + width + right];
}
