/** JSON as an attacker writes it: values of any kind in any place, keys twice, keys of prototypes, nesting without end. */
import fc from 'fast-check';
import { NUMBERS } from './bytes.ts';

const DEPTH = 100_000;

/** Texts of values; some of them are not JSON. */
const VALUES = [
  ...NUMBERS,
  'null',
  'true',
  'false',
  '"x"',
  '""',
  '"5"',
  '"\\ud800"',
  '"a\\u0000b"',
  '"\\u001b[31mred"',
  '"\\u009b31m"',
  '"\\u202etxt"',
  '"__proto__"',
  '"constructor"',
  '"toString"',
  '"input"',
  '[]',
  '{}',
  '[null]',
  '[[]]',
  '[1,2]',
  '[1,1,1,1]',
  '[1,2,3]',
  '[1e9,1e9,1e9]',
  '[-1,1,1]',
  '[1.5,2,2]',
  '{"type":"relu"}',
  '{"type":{"toString":1}}',
  '{"__proto__":{"polluted":1}}',
  '{"constructor":{"prototype":{"polluted":1}}}',
  '{"length":5}',
  '{"type":"constructor"}',
  '{"from":0.1}',
];
/** Long ones, seldom. */
const LONG = [
  `${'['.repeat(DEPTH)}${']'.repeat(DEPTH)}`,
  `${'{"a":'.repeat(DEPTH)}1${'}'.repeat(DEPTH)}`,
  JSON.stringify('x'.repeat(DEPTH)),
  `[${'1,'.repeat(DEPTH)}1]`,
  `{${Array.from({ length: 5000 }, (_, i) => `"k${i}":${i}`).join()}}`,
];
const KEYS = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'type',
  'name',
  'inputs',
  'length',
  '0',
  '',
  'x',
  '\\ud800',
  'learningRate',
  'strides',
  'padding',
  'trainable',
  'groups',
  'hasOwnProperty',
];

/** What is done to a node of a value, by the number of the node. */
interface Edit {
  readonly node: number;
  /** The text in its place. */
  readonly value?: string;
  /** Another pair in an object: of a key of its own (by number) or of another. */
  readonly key?: number | string;
  /** Leaves it out. */
  readonly drop?: boolean;
}

const text = fc.oneof(
  { arbitrary: fc.constantFrom(...VALUES), weight: 60 },
  { arbitrary: fc.json({ maxDepth: 3 }), weight: 10 },
  { arbitrary: fc.constantFrom(...LONG), weight: 1 },
);

const edit: fc.Arbitrary<Edit> = fc.oneof(
  { arbitrary: fc.record({ node: fc.nat(400), value: text }), weight: 6 },
  { arbitrary: fc.record({ node: fc.nat(400), drop: fc.constant(true) }), weight: 2 },
  {
    arbitrary: fc.record({
      node: fc.nat(400),
      key: fc.oneof(fc.nat(10), fc.constantFrom(...KEYS)),
      value: text,
    }),
    weight: 3,
  },
);

/** A text of JSON, and what it was. */
export interface HostileText {
  readonly text: string;
  readonly edits: readonly Edit[];
}

/** Texts of the values after 0 to 3 edits, and texts of any JSON or of none. */
export function hostileJson(values: readonly unknown[]): fc.Arbitrary<HostileText> {
  const edited = fc
    .record({
      value: fc.nat(values.length - 1),
      edits: fc.oneof(
        { arbitrary: fc.constant<Edit[]>([]), weight: 1 },
        { arbitrary: fc.array(edit, { minLength: 1, maxLength: 3 }), weight: 12 },
      ),
    })
    .map(({ value, edits }): HostileText => {
      const whole = values[value];
      const nodes = countNodes(whole);
      const byNode = new Map(edits.map((edit) => [edit.node % nodes, edit]));
      return { text: write(whole, byNode, { next: 0 }) ?? '', edits };
    });
  const free = fc
    .oneof(fc.json(), fc.string(), text)
    .map((text): HostileText => ({ text, edits: [] }));
  return fc.oneof({ arbitrary: edited, weight: 20 }, { arbitrary: free, weight: 1 });
}

function countNodes(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  return Object.values(value).reduce((sum: number, part) => sum + countNodes(part), 1);
}

/** The text of a value; undefined if it is left out. */
function write(
  value: unknown,
  edits: ReadonlyMap<number, Edit>,
  counter: { next: number },
): string | undefined {
  const edit = edits.get(counter.next++);
  if (edit?.drop) return skipped(value, counter, undefined);
  if (edit?.value !== undefined && edit.key === undefined)
    return skipped(value, counter, edit.value);
  if (Array.isArray(value)) {
    const parts = value.flatMap((part) => write(part, edits, counter) ?? []);
    return `[${[...parts, ...(edit?.value === undefined ? [] : [edit.value])].join()}]`;
  }
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const pairs = Object.entries(value).flatMap(([key, part]) => {
    const text = write(part, edits, counter);
    return text === undefined ? [] : [`${JSON.stringify(key)}:${text}`];
  });
  if (edit?.key !== undefined) {
    const own = Object.keys(value);
    const key =
      typeof edit.key === 'number'
        ? JSON.stringify(own[edit.key % Math.max(1, own.length)] ?? 'x')
        : `"${edit.key}"`;
    pairs.push(`${key}:${edit.value}`);
  }
  return `{${pairs.join()}}`;
}

/** Counts the nodes below a value that is not written. */
function skipped<Text>(value: unknown, counter: { next: number }, text: Text): Text {
  counter.next += countNodes(value) - 1;
  return text;
}

/** The beginning of a text. */
export function showText({ text }: { readonly text: string }): string {
  return text.length > 1500 ? `${text.slice(0, 1500)}… (${text.length} characters)` : text;
}

/** Whether an object of a JSON text names a key twice: counted by hand, for JSON.parse keeps the last without a word. */
export function hasRepeatedKey(text: string): boolean {
  const stack: (Set<string> | undefined)[] = [];
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?|[{}[\]]/gs)) {
    if (token === '{') stack.push(new Set());
    else if (token === '[') stack.push(undefined);
    else if (token === '}' || token === ']') stack.pop();
    else if (token.endsWith(':')) {
      const key: string = JSON.parse(token.slice(0, -1));
      const keys = stack.at(-1);
      if (keys?.has(key)) return true;
      keys?.add(key);
    }
  }
  return false;
}
