/** A C program while it is written: functions, constants, the calls in their order, and the size of the arena. @module */

/** A function of the file. It is written once if anything calls it, after those that it needs. */
export interface CFunction {
  readonly name: string;
  /** Its comment and its code. */
  readonly text: string;
  readonly needs?: readonly CFunction[];
}

/** A statement of `predict`. Texts are C as they stand. */
export interface Call {
  readonly to: CFunction;
  readonly args: readonly (string | number)[];
}

/** The numbers between layers. */
export type NumberType = 'float' | 'int8_t';

export type ConstantData = Float32Array | Int8Array | Int32Array | Uint8Array;

/** What the layers of a network become. */
export interface Program {
  readonly calls: readonly Call[];
  /** By name, in the order of their use. */
  readonly constants: ReadonlyMap<string, ConstantData>;
  /** Elements of the arena. */
  readonly arenaLength: number;
  readonly elementType: NumberType;
  readonly elementBytes: number;
  readonly pixelType: 'float' | 'uint8_t';
  /** What a pixel is, and how it is computed: for the head of the file. */
  readonly pixel: string;
  readonly arithmetic: readonly string[];
  readonly includes: readonly string[];
}

/** A function from its name and text. */
export function cFunction(name: string, text: string, ...needs: readonly CFunction[]): CFunction {
  return { name, text: text.trim(), needs };
}

/** The functions that calls need, each after those that it calls itself. */
export function functionsOf(calls: readonly Call[]): readonly CFunction[] {
  const found = new Map<string, CFunction>();
  const add = (own: CFunction): void => {
    for (const needed of own.needs ?? []) add(needed);
    found.set(own.name, own);
  };
  for (const { to } of calls) add(to);
  return [...found.values()];
}

/** Bytes of constants. */
export function constantBytes({ constants }: Program): number {
  return [...constants.values()].reduce((total, { byteLength }) => total + byteLength, 0);
}
