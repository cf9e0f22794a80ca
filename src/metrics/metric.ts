/** What a metric is: sums over images, and what they come to. @module */
import type { TargetKind } from '../base/types.ts';

/** The results of one batch, image by image. The arrays may be longer than `count`. */
export interface BatchResults {
  readonly count: number;
  /** The classes that the network decides for. */
  readonly predictions: Int32Array;
  readonly labels: Int32Array;
  /** `[count, length]`, what the network puts out, or its logits. */
  readonly outputs: Float32Array;
  /** `[count, length]`. */
  readonly values: Float32Array;
  /** Numbers of the output of an image. */
  readonly length: number;
  /** The output that stands for a probability of a half, if outputs are answers of yes or no. */
  readonly half: number;
}

/** All that training and evaluation need to know of a metric. */
export interface MetricDefinition {
  readonly name: string;
  /** The targets that it compares with. */
  readonly targets: TargetKind;
  /** Sums of no image, plain numbers that a checkpoint keeps. */
  start(classes: number): number[];
  /** Takes the results of one more batch. */
  add(sums: number[], results: BatchResults): void;
  /** What the sums of `count` images come to. */
  result(sums: readonly number[], count: number): number;
}
