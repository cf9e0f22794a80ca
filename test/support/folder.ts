/** Folders that last as long as the tests of one file. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from 'vitest';

/** A maker of fresh empty folders, removed after the tests. */
export function temporaryFolders(): () => string {
  const root = mkdtempSync(join(tmpdir(), 'convlet-test-'));
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  return () => mkdtempSync(join(root, 'f'));
}

/** A writer of files, with their folders, into a fresh folder. */
export function foldersOfFiles(): (files: Readonly<Record<string, Uint8Array | string>>) => string {
  const newFolder = temporaryFolders();
  return (files) => {
    const root = newFolder();
    for (const [name, data] of Object.entries(files)) {
      mkdirSync(dirname(join(root, name)), { recursive: true });
      writeFileSync(join(root, name), data);
    }
    return root;
  };
}
