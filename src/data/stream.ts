/**
 * Images that are read while a model trains on them: checks of a source and of all that it gives, and blocks read one ahead.
 * @module
 */

import { isTypedArray } from '../base/brands.ts';
import { checkInteger, checkText, wrongKind } from '../base/checks.ts';
import type { AbortSignal } from '../base/engine.ts';
import { describe, ShapeError } from '../base/errors.ts';
import { checkSameShape, checkShape, elementCount, formatShape } from '../base/shape.ts';
import type { Dataset, DatasetSource, ValueDataset, ValueDatasetSource } from '../base/types.ts';
import {
  checkClassNames,
  checkDataset,
  checkLabels,
  checkName,
  checkValueDataset,
  imageCount,
  MOST_CLASSES,
  targetsOf,
} from './dataset.ts';
import { readOrigin } from './origin.ts';
import type { BatchShare, Blocks, Stream } from './source.ts';

type Data = Dataset | ValueDataset;
type Read = (indices: readonly number[]) => Promise<Data>;

/** Most batches of a block, and most pixels if that is more than one batch: the memory for them is small and always the same. */
const MOST_BATCHES = 8;
const MOST_PIXELS = 2 ** 21;

/** What a source says of its images. */
type Facts = Omit<Stream, 'labels' | 'known' | 'part' | 'blocks' | 'each'> &
  Pick<DatasetSource, 'labels'>;

/**
 * @param length Values that a network puts out for an image.
 * @throws {TypeError | RangeError | ShapeError} naming what of the source is wrong. Nothing is read yet.
 */
export function openStream(
  where: string,
  source: DatasetSource | ValueDatasetSource,
  length: number,
): Stream {
  const facts = readFacts(where, source, length);
  return streamOf(where, facts, (indices) => readBlock(where, facts, source, indices));
}

function readFacts(
  where: string,
  source: DatasetSource | ValueDatasetSource,
  length: number,
): Facts {
  type Fields = { [Key in keyof DatasetSource | keyof ValueDatasetSource | 'weights']?: unknown };
  const { count, shape, classes, labels, targets }: Fields = source;
  const { classNames, identity, name, preparation, read, weights }: Fields = source;
  if (typeof read !== 'function') throw wrongKind(where, 'read', 'a function', read);
  if (weights !== undefined) {
    throw new TypeError(
      `${where}: expected a source without weights, got ${describe(weights)}. Give each block that read() returns its weights.`,
    );
  }
  checkInteger(where, 'count', count, 1);
  checkShape(`${where}: shape`, shape, 3);
  if (identity !== undefined) checkText(where, 'identity', identity);
  checkName(where, name);
  const common = {
    count,
    shape: [...source.shape],
    name: source.name,
    ...readOrigin(where, { classNames, preparation }),
  };
  const text = formatShape(common.shape);
  if (targets === undefined) {
    checkInteger(where, 'classes', classes, 1, MOST_CLASSES);
    checkClassNames(where, classNames, classes);
    const all = { ...common, classes, identity: identity ?? `${text} of ${classes} classes` };
    if (labels === undefined) return all;
    if (!isTypedArray(labels, 'Uint8Array', 'Uint16Array', 'Int32Array')) {
      throw wrongKind(where, 'labels', 'a Uint8Array, Uint16Array or Int32Array', labels);
    }
    checkLabels(where, labels, count, classes);
    return { ...all, labels };
  }
  if (classes !== undefined || labels !== undefined) {
    throw new TypeError(`${where}: expected classes or targets, got both. Leave one of them out.`);
  }
  checkInteger(where, 'targets', targets, 1);
  if (targets !== length) {
    throw new ShapeError(
      `${where}: expected ${length} values an image, as the network puts out, got targets ${targets}. Use as many.`,
    );
  }
  return { ...common, targets, identity: identity ?? `${text} with ${targets} values` };
}

function streamOf(where: string, facts: Facts, read: Read): Stream {
  const { count, shape, classes = 1, labels, targets } = facts;
  const blocks: Stream['blocks'] = (batch, { signal, check }, share = wholeOf(batch)) => {
    const pixels = elementCount(shape);
    const batches = batchesOf(batch * pixels);
    const images = batches * share.most;
    const bytes = { imageBytes: 4 * images * pixels, targetBytes: 4 * images * (targets ?? 1) };
    const checked: Read = async (indices) => {
      const block = await read(indices);
      check(`${where}: read()`, block);
      return block;
    };
    return new BlockReader({ batch, batches, share }, bytes, signal, checked);
  };
  return {
    ...facts,
    blocks,
    get labels() {
      if (labels !== undefined) return labels;
      throw new TypeError(
        `${where}: expected the labels of a source under validationSplit and classWeights 'balanced', got none. Give it labels, those of all images.`,
      );
    },
    get known() {
      if (targets !== undefined) return undefined;
      const known = labels ?? Int32Array.from({ length: classes }, (_, label) => label);
      return { images: new Uint8Array(), shape, classes, labels: known };
    },
    part(indices) {
      const own = labels?.slice(0, indices.length);
      for (const [n, index] of indices.entries()) if (own) own[n] = labels?.[index] ?? 0;
      const all = { ...facts, count: indices.length, ...(own && { labels: own }) };
      return streamOf(where, all, (places) => read(places.map((place) => indices[place] ?? 0)));
    },
    async each(batch, options, use) {
      const reader = blocks(batch, options);
      reader.begin(Int32Array.from({ length: count }, (_, place) => place));
      for (let first = 0; first < count; first += reader.length) {
        if (!(await reader.read(first, use))) return false;
      }
      return true;
    },
  };
}

