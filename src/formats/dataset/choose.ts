/** Which images of a source are for training and which for testing. @module */
import { createRandom, SPLIT } from '../../base/random.ts';
import { drawShare } from '../../data/validationSplit.ts';
import type { Part, Selection, Source } from './source.ts';

/** A selection, and what it adds to the name. */
export interface Choice extends Selection {
  readonly note: string;
}

/** Holds out a share of each class. */
export function holdOut(
  path: string,
  { labels }: Part,
  share: number,
  seed: number,
): { readonly train: readonly number[]; readonly test: readonly number[] } {
  const count = labels.length;
  const held = Math.round(share * count);
  if (held < 1 || held >= count) {
    throw new RangeError(
      `${path}: expected testSplit to leave at least one image on either side, got ${share} of ${count} images. Use more images, or another share.`,
    );
  }
  const isHeld = draw(labels, allOf({ labels }), held, createRandom(seed, SPLIT));
  const indices = allOf({ labels });
  return {
    train: indices.filter((index) => !isHeld.has(index)),
    test: indices.filter((index) => isHeld.has(index)),
  };
}

/** As many images of a part as are asked for: the first ones, or a drawn sample if they come class by class. */
export function choose(
  { train, test, isByClass }: Source,
  indices: readonly number[],
  isTest: boolean,
  option: 'trainSamples' | 'testSamples',
  given: { readonly trainSamples?: number; readonly testSamples?: number },
  seed: number,
): Choice {
  const part = isTest && test !== undefined ? test : train;
  const count = given[option] ?? indices.length;
  if (count > indices.length) {
    throw new RangeError(
      `${option}: expected at most ${indices.length} images of ${part.name}, got ${count}. Ask for fewer.`,
    );
  }
  if (count === indices.length) return { isTest, indices, note: '' };
  if (!isByClass) {
    return { isTest, indices: indices.slice(0, count), note: `, first ${formatCount(count)}` };
  }
  const random = createRandom(seed, SPLIT, option === 'trainSamples' ? 1 : 2);
  const drawn = draw(part.labels, indices, count, random);
  return {
    isTest,
    indices: indices.filter((index) => drawn.has(index)),
    note: `, ${formatCount(count)} drawn`,
  };
}

/** Draws `count` of the images at `indices`, of each class as near to the same share as whole images allow. */
function draw(
  labels: readonly string[],
  indices: readonly number[],
  count: number,
  random: ReturnType<typeof createRandom>,
): Set<number> {
  const groups = new Map<string, number>();
  const groupOf = (n: number): number => {
    const label = labels[indices[n] ?? 0] ?? '';
    const group = groups.get(label) ?? groups.size;
    groups.set(label, group);
    return group;
  };
  const isDrawn = drawShare(groupOf, indices.length, count, random);
  return new Set(indices.filter((_, n) => isDrawn[n] === 1));
}

/** The places of all images. */
export function allOf({ labels }: Pick<Part, 'labels'>): number[] {
  return Array.from(labels, (_, index) => index);
}

/** `1,000` */
export function formatCount(count: number): string {
  return count.toLocaleString('en');
}
