/**
 * Types of the engine that Convlet's declarations name. TypeScript knows these types only in a project with the library of
 * a page or, some of them, with the types of Node. In a project with neither, the declarations must compile as well: a
 * type that the project lacks is `never` there, as the project has no values of it either.
 * @module
 */

export type AbortSignal = typeof globalThis extends { AbortSignal: { prototype: infer T } }
  ? T
  : never;

export type Response = typeof globalThis extends { Response: { prototype: infer T } } ? T : never;

export type URL = typeof globalThis extends { URL: { prototype: infer T } } ? T : never;

/** A `WebAssembly.Module`. */
export type WasmModule = typeof globalThis extends {
  WebAssembly: { Module: { prototype: infer T } };
}
  ? T
  : never;

/** A `WebAssembly.Memory`. */
export type WasmMemory = typeof globalThis extends {
  WebAssembly: { Memory: { prototype: infer T } };
}
  ? T
  : { readonly buffer: ArrayBuffer; grow(delta: number): number };
