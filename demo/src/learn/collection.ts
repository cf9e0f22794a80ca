/** What the visitor has collected: classes by name, each with its pictures. Nothing in it changes; a change is another one. @module */
import type { Pixels } from './pixels.ts';

export interface Picture {
  /** Unlike that of any other picture, also of those that were removed. */
  readonly id: number;
  readonly pixels: Pixels;
}

export interface PictureClass {
  /** Unlike that of any other class, also of those that were removed. */
  readonly id: number;
  readonly name: string;
  readonly pictures: readonly Picture[];
}

export type Collection = readonly PictureClass[];

export const FEWEST_CLASSES = 2;
export const MOST_CLASSES = 10;
/** Pictures of a class: what a browser keeps without a thought, and trains on in a minute. */
export const MOST_PICTURES = 200;
export const LONGEST_NAME = 40;
/** Fewer of a class would leave nothing to learn from once one is held back. */
export const FEWEST_PICTURES = 3;
/** Of so many pictures of a class, one is held back. */
const HELD_BACK = 5;

/** Two classes without a picture. */
export function emptyCollection(): Collection {
  return addClass(addClass([]));
}

export function addClass(collection: Collection): Collection {
  const taken = new Set(collection.map(({ name }) => name));
  let number = collection.length + 1;
  while (taken.has(`Class ${number}`)) number++;
  return [...collection, { id: nextClassId(collection), name: `Class ${number}`, pictures: [] }];
}

export function removeClass(collection: Collection, id: number): Collection {
  return collection.filter((one) => one.id !== id);
}

/** @throws {RangeError} if there is no name, or another class has it. */
export function renameClass(collection: Collection, id: number, given: string): Collection {
  const name = given.trim().slice(0, LONGEST_NAME);
  if (name === '') throw new RangeError('A class needs a name. The old one is back.');
  if (collection.some((one) => one.id !== id && one.name === name)) {
    throw new RangeError(`There is a class ${name} already. The old name is back.`);
  }
  return collection.map((one) => (one.id === id ? { ...one, name } : one));
}

/** @throws {RangeError} if the class is full. */
export function addPicture(collection: Collection, classId: number, pixels: Pixels): Collection {
  const id = nextPictureId(collection);
  return collection.map((one) => {
    if (one.id !== classId) return one;
    if (one.pictures.length >= MOST_PICTURES) {
      throw new RangeError(
        `${one.name} has ${MOST_PICTURES} pictures, the most that a class may have. Remove some.`,
      );
    }
    return { ...one, pictures: [...one.pictures, { id, pixels }] };
  });
}

export function removePicture(collection: Collection, pictureId: number): Collection {
  return collection.map((one) => ({
    ...one,
    pictures: one.pictures.filter(({ id }) => id !== pictureId),
  }));
}

/** Whether the picture at this place of its class is held back: training never sees it. */
export function isHeldBack(index: number): boolean {
  return index % HELD_BACK === FEWEST_PICTURES - 1;
}

export function pictureCount(collection: Collection): number {
  return collection.reduce((total, { pictures }) => total + pictures.length, 0);
}

/** Ids only grow: a class or picture that was removed may come back, and a network may know the class. */
let lastClass = 0;
let lastPicture = 0;

/** Classes that a network of an earlier visit knows: their ids are not given again. */
export function reserve(classIds: readonly number[]): void {
  lastClass = Math.max(lastClass, ...classIds);
}

function nextClassId(collection: Collection): number {
  reserve(collection.map(({ id }) => id));
  return ++lastClass;
}

function nextPictureId(collection: Collection): number {
  for (const { pictures } of collection) {
    for (const { id } of pictures) lastPicture = Math.max(lastPicture, id);
  }
  return ++lastPicture;
}
