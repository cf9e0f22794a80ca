/**
 * Batch normalisation (Ioffe & Szegedy, "Batch normalization: accelerating deep network training by reducing internal
 * covariate shift", 2015, algorithm 1). Kernels: assembly/normalization/batchNorm.ts. Oracle: src/reference/batchNorm.ts.
 *
 *   forward     each shard: Σx, Σx²  ─ meet ─►  each shard: mean and deviation of all sums, then y
 *   backward    each shard: Σdy, Σdy·x̂, also into dw and db  ─ meet ─►  each shard: dx
 *   update      once a batch: the running statistics move towards those of the batch
 *
 * Partial results of a shard, C channels:  f64[2, C] of forward │ f64[2, C] of backward │ f64[2, C] mean, 1 / deviation
 * @module
 */
import { ShapeError } from '../base/errors.ts';
import { flag, positive, share } from '../base/options.ts';
import { elementCount, formatShape } from '../base/shape.ts';
import type { Shape } from '../base/types.ts';
import { type LayerFactory, layer } from './factory.ts';
import type { Placement } from './layer.ts';

export interface BatchNormSpec extends Placement {
  readonly type: 'batchNorm';
  /** How far the running statistics move towards those of a batch, from 0 to 1. @default 0.1 */
  readonly momentum?: number;
  /** Added to the variance. @default 1e-5 */
  readonly epsilon?: number;
  /** False freezes the layer: it normalises by its running statistics and leaves them. @default true */
  readonly trainable?: boolean;
}

/** Bytes of two f64 a channel. */
const PAIR_BYTES = 16;

/**
 * `y = weight·(x − mean) / √(variance + epsilon) + bias`, channel by channel.
 *
 * While training, mean and variance are those of the whole batch, over N, H and W (over N for `[F]`), however many shards
 * or threads share it. Otherwise they are the running ones:
 * `running = (1 − momentum)·running + momentum·batch`, the variance of the batch unbiased there.
 *
 * x, y, dx, dy: `[N, C, H, W]` or `[N, F]`. Trained: `weight[C]`, 1, and `bias[C]`, 0; running: `running_mean[C]`, 0,
 * and `running_var[C]`, 1.
 */
export const batchNorm: LayerFactory<BatchNormSpec> = layer<BatchNormSpec>({
  type: 'batchNorm',
  options: { momentum: share, epsilon: positive, trainable: flag },
  hasModes: true,
  backwardReads: ['x'],
  outputShape(where, _spec, [input]) {
    if (input.length === 1 || input.length === 3) return input;
    throw new ShapeError(
      `${where}: expected images [channels, height, width] or features, got ${formatShape(input)}. Put it after a layer that gives these.`,
    );
  },
  parameters(_spec, [[channels = 0]]) {
    const tensor = (name: string, role: 'trained' | 'running', constant: number) => ({
      name,
      shape: [channels],
      role,
      initial: { constant },
    });
    return [
      tensor('weight', 'trained', 1),
      tensor('bias', 'trained', 0),
      tensor('running_mean', 'running', 0),
      tensor('running_var', 'running', 1),
    ];
  },
  partialBytes: (_spec, [[channels = 0]]) => 3 * channels * PAIR_BYTES,
  checkBatch(where, { trainable = true }, [input], least) {
    if (!trainable || least * pixelsOf(input) > 1) return;
    throw new RangeError(
      `${where}: expected at least 2 values a channel in every batch, got a batch of ${least}, one value a channel. Use a batchSize that leaves no single image over.`,
    );
  },
  emit(to, spec, [input], call) {
    const { batch, total, x, y, dx, dy, partials } = call;
    const { momentum = 0.1, epsilon = 1e-5, trainable = true } = spec;
    const isFixed = call.mode === 'evaluate' || !trainable;
    const { weight: w = 0, bias: b = 0, running_mean: mean = 0 } = call.parameters;
    const { running_var: variance = 0 } = call.parameters;
    const { weight: dw = 0, bias: db = 0 } = call.gradients;
    const [channels = 0] = input;
    const length = pixelsOf(input);
    const count = total * length;
    const pairs = channels * PAIR_BYTES;
    const moments = partials.own + 2 * pairs;
    const sizes = [batch, channels, length] as const;
    const shards = [partials.shards, partials.bytes] as const;
    if (!isFixed) {
      to.forward('batchNormSums', partials.own, x, ...sizes);
      to.meet('forward');
      to.forward('batchNormMoments', moments, partials.first, channels, ...shards, count, epsilon);
      to.update(
        'batchNormRunning',
        mean,
        variance,
        partials.first,
        channels,
        ...shards,
        count,
        momentum,
      );
    } else {
      to.forward('batchNormFixedMoments', moments, mean, variance, channels, epsilon);
    }
    to.forward('batchNormForward', y, x, w, b, moments, ...sizes);
    if (dw === 0 && dx === 0) return;
    const sums = partials.own + pairs;
    if (dw !== 0 || !isFixed) {
      to.backward('batchNormBackwardWeight', dw, db, sums, dy, x, moments, ...sizes);
    }
    if (dx === 0) return;
    if (!isFixed) to.meet('backward');
    // fixed statistics do not follow x: no sums are read, so the shards need not meet
    const read = isFixed ? ([0, 0] as const) : shards;
    const all = partials.first + pairs;
    to.backward('batchNormBackwardInput', dx, dy, x, w, moments, all, ...sizes, ...read, count);
  },
});

/** Values a channel in one image. */
function pixelsOf([, ...plane]: Shape): number {
  return elementCount(plane);
}
