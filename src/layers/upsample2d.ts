/** Upsampling by repetition. Kernels: assembly/shape/upsample2d.ts. Oracle: src/reference/upsample2d.ts. @module */
import { imageShape } from '../base/shape.ts';
import type { Size2d } from '../base/types.ts';
import { pair, size2d } from '../base/window.ts';
import { type LayerFactory, layer } from './factory.ts';
import type { Placement } from './layer.ts';

export interface Upsample2dSpec extends Placement {
  readonly type: 'upsample2d';
  /** How many times as high and as wide. @default 2 */
  readonly size?: Size2d;
}

/**
 * Nearest neighbour: `y[n, c, i, j] = x[n, c, ⌊i / sizeH⌋, ⌊j / sizeW⌋]`; dx is the sum of dy over each block.
 *
 * x, dx: `[N, C, H, W]`; y, dy: `[N, C, H·sizeH, W·sizeW]`.
 */
export const upsample2d: LayerFactory<Upsample2dSpec> = layer<Upsample2dSpec>({
  type: 'upsample2d',
  options: { size: size2d(1) },
  backwardReads: [],
  outputShape(where, { size = 2 }, [input]) {
    const [channels, height, width] = imageShape(where, input);
    const [scaleH, scaleW] = pair(size);
    return [channels, height * scaleH, width * scaleW];
  },
  emit(to, { size = 2 }, [[channels = 0, height = 0, width = 0]], { batch, x, y, dx, dy }) {
    const sizes = [batch, channels, height, width, ...pair(size)] as const;
    to.forward('upsample2dForward', y, x, ...sizes);
    if (dx !== 0) to.backward('upsample2dBackward', dx, dy, ...sizes);
  },
});
