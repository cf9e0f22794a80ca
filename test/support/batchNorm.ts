/** Batch normalisation as its layer calls the kernels, over a batch that is cut into shards. */
import type { BatchNormSizes, Moments } from 'convlet/reference';
import { expect } from 'vitest';
import { type Build, GuardedMemory } from './kernels.ts';
import { testRandom, uniform } from './random.ts';

export const EPSILON = 1e-5;
export const MOMENTUM = 0.1;

export interface Batch {
  readonly sizes: BatchNormSizes;
  readonly x: Float32Array;
  readonly dy: Float32Array;
  readonly w: Float32Array;
  readonly b: Float32Array;
}

export function batchOf(sizes: BatchNormSizes, mean = 0.5, deviation = 1): Batch {
  const [batch, channels, pixels] = sizes;
  const random = testRandom(batch + 7 * channels + 31 * pixels);
  const length = batch * channels * pixels;
  return {
    sizes,
    x: uniform(random, length).map((value) => mean + deviation * value),
    dy: uniform(random, length),
    w: uniform(random, channels).map((value) => value + 1.5),
    b: uniform(random, channels),
  };
}

/** The channel of a place in `x[batch, channels, pixels]`. */
export function channelOf([, channels, pixels]: BatchNormSizes): (place: number) => number {
  return (place) => Math.floor(place / pixels) % channels;
}

/** The kernels as the layer calls them, over a memory of their own. */
export class BatchNormRunner {
  readonly memory: GuardedMemory;

  constructor(build: Build) {
    this.memory = new GuardedMemory(build);
  }

  /** A batch in training, its images cut into shards of these counts. */
  train({ sizes, x, dy, w, b }: Batch, shards: readonly number[], running?: Moments) {
    const { memory } = this;
    const { kernels } = memory;
    const [batch, channels, pixels] = sizes;
    const image = channels * pixels;
    const count = batch * pixels;
    memory.reset();
    const stride = 16 * channels + 8; // the f64 between two shards' sums is nobody's
    const [sums, dSums] = [this.#sums(stride, shards), this.#sums(stride, shards)];
    const [moments, y, dx] = [
      memory.output(4 * channels),
      memory.output(x.length),
      memory.output(x.length),
    ];
    const [dw, db] = [this.#zeros(channels), this.#zeros(channels)];
    const [mean, variance] = [
      memory.output(channels, running?.mean ?? new Float32Array(channels)),
      memory.output(channels, running?.variance ?? new Float32Array(channels).fill(1)),
    ];
    const [xAt, dyAt, wAt, bAt] = [x, dy, w, b].map((values) => memory.input(values)) as [
      number,
      number,
      number,
      number,
    ];
    const each = (run: (shard: number, at: number, count: number) => void) => {
      let first = 0;
      for (const [shard, images] of shards.entries()) {
        run(shard, 4 * first * image, images);
        first += images;
      }
    };
    const all = [shards.length, stride] as const;
    each((shard, at, images) => {
      kernels.batchNormSums(sums + shard * stride, xAt + at, images, channels, pixels);
    });
    kernels.batchNormMoments(moments, sums, channels, ...all, count, EPSILON);
    each((_, at, images) => {
      kernels.batchNormForward(y + at, xAt + at, wAt, bAt, moments, images, channels, pixels);
    });
    kernels.batchNormRunning(mean, variance, sums, channels, ...all, count, MOMENTUM);
    each((shard, at, images) => {
      const to = dSums + shard * stride;
      const shardSizes = [images, channels, pixels] as const;
      kernels.batchNormBackwardWeight(dw, db, to, dyAt + at, xAt + at, moments, ...shardSizes);
    });
    each((_, at, images) => {
      const tensors = [dx + at, dyAt + at, xAt + at, wAt, moments, dSums] as const;
      kernels.batchNormBackwardInput(...tensors, images, channels, pixels, ...all, count);
    });
    memory.check();
    each((shard) => {
      for (const from of [sums, dSums]) {
        const gap = memory.f32(from + (shard + 1) * stride - 8, 2);
        expect([...gap]).toEqual([Number.NaN, Number.NaN]);
      }
    });
    const take = (address: number, length: number) => memory.f32(address, length).slice();
    return {
      moments: memory.f64(moments, 2 * channels),
      y: take(y, x.length),
      dx: take(dx, x.length),
      dw: take(dw, channels),
      db: take(db, channels),
      mean: take(mean, channels),
      variance: take(variance, channels),
    };
  }

  /** y of the batch alone, whole. */
  forward(batch: Batch): Float32Array {
    return this.train(batch, [batch.sizes[0]]).y;
  }

  /** A place for the sums of every shard. */
  #sums(stride: number, shards: readonly number[]): number {
    return this.memory.output((stride * shards.length) / 4);
  }

  #zeros(length: number): number {
    return this.memory.output(length, new Float32Array(length));
  }
}

/** `µ` and `1 / √(σ² + ε)` of the oracle. */
export function exactMoments({ mean, variance }: Moments): number[] {
  return [...mean, ...variance.map((value) => 1 / Math.sqrt(value + EPSILON))];
}
