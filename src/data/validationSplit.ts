/** Validation data out of the training data: a share of each class, drawn by seed. @module */
import { isTypedArray } from '../base/brands.ts';
import { createRandom, permute, type Random, VALIDATION } from '../base/random.ts';
import type { Dataset, ValueDataset } from '../base/types.ts';
import { imageCount, targetsOf } from './dataset.ts';
import { fieldsOf } from './fields.ts';
import type { Stream } from './source.ts';

/** Two parts without an image in common, each in the order of the whole: copies, or streams. */
export interface ValidationSplit<Data> {
  readonly train: Data;
  readonly validation: Data;
}

/**
 * Cuts off `share` of the images, rounded, for validation: of each class as near to the same share as whole images allow.
 * @throws {RangeError} if a part would have no image. @throws {TypeError} if the labels of a stream are not known.
 */
export function splitForValidation<Data extends Dataset | ValueDataset | Stream>(
  where: string,
  dataset: Data,
  share: number,
  seed: number,
): ValidationSplit<Data> {
  const count = imageCount(dataset);
  const held = Math.round(share * count);
  if (held < 1 || held >= count) {
    throw new RangeError(
      `${where}: expected validationSplit to leave at least one image on either side, got ${share} of ${count} images. Use more images, or another share.`,
    );
  }
  const isHeld = drawShare(groupsOf(dataset), count, held, createRandom(seed, VALIDATION));
  const indices = Array.from({ length: count }, (_, i) => i);
  return {
    train: pick(
      dataset,
      indices.filter((i) => isHeld[i] === 0),
    ),
    validation: pick(
      dataset,
      indices.filter((i) => isHeld[i] === 1),
    ),
  };
}

/**
 * Draws `held` of `count` images, of each group as near to the same share as whole images allow.
 * @returns 1 for each image that was drawn, 0 for the others.
 */
export function drawShare(
  groupOf: (index: number) => number,
  count: number,
  held: number,
  random: Random,
): Uint8Array {
  const quotas = quotasOf(groupOf, count, held);
  const order = new Int32Array(count);
  permute(order, random);
  const isHeld = new Uint8Array(count);
  for (const index of order) {
    const group = groupOf(index);
    const quota = quotas.get(group) ?? 0;
    if (quota === 0) continue;
    isHeld[index] = 1;
    quotas.set(group, quota - 1);
  }
  return isHeld;
}

/** The class of an image; images with values are all of one kind. */
function groupsOf(dataset: Dataset | ValueDataset | Stream): (index: number) => number {
  if (targetsOf(dataset) === 'values') return () => 0;
  const { labels } = dataset as Dataset | Stream;
  return (index) => labels[index] ?? 0;
}

/** How many images of each class are held out: the whole parts of the shares, then one more for the largest remainders. */
function quotasOf(
  groupOf: (index: number) => number,
  count: number,
  held: number,
): Map<number, number> {
  const sizes = new Map<number, number>();
  for (let i = 0; i < count; i++) sizes.set(groupOf(i), (sizes.get(groupOf(i)) ?? 0) + 1);
  const shares = [...sizes].map(([group, size]) => ({ group, exact: (size * held) / count }));
  const quotas = new Map(shares.map(({ group, exact }) => [group, Math.floor(exact)]));
  let left = held - [...quotas.values()].reduce((total, quota) => total + quota, 0);
  const byRemainder = shares.sort(
    (a, b) => (b.exact % 1) - (a.exact % 1) || a.group - b.group, // of equal remainders the first class
  );
  for (const { group } of byRemainder)
    if (left-- > 0) quotas.set(group, (quotas.get(group) ?? 0) + 1);
  return quotas;
}

/** Copies of the images at `indices` with all that belongs to each of them; a stream of them, if it is one. */
function pick<Data extends Dataset | ValueDataset | Stream>(
  dataset: Data,
  indices: readonly number[],
): Data {
  if ('part' in dataset) return dataset.part(indices) as Data;
  const count = imageCount(dataset);
  const fields = Object.entries(fieldsOf(dataset)).map(([name, value]) => {
    const isPerImage =
      isTypedArray(value, 'Uint8Array', 'Uint16Array', 'Int32Array', 'Float32Array') &&
      ['images', 'labels', 'targets', 'weights'].includes(name);
    return [name, isPerImage ? rowsOf(value, value.length / count, indices) : value];
  });
  return Object.fromEntries(fields) as Data;
}

function rowsOf<Numbers extends Uint8Array | Uint16Array | Int32Array | Float32Array>(
  numbers: Numbers,
  length: number,
  indices: readonly number[],
): Numbers {
  const rows = numbers.slice(0, indices.length * length) as Numbers;
  for (const [n, index] of indices.entries()) {
    rows.set(numbers.subarray(index * length, (index + 1) * length), n * length);
  }
  return rows;
}
