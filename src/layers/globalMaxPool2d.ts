/**
 * Global max pooling: max pooling by one window, the whole image. Kernels: assembly/pooling/maxPool2d.ts. Oracle:
 * src/reference/maxPool2d.ts.
 * @module
 */
import { imageShape } from '../base/shape.ts';
import { type LayerFactory, layer } from './factory.ts';
import type { Placement } from './layer.ts';

export interface GlobalMaxPool2dSpec extends Placement {
  readonly type: 'globalMaxPool2d';
}

/**
 * The largest value of each channel: a row of features an image. The gradient goes to the first maximum in row-major order.
 *
 * x, dx: `[N, C, H, W]`; y, dy: `[N, C]`; saved: i32, which pixel of its channel won.
 */
export const globalMaxPool2d: LayerFactory<GlobalMaxPool2dSpec> = layer<GlobalMaxPool2dSpec>({
  type: 'globalMaxPool2d',
  options: {},
  backwardReads: [],
  outputShape(where, _spec, [input]) {
    const [channels] = imageShape(where, input);
    return [channels];
  },
  savedBytes: (_kernels, _spec, [[channels = 0]]) => Int32Array.BYTES_PER_ELEMENT * channels,
  emit(to, _spec, [[channels = 0, height = 0, width = 0]], { batch, x, y, dx, dy, saved }) {
    const sizes = [batch, channels, height, width, 1, 1] as const;
    to.forward('maxPool2dForward', y, saved, x, ...sizes, height, width, 1, 1, 0, 0);
    if (dx !== 0) to.backward('maxPool2dBackward', dx, dy, saved, ...sizes);
  },
});
