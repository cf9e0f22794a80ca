/**
 * Pictures, names, choices and the network, kept in the browser between two visits (`convlet/storage`):
 *
 *   learn.json               classes, the ids of their pictures, the choices, what the network knows
 *   learn-picture-<id>       u8[3, 96, 96]
 *   learn-model.safetensors  the network
 *
 * A picture is written before the list that names it, and removed after it is no longer named.
 * @module
 */
import { deleteFile, listFiles, loadFile, saveFile } from 'convlet/storage';
import {
  type Collection,
  FEWEST_CLASSES,
  LONGEST_NAME,
  MOST_CLASSES,
  MOST_PICTURES,
  type Picture,
  reserve,
} from './collection.ts';
import type { Known } from './learner.ts';
import { DEFAULT_LESSON, type Lesson, SIDES } from './lesson.ts';
import { PIXEL_BYTES } from './pixels.ts';

const LIST = 'learn.json';
const MODEL = 'learn-model.safetensors';
const PICTURE = 'learn-picture-';
/** A page holds it while it is open: two pages would overwrite what the other keeps. */
const LOCK = 'convlet-learn';

/** Everything of a visit but the bytes of the network. */
export interface Visit {
  readonly collection: Collection;
  readonly lesson: Lesson;
  /** Of the network that is kept, if there is one. */
  readonly known?: Known | undefined;
  /** Whether pictures or choices have changed since it was trained. */
  readonly isStale: boolean;
}

/** Whether this page may keep things: no other page of this address is open. */
export function takeLock(): Promise<boolean> {
  if (navigator.locks === undefined) return Promise.resolve(true);
  return new Promise((resolve) => {
    void navigator.locks.request(LOCK, { ifAvailable: true }, (lock) => {
      resolve(lock !== null);
      return lock === null ? undefined : new Promise(() => {}); // until the page is closed
    });
  });
}

/** What the last visit left; undefined if there was none. What is damaged is left out. */
export async function loadVisit(): Promise<Visit | undefined> {
  const bytes = await loadFile(LIST);
  if (bytes === undefined) return undefined;
  const list = readList(bytes);
  if (list === undefined) return undefined;
  reserve(list.known?.classIds ?? []);
  const collection = await Promise.all(
    list.classes.map(async ({ id, name, pictures }) => {
      const all = await Promise.all(pictures.map(loadPicture));
      return { id, name, pictures: all.filter((picture) => picture !== undefined) };
    }),
  );
  const { lesson, known, isStale } = list;
  return { collection, lesson, known, isStale };
}

export function loadNetwork(): Promise<Uint8Array<ArrayBuffer> | undefined> {
  return loadFile(MODEL);
}

/** Writes one visit after another, each as it is when its turn comes. */
export class Keeper {
  readonly #saved = new Set<number>();
  #next: Visit | undefined;
  #model: Uint8Array<ArrayBuffer> | undefined;
  #writing: Promise<void> | undefined;
  readonly #onOutcome: (error: unknown) => void;

  /**
   * @param pictures Those that are kept already.
   * @param onOutcome Is called after each visit that was written; with an error, if it was not.
   */
  constructor(pictures: Collection, onOutcome: (error: unknown) => void) {
    for (const { pictures: own } of pictures) for (const { id } of own) this.#saved.add(id);
    this.#onOutcome = onOutcome;
  }

  /** @param model Bytes of a network that is new. */
  keep(visit: Visit, model?: Uint8Array<ArrayBuffer>): Promise<void> {
    this.#next = visit;
    this.#model = model ?? this.#model;
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined;
    });
    return this.#writing;
  }

  async #write(): Promise<void> {
    while (this.#next !== undefined) {
      const [visit, model] = [this.#next, this.#model];
      this.#next = undefined;
      this.#model = undefined;
      try {
        await this.#writeOne(visit, model);
        this.#onOutcome(undefined);
      } catch (error) {
        this.#model ??= model; // the next visit has it too: its list names what this network knows
        this.#onOutcome(error);
      }
    }
  }

  async #writeOne(visit: Visit, model: Uint8Array<ArrayBuffer> | undefined): Promise<void> {
    const { collection, lesson, known, isStale } = visit;
    const pictures = collection.flatMap(({ pictures }) => pictures);
    for (const { id, pixels } of pictures) {
      if (this.#saved.has(id)) continue;
      await saveFile(`${PICTURE}${id}`, pixels);
      this.#saved.add(id);
    }
    if (model !== undefined) await saveFile(MODEL, model);
    const classes = collection.map(({ id, name, pictures }) => {
      return { id, name, pictures: pictures.map(({ id }) => id) };
    });
    const json = JSON.stringify({ classes, lesson, known, isStale });
    await saveFile(LIST, new TextEncoder().encode(json));
    const ids = new Set(pictures.map(({ id }) => id));
    for (const id of this.#saved) {
      if (ids.has(id)) continue;
      await deleteFile(`${PICTURE}${id}`);
      this.#saved.delete(id);
    }
  }
}

/** Removes pictures that no list names: of a page that was closed while it wrote. */
export async function removeStrays(collection: Collection): Promise<void> {
  const named = new Set(
    collection.flatMap(({ pictures }) => pictures.map(({ id }) => `${PICTURE}${id}`)),
  );
  for (const name of await listFiles()) {
    if (name.startsWith(PICTURE) && !named.has(name)) await deleteFile(name);
  }
}

async function loadPicture(id: number): Promise<Picture | undefined> {
  const pixels = await loadFile(`${PICTURE}${id}`);
  return pixels?.length === PIXEL_BYTES ? { id, pixels } : undefined;
}

interface List {
  readonly classes: readonly { id: number; name: string; pictures: readonly number[] }[];
  readonly lesson: Lesson;
  readonly known: Known | undefined;
  readonly isStale: boolean;
}

/** Undefined if another version of this page has kept something else. */
function readList(bytes: Uint8Array): List | undefined {
  try {
    const list = JSON.parse(new TextDecoder().decode(bytes)) as Partial<List>;
    const { classes = [], lesson, known, isStale = true } = list;
    const isSound =
      classes.length >= FEWEST_CLASSES &&
      classes.length <= MOST_CLASSES &&
      classes.every(
        ({ id, name, pictures }) =>
          Number.isSafeInteger(id) &&
          typeof name === 'string' &&
          name.length <= LONGEST_NAME &&
          pictures.length <= MOST_PICTURES &&
          pictures.every(Number.isSafeInteger),
      );
    if (!isSound) return undefined;
    return { classes, lesson: readLesson(lesson), known: readKnown(known), isStale };
  } catch {
    return undefined;
  }
}

function readLesson(lesson: Partial<Lesson> = {}): Lesson {
  const read = { ...DEFAULT_LESSON, ...lesson };
  const isSound =
    SIDES.includes(read.side) &&
    [read.shift, read.rotate, read.zoom].every((value) => value >= 0 && value <= 180) &&
    read.zoom < 1;
  return isSound ? read : DEFAULT_LESSON;
}

function readKnown(known: Known | undefined): Known | undefined {
  return known &&
    SIDES.includes(known.side) &&
    Array.isArray(known.classIds) &&
    known.classIds.every(Number.isSafeInteger)
    ? known
    : undefined;
}