/** All of every batch. */
function wholeOf(batch: number): BatchShare {
  return { most: batch, of: (count) => ({ start: 0, end: count }) };
}

/** Batches of a block, if a batch has so many pixels. */
function batchesOf(pixels: number): number {
  return Math.max(1, Math.min(MOST_BATCHES, Math.floor(MOST_PIXELS / pixels)));
}

/** @throws {Error} if reading fails. @throws {TypeError | RangeError | ShapeError} if other images come than were asked for. */
async function readBlock(
  where: string,
  facts: Facts,
  source: DatasetSource | ValueDatasetSource,
  indices: readonly number[],
): Promise<Data> {
  const at = `${where}: read()`;
  let block: unknown;
  try {
    block = await source.read([...indices]);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : describe(cause);
    throw new Error(
      `${at}: expected ${indices.length} images, got an error (${reason.replace(/[.\s]+$/, '')}). Mend the source; the model has the weights of the last whole step.`,
      { cause },
    );
  }
  checkKind(at, facts, block);
  const { classes, labels, shape } = facts;
  if (facts.targets !== undefined) {
    checkValueDataset(at, block as ValueDataset, [facts.targets], true);
  } else {
    checkDataset(at, block as Dataset, undefined, true);
  }
  const data = block as Data; // as seen
  checkSameShape(`${at}: images`, shape, data.shape);
  const count = imageCount(data);
  if (count !== indices.length) {
    throw new ShapeError(
      `${at}: expected ${indices.length} images, as many as there are indices, got ${count}. Give one for each index.`,
    );
  }
  if (!('labels' in data)) return data;
  if (data.classes !== classes) {
    throw new RangeError(
      `${at}: expected ${classes} classes, as the source has, got ${data.classes}. Use the same number.`,
    );
  }
  const wrong = indices.findIndex((index, n) => labels && labels[index] !== data.labels[n]);
  if (wrong >= 0) {
    const index = indices[wrong] ?? 0;
    throw new RangeError(
      `${at}: expected label ${labels?.[index]} of image ${index}, as the labels of the source say, got ${data.labels[wrong]}. Give the images in the order of the indices.`,
    );
  }
  return data;
}

/** Throws unless a block is an object with the targets that the source says. */
function checkKind(where: string, { targets }: Facts, block: unknown): void {
  const expected = targets === undefined ? 'labels' : 'targets';
  const isObject = typeof block === 'object' && block !== null;
  const kind = isObject && targetsOf(block as Data) === 'values' ? 'targets' : 'labels';
  if (isObject && kind === expected) return;
  throw new TypeError(
    `${where}: expected a data set { images, ${expected}, shape${targets === undefined ? ', classes' : ''} }, got ${isObject ? `${kind}` : describe(block)}. Resolve to one with the images at the indices.`,
  );
}

/** How an order is cut. */
interface Cut {
  readonly batch: number;
  /** Of a block. */
  readonly batches: number;
  readonly share: BatchShare;
}

class BlockReader implements Blocks {
  readonly length: number;
  readonly imageBytes: number;
  readonly targetBytes: number;
  readonly #signal: AbortSignal | undefined;
  readonly #read: Read;
  readonly #cut: Cut;
  #order: Int32Array = new Int32Array();
  /** Places of the block that was read last. */
  #first = 0;
  #end = 0;
  /** The block after it, which is read next, if it was asked for. */
  #next: Promise<Data> | undefined;

  constructor(
    cut: Cut,
    { imageBytes, targetBytes }: Pick<Blocks, 'imageBytes' | 'targetBytes'>,
    signal: AbortSignal | undefined,
    read: Read,
  ) {
    this.#cut = cut;
    this.length = cut.batch * cut.batches;
    this.imageBytes = imageBytes;
    this.targetBytes = targetBytes;
    this.#signal = signal;
    this.#read = read;
  }

  begin(order: Int32Array): void {
    this.#order = order;
    this.#end = 0;
    this.#next = undefined;
  }

  has(place: number): boolean {
    return place >= this.#first && place < this.#end;
  }

  async read(first: number, use: (block: Data) => unknown): Promise<boolean> {
    const asked = this.#next ?? this.#ask(first);
    this.#next = undefined;
    const block = await unlessAborted(asked, this.#signal);
    if (block === undefined) return false;
    if (block !== NOTHING) await use(block);
    this.#first = first;
    this.#end = Math.min(first + this.length, this.#order.length);
    if (this.#end < this.#order.length) this.#next = this.#ask(this.#end);
    return true;
  }

  #ask(first: number): Promise<Data> {
    const indices = this.#indices(first);
    const asked = indices.length > 0 ? this.#read(indices) : Promise.resolve(NOTHING);
    asked.catch(() => {}); // told to whoever waits for the block; if training ends before, to nobody
    return asked;
  }

  /** The images that the block at a place of the order needs: of each batch the part that is wanted. */
  #indices(first: number): number[] {
    const { batch, batches, share } = this.#cut;
    return Array.from({ length: batches }, (_, n) => {
      const at = first + n * batch;
      const count = Math.max(0, Math.min(batch, this.#order.length - at));
      const { start, end } = share.of(count);
      return Array.from(this.#order.subarray(at + start, at + end));
    }).flat();
  }
}

/** A block of which nothing is wanted. */
const NOTHING = {} as Data;

/** What a promise resolves to; undefined as soon as the signal is aborted. */
function unlessAborted<T>(
  promise: Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T | undefined> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const abort = () => resolve(undefined);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort);
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
