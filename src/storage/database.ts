/** Files in IndexedDB, if there is no file system to write to. A transaction is done as a whole, or not at all. @module */
import type { Store } from './store.ts';

const DATABASE = 'convlet';
const FILES = 'files';

/** The store; undefined if this browser has no IndexedDB, or does not let us use it. */
export async function openDatabase(): Promise<Store | undefined> {
  if (globalThis.indexedDB === undefined) return undefined;
  try {
    const opening = indexedDB.open(DATABASE, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(FILES);
    return storeOf(await resultOf(opening));
  } catch {
    return undefined;
  }
}

function storeOf(database: IDBDatabase): Store {
  const read = () => database.transaction(FILES).objectStore(FILES);
  return {
    name: 'IndexedDB',
    save: (name, bytes) => write(database, (files) => void files.put(bytes, name)),
    load: (name) => resultOf(read().get(name)),
    list: async () => (await resultOf(read().getAllKeys())).map(String),
    async remove(name) {
      const isThere = (await resultOf(read().count(name))) > 0;
      if (isThere) await write(database, (files) => void files.delete(name));
      return isThere;
    },
  };
}

/** Resolves when the change is on the disk. */
function write(database: IDBDatabase, change: (files: IDBObjectStore) => void): Promise<void> {
  const transaction = database.transaction(FILES, 'readwrite', { durability: 'strict' });
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error); // an exceeded quota ends here
    change(transaction.objectStore(FILES));
  });
}

function resultOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
