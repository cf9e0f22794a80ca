/** The types of a module's exports, read from its bytes: JavaScript tells names alone. */

const TYPES: Readonly<Record<number, string>> = { 127: 'i32', 126: 'i64', 125: 'f32', 124: 'f64' };

/** Reads a module's bytes (WebAssembly specification, section 5). */
class Reader {
  readonly #bytes: Uint8Array;
  #at: number;

  constructor(bytes: Uint8Array, at: number = 0) {
    this.#bytes = bytes;
    this.#at = at;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  byte(): number {
    return this.#bytes[this.#at++] ?? 0;
  }

  /** LEB128, unsigned. */
  number(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
    }
  }

  bytes(length: number): Uint8Array {
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  list<Item>(read: () => Item): Item[] {
    return Array.from({ length: this.number() }, read);
  }
}

/** Sections by number. */
function sections(module: Uint8Array): Map<number, Reader> {
  const reader = new Reader(module, 8);
  const found = new Map<number, Reader>();
  while (!reader.isAtEnd) found.set(reader.byte(), new Reader(reader.bytes(reader.number())));
  return found;
}

/** `name → (i32 ×2, f32) → ()` for every function that a module without imported functions exports. */
export function exportedSignatures(module: Uint8Array): Map<string, string> {
  const parts = sections(module);
  const [types, functions, exports] = [1, 3, 7].map((number) => parts.get(number));
  if (types === undefined || functions === undefined || exports === undefined) {
    throw new Error('internal: a module without functions');
  }
  const valueType = () => TYPES[types.byte()] ?? 'another type';
  const signatures = types.list(() => {
    types.byte(); // 0x60: a function
    return { parameters: types.list(valueType), results: types.list(valueType) };
  });
  const typeOf = functions.list(() => functions.number());
  const entries = exports.list(() => ({
    name: new TextDecoder().decode(exports.bytes(exports.number())),
    kind: exports.byte(),
    index: exports.number(),
  }));
  return new Map(
    entries
      .filter(({ kind }) => kind === 0)
      .map(({ name, index }) => {
        const { parameters = [], results = [] } = signatures[typeOf[index] ?? -1] ?? {};
        return [name, `(${runs(parameters)}) → ${runs(results) || '()'}`];
      }),
  );
}

/** `i32 ×2, f32` */
function runs(types: readonly string[]): string {
  const found: { type: string; count: number }[] = [];
  for (const type of types) {
    const last = found.at(-1);
    if (last?.type === type) last.count++;
    else found.push({ type, count: 1 });
  }
  return found.map(({ type, count }) => (count === 1 ? type : `${type} ×${count}`)).join(', ');
}
