/** Two-dimensional convolution. Kernels: assembly/conv2d/conv2d.ts. Oracle: src/reference/conv2d.ts. @module */
import { ShapeError } from '../base/errors.ts';
import { required, whole } from '../base/options.ts';
import { imageShape } from '../base/shape.ts';
import type { Shape } from '../base/types.ts';
import {
  type ConvSizes,
  convSizes,
  padding,
  patchBytes,
  size2d,
  type WindowOptions,
} from '../base/window.ts';
import { type LayerFactory, layer } from './factory.ts';
import type { Emitter, LargestScratch, Placement, Shapes } from './layer.ts';
import { type WeightOptions, weightAndBias, weightChecks } from './weights.ts';

export interface Conv2dSpec extends WindowOptions, WeightOptions, Placement {
  readonly type: 'conv2d';
  /** Output channels. */
  readonly filters: number;
  /** Input and output channels are cut into this many groups that do not see one another. @default 1 */
  readonly groups?: number;
}

/**
 * A convolution (a cross-correlation, as everywhere in the field),
 * `y[n, o, i, j] = b[o] + Σ x[n, c, i·stride + p·dilation − pad, …]·w[o, c, p, q]`,
 * with `w[filters, C / groups, kH, kW]` and `b[filters]`.
 *
 * x, dx: `[N, C, H, W]`; y, dy: `[N, filters, outH, outW]`.
 */
export const conv2d: LayerFactory<Conv2dSpec> = layer<Conv2dSpec>({
  type: 'conv2d',
  options: {
    filters: required(whole(1)),
    kernelSize: required(size2d(1)),
    strides: size2d(1),
    padding,
    dilation: size2d(1),
    groups: whole(1),
    ...weightChecks,
  },
  backwardReads: ['x'],
  outputShape(where, spec, [input]) {
    const [inC] = imageShape(where, input);
    const { filters, groups = 1 } = spec;
    if (inC % groups !== 0 || filters % groups !== 0) {
      throw new ShapeError(
        `${where}: expected groups to divide ${inC} input channels and ${filters} filters, got ${groups}. Use a divisor of both.`,
      );
    }
    const [, , , , outC, outH, outW] = sizesOf(spec, input, 1, where);
    return [outC, outH, outW];
  },
  parameters(spec, [input]) {
    const { filters, groups = 1 } = spec;
    const [, inC, , , , , , kH, kW] = sizesOf(spec, input, 1);
    return weightAndBias(spec, [filters, inC / groups, kH, kW], filters);
  },
  scratchBytes: (kernels, spec, [input], batch) =>
    kernels.conv2dScratchBytes(...sizesOf(spec, input, batch)),
  largestScratch,
  emit(to, spec, [input], { batch, x, y, dx, dy, parameters, gradients, scratch }) {
    const { weight: w = 0, bias: b = 0 } = parameters;
    const { weight: dw = 0, bias: db = 0 } = gradients;
    const sizes = sizesOf(spec, input, batch);
    convForward(to, { y, x, w, b, scratch }, sizes);
    convBackward(to, { dx, dw, db, dy, x, w, scratch }, sizes);
  },
});

/** Addresses by name; 0: no bias. */
type ForwardTensors = Record<'y' | 'x' | 'w' | 'b' | 'scratch', number>;
/** The same; 0: a gradient that is not asked for. */
type BackwardTensors = Record<'dx' | 'dw' | 'db' | 'dy' | 'x' | 'w' | 'scratch', number>;

/** The forward call of a convolution. */
export function convForward(
  to: Emitter,
  { y, x, w, b, scratch }: ForwardTensors,
  sizes: ConvSizes,
): void {
  to.forward('conv2dForward', y, x, w, b, scratch, ...sizes);
}

/** The backward calls of a convolution: dx comes last, and x is not read for it. */
export function convBackward(
  to: Emitter,
  { dx, dw, db, dy, x, w, scratch }: BackwardTensors,
  sizes: ConvSizes,
): void {
  const [batch, , , , outC, outH, outW] = sizes;
  if (dw !== 0) to.backward('conv2dBackwardWeight', dw, dy, x, scratch, ...sizes);
  if (db !== 0) to.backward('conv2dBackwardBias', db, dy, batch, outC, outH, outW);
  if (dx !== 0) to.backward('conv2dBackwardInput', dx, dy, w, scratch, ...sizes);
}

/** The patches, which a large kernel on a large image makes many. */
export function largestScratch(spec: Conv2dSpec, [input]: Shapes): LargestScratch {
  return patchScratch(sizesOf(spec, input, 1));
}

/** The same for other layers. */
export function patchScratch(sizes: ConvSizes): LargestScratch {
  return {
    part: 'the patches of one image',
    bytes: patchBytes(sizes),
    remedy: 'Use a smaller kernel, or strides.',
  };
}

function sizesOf(spec: Conv2dSpec, input: Shape, batch: number, where = 'conv2d'): ConvSizes {
  return convSizes(where, [batch, ...input], spec.filters, spec.groups ?? 1, spec);
}
