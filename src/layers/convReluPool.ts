/**
 * Convolution, ReLU and 2×2 max pooling as one step. No layer of its own: `fuse.ts` puts it where the three follow one
 * another. Kernels: assembly/convReluPool/convReluPool.ts. Oracle: the three oracles, one after another.
 * @module
 */
import type { Shape } from '../base/types.ts';
import { type ConvReluPoolSizes, convSizes, poolSizes } from '../base/window.ts';
import { type Conv2dSpec, largestScratch } from './conv2d.ts';
import type { LayerDefinition, Shapes } from './layer.ts';
import type { MaxPool2dSpec } from './maxPool2d.ts';

/** The convolution and the pooling around the ReLU. */
export interface ConvReluPoolSpec {
  readonly conv: Conv2dSpec;
  readonly pool: MaxPool2dSpec;
}

/** Whether the fused kernels cover the three: no dilation, no groups, windows of 2×2 that neither overlap nor pad. */
export function isConvReluPool({ conv, pool }: ConvReluPoolSpec, [input]: Shapes): boolean {
  const sizes = convSizes('conv2d', [1, ...input], conv.filters, conv.groups ?? 1, conv);
  const [, , , , , outH, outW] = sizes;
  const [dilationH, dilationW, groups] = sizes.slice(13);
  const [, , , , , , kH, kW, strideH, strideW, padH, padW] = poolSizes(
    'maxPool2d',
    [1, conv.filters, outH, outW],
    pool,
  );
  const isPlain = dilationH === 1 && dilationW === 1 && groups === 1;
  const isHalving = [kH, kW, strideH, strideW].every((size) => size === 2) && padH + padW === 0;
  return isPlain && isHalving && !hasEndPadding(pool, outH, outW);
}

/** A window that reaches past the last row or column is one more output than there are pairs of rows or columns. */
function hasEndPadding(pool: MaxPool2dSpec, outH: number, outW: number): boolean {
  const [, , , , pooledH, pooledW] = poolSizes('maxPool2d', [1, 1, outH, outW], pool);
  return pooledH !== Math.floor(outH / 2) || pooledW !== Math.floor(outW / 2);
}

/** x, dx: `[N, C, H, W]`; y, dy: `[N, filters, outH / 2, outW / 2]`; saved: where each winner was. */
export const convReluPoolStep: Pick<
  LayerDefinition<ConvReluPoolSpec>,
  'backwardReads' | 'savedBytes' | 'scratchBytes' | 'largestScratch' | 'emit'
> = {
  backwardReads: ['x', 'y'],
  savedBytes(kernels, spec, [input]) {
    const [, , , , outC, outH, outW] = sizesOf(spec, input, 1);
    return kernels.convReluPoolSavedBytes(outC, outH, outW);
  },
  scratchBytes: (kernels, spec, [input], batch) =>
    kernels.convReluPoolScratchBytes(...sizesOf(spec, input, batch)),
  largestScratch: ({ conv }, inputs) => largestScratch(conv, inputs),
  emit(to, spec, [input], { batch, x, y, dx, dy, parameters, gradients, saved, scratch }) {
    const { weight: w = 0, bias: b = 0 } = parameters;
    const { weight: dw = 0, bias: db = 0 } = gradients;
    const sizes = sizesOf(spec, input, batch);
    to.forward('convReluPoolForward', y, saved, x, w, b, scratch, ...sizes);
    if (dw !== 0) {
      to.backward('convReluPoolBackwardWeight', dw, db, dy, y, saved, x, scratch, ...sizes);
    }
    if (dx !== 0) {
      to.backward('convReluPoolBackwardInput', dx, dy, y, saved, w, scratch, ...sizes);
    }
  },
};

function sizesOf({ conv }: ConvReluPoolSpec, input: Shape, batch: number): ConvReluPoolSizes {
  const sizes = convSizes('conv2d', [batch, ...input], conv.filters, 1, conv);
  return sizes.slice(0, 13) as ConvReluPoolSizes; // the same sizes in the same order, dilation and groups left out
}
