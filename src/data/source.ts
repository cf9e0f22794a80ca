/** Sources of images in the place of data sets. What reads them (stream.ts) is loaded when there is one. @module */
import type { AbortSignal } from '../base/engine.ts';
import type {
  Dataset,
  DatasetSource,
  Shape,
  ValueDataset,
  ValueDatasetSource,
} from '../base/types.ts';
import type { Origin } from './origin.ts';

/** A checked source, all of its images or a part of them. */
export interface Stream extends Origin {
  readonly count: number;
  readonly shape: Shape;
  readonly identity: string;
  readonly classes?: number | undefined;
  /** Values of an image, if images have values. */
  readonly targets?: number | undefined;
  readonly name?: string | undefined;
  /** Of all images. @throws {TypeError} if the source does not say them. */
  readonly labels: Dataset['labels'];
  /**
   * Targets as far as they are known before images are read: the labels, or each class once; undefined if images have values.
   */
  readonly known: Dataset | undefined;
  /** The images at these places, as a stream of their own. */
  part(indices: readonly number[]): Stream;
  /** @param batch Images of a batch; a block has whole batches. @param share The part of each batch to read, by default all. */
  blocks(batch: number, options: BlockOptions, share?: BatchShare): Blocks;
  /** Gives all images in their order, block by block. @returns false if the signal came before the end. */
  each(batch: number, options: BlockOptions, use: UseBlock): Promise<boolean>;
}

export interface BlockOptions {
  readonly signal: AbortSignal | undefined;
  /** Throws if the values of a block do not fit. */
  readonly check: (where: string, block: Dataset | ValueDataset) => void;
}

/** A part of every batch. */
export interface BatchShare {
  /** Most images of a batch. */
  readonly most: number;
  /** The part of a batch of `count` images. */
  of(count: number): { readonly start: number; readonly end: number };
}

/** The images of a stream in some order, one block in use and the next one on its way. */
export interface Blocks {
  /** Images of a block; the last block of an order may have fewer. */
  readonly length: number;
  /** What a block takes at most in linear memory: it may have floats, and labels of four bytes. */
  readonly imageBytes: number;
  readonly targetBytes: number;
  /** Begins an order of all images, which stays as it is until the next one. */
  begin(order: Int32Array): void;
  /** Whether the block that was read last has the batch that begins at this place of the order. */
  has(place: number): boolean;
  /**
   * Gives the images at the places `first`, `first + 1`, … of the order. Then the block after them is asked for.
   * @returns false if the signal came first. @throws {Error} naming what `read` of the source gave.
   */
  read(first: number, use: UseBlock): Promise<boolean>;
}

/** Takes what it needs of a block, whose arrays may be overwritten afterwards; if it returns a promise, that is awaited. */
type UseBlock = (block: Dataset | ValueDataset) => unknown;

/** Whether a value has a `read`, as a source has and a data set has not. */
export function isSource(value: unknown): value is DatasetSource | ValueDatasetSource {
  return typeof value === 'object' && value !== null && 'read' in value && value.read !== undefined;
}

/** Up to `most` places of `count` images, evenly spread. */
export function placesOf(count: number, most: number): number[] {
  const length = Math.min(count, most);
  return Array.from({ length }, (_, n) => Math.floor((n * count) / length));
}
