/**
 * Files kept in the browser, `convlet/storage`: checkpoints that outlive the page. They lie in the Origin Private File
 * System, or in IndexedDB if that system is missing or refused. A file saved in one of them is still found when the
 * browser later has the other.
 *
 * A browser may clear the files when the disk is full, unless the site asked for `navigator.storage.persist()`.
 * @module
 */
import { isArrayBuffer } from '../base/brands.ts';
import { checkBytes } from '../base/checks.ts';
import { describe } from '../base/errors.ts';
import { openDatabase } from './database.ts';
import { openFileSystem } from './fileSystem.ts';
import type { Store } from './store.ts';

/** Longest name that file systems take, in bytes of UTF-8. */
const NAME_BYTES = 255;

/** Name of the error when there is no room. */
const QUOTA_EXCEEDED = 'QuotaExceededError';

/**
 * Keeps bytes under a name and replaces the old file. If saving fails, the old file stays whole.
 * @throws {TypeError | RangeError} if the name is not a file name, or there are no bytes.
 * @throws {Error} if there is no room or no storage.
 */
export async function saveFile(name: string, bytes: Uint8Array | ArrayBuffer): Promise<void> {
  checkName('saveFile', name);
  if (!isArrayBuffer(bytes)) checkBytes(`saveFile: ${name}`, bytes);
  if (bytes.byteLength === 0) {
    throw new RangeError(
      `saveFile: expected at least one byte for ${name}, got none. Use deleteFile to remove it.`,
    );
  }
  const copy = new Uint8Array(bytes).slice(); // as they are now, and not in shared memory
  const stores = await openStores('saveFile');
  for (const store of stores) {
    try {
      await attempt('saveFile', name, store, () => store.save(name, copy));
    } catch (error) {
      if (store === stores.at(-1) || isFull(error)) throw error;
      refusing.add(store); // the next one may take it
      continue;
    }
    for (const other of stores) {
      if (other === store) continue;
      // the next page may ask this one first, but it has the older file
      const removal = attempt('saveFile', name, other, () => other.remove(name));
      await (refusing.has(other) ? removal.catch(() => false) : removal);
    }
    return;
  }
}

/** The bytes kept under a name, or undefined if there is no such file. @throws as `saveFile` does. */
export async function loadFile(name: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  checkName('loadFile', name);
  for (const store of await openStores('loadFile')) {
    const bytes = await attempt('loadFile', name, store, () => store.load(name));
    if (bytes !== undefined) return bytes;
  }
  return undefined;
}

/** The names of all files, sorted. @throws {Error} if there is no storage. */
export async function listFiles(): Promise<string[]> {
  const stores = await openStores('listFiles');
  const lists = await Promise.all(
    stores.map((store) => attempt('listFiles', 'the names', store, () => store.list())),
  );
  return [...new Set(lists.flat())].sort();
}

/** Removes a file. @returns whether there was one. @throws as `saveFile` does. */
export async function deleteFile(name: string): Promise<boolean> {
  checkName('deleteFile', name);
  let wasThere = false;
  for (const store of await openStores('deleteFile')) {
    if (await attempt('deleteFile', name, store, () => store.remove(name))) wasThere = true;
  }
  return wasThere;
}

let opened: Promise<readonly (Store | undefined)[]> | undefined;

/** All stores, opened once. Files are written to the first that takes them. */
async function openStores(where: string): Promise<[Store, ...Store[]]> {
  opened ??= Promise.all([openFileSystem(), openDatabase()]);
  const [first, ...others] = (await opened)
    .filter((store) => store !== undefined)
    .sort((a, b) => Number(refusing.has(a)) - Number(refusing.has(b)));
  if (first !== undefined) return [first, ...others];
  opened = undefined; // permission may be given later
  throw new Error(
    `${where}: expected the Origin Private File System or IndexedDB, got neither: this is no page, or its window is private or forbids site data. Offer the file as a download.`,
  );
}

/** Those that have refused a file. They are asked last: what they have stays in reach. */
const refusing = new Set<Store>();

/** Runs `run`. An error tells what failed and what to do. */
async function attempt<T>(
  where: string,
  name: string,
  store: Store,
  run: () => Promise<T>,
): Promise<T> {
  try {
    return await run();
  } catch (cause) {
    const reason = cause instanceof Error ? cause : new Error(String(cause));
    throw new Error(`${where}: ${await tell(name, store, reason)}`, { cause });
  }
}

function isFull(error: unknown): boolean {
  return (
    error instanceof Error && error.cause instanceof Error && error.cause.name === QUOTA_EXCEEDED
  );
}

async function tell(name: string, store: Store, { name: kind, message }: Error): Promise<string> {
  if (kind !== QUOTA_EXCEEDED) {
    return `expected ${store.name} to take or give ${name}, got ${kind} (${message}). Offer the file as a download.`;
  }
  const { usage = 0, quota = 0 } = (await navigator.storage?.estimate?.()) ?? {};
  const mebibytes = (bytes: number) => `${Math.ceil(bytes / 2 ** 20).toLocaleString('en')} MiB`;
  return `expected room for ${name}, got a full quota (${mebibytes(usage)} of ${mebibytes(quota)} in use). Delete files, or offer this one as a download.`;
}

function checkName(where: string, name: unknown): void {
  if (
    typeof name === 'string' &&
    !/^\.{0,2}$|[/\\\0]/.test(name) &&
    new TextEncoder().encode(name).length <= NAME_BYTES
  ) {
    return;
  }
  throw new TypeError(
    `${where}: expected a file name without / and \\, of at most ${NAME_BYTES} bytes, got ${describe(name)}. Use another.`,
  );
}
