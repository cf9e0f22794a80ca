/**
 * Transposed convolution: the gradient of a convolution by its input, as a layer (Zeiler, Krishnan, Taylor & Fergus,
 * "Deconvolutional networks", 2010; Dumoulin & Visin, "A guide to convolution arithmetic for deep learning", 2016,
 * chapter 4). Kernels: assembly/conv2d/conv2d.ts, with the roles exchanged: x is the gradient there, y the image. Oracle:
 * src/reference/conv2d.ts.
 * @module
 */
import { ShapeError } from '../base/errors.ts';
import { required, whole } from '../base/options.ts';
import { imageShape } from '../base/shape.ts';
import type { Shape } from '../base/types.ts';
import {
  type ConvSizes,
  sides,
  size2d,
  type TransposeOptions,
  transposeSizes,
} from '../base/window.ts';
import { patchScratch } from './conv2d.ts';
import { type LayerFactory, layer } from './factory.ts';
import type { Placement } from './layer.ts';
import { type WeightOptions, weightAndBias, weightChecks } from './weights.ts';

export interface Conv2dTransposeSpec extends TransposeOptions, WeightOptions, Placement {
  readonly type: 'conv2dTranspose';
  /** Output channels. */
  readonly filters: number;
  /** Input and output channels are cut into this many groups that do not see one another. @default 1 */
  readonly groups?: number;
}

/**
 * What a convolution with these options would read, from what it would write (PyTorch's ConvTranspose2d): pixel (i, j) of x
 * adds `x[n, c, i, j]·w[c, o, p, q]` to `y[n, o, i·stride + p·dilation − pad, j·stride + q·dilation − pad]`, and b[o] comes to
 * every output, with `w[C, filters / groups, kH, kW]` and `b[filters]`.
 *
 * `out = (in − 1)·stride − 2·padding + dilation·(kernel − 1) + 1 + outputPadding`. Padding (0) takes outputs away on every
 * side; `outputPadding` (0) adds some below and on the right and must be less than the stride or the dilation.
 *
 * x, dx: `[N, C, H, W]`; y, dy: `[N, filters, outH, outW]`.
 */
export const conv2dTranspose: LayerFactory<Conv2dTransposeSpec> = layer<Conv2dTransposeSpec>({
  type: 'conv2dTranspose',
  options: {
    filters: required(whole(1)),
    kernelSize: required(size2d(1)),
    strides: size2d(1),
    padding: sides,
    outputPadding: size2d(0),
    dilation: size2d(1),
    groups: whole(1),
    ...weightChecks,
  },
  backwardReads: ['x'],
  outputShape(where, spec, [input]) {
    const [channels] = imageShape(where, input);
    const { filters, groups = 1 } = spec;
    if (channels % groups !== 0 || filters % groups !== 0) {
      throw new ShapeError(
        `${where}: expected groups to divide ${channels} input channels and ${filters} filters, got ${groups}. Use a divisor of both.`,
      );
    }
    const [, , outH, outW] = sizesOf(spec, input, 1, where);
    return [filters, outH, outW];
  },
  parameters(spec, [input]) {
    const { filters, groups = 1 } = spec;
    const [, , , , channels, , , kH, kW] = sizesOf(spec, input, 1);
    return weightAndBias(spec, [channels, filters / groups, kH, kW], filters);
  },
  scratchBytes: (kernels, spec, [input], batch) =>
    kernels.conv2dScratchBytes(...sizesOf(spec, input, batch)),
  largestScratch: (spec, [input]) => patchScratch(sizesOf(spec, input, 1)),
  emit(to, spec, [input], { batch, x, y, dx, dy, parameters, gradients, scratch }) {
    const { weight: w = 0, bias: b = 0 } = parameters;
    const { weight: dw = 0, bias: db = 0 } = gradients;
    const sizes = sizesOf(spec, input, batch);
    const [, filters, outH, outW] = sizes;
    const outputs = [batch, filters, outH, outW] as const;
    to.forward('conv2dBackwardInput', y, x, w, scratch, ...sizes);
    if (b !== 0) to.forward('conv2dAddBias', y, b, ...outputs);
    if (dw !== 0) to.backward('conv2dBackwardWeight', dw, x, dy, scratch, ...sizes);
    if (db !== 0) to.backward('conv2dBackwardBias', db, dy, ...outputs);
    if (dx !== 0) to.backward('conv2dForward', dx, dy, w, 0, scratch, ...sizes);
  },
});

/** Sizes of the convolution whose gradient this is. */
function sizesOf(
  spec: Conv2dTransposeSpec,
  input: Shape,
  batch: number,
  where = 'conv2dTranspose',
): ConvSizes {
  return transposeSizes(where, [batch, ...input], spec.filters, spec.groups ?? 1, spec);
}
