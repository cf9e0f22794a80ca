/** The plain data that crosses Convlet's public boundary. Nothing here owns WebAssembly memory. @module */

/** Sizes from the outermost axis to the innermost, row-major: `[N, C, H, W]` for images, `[N, F]` for features. */
export type Shape = readonly number[];

/** Numbers with a shape; `data.length` is the product of `shape`. */
export interface Tensor {
  readonly shape: Shape;
  readonly data: Float32Array;
}

/** Images, all of one shape. Bytes mean pixel / 255; floats are taken as they are. */
export interface Images {
  /** `N · C · H · W` pixels, image after image. */
  readonly images: Uint8Array | Float32Array;
  /** `[C, H, W]` of one image. */
  readonly shape: Shape;
  /** What a result was measured on, for people: `MNIST t10k, first 1,000`. */
  readonly name?: string;
  /** How pictures became these images: the same has to be done with pictures that are to be predicted. */
  readonly preparation?: Preparation;
}

/**
 * `'digit'`: as MNIST, white on black, centred (`prepareDigit`). `'picture'`: scaled until it fits, laid into the middle, and
 * filled with the median of its border.
 */
export type Preparation = 'digit' | 'picture';

/** Images and their classes. */
export interface Dataset extends Images {
  /** `N` class indices, each below `classes`. */
  readonly labels: Uint8Array | Uint16Array | Int32Array;
  readonly classes: number;
  /** A name for each class, for people; its number by default. */
  readonly classNames?: readonly string[];
  /** `N` numbers of at least 0: how much each image counts in the loss, which is divided by their sum. All are 1 by default. */
  readonly weights?: Float32Array;
}

/** Images and the values that a network is to give for them. */
export interface ValueDataset extends Images {
  /** `N` times as many numbers as the network puts out for an image. */
  readonly targets: Float32Array;
  /** `N` numbers of at least 0: how much each image counts in the loss, which is divided by their sum. All are 1 by default. */
  readonly weights?: Float32Array;
}

/** What is known of images before they are read. */
interface SourceFacts extends Omit<Images, 'images'> {
  /** Number of images. */
  readonly count: number;
  /**
   * Tells these images from others: a run goes on from a checkpoint if it is the same text, and the same count.
   * @default one that says shape and classes
   */
  readonly identity?: string;
}

/**
 * Labelled images that `fit` reads while it trains, block by block, the next block while it trains on one: they need not fit
 * into memory.
 */
export interface DatasetSource extends SourceFacts {
  readonly classes: number;
  /** A name for each class, for people; its number by default. */
  readonly classNames?: readonly string[];
  /** `count` class indices, if they are known: `validationSplit` and `classWeights: 'balanced'` need them. */
  readonly labels?: Uint8Array | Uint16Array | Int32Array;
  /** The images at these places, from 0 to `count − 1`, in the order asked for. What it resolves to is copied. */
  read(indices: readonly number[]): Promise<Dataset>;
}

/** The same of images with values. */
export interface ValueDatasetSource extends SourceFacts {
  /** Values of an image: as many as the network puts out. */
  readonly targets: number;
  /** The images at these places, from 0 to `count − 1`, in the order asked for. What it resolves to is copied. */
  read(indices: readonly number[]): Promise<ValueDataset>;
}

/** What the targets of a data set are: a class an image, or values of the output's shape. */
export type TargetKind = 'classes' | 'values';

/** One value for both axes, or `[height, width]`. */
export type Size2d = number | readonly [height: number, width: number];

/** Pixels on every side, `[vertical, horizontal]`, or `[top, left, bottom, right]`. */
export type Sides =
  | number
  | readonly [vertical: number, horizontal: number]
  | readonly [top: number, left: number, bottom: number, right: number];

/**
 * `'valid'`: none. `'same'`: as much as makes the output `ceil(input / stride)`, the odd pixel at the end (TensorFlow's rule).
 * Otherwise pixels on every side, `[vertical, horizontal]`, or `[top, left, bottom, right]`.
 */
export type Padding = 'valid' | 'same' | Sides;

/** How a learning rate changes while a model trains: plain JSON, made by `schedules`. */
export interface Schedule {
  readonly type: string;
}

/** Figures by the name of the metric; those that were not asked for, or do not apply, are absent. */
export interface Metrics {
  /** Share of the images that were recognised. */
  readonly accuracy?: number;
  /** Share of the images of which the class is among the five most likely. */
  readonly top5?: number;
  /** Mean F1 of the classes. */
  readonly macroF1?: number;
  /** Means over all numbers of the output. */
  readonly meanAbsoluteError?: number;
  readonly meanSquaredError?: number;
}

/** The same of the validation data. */
type ValidationMetrics = {
  readonly [Name in keyof Metrics as `validation${Capitalize<Name>}`]?: number;
};

/** One batch, before its update. */
export interface StepEvent extends Metrics {
  readonly epoch: number;
  /** Counted from 1 within the epoch. */
  readonly step: number;
  readonly loss: number;
}

/** What one pass over the training set came to. */
export interface EpochEvent extends Metrics, ValidationMetrics {
  /** Counted from 1. */
  readonly epoch: number;
  /** Mean over the images of the epoch, each taken before the update of its own batch; so are the metrics. */
  readonly loss: number;
  /** Measured after the epoch, if there is validation data. */
  readonly validationLoss?: number;
  /** Time of training alone, without validation. */
  readonly seconds: number;
  readonly imagesPerSecond: number;
}

/** How well one class is told from the others; all from 0 to 1, but for `support`. */
export interface ClassFigures {
  /** Share of the images taken for the class that are of it. */
  readonly precision: number;
  /** Share of the images of the class that are taken for it. */
  readonly recall: number;
  /** Harmonic mean of the two. */
  readonly f1: number;
  /** Images of the class. */
  readonly support: number;
}

/** Result of a measurement on labelled images. */
export interface Evaluation extends Metrics {
  readonly loss: number;
  readonly accuracy: number;
  readonly top5: number;
  readonly macroF1: number;
  readonly perClass: readonly ClassFigures[];
  /** `confusionMatrix[label][prediction]` counts images. */
  readonly confusionMatrix: readonly (readonly number[])[];
}

/** Result of a measurement on images with values. */
export interface ValueEvaluation extends Metrics {
  readonly loss: number;
  readonly meanAbsoluteError: number;
  readonly meanSquaredError: number;
}
