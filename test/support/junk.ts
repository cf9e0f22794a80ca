/** Values that nobody should pass, and how a refusal reads. */
import { expect } from 'vitest';

/** What begins a command to a terminal. */
const ESCAPE = '\u001b';

/** By name. Promises, proxies and boxed numbers are what mistakes and frameworks bring. */
export const junk: Readonly<Record<string, unknown>> = {
  undefined: undefined,
  null: null,
  '5': 5,
  "'x'": 'x',
  'no text': '',
  true: true,
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-1': -1,
  '0.5': 0.5,
  '2 ** 53': 2 ** 53,
  '10n': 10n,
  'a symbol': Symbol('s'),
  'a function': () => undefined,
  '[]': [],
  '[null]': [null],
  '[1, 1, 6, 6]': [1, 1, 6, 6],
  '{}': {},
  'no prototype': Object.create(null),
  'a proxy': new Proxy({}, {}),
  '{ type: {} }': { type: {} },
  "{ type: 'toString' }": { type: 'toString' },
  '{ nothing: 1 }': { nothing: 1 },
  'inherited fields': Object.create({ epochs: 5 }),
  'a promise': Promise.resolve({}),
  'a date': new Date(0),
  'a map': new Map(),
  'a set': new Set([1]),
  'an error': new Error('e'),
  'a boxed text': new String('relu'),
  'a boxed number': new Number(3),
  'a buffer': new ArrayBuffer(3),
  'no bytes': new Uint8Array(0),
  'three bytes': new Uint8Array(3),
  'signed bytes': new Int8Array(3),
  doubles: new Float64Array(36),
  '{ constructor: {} }': { constructor: { name: `${ESCAPE}[31mRED` } },
};

/** What a public function throws on purpose. */
const NAMES = ['TypeError', 'RangeError', 'ShapeError', 'FormatError'];

/** `<where>: expected <what>, got <what>. <what to do>.`, on one line. */
const SENTENCE = /^[^\n:]+: [^\n]*\bexpected [^\n]+, got [^\n]+\. [A-Z][^\n]+\.$/;

/** Texts of engines, in V8's words. */
const ENGINE =
  /is not a function|not iterable|Cannot |is not defined|out of bounds|[Ss]tart offset|Invalid |not a constructor|could not be cloned|divide by zero|unreachable|internal:|must be of type/;

/** Throws unless an error is a refusal of ours. */
export function expectRefusal(error: unknown, names: readonly string[] = NAMES): void {
  expect(error).toBeInstanceOf(Error);
  const { name, message } = error as Error;
  expect(names, `${name}: ${message}`).toContain(name);
  expect(message).toMatch(SENTENCE);
  expect(message).not.toMatch(ENGINE);
  expect(message).not.toContain(ESCAPE);
}

/** What a call throws, or rejects with; undefined if it is taken. */
export async function errorOf(call: () => unknown): Promise<unknown> {
  try {
    await call();
    return undefined;
  } catch (error) {
    return error;
  }
}
