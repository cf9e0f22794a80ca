/** Max pooling. Kernels: assembly/pooling/maxPool2d.ts. Oracle: src/reference/maxPool2d.ts. @module */
import {
  elementCount,
  imageShape,
  type PoolOptions,
  type PoolSizes,
  poolSizes,
} from '../base/shape.ts';
import type { Shape } from '../base/types.ts';
import type { LayerDefinition } from './layer.ts';

export interface MaxPool2dSpec extends PoolOptions {
  readonly type: 'maxPool2d';
}

/**
 * Spec entry of a max pooling: the largest value of each window. Windows follow one another unless `strides` says
 * otherwise; padding never wins; the gradient goes to the first maximum in row-major order.
 */
export function maxPool2d(options: PoolOptions): MaxPool2dSpec {
  return { type: 'maxPool2d', ...options };
}

/** x, dx: `[N, C, H, W]`; y, dy: `[N, C, outH, outW]`; saved: i32, which pixel of its plane won. */
export const maxPool2dLayer: LayerDefinition<MaxPool2dSpec> = {
  options: ['poolSize', 'strides', 'padding'],
  outputShape: (where, spec, input) => outputOf(spec, imageShape(where, input), where),
  parameters: () => [],
  savedBytes: (_kernels, spec, input) =>
    Int32Array.BYTES_PER_ELEMENT * elementCount(outputOf(spec, input)),
  emit(to, spec, input, { batch, x, y, dx, dy, saved }) {
    const sizes = sizesOf(spec, input, batch);
    const [, channels, inH, inW, outH, outW] = sizes;
    to.forward('maxPool2dForward', y, saved, x, ...sizes);
    to.backward('maxPool2dBackward', dx, dy, saved, batch, channels, inH, inW, outH, outW);
  },
};

function sizesOf(spec: MaxPool2dSpec, input: Shape, batch: number, where = 'maxPool2d'): PoolSizes {
  return poolSizes(where, [batch, ...input], spec);
}

function outputOf(spec: MaxPool2dSpec, input: Shape, where?: string): Shape {
  const [, channels, , , outH, outW] = sizesOf(spec, input, 1, where);
  return [channels, outH, outW];
}
