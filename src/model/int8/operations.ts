/**
 * What a network in whole numbers does, one operation after another: all numbers are at hand, nothing is left to decide.
 * run.ts runs them; formats/c writes them down as C.
 * @module
 */
import type { Shape } from '../../base/types.ts';

interface Between {
  /** The value that is read. */
  readonly x: number;
  readonly y: number;
}

/** Zeros of the values. */
interface Zeros {
  readonly xZero: number;
  readonly yZero: number;
}

/** Sums of products with weights, scaled by output channel. */
interface Weighted extends Between, Zeros {
  /** Index of the layer. */
  readonly layer: number;
  readonly weight: Int8Array;
  readonly bias: Int32Array;
  readonly multipliers: Int32Array;
  readonly shifts: Uint8Array;
}

/** Bytes of the image, 0 … 255, to its numbers: `byte − 128`, or by a table of 256 for each channel. */
export interface Pixels {
  readonly type: 'pixels';
  readonly y: number;
  readonly shape: Shape;
  readonly table: Int8Array | undefined;
}

/** Sizes as `conv2d` in assembly/ takes them, without the batch. */
export interface Convolve extends Weighted {
  readonly type: 'convolve';
  readonly sizes: readonly number[];
}

export interface Dense extends Weighted {
  readonly type: 'dense';
  readonly inputs: number;
  readonly units: number;
}

/** The last dense layer, whose sums become floats: `scale[u]·sum`. */
export interface DenseOutput extends Between {
  readonly type: 'denseOutput';
  readonly layer: number;
  readonly weight: Int8Array;
  readonly bias: Int32Array;
  readonly scales: Float32Array;
  readonly xZero: number;
  readonly inputs: number;
  readonly units: number;
}

/** The output as floats: `scale·(q − zero)`. */
export interface Floats extends Between {
  readonly type: 'floats';
  readonly scale: number;
  readonly zero: number;
  readonly length: number;
}

export interface MaxPool extends Between {
  readonly type: 'maxPool';
  readonly sizes: readonly number[];
}

/** The multiplier of a window of `n` pixels is the one at `n − 1`. */
export interface AveragePool extends Between, Zeros {
  readonly type: 'averagePool';
  readonly layer: number;
  readonly sizes: readonly number[];
  readonly multipliers: Int32Array;
  readonly shifts: Uint8Array;
}

export interface GlobalAverage extends Between, Zeros {
  readonly type: 'globalAverage';
  readonly channels: number;
  readonly pixels: number;
  readonly multiplier: number;
  readonly shift: number;
}

/** `y[i] = zero + Σ (x[i] − its zero)·its multiplier·2⁻²⁰` */
export interface Add {
  readonly type: 'add';
  readonly y: number;
  readonly xs: readonly number[];
  readonly zeros: readonly number[];
  readonly multipliers: readonly number[];
  readonly yZero: number;
  readonly length: number;
}

/** One of the inputs of a `concat`: it goes to a part of the output. */
export interface Append extends Between, Zeros {
  readonly type: 'append';
  readonly start: number;
  readonly length: number;
  readonly multiplier: number;
}

/** `y = table[x + 128]` */
export interface Lookup extends Between {
  readonly type: 'lookup';
  readonly layer: number;
  readonly table: Int8Array;
  readonly length: number;
}

/** The image moved down and to the right, zeros around it. */
export interface Frame extends Between {
  readonly type: 'frame';
  readonly input: Shape;
  readonly outH: number;
  readonly outW: number;
  readonly down: number;
  readonly right: number;
  readonly zero: number;
}

/** y is x. */
export interface View extends Between {
  readonly type: 'view';
}

export type Operation =
  | Add
  | Append
  | AveragePool
  | Convolve
  | Dense
  | DenseOutput
  | Floats
  | Frame
  | GlobalAverage
  | Lookup
  | MaxPool
  | Pixels
  | View;

/** A network in whole numbers. */
export interface IntegerNetwork {
  readonly operations: readonly Operation[];
  /** Elements of each value. */
  readonly lengths: readonly number[];
  /** The value that is made of floats: the output before a last softmax or sigmoid. */
  readonly output: number;
  /** What is left for floats. */
  readonly last: 'softmax' | 'sigmoid' | undefined;
}
