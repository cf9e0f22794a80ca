/**
 * Group normalisation (Wu & He, "Group normalization", 2018). Kernels: assembly/normalization/groupNorm.ts. Oracle:
 * src/reference/groupNorm.ts.
 *
 * Saved, for n images:  f64[n, 2, groups] mean, 1 / deviation │ f64[n, 2, C] sums of backward
 * @module
 */
import { ShapeError } from '../base/errors.ts';
import { flag, positive, required, whole } from '../base/options.ts';
import { elementCount, formatShape } from '../base/shape.ts';
import { type LayerFactory, layer } from './factory.ts';
import type { Placement } from './layer.ts';

export interface GroupNormSpec extends Placement {
  readonly type: 'groupNorm';
  /** Into how many groups the channels are cut: a divisor of their number. 1: layer normalisation over C, H and W. */
  readonly groups: number;
  /** Added to the variance. @default 1e-5 */
  readonly epsilon?: number;
  /** False freezes the layer: its parameters keep their values. @default true */
  readonly trainable?: boolean;
}

/** Bytes of two f64 a group or a channel. */
const PAIR_BYTES = 16;

/**
 * `y = weight·(x − mean) / √(variance + epsilon) + bias`. Mean and variance are those of one group of channels of one image,
 * pixels included, in training and otherwise; weight and bias are the channel's.
 *
 * x, y, dx, dy: `[N, C, H, W]` or `[N, F]`. Trained: `weight[C]`, 1, and `bias[C]`, 0.
 */
export const groupNorm: LayerFactory<GroupNormSpec> = layer<GroupNormSpec>({
  type: 'groupNorm',
  options: { groups: required(whole(1)), epsilon: positive, trainable: flag },
  backwardReads: ['x'],
  outputShape(where, { groups }, [input]) {
    const [channels = 0] = input;
    if (input.length !== 1 && input.length !== 3) {
      throw new ShapeError(
        `${where}: expected images [channels, height, width] or features, got ${formatShape(input)}. Put it after a layer that gives these.`,
      );
    }
    if (channels % groups !== 0) {
      throw new ShapeError(
        `${where}: expected groups to divide ${channels} channels, got ${groups}. Use a divisor.`,
      );
    }
    return input;
  },
  parameters: (_spec, [[channels = 0]]) => [
    { name: 'weight', shape: [channels], role: 'trained', initial: { constant: 1 } },
    { name: 'bias', shape: [channels], role: 'trained', initial: { constant: 0 } },
  ],
  savedBytes: (_kernels, { groups }, [[channels = 0]]) => (groups + channels) * PAIR_BYTES,
  emit(to, { groups, epsilon = 1e-5 }, [[channels = 0, ...plane]], call) {
    const { batch, x, y, dx, dy, saved } = call;
    const { weight: w = 0, bias: b = 0 } = call.parameters;
    const { weight: dw = 0, bias: db = 0 } = call.gradients;
    const sizes = [batch, channels, elementCount(plane), groups] as const;
    const sums = saved + batch * groups * PAIR_BYTES;
    to.forward('groupNormForward', y, saved, x, w, b, ...sizes, epsilon);
    to.backward('groupNormBackwardWeight', dw, db, sums, dy, x, saved, ...sizes);
    if (dx !== 0) to.backward('groupNormBackwardInput', dx, dy, x, w, saved, sums, ...sizes);
  },
});
