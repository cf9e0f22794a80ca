/** Max pooling. Kernels: assembly/pooling/maxPool2d.ts. Oracle: src/reference/maxPool2d.ts. @module */
import { elementCount, imageShape } from '../base/shape.ts';
import type { Shape } from '../base/types.ts';
import { type PoolOptions, type PoolSizes, poolChecks, poolSizes } from '../base/window.ts';
import { type LayerFactory, layer } from './factory.ts';
import type { Placement } from './layer.ts';

export interface MaxPool2dSpec extends PoolOptions, Placement {
  readonly type: 'maxPool2d';
}

/**
 * The largest value of each window: `y[n, c, i, j] = max x[n, c, i·stride + p − pad, j·stride + q − pad]`. Windows follow one
 * another by default; padding never wins; the gradient goes to the first maximum in row-major order.
 *
 * `outH = ⌊(H + top + bottom − poolSize) / stride⌋ + 1`; with `ceilMode` ⌈…⌉, without a last window that would begin after the
 * image. Throws a `RangeError` if the padding could fill a window, a `ShapeError` if no window fits.
 *
 * x, dx: `[N, C, H, W]`; y, dy: `[N, C, outH, outW]`; saved: i32, which pixel of its plane won.
 */
export const maxPool2d: LayerFactory<MaxPool2dSpec> = layer<MaxPool2dSpec>({
  type: 'maxPool2d',
  options: poolChecks,
  backwardReads: [],
  outputShape: (where, spec, [input]) => outputOf(spec, imageShape(where, input), where),
  savedBytes: (_kernels, spec, [input]) =>
    Int32Array.BYTES_PER_ELEMENT * elementCount(outputOf(spec, input)),
  emit(to, spec, [input], { batch, x, y, dx, dy, saved }) {
    const sizes = sizesOf(spec, input, batch);
    const [, channels, inH, inW, outH, outW] = sizes;
    to.forward('maxPool2dForward', y, saved, x, ...sizes);
    if (dx !== 0) {
      to.backward('maxPool2dBackward', dx, dy, saved, batch, channels, inH, inW, outH, outW);
    }
  },
});

function sizesOf(spec: MaxPool2dSpec, input: Shape, batch: number, where = 'maxPool2d'): PoolSizes {
  return poolSizes(where, [batch, ...input], spec);
}

function outputOf(spec: MaxPool2dSpec, input: Shape, where?: string): Shape {
  const [, channels, , , outH, outW] = sizesOf(spec, input, 1, where);
  return [channels, outH, outW];
}
