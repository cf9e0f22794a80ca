/**
 * Depthwise convolution: every input channel has filters of its own (Sifre, "Rigid-motion scattering for image
 * classification", 2014, section 6.2; Howard et al., "MobileNets", 2017, section 3.1). Kernels:
 * assembly/conv2d/conv2d.ts. Oracle: src/reference/conv2d.ts.
 * @module
 */
import { required, whole } from '../base/options.ts';
import { imageShape } from '../base/shape.ts';
import type { Shape } from '../base/types.ts';
import { type ConvSizes, convSizes, padding, size2d, type WindowOptions } from '../base/window.ts';
import { convBackward, convForward, patchScratch } from './conv2d.ts';
import { type LayerFactory, layer } from './factory.ts';
import type { Placement } from './layer.ts';
import { type WeightOptions, weightAndBias, weightChecks } from './weights.ts';

export interface DepthwiseConv2dSpec extends WindowOptions, WeightOptions, Placement {
  readonly type: 'depthwiseConv2d';
  /** Filters of each input channel. @default 1 */
  readonly multiplier?: number;
}

/**
 * `conv2d` with `groups` = C and `filters` = C · multiplier:
 * `y[n, c·multiplier + m, i, j] = b[…] + Σ x[n, c, i·stride + p·dilation − pad, …]·w[c·multiplier + m, 0, p, q]`,
 * with `w[C · multiplier, 1, kH, kW]` and `b[C · multiplier]`.
 *
 * x, dx: `[N, C, H, W]`; y, dy: `[N, C · multiplier, outH, outW]`. Padding is `'valid'` by default, strides and dilation 1.
 */
export const depthwiseConv2d: LayerFactory<DepthwiseConv2dSpec> = layer<DepthwiseConv2dSpec>({
  type: 'depthwiseConv2d',
  options: {
    kernelSize: required(size2d(1)),
    multiplier: whole(1),
    strides: size2d(1),
    padding,
    dilation: size2d(1),
    ...weightChecks,
  },
  backwardReads: ['x'],
  outputShape(where, spec, [input]) {
    const [, , , , outC, outH, outW] = depthwiseSizes(spec, imageShape(where, input), 1, where);
    return [outC, outH, outW];
  },
  parameters(spec, [input]) {
    const [, , , , outC, , , kH, kW] = depthwiseSizes(spec, input, 1);
    return weightAndBias(spec, [outC, 1, kH, kW], outC);
  },
  scratchBytes: (kernels, spec, [input], batch) =>
    kernels.conv2dScratchBytes(...depthwiseSizes(spec, input, batch)),
  largestScratch: (spec, [input]) => patchScratch(depthwiseSizes(spec, input, 1)),
  emit(to, spec, [input], { batch, x, y, dx, dy, parameters, gradients, scratch }) {
    const { weight: w = 0, bias: b = 0 } = parameters;
    const { weight: dw = 0, bias: db = 0 } = gradients;
    const sizes = depthwiseSizes(spec, input, batch);
    convForward(to, { y, x, w, b, scratch }, sizes);
    convBackward(to, { dx, dw, db, dy, x, w, scratch }, sizes);
  },
});

/** Sizes of a convolution with `multiplier` filters for each channel. */
export function depthwiseSizes(
  spec: WindowOptions & { readonly multiplier?: number },
  input: Shape,
  batch: number,
  where = 'depthwiseConv2d',
): ConvSizes {
  const [channels = 0] = input;
  return convSizes(where, [batch, ...input], channels * (spec.multiplier ?? 1), channels, spec);
}
