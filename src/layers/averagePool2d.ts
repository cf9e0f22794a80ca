/** Average pooling. Kernels: assembly/pooling/averagePool2d.ts. Oracle: src/reference/averagePool2d.ts. @module */
import { flag } from '../base/options.ts';
import { imageShape } from '../base/shape.ts';
import { averagePoolSizes, type PoolOptions, poolChecks } from '../base/window.ts';
import { type LayerFactory, layer } from './factory.ts';
import type { Placement } from './layer.ts';

export interface AveragePool2dSpec extends PoolOptions, Placement {
  readonly type: 'averagePool2d';
  /** Whether the padding counts in the divisor; what a window has past the padding never does. @default false */
  readonly countIncludePad?: boolean;
}

/**
 * The mean of each window: the sum of its pixels, divided by their number. With `countIncludePad` padding counts as zeros.
 * Windows follow one another by default. Sizes, and what is thrown, are those of `maxPool2d`. (PyTorch's AvgPool2d, which
 * counts padding by default.)
 *
 * x, dx: `[N, C, H, W]`; y, dy: `[N, C, outH, outW]`.
 */
export const averagePool2d: LayerFactory<AveragePool2dSpec> = layer<AveragePool2dSpec>({
  type: 'averagePool2d',
  options: { ...poolChecks, countIncludePad: flag },
  backwardReads: [],
  outputShape(where, spec, [input]) {
    const image = imageShape(where, input);
    const [, channels, , , outH, outW] = averagePoolSizes(where, [1, ...image], spec);
    return [channels, outH, outW];
  },
  emit(to, spec, [input], { batch, x, y, dx, dy }) {
    const sizes = averagePoolSizes('averagePool2d', [batch, ...input], spec);
    to.forward('averagePool2dForward', y, x, ...sizes);
    if (dx !== 0) to.backward('averagePool2dBackward', dx, dy, ...sizes);
  },
});
