/**
 * From wherever the kernels come to a compiled module; and where it cannot be had, the reason in one line.
 * @module
 */
import { open, toUrl } from '#host';
import { describe } from './errors.ts';

/** A compiled WebAssembly module, its bytes, or where they are: an address, or the response that brings them. */
export type WasmSource = URL | string | ArrayBuffer | Uint8Array | Response | WebAssembly.Module;

/** Of every WebAssembly module: `\0asm` and version 1. With nothing after it, a module that does nothing. */
const EMPTY_MODULE = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);

/** `() -> (v128)`: `i32.const 0`, `i8x16.splat`. */
const SIMD_MODULE = Uint8Array.of(
  ...EMPTY_MODULE,
  ...[1, 5, 1, 0x60, 0, 1, 0x7b], // types
  ...[3, 2, 1, 0], // functions
  ...[10, 8, 1, 6, 0, 0x41, 0, 0xfd, 0x0f, 0x0b], // code
);

const ENGINES = 'Node 20.19, Chrome 91, Firefox 89, Safari 16.4 or newer';

/** Whether it is one of the kinds of `WasmSource`. */
export function isWasmSource(value: unknown): value is WasmSource {
  return (
    typeof value === 'string' ||
    value instanceof URL ||
    value instanceof ArrayBuffer ||
    value instanceof Uint8Array ||
    value instanceof Response ||
    value instanceof WebAssembly.Module
  );
}

/**
 * Compiles what `source` is or leads to; `where` begins the messages.
 * @throws {TypeError} where it is of no such kind. @throws {Error} where it cannot be had or compiled: why, and what to do.
 */
export async function compileWasm(
  source: WasmSource,
  where: string = 'createBackend',
): Promise<WebAssembly.Module> {
  if (typeof WebAssembly === 'undefined') {
    throw new Error(`${where}: expected WebAssembly, got an engine without. Use ${ENGINES}.`);
  }
  if (!isWasmSource(source)) {
    throw new TypeError(
      `${where}: expected wasm as a URL, a string, bytes, a Response or a WebAssembly.Module, got ${describe(source)}.`,
    );
  }
  if (source instanceof WebAssembly.Module) return source;
  if (source instanceof ArrayBuffer) {
    return compileBytes(where, new Uint8Array(source), 'the given bytes');
  }
  if (source instanceof Uint8Array) return compileBytes(where, source, 'the given bytes');
  const found = source instanceof Response ? source : await fetchWasm(where, source);
  return found instanceof Response
    ? compileResponse(where, found)
    : compileBytes(where, found, String(source));
}

/** The bytes at an address. @throws {Error} where they cannot be had: why, and what to do. */
export async function readWasm(source: URL, where: string): Promise<Uint8Array<ArrayBuffer>> {
  const found = await fetchWasm(where, source);
  return found instanceof Response ? readResponse(found, where) : found;
}

/** The body of a response that went well. @throws {Error} where it did not, or is a web page. */
export async function readResponse(
  response: Response,
  where: string = 'createBackend',
): Promise<Uint8Array<ArrayBuffer>> {
  checkResponse(where, response);
  try {
    return new Uint8Array(await response.arrayBuffer());
  } catch (cause) {
    throw new Error(
      `${where}: expected all of ${nameOf(response)}, got a part (${messageOf(cause)}). Try again.`,
      { cause },
    );
  }
}

async function fetchWasm(
  where: string,
  source: URL | string,
): Promise<Response | Uint8Array<ArrayBuffer>> {
  try {
    return await open(typeof source === 'string' ? toUrl(source) : source);
  } catch (cause) {
    throw new Error(
      `${where}: expected the WebAssembly module at ${source}, could not get it (${messageOf(cause)}). Check the address and the connection; a Content-Security-Policy needs it under connect-src.`,
      { cause },
    );
  }
}

async function compileResponse(where: string, response: Response): Promise<WebAssembly.Module> {
  // while it still arrives, where the browser allows it: under this very type
  if (response.headers.get('content-type')?.trim().toLowerCase() !== 'application/wasm') {
    return compileBytes(where, await readResponse(response, where), nameOf(response));
  }
  checkResponse(where, response);
  return WebAssembly.compileStreaming(response).catch((cause: unknown) => {
    throw whyNot(where, nameOf(response), cause);
  });
}

async function compileBytes(
  where: string,
  bytes: Uint8Array,
  name: string,
): Promise<WebAssembly.Module> {
  if (!EMPTY_MODULE.every((byte, i) => bytes[i] === byte)) {
    const text = new TextDecoder().decode(bytes.slice(0, 40));
    throw new Error(
      `${where}: expected a WebAssembly module from ${name}, got ${bytes.length} bytes that begin with ${JSON.stringify(text)}. Copy kernels.wasm there, or pass { wasm }.`,
    );
  }
  try {
    // a copy where the memory is shared, which engines do not compile from
    return await WebAssembly.compile(
      bytes.buffer instanceof ArrayBuffer ? (bytes as Uint8Array<ArrayBuffer>) : bytes.slice(),
    );
  } catch (cause) {
    throw whyNot(where, name, cause);
  }
}

function checkResponse(where: string, response: Response): void {
  const { ok, status, bodyUsed, headers } = response;
  const type = headers.get('content-type') ?? '';
  if (ok && !bodyUsed && !type.includes('text/html')) return;
  const found = !ok
    ? `HTTP status ${status}`
    : bodyUsed
      ? 'a response read before'
      : `HTML (${type})`;
  throw new Error(
    `${where}: expected the WebAssembly module at ${nameOf(response)}, got ${found}. Serve kernels.wasm there, or pass { wasm }.`,
  );
}

/** Asks the engine what it can do, as messages of engines differ. */
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

function nameOf({ url }: Response): string {
  return url === '' ? 'the given response' : url;
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
