/** A data set that was found: the labels of its images are known, the images are read when it is known which are wanted. @module */
import { FormatError } from '../../base/errors.ts';
import { PackageError } from '../../base/optional.ts';
import type { Images, Preparation, Shape } from '../../base/types.ts';
import type { LabelOrder } from '../../data/classNames.ts';
import type { Size } from '../../data/fitPicture.ts';

/** How images are to be read. */
export interface ReadSettings {
  readonly size: Size | undefined;
  readonly channels: 1 | 3 | undefined;
  readonly labelColumn: string | undefined;
  /** Takes the errors of single files and rows. */
  readonly bad: BadInputs;
  /** Whether images are read again and again by index, and must not be in memory all at once. */
  readonly isStreamed: boolean;
}

/** Images for training or for testing. */
export interface Part {
  /** For people: `MNIST t10k`. */
  readonly name: string;
  /** The class of each image. */
  readonly labels: readonly string[];
  /** Classes that there are even without an image: the columns of one-hot rows. */
  readonly known?: readonly string[];
}

/** Some images of a part, by their places in it. */
export interface Selection {
  readonly isTest: boolean;
  readonly indices: readonly number[];
}

/** The images of a selection that could be read, in its order. */
export interface Rows extends Images {
  readonly indices: readonly number[];
}

export interface Source {
  readonly train: Part;
  /** Absent if there is none; then it is drawn from `train`. */
  readonly test?: Part;
  readonly order: LabelOrder;
  readonly preparation: Preparation;
  /** Whether the images come class by class, so that the first ones are no sample. */
  readonly isByClass: boolean;
  /** Whether it has columns, of which one is that of the labels. */
  readonly hasColumns?: boolean;
  /** Makes ready to read images of these selections, all of one shape. */
  open(selections: readonly Selection[]): Promise<RowReader>;
}

export interface RowReader {
  readonly shape: Shape;
  /** @param tell Is called after each picture that was decoded. */
  read(selection: Selection, tell?: () => void): Promise<Rows>;
}

/** What is wrong with single files and rows: the end, or a line each. */
export class BadInputs {
  /** A line for each that was passed over. */
  readonly lines: string[] = [];
  readonly #areSkipped: boolean;
  readonly #advice: string;

  /** @param canSkip False if the number of images must be known before they are read. */
  constructor(areSkipped: boolean, canSkip = true) {
    this.#areSkipped = areSkipped;
    this.#advice = canSkip ? ' To pass over such ones: skipBad, --skip-bad.' : '';
  }

  /** Keeps the message. @throws the error, with advice, unless bad inputs are skipped. A missing package is no bad input. */
  report(error: Error): void {
    if (error instanceof PackageError) throw error;
    if (!this.#areSkipped) {
      if (this.#advice === '') throw error;
      const message = `${error.message}${this.#advice}`;
      if (error instanceof FormatError) throw new FormatError(message, error.byteOffset);
      throw new Error(message, { cause: error });
    }
    this.lines.push(error.message);
  }
}
