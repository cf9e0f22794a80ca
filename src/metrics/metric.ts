/** What a metric is: sums over images, and their result. @module */
import type { TargetKind } from '../base/types.ts';

/** The results of one batch, image by image. The arrays may be longer than `count`. */
export interface BatchResults {
  readonly count: number;
  /** The classes that the network predicts. */
  readonly predictions: Int32Array;
  readonly labels: Int32Array;
  /** `[count, length]`, the outputs of the network, or its logits. */
  readonly outputs: Float32Array;
  /** `[count, length]`. */
  readonly values: Float32Array;
  /** How many numbers the network outputs for an image. */
  readonly length: number;
  /** The output that stands for a probability of a half, if outputs are answers of yes or no. */
  readonly half: number;
}

/** All that training and evaluation need to know of a metric. */
export interface MetricDefinition {
  readonly name: string;
  /** The kind of targets that the metric compares with. */
  readonly targets: TargetKind;
  /** The sums before the first image: plain numbers, which a checkpoint keeps. */
  start(classes: number): number[];
  /** Adds the results of a batch. */
  add(sums: number[], results: BatchResults): void;
  /** The metric from the sums of `count` images. */
  result(sums: readonly number[], count: number): number;
}
