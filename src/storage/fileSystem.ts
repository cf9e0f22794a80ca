/**
 * Files in the Origin Private File System (WHATWG File System Standard), a folder that a site has to itself.
 *
 * `createWritable` writes to a file aside, and `close` puts it in the place of the old one: a tab that is closed in between
 * leaves the old one; or, where there was none, an empty file, which counts as none.
 * @module
 */
import type { Store } from './store.ts';

/** Not among the files of others on the same site. */
const FOLDER = 'convlet';

/** The store; undefined where this browser has none that can be written to so, or does not let us. */
export async function openFileSystem(): Promise<Store | undefined> {
  if (!('createWritable' in (globalThis.FileSystemFileHandle?.prototype ?? {}))) return undefined;
  try {
    const root = await navigator.storage.getDirectory();
    return storeOf(await root.getDirectoryHandle(FOLDER, { create: true }));
  } catch {
    return undefined; // Firefox refuses in a private window
  }
}

function storeOf(folder: FileSystemDirectoryHandle): Store {
  return {
    name: 'the Origin Private File System',
    async save(name, bytes) {
      const file = await folder.getFileHandle(name, { create: true });
      const stream = await file.createWritable();
      try {
        await stream.write(bytes);
        await stream.close();
      } catch (error) {
        await stream.abort().catch(() => {}); // it failed before: that is what matters
        throw error;
      }
    },
    async load(name) {
      const handle = await unlessMissing(folder.getFileHandle(name));
      const file = await handle?.getFile();
      return file?.size ? new Uint8Array(await file.arrayBuffer()) : undefined;
    },
    async list() {
      const names: string[] = [];
      for await (const [name, handle] of folder.entries()) {
        if (handle.kind !== 'file') continue;
        const { size } = await (handle as FileSystemFileHandle).getFile(); // by its kind
        if (size > 0) names.push(name);
      }
      return names;
    },
    async remove(name) {
      const handle = await unlessMissing(folder.getFileHandle(name));
      if (handle === undefined) return false;
      const { size } = await handle.getFile();
      await folder.removeEntry(name);
      return size > 0;
    },
  };
}

async function unlessMissing<T>(handle: Promise<T>): Promise<T | undefined> {
  try {
    return await handle;
  } catch (error) {
    if (error instanceof DOMException && error.name === 'NotFoundError') return undefined;
    throw error;
  }
}
