/**
 * Files in the Origin Private File System (WHATWG File System Standard), a folder that a site has to itself.
 *
 * `createWritable` writes to a temporary file, and `close` puts that file in the place of the old one. If the tab is closed
 * in between, the old file stays. If there was no old file, an empty file stays, which counts as none.
 * @module
 */
import type { Store } from './store.ts';

/** A folder of our own, apart from other files of the same site. */
const FOLDER = 'convlet';

/** The store; undefined if this browser has no such file system with `createWritable`, or does not let us use it. */
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
        await stream.abort().catch(() => {}); // the first error is the one that matters
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
        const { size } = await (handle as FileSystemFileHandle).getFile(); // `kind` is 'file'
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
