/** Folders that last as long as the tests of one file. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** A maker of fresh empty folders, removed after the tests. */
export function temporaryFolders(): () => string {
  const root = mkdtempSync(join(tmpdir(), 'convlet-test-'));
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  return () => mkdtempSync(join(root, 'f'));
}
