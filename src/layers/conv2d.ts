/** Two-dimensional convolution. Kernels: assembly/conv2d/conv2d.ts. Oracle: src/reference/conv2d.ts. @module */
import { checkInteger } from '../base/checks.ts';
import { ShapeError } from '../base/errors.ts';
import { type ConvSizes, convSizes, imageShape, type WindowOptions } from '../base/shape.ts';
import type { Shape } from '../base/types.ts';
import type { LayerDefinition } from './layer.ts';

export interface Conv2dOptions extends WindowOptions {
  /** Output channels. */
  readonly filters: number;
  /** Input and output channels are cut in so many groups that do not see one another; 1 unless said otherwise. */
  readonly groups?: number;
  /** A bias for each filter; true unless said otherwise. */
  readonly useBias?: boolean;
}

export interface Conv2dSpec extends Conv2dOptions {
  readonly type: 'conv2d';
}

/**
 * Spec entry of a convolution (a cross-correlation, as everywhere in the field),
 * `y[n, o, i, j] = b[o] + Σ x[n, c, i·stride + p·dilation − pad, …]·w[o, c, p, q]`,
 * with `w[filters, C / groups, kH, kW]`, He-normal, and `b[filters]`, 0.
 */
export function conv2d(options: Conv2dOptions): Conv2dSpec {
  return { type: 'conv2d', ...options };
}

/** x, dx: `[N, C, H, W]`; y, dy: `[N, filters, outH, outW]`. */
export const conv2dLayer: LayerDefinition<Conv2dSpec> = {
  options: ['filters', 'kernelSize', 'strides', 'padding', 'dilation', 'groups', 'useBias'],
  outputShape(where, spec, input) {
    const [inC] = imageShape(where, input);
    const { filters, groups = 1 } = spec;
    checkInteger(where, 'filters', filters, 1);
    checkInteger(where, 'groups', groups, 1);
    if (inC % groups !== 0 || filters % groups !== 0) {
      throw new ShapeError(
        `${where}: expected groups to divide ${inC} input channels and ${filters} filters, got ${groups}.`,
      );
    }
    const [, , , , outC, outH, outW] = sizesOf(spec, input, 1, where);
    return [outC, outH, outW];
  },
  parameters(spec, input) {
    const { filters, groups = 1, useBias = true } = spec;
    const [, inC, , , , , , kH, kW] = sizesOf(spec, input, 1);
    const shape = [filters, inC / groups, kH, kW];
    const fanIn = (inC / groups) * kH * kW;
    const weight = { name: 'weight', shape, initializer: 'heNormal', fanIn } as const;
    const bias = { name: 'bias', shape: [filters], initializer: 'zeros', fanIn } as const;
    return useBias ? [weight, bias] : [weight];
  },
  scratchBytes: (kernels, spec, input, batch) =>
    kernels.conv2dScratchBytes(...sizesOf(spec, input, batch)),
  emit(to, spec, input, { batch, x, y, dx, dy, w, b, dw, db, scratch }) {
    const sizes = sizesOf(spec, input, batch);
    const [, , , , outC, outH, outW] = sizes;
    to.forward('conv2dForward', y, x, w, b, scratch, ...sizes);
    to.backward('conv2dBackwardWeight', dw, dy, x, scratch, ...sizes);
    if (db !== 0) to.backward('conv2dBackwardBias', db, dy, batch, outC, outH, outW);
    if (dx !== 0) to.backward('conv2dBackwardInput', dx, dy, w, scratch, ...sizes);
  },
};

function sizesOf(spec: Conv2dSpec, input: Shape, batch: number, where = 'conv2d'): ConvSizes {
  return convSizes(where, [batch, ...input], spec.filters, spec.groups ?? 1, spec);
}
