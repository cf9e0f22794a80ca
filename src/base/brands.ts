/**
 * What kind of value a value is, asked of the value itself: `instanceof` says no to what another realm made (an iframe,
 * `node:vm`, a test runner), with the same bytes behind it.
 * @module
 */
import type { Response } from './engine.ts';

/** Typed arrays by the name their kind has. */
interface TypedArrays {
  readonly Int8Array: Int8Array;
  readonly Uint8Array: Uint8Array;
  readonly Uint8ClampedArray: Uint8ClampedArray;
  readonly Uint16Array: Uint16Array;
  readonly Int32Array: Int32Array;
  readonly Float32Array: Float32Array;
  readonly Float64Array: Float64Array;
}

const TypedArray: object = Object.getPrototypeOf(Uint8Array.prototype);
// the getter reads the hidden kind of its receiver, which nothing can fake
const kindOf = Object.getOwnPropertyDescriptor(TypedArray, Symbol.toStringTag)?.get;

/** Whether a value is a typed array of one of these kinds, whoever made it. */
export function isTypedArray<Kind extends keyof TypedArrays>(
  value: unknown,
  ...kinds: readonly Kind[]
): value is TypedArrays[Kind] {
  const kind: unknown = kindOf?.call(value);
  return kinds.some((name) => name === kind);
}

/** Whether a value is an `ArrayBuffer` that is not shared, whoever made it. */
export function isArrayBuffer(value: unknown): value is ArrayBuffer {
  return Object.prototype.toString.call(value) === '[object ArrayBuffer]';
}

/** Whether a value is a `Response`, whoever made it. Node loads its HTTP client when the global of this name is first used. */
export function isResponse(value: unknown): value is Response {
  return Object.prototype.toString.call(value) === '[object Response]';
}

/** Whether a value is a `Map`, whoever made it. */
export function isMap(value: unknown): value is ReadonlyMap<unknown, unknown> {
  try {
    Map.prototype.has.call(value as never, 0); // an object may bear the tag of a map, or be a proxy of one
    return true;
  } catch {
    return false;
  }
}

/** Whether a value is an object as `{ … }` makes it, whoever made it: no list, no instance of a class. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: object | null = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Whether a value is a promise, of whatever library. */
export function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value;
}
