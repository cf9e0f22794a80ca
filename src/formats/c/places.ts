/** Where the values of a network lie in C: in one arena, those that are never needed at one time in one place. @module */
import { placeStorages } from '../../compile/lifetimes.ts';

/** A statement that reads some values and writes one. */
export interface Use {
  readonly xs: readonly number[];
  readonly y: number;
  /** `'view'`: y is the first x. `'inPlace'`: y may lie where the first x does, if nothing reads that later. */
  readonly sharing?: 'view' | 'inPlace' | undefined;
}

/** Values that are parameters of `predict`. */
export interface Given {
  /** The value that is the image, which is not written to; none if the image is taken over first. */
  readonly image?: number | undefined;
  /** The value that is the output. */
  readonly output: number;
}

export interface Placed {
  /** The address of each value in C. */
  addressOf(value: number): string;
  /** Elements of the arena. */
  readonly length: number;
}

type Place =
  | 'image'
  | 'output'
  | { readonly imageBytes: number; readonly start: number; end: number };

/** @param lengths Elements of each value. */
export function placeValues(
  uses: readonly Use[],
  lengths: readonly number[],
  { image, output }: Given,
): Placed {
  const shares = sharing(uses, image);
  const intoOutput = new Set([output]);
  for (const [index, { xs, y }] of [...uses.entries()].reverse()) {
    if (intoOutput.has(y) && shares[index]) intoOutput.add(xs[0] ?? 0);
  }
  const places = new Map<number, Place>();
  if (image !== undefined) places.set(image, 'image');
  const read = (value: number, moment: number) => {
    const place = places.get(value);
    if (typeof place === 'object') place.end = Math.max(place.end, moment);
  };
  for (const [moment, { xs, y }] of uses.entries()) {
    for (const x of xs) read(x, moment);
    const shared = shares[moment] ? places.get(xs[0] ?? 0) : undefined;
    const own = { imageBytes: lengths[y] ?? 0, start: moment, end: moment };
    const place = places.get(y) ?? shared ?? (intoOutput.has(y) ? 'output' : own);
    places.set(y, place);
    read(y, moment);
  }
  read(output, uses.length);
  const storages = [...new Set(places.values())].filter((place) => typeof place === 'object');
  const { addresses, end } = placeStorages(storages, 1, 0, (elements) => elements);
  return {
    addressOf(value) {
      const place = places.get(value) ?? 'output';
      if (typeof place === 'string') return place;
      return `arena + ${addresses[storages.indexOf(place)] ?? 0}`;
    },
    length: end,
  };
}

/** Whether each statement writes to the place of its first input. */
function sharing(uses: readonly Use[], image: number | undefined): readonly boolean[] {
  const rootOf = new Map<number, number>();
  const root = (value: number) => rootOf.get(value) ?? value;
  const lastUses = new Map<number, number>();
  for (const [index, { xs, y, sharing }] of uses.entries()) {
    if (sharing === 'view') rootOf.set(y, root(xs[0] ?? 0));
    for (const x of xs) lastUses.set(root(x), index);
  }
  return uses.map(({ xs: [x = 0, , ...later], sharing }, index) => {
    if (sharing !== 'inPlace') return sharing === 'view';
    const isReadAgain = later.some((other) => root(other) === root(x)); // when the first two are summed there already
    return root(x) !== image && lastUses.get(root(x)) === index && !isReadAgain;
  });
}
