/**
 * Separable convolution: a depthwise one, then one of 1×1 that mixes the channels (Chollet, "Xception: deep learning with
 * depthwise separable convolutions", 2017, section 2; Howard et al., "MobileNets", 2017, section 3.1). Kernels:
 * assembly/conv2d/conv2d.ts. Oracle: src/reference/conv2d.ts, twice.
 *
 *   forward     z = depthwise(x), y = b + pointwise(z)
 *   backward    dw of the pointwise one from dy and z, db from dy; dz, which takes the place of z; then dw and dx of the
 *               depthwise one from dz
 *
 * Saved: z, `f32[C · multiplier, outH, outW]` an image.
 * @module
 */
import { required, whole } from '../base/options.ts';
import { imageShape } from '../base/shape.ts';
import type { Shape } from '../base/types.ts';
import { type ConvSizes, convSizes, padding, size2d, type WindowOptions } from '../base/window.ts';
import { convBackward, convForward, patchScratch } from './conv2d.ts';
import { depthwiseSizes } from './depthwiseConv2d.ts';
import { type LayerFactory, layer } from './factory.ts';
import type { Placement } from './layer.ts';
import { biasOf, type WeightOptions, weightChecks, weightOf } from './weights.ts';

export interface SeparableConv2dSpec extends WindowOptions, WeightOptions, Placement {
  readonly type: 'separableConv2d';
  /** Output channels. */
  readonly filters: number;
  /** Depthwise filters of each input channel. @default 1 */
  readonly multiplier?: number;
}

/**
 * `z[n, c·multiplier + m, i, j] = Σ x[n, c, i·stride + p·dilation − pad, …]·v[c·multiplier + m, 0, p, q]`, then
 * `y[n, o, i, j] = b[o] + Σ z[n, k, i, j]·w[o, k]`, with v = `depthwise.weight[C · multiplier, 1, kH, kW]`,
 * w = `pointwise.weight[filters, C · multiplier, 1, 1]` and `bias[filters]`.
 *
 * x, dx: `[N, C, H, W]`; y, dy: `[N, filters, outH, outW]`. Padding is `'valid'` by default, strides and dilation 1.
 */
export const separableConv2d: LayerFactory<SeparableConv2dSpec> = layer<SeparableConv2dSpec>({
  type: 'separableConv2d',
  options: {
    filters: required(whole(1)),
    kernelSize: required(size2d(1)),
    multiplier: whole(1),
    strides: size2d(1),
    padding,
    dilation: size2d(1),
    ...weightChecks,
  },
  backwardReads: ['x'],
  outputShape(where, spec, [input]) {
    const [, , , , , outH, outW] = sizesOf(spec, imageShape(where, input), 1, where).depthwise;
    return [spec.filters, outH, outW];
  },
  parameters(spec, [input]) {
    const [, , , , middle, , , kH, kW] = sizesOf(spec, input, 1).depthwise;
    const pointwise = [spec.filters, middle, 1, 1];
    const weights = [
      weightOf('depthwise.weight', spec, [middle, 1, kH, kW]),
      weightOf('pointwise.weight', spec, pointwise),
    ];
    return spec.useBias === false ? weights : [...weights, biasOf(spec, pointwise, spec.filters)];
  },
  savedBytes(_kernels, spec, [input]) {
    const [, , , , middle, outH, outW] = sizesOf(spec, input, 1).depthwise;
    return middle * outH * outW * Float32Array.BYTES_PER_ELEMENT;
  },
  scratchBytes(kernels, spec, [input], batch) {
    const { depthwise, pointwise } = sizesOf(spec, input, batch);
    return Math.max(
      kernels.conv2dScratchBytes(...depthwise),
      kernels.conv2dScratchBytes(...pointwise),
    );
  },
  largestScratch: (spec, [input]) => patchScratch(sizesOf(spec, input, 1).depthwise),
  emit(to, spec, [input], { batch, x, y, dx, dy, parameters, gradients, saved, scratch }) {
    const { 'depthwise.weight': v = 0, 'pointwise.weight': w = 0, bias: b = 0 } = parameters;
    const { 'depthwise.weight': dv = 0, 'pointwise.weight': dw = 0, bias: db = 0 } = gradients;
    const { depthwise, pointwise } = sizesOf(spec, input, batch);
    const [z, dz] = [saved, saved]; // once dw is computed, nobody reads z any more
    convForward(to, { y: z, x, w: v, b: 0, scratch }, depthwise);
    convForward(to, { y, x: z, w, b, scratch }, pointwise);
    convBackward(to, { dx: dz, dw, db, dy, x: z, w, scratch }, pointwise);
    convBackward(to, { dx, dw: dv, db: 0, dy: dz, x, w: v, scratch }, depthwise);
  },
});

function sizesOf(
  spec: SeparableConv2dSpec,
  input: Shape,
  batch: number,
  where = 'separableConv2d',
): { readonly depthwise: ConvSizes; readonly pointwise: ConvSizes } {
  const depthwise = depthwiseSizes(spec, input, batch, where);
  const [, , , , middle, outH, outW] = depthwise;
  const between = [batch, middle, outH, outW];
  return { depthwise, pointwise: convSizes(where, between, spec.filters, 1, { kernelSize: 1 }) };
}
