/** Files after damage: bits, bytes and numbers changed, parts cut, doubled, moved between files; and bytes of no file at all. */
import fc from 'fast-check';

/** Where in a file: from its start, from its end, or as a share of it. */
type Place = { readonly start: number } | { readonly end: number } | { readonly share: number };

type Edit =
  | { readonly at: Place; readonly flip: number }
  | { readonly at: Place; readonly bytes: Uint8Array }
  | { readonly at: Place; readonly insert: Uint8Array }
  | { readonly at: Place; readonly cut: number }
  | { readonly at: Place; readonly number: bigint; readonly width: number; readonly big: boolean }
  | { readonly at: Place; readonly from: number; readonly begin: Place; readonly length: number }
  | { readonly digits: number; readonly text: string }
  | { readonly truncate: Place };

/** A file, and how it was made. */
export interface Damaged {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The file that was damaged; undefined if the bytes are of none. */
  readonly sample: number | undefined;
  readonly edits: readonly Edit[];
}

/** Numbers at the edges of types, of lengths and of products. */
const BOUNDARIES = [
  0n,
  1n,
  2n,
  3n,
  127n,
  128n,
  255n,
  256n,
  2n ** 15n,
  2n ** 16n - 1n,
  2n ** 16n,
  2n ** 31n - 1n,
  2n ** 31n,
  2n ** 32n - 1n,
  2n ** 32n,
  2n ** 53n,
  2n ** 63n,
  2n ** 64n - 1n,
];

/** The same in texts. */
export const NUMBERS = [
  '0',
  '-0',
  '-1',
  '1',
  '1.5',
  '007',
  '1e3',
  '1e400',
  '-1e400',
  '1e-46',
  '255',
  '256',
  '65536',
  '2147483647',
  '2147483648',
  '4294967296',
  '9007199254740993',
  '18446744073709551616',
  '999999999',
  '0x10',
  'NaN',
  'Infinity',
  '',
  ' ',
  '٣',
];

const place: fc.Arbitrary<Place> = fc.oneof(
  { arbitrary: fc.record({ start: fc.nat(63) }), weight: 4 },
  { arbitrary: fc.record({ end: fc.nat(63) }), weight: 2 },
  { arbitrary: fc.record({ share: fc.double({ min: 0, max: 1, noNaN: true }) }), weight: 3 },
);

/** @param words What the format itself is made of, to be put anywhere. */
function editOf(samples: number, words: readonly string[]): fc.Arbitrary<Edit> {
  const texts = words.map((word) => new TextEncoder().encode(word));
  const junk = fc.uint8Array({ maxLength: 20 });
  const piece = texts.length === 0 ? junk : fc.oneof(junk, fc.constantFrom(...texts));
  return fc.oneof(
    fc.record({ at: place, flip: fc.nat(7) }),
    fc.record({ at: place, bytes: piece }),
    fc.record({ at: place, insert: piece }),
    fc.record({ at: place, cut: fc.oneof(fc.nat(8), fc.nat(200)) }),
    fc.record({
      at: place,
      number: fc.constantFrom(...BOUNDARIES),
      width: fc.constantFrom(1, 2, 4, 8),
      big: fc.boolean(),
    }),
    fc.record({
      at: place,
      from: fc.nat(samples - 1),
      begin: place,
      length: fc.oneof(fc.nat(16), fc.nat(500)),
    }),
    fc.record({ digits: fc.nat(40), text: fc.constantFrom(...NUMBERS) }),
    fc.record({ truncate: place }),
  );
}

/** Files after 0 to 4 edits, and junk that may begin as the format does. */
export function damaged(
  samples: readonly Uint8Array[],
  words: readonly string[] = [],
  signatures: readonly (readonly number[])[] = [],
): fc.Arbitrary<Damaged> {
  const fromSample = fc
    .record({
      sample: fc.nat(samples.length - 1),
      edits: fc.oneof(
        { arbitrary: fc.constant([]), weight: 1 },
        {
          arbitrary: fc.array(editOf(samples.length, words), { minLength: 1, maxLength: 4 }),
          weight: 15,
        },
      ),
    })
    .map(({ sample, edits }): Damaged => {
      let bytes: Uint8Array = new Uint8Array(samples[sample] ?? []); // a copy: the slice of a Buffer is none
      for (const edit of edits) bytes = apply(edit, bytes, samples);
      return { bytes: bytes as Uint8Array<ArrayBuffer>, sample, edits };
    });
  const junk = fc
    .tuple(fc.constantFrom([], ...signatures), fc.uint8Array({ maxLength: 300 }))
    .map(([start, rest]): Damaged => {
      return { bytes: Uint8Array.of(...start, ...rest), sample: undefined, edits: [] };
    });
  return fc.oneof({ arbitrary: fromSample, weight: 15 }, { arbitrary: junk, weight: 1 });
}

function resolve(place: Place, length: number): number {
  if ('start' in place) return Math.min(place.start, length);
  if ('end' in place) return Math.max(0, length - place.end);
  return Math.floor(place.share * length);
}

function apply(edit: Edit, bytes: Uint8Array, samples: readonly Uint8Array[]): Uint8Array {
  if ('truncate' in edit) return bytes.slice(0, resolve(edit.truncate, bytes.length));
  if ('digits' in edit) return replaceDigits(bytes, edit.digits, edit.text);
  const at = resolve(edit.at, bytes.length);
  const joined = (piece: Uint8Array, rest: number) =>
    Uint8Array.of(...bytes.subarray(0, at), ...piece, ...bytes.subarray(rest));
  if ('flip' in edit) {
    if (at < bytes.length) bytes[at] = (bytes[at] ?? 0) ^ (1 << edit.flip);
    return bytes;
  }
  if ('bytes' in edit) return joined(edit.bytes, at + edit.bytes.length);
  if ('insert' in edit) return joined(edit.insert, at);
  if ('cut' in edit) return joined(new Uint8Array(), at + edit.cut);
  if ('number' in edit) {
    const piece = Array.from({ length: edit.width }, (_, i) =>
      Number((edit.number >> BigInt(8 * i)) & 255n),
    );
    return joined(Uint8Array.from(edit.big ? piece.reverse() : piece), at + edit.width);
  }
  const other = samples[edit.from] ?? bytes;
  const begin = resolve(edit.begin, other.length);
  return joined(other.subarray(begin, begin + edit.length), at);
}

/** Puts a text in the place of the nth run of digits of the beginning, as in a header of text. */
function replaceDigits(bytes: Uint8Array, n: number, text: string): Uint8Array {
  const start = new TextDecoder('latin1').decode(bytes.subarray(0, 2000));
  const runs = [...start.matchAll(/\d+/g)];
  const run = runs[n % Math.max(1, runs.length)];
  if (run === undefined) return bytes;
  const piece = new TextEncoder().encode(text);
  return Uint8Array.of(
    ...bytes.subarray(0, run.index),
    ...piece,
    ...bytes.subarray(run.index + run[0].length),
  );
}

/** The bytes in hexadecimal, and what was done. */
export function showBytes({ bytes, sample, edits }: Damaged): string {
  const shown = Buffer.from(bytes.subarray(0, 400)).toString('hex');
  return `${bytes.length} bytes of sample ${sample}: ${shown}${bytes.length > 400 ? '…' : ''} after ${JSON.stringify(edits, (_, value) => (typeof value === 'bigint' ? String(value) : value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value))}`;
}
