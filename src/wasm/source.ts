/** Where the compiled kernels come from: what users pass as `wasm`, checked, and fetched if it is an address. @module */
import { FETCH_ADVICE, open, toUrl } from '#host';
import { isArrayBuffer, isPromise, isRecord, isResponse, isTypedArray } from '../base/brands.ts';
import type { Response, URL, WasmModule } from '../base/engine.ts';
import { describe } from '../base/errors.ts';
import { checkOptions, type OptionChecks } from '../base/options.ts';

/** A compiled WebAssembly module, its bytes, the address of the bytes, or a response that brings them. */
export type WasmSource = URL | string | ArrayBuffer | Uint8Array | Response | WasmModule;

/** The two builds of the kernels. A build that is not given is taken from beside the library. */
export interface WasmSources {
  /** kernels.wasm, for one thread. */
  readonly kernels?: WasmSource;
  /** kernels.threads.wasm, for several. */
  readonly threads?: WasmSource;
}

const checks: OptionChecks<WasmSources> = { kernels: checkSource, threads: checkSource };

/**
 * The sources by name. A single source is the source of kernels.wasm. `where` begins the message.
 * @throws {TypeError} if `wasm` is no source, or an object with other fields.
 */
export function namedSources(where: string, wasm: WasmSource | WasmSources): WasmSources {
  if (isWasmSource(wasm)) return { kernels: wasm };
  if (!isRecord(wasm)) throw wrongKind(where, wasm);
  return checkOptions(`${where}: wasm`, wasm, checks);
}

function checkSource(where: string, _name: string, value: unknown): void {
  checkWasmSource(where, value);
}

/** @throws {TypeError} unless `value` is a source; `where` begins the message, as everywhere in this file. */
export function checkWasmSource(where: string, value: unknown): asserts value is WasmSource {
  if (!isWasmSource(value)) throw wrongKind(where, value);
}

function isWasmSource(value: unknown): value is WasmSource {
  return (
    typeof value === 'string' ||
    value instanceof URL ||
    isArrayBuffer(value) ||
    isTypedArray(value, 'Uint8Array') ||
    isResponse(value) ||
    (typeof WebAssembly !== 'undefined' && value instanceof WebAssembly.Module)
  );
}

function wrongKind(where: string, value: unknown): TypeError {
  return new TypeError(
    `${where}: expected wasm as a URL, a string, bytes, a Response or a WebAssembly.Module, got ${describe(value)}. ${isPromise(value) ? 'Await it.' : 'Use one of these.'}`,
  );
}

/** Fetches what lies at an address; a file comes as its bytes. @throws {Error} if that fails. */
export async function fetchWasm(
  where: string,
  source: URL | string,
): Promise<Response | Uint8Array<ArrayBuffer>> {
  try {
    return await open(typeof source === 'string' ? toUrl(source) : source);
  } catch (cause) {
    throw new Error(
      `${where}: expected the WebAssembly module at ${source}, could not get it (${messageOf(cause)}). ${FETCH_ADVICE}`,
      { cause },
    );
  }
}

/** The bytes of a source. @throws {TypeError} if it is a compiled module, which has none; {Error} if they cannot be had. */
export async function bytesOf(where: string, source: WasmSource): Promise<Uint8Array<ArrayBuffer>> {
  checkWasmSource(where, source);
  if (isArrayBuffer(source)) return new Uint8Array(source);
  if (isTypedArray(source, 'Uint8Array')) return new Uint8Array(source);
  if (isResponse(source)) return readResponse(where, source);
  if (typeof source === 'string' || source instanceof URL) {
    const found = await fetchWasm(where, source);
    return isResponse(found) ? readResponse(where, found) : found;
  }
  throw new TypeError(
    `${where}: expected wasm as bytes or an address with wide: true, got a WebAssembly.Module. Pass its bytes.`,
  );
}

/** The body of a successful response. @throws {Error} if the response failed, or is a web page. */
export async function readResponse(
  where: string,
  response: Response,
): Promise<Uint8Array<ArrayBuffer>> {
  checkResponse(where, response);
  try {
    return new Uint8Array(await response.arrayBuffer());
  } catch (cause) {
    throw cutShort(where, nameOf(response), cause);
  }
}

export function cutShort(where: string, name: string, cause: unknown): Error {
  const reason = messageOf(cause);
  return new Error(`${where}: expected all of ${name}, got a part (${reason}). Try again.`, {
    cause,
  });
}

/** @throws {Error} unless the response was successful and may be a module. */
export function checkResponse(where: string, response: Response): void {
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

/** What messages call a source. */
export function sourceName(source: WasmSource): string {
  if (isResponse(source)) return nameOf(source);
  return typeof source === 'string' || source instanceof URL ? String(source) : 'the given bytes';
}

export function nameOf({ url }: Response): string {
  return url === '' ? 'the given response' : url;
}

export function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
