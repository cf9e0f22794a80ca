/** docs/api/, the reference that `npm run docs:api` makes out of the doc comments. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { temporaryFolders } from './support/folder.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const kept = join(root, 'docs/api');
const newFolder = temporaryFolders();

const hasTypedoc = existsSync(join(root, 'scripts/api/node_modules/typedoc'));
if (!hasTypedoc)
  console.info('skipped: TypeDoc is not installed. Run: npm ci --prefix scripts/api');

/** The pages of a folder, by their paths. */
function pagesOf(folder: string): Record<string, string> {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const pages = paths.filter((path) => path.endsWith('.md')).sort();
  return Object.fromEntries(pages.map((path) => [path, readFileSync(join(folder, path), 'utf8')]));
}

it('has a page for every entry of the package', () => {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const entries = Object.keys(exports).filter((name) => !/\.(json|wasm)$/.test(name));
  expect(entries.length).toBeGreaterThan(8);
  const pages = entries.map((name) => (name === '.' ? 'index/README.md' : `${name.slice(2)}.md`));
  expect(Object.keys(pagesOf(kept))).toEqual(expect.arrayContaining(pages));
});

it.skipIf(!hasTypedoc)('is what the doc comments say, and every export has one', () => {
  const out = newFolder();
  const { status, stderr } = spawnSync(process.execPath, [join(root, 'scripts/api.js'), out], {
    encoding: 'utf8',
  });
  expect(stderr).not.toContain('without a comment');
  expect(status).toBe(0);
  expect(pagesOf(out)).toEqual(pagesOf(kept));
});
