/**
 * Global average pooling (Lin, Chen & Yan, "Network in network", 2014, section 3.2). Kernels:
 * assembly/pooling/globalAveragePool2d.ts. Oracle: src/reference/globalPool2d.ts.
 * @module
 */
import { imageShape } from '../base/shape.ts';
import { type LayerFactory, layer } from './factory.ts';
import type { Placement } from './layer.ts';

export interface GlobalAveragePool2dSpec extends Placement {
  readonly type: 'globalAveragePool2d';
}

/**
 * The mean of each channel: a row of features an image.
 *
 * x, dx: `[N, C, H, W]`; y, dy: `[N, C]`.
 */
export const globalAveragePool2d: LayerFactory<GlobalAveragePool2dSpec> =
  layer<GlobalAveragePool2dSpec>({
    type: 'globalAveragePool2d',
    options: {},
    backwardReads: [],
    outputShape(where, _spec, [input]) {
      const [channels] = imageShape(where, input);
      return [channels];
    },
    emit(to, _spec, [[channels = 0, height = 0, width = 0]], { batch, x, y, dx, dy }) {
      const sizes = [batch, channels, height * width] as const;
      to.forward('globalAveragePool2dForward', y, x, ...sizes);
      if (dx !== 0) to.backward('globalAveragePool2dBackward', dx, dy, ...sizes);
    },
  });
