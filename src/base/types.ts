/** The plain data that crosses Convlet's public boundary. Nothing here owns WebAssembly memory. @module */

/** Sizes from the outermost axis to the innermost, row-major: `[N, C, H, W]` for images, `[N, F]` for features. */
export type Shape = readonly number[];

/** Numbers with a shape; `data.length` is the product of `shape`. */
export interface Tensor {
  readonly shape: Shape;
  readonly data: Float32Array;
}

/** Labelled images, all of one shape. Bytes mean pixel / 255; floats are taken as they are. */
export interface Dataset {
  /** `N · C · H · W` pixels, image after image. */
  readonly images: Uint8Array | Float32Array;
  /** `N` class indices, each below `classes`. */
  readonly labels: Uint8Array;
  /** `[C, H, W]` of one image. */
  readonly shape: Shape;
  readonly classes: number;
  /** What the accuracy was measured on, for people: `MNIST t10k, first 1,000`. */
  readonly name?: string;
}

/** One value for both axes, or `[height, width]`. */
export type Size2d = number | readonly [height: number, width: number];

/**
 * `'valid'`: none. `'same'`: as much as makes the output `ceil(input / stride)`, the odd pixel at the end (TensorFlow's rule).
 * Otherwise pixels on every side, `[vertical, horizontal]`, or `[top, left, bottom, right]`.
 */
export type Padding =
  | 'valid'
  | 'same'
  | number
  | readonly [vertical: number, horizontal: number]
  | readonly [top: number, left: number, bottom: number, right: number];

/** The loss of one batch before its update. */
export interface StepEvent {
  readonly epoch: number;
  /** Counted from 1 within the epoch. */
  readonly step: number;
  readonly loss: number;
  readonly accuracy: number;
}

/** What one pass over the training set came to. */
export interface EpochEvent {
  /** Counted from 1. */
  readonly epoch: number;
  /** Mean over the images of the epoch, each taken before the update of its own batch. */
  readonly loss: number;
  readonly accuracy: number;
  /** Measured after the epoch, where there is validation data. */
  readonly validationLoss?: number;
  readonly validationAccuracy?: number;
  /** Time of training alone, without validation. */
  readonly seconds: number;
  readonly imagesPerSecond: number;
}

/** Result of a measurement on labelled images. */
export interface Evaluation {
  readonly loss: number;
  readonly accuracy: number;
  /** `confusionMatrix[label][prediction]` counts images. */
  readonly confusionMatrix: readonly (readonly number[])[];
}
