/**
 * Compiles the kernels, wherever they come from. If they cannot be compiled, the error gives the reason in one line.
 * @module
 */
import { isArrayBuffer, isResponse, isTypedArray } from '../base/brands.ts';
import type { Response, WasmModule } from '../base/engine.ts';
import {
  checkResponse,
  checkWasmSource,
  cutShort,
  fetchWasm,
  messageOf,
  nameOf,
  readResponse,
  sourceName,
  type WasmSource,
} from './source.ts';

/** The start of every WebAssembly module: `\0asm` and version 1. Alone it is a module that does nothing. */
const EMPTY_MODULE = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);

/** `() -> (v128)`: `i32.const 0`, `i8x16.splat`. */
const SIMD_MODULE = Uint8Array.of(
  ...EMPTY_MODULE,
  ...[1, 5, 1, 0x60, 0, 1, 0x7b], // types
  ...[3, 2, 1, 0], // functions
  ...[10, 8, 1, 6, 0, 0x41, 0, 0xfd, 0x0f, 0x0b], // code
);

const ENGINES = 'Node 20.19, Chrome 91, Firefox 89, Safari 16.4 or newer';

/**
 * Compiles what `source` is or leads to; `where` begins the messages.
 * @throws {TypeError} if `source` is of another kind.
 * @throws {Error} if the module cannot be loaded or compiled; the message tells why and what to do.
 */
export async function compileWasm(where: string, source: WasmSource): Promise<WasmModule> {
  if (typeof WebAssembly === 'undefined') {
    throw new Error(`${where}: expected WebAssembly, got an engine without. Use ${ENGINES}.`);
  }
  checkWasmSource(where, source);
  if (source instanceof WebAssembly.Module) return source;
  if (isArrayBuffer(source)) {
    // an array over a buffer that was moved to another thread throws
    const bytes = source.byteLength === 0 ? new Uint8Array() : new Uint8Array(source);
    return compileBytes(where, bytes, sourceName(source));
  }
  if (isTypedArray(source, 'Uint8Array')) return compileBytes(where, source, sourceName(source));
  const found = isResponse(source) ? source : await fetchWasm(where, source);
  return isResponse(found)
    ? compileResponse(where, found)
    : compileBytes(where, found, sourceName(source));
}

async function compileResponse(where: string, response: Response): Promise<WasmModule> {
  // engines compile while the module still arrives, but only under this type, some only if it is in small letters
  if (response.headers.get('content-type') !== 'application/wasm') {
    return compileBytes(where, await readResponse(where, response), nameOf(response));
  }
  checkResponse(where, response);
  try {
    return await WebAssembly.compileStreaming(response);
  } catch (cause) {
    if (canCompile() && !(cause instanceof WebAssembly.CompileError)) {
      throw cutShort(where, nameOf(response), cause);
    }
    throw whyNot(where, nameOf(response), cause);
  }
}

/** Compiles bytes, which messages call `name`. @throws {Error} if they are no module, or do not compile. */
export async function compileBytes(
  where: string,
  bytes: Uint8Array,
  name: string,
): Promise<WasmModule> {
  if (!EMPTY_MODULE.every((byte, i) => bytes[i] === byte)) {
    // TextDecoder refuses shared memory, and slice refuses a buffer that was moved to another thread
    const begin = Uint8Array.from({ length: Math.min(40, bytes.length) }, (_, i) => bytes[i] ?? 0);
    const text = new TextDecoder().decode(begin);
    throw new Error(
      `${where}: expected a WebAssembly module from ${name}, got ${bytes.length} bytes that begin with ${JSON.stringify(text)}. Copy kernels.wasm there, or pass { wasm }.`,
    );
  }
  try {
    // bytes in shared memory are copied, as engines do not compile from shared memory
    return await WebAssembly.compile(
      isArrayBuffer(bytes.buffer) ? (bytes as Uint8Array<ArrayBuffer>) : bytes.slice(),
    );
  } catch (cause) {
    throw whyNot(where, name, cause);
  }
}

/** Asks the engine what it can do, as the messages of engines differ. */
function whyNot(where: string, name: string, cause: unknown): Error {
  if (!canCompile()) {
    return new Error(
      `${where}: expected leave to compile WebAssembly, the page's Content-Security-Policy forbids it. Add 'wasm-unsafe-eval' to its script-src.`,
      { cause },
    );
  }
  if (!WebAssembly.validate(SIMD_MODULE)) {
    return new Error(
      `${where}: expected an engine with WebAssembly SIMD, got one without. Use ${ENGINES}.`,
      { cause },
    );
  }
  return new Error(
    `${where}: expected the kernels of this release from ${name}, got a module that does not compile (${messageOf(cause)}). Copy the file again.`,
    { cause },
  );
}

function canCompile(): boolean {
  try {
    new WebAssembly.Module(EMPTY_MODULE);
    return true;
  } catch {
    return false;
  }
}
