/** What is trained, on what, and how: the recipe `pictures` of the library, for a few pictures. @module */
import {
  type AugmentOptions,
  type Dataset,
  type FitOptions,
  type ModelSpec,
  namedModels,
  recipes,
} from 'convlet';
import { type Collection, FEWEST_PICTURES, isHeldBack } from './collection.ts';
import { borderOf, type Pixels, shrink } from './pixels.ts';

/** How the pictures are trained on. */
export interface Lesson {
  /** Side of the square that the network reads, in pixels. */
  readonly side: number;
  /** By how much a picture is moved, anew in every epoch, as a share of its side. */
  readonly shift: number;
  /** Degrees. */
  readonly rotate: number;
  /** Share. */
  readonly zoom: number;
  /** Whether half of them are mirrored, left to right. */
  readonly isMirrored: boolean;
}

export const SIDES: readonly number[] = [32, 48, 64, 96];

export const DEFAULT_LESSON: Lesson = {
  side: 32,
  shift: 0.06,
  rotate: 10,
  zoom: 0.1,
  isMirrored: false,
};

/** Passes over the pictures at most: with so few of them they take seconds. */
export const EPOCHS = 40;
/** Epochs without a better figure of the held-back pictures, after which the best weights come back. */
const PATIENCE = 10;
/** Images of a step. Few pictures in batches of the recipe's size would make too few steps an epoch. */
const FEW = { batch: 8, pictures: 100 } as const;

/** The pictures that are learnt from, and those that are held back to see how well. */
export interface Data {
  readonly train: Dataset;
  readonly held: Dataset;
  /** Ids of the held-back pictures, in their order. */
  readonly heldIds: readonly number[];
}

/** Why training cannot begin yet, in words for the visitor; undefined if it can. */
export function obstacleTo(collection: Collection): string | undefined {
  const [first] = collection.filter(({ pictures }) => pictures.length < FEWEST_PICTURES);
  if (first === undefined) return undefined;
  const missing = FEWEST_PICTURES - first.pictures.length;
  return `${first.name} needs ${missing} more ${missing === 1 ? 'picture' : 'pictures'}. Twenty of each class are a good beginning.`;
}

export function dataOf(collection: Collection, { side }: Pick<Lesson, 'side'>): Data {
  const parts = { train: [] as [Pixels, number][], held: [] as [Pixels, number][] };
  const heldIds: number[] = [];
  for (const [label, { pictures }] of collection.entries()) {
    for (const [index, { id, pixels }] of pictures.entries()) {
      const isHeld = isHeldBack(index);
      parts[isHeld ? 'held' : 'train'].push([shrink(pixels, side), label]);
      if (isHeld) heldIds.push(id);
    }
  }
  const classNames = collection.map(({ name }) => name);
  const dataset = (pictures: readonly [Pixels, number][]): Dataset => {
    const length = 3 * side * side;
    const images = new Uint8Array(pictures.length * length);
    for (const [index, [pixels]] of pictures.entries()) images.set(pixels, index * length);
    return {
      images,
      labels: Uint8Array.from(pictures, ([, label]) => label),
      shape: [3, side, side],
      classes: classNames.length,
      classNames,
      preparation: 'picture',
    };
  };
  return { train: dataset(parts.train), held: dataset(parts.held), heldIds };
}

/** The recipe's network. */
export function specOf({ side }: Lesson, classes: number): ModelSpec {
  const { model } = recipes.pictures ?? {};
  const build = typeof model === 'string' ? namedModels[model] : undefined;
  if (build === undefined)
    throw new Error('internal: expected the recipe pictures to name a model.');
  return build([3, side, side], classes);
}

/** The recipe, with pictures held back by this page instead of a drawn share. */
export function fitOptionsOf(lesson: Lesson, collection: Collection): FitOptions {
  const { model, validationSplit, ...recipe } = recipes.pictures ?? {};
  const count = collection.reduce((total, { pictures }) => total + pictures.length, 0);
  return {
    ...recipe,
    epochs: EPOCHS,
    ...(count <= FEW.pictures && { batchSize: FEW.batch }),
    earlyStopping: { patience: PATIENCE },
    augment: augmentOf(lesson, collection),
  };
}

export function augmentOf(lesson: Lesson, collection: Collection): AugmentOptions {
  const { side, shift, rotate, zoom, isMirrored } = lesson;
  const pictures = collection.flatMap(({ pictures }) => pictures.slice(0, 20));
  return {
    shift: shift * side,
    rotate,
    zoom,
    ...(isMirrored && { flip: 'horizontal' as const }),
    fill: borderOf(pictures.map(({ pixels }) => pixels)),
  };
}
