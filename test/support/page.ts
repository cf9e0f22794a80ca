/** Pages that import Convlet straight from its built files, through an import map and nothing else. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ServerOptions } from './server.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const LOADER = '@assemblyscript/loader';

interface Manifest {
  readonly exports: Readonly<Record<string, string | { readonly default: string }>>;
  readonly imports?: Readonly<Record<string, { readonly default: string }>>;
}

/** Of the package `convlet`. */
const manifest: Manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const loader = findLoader();

/** The folders a page needs: give them to `serve`. */
export const convletFolders: NonNullable<ServerOptions['folders']> = {
  '/dist/': join(root, 'dist'),
  '/loader/': loader.folder,
};

/**
 * Where a page finds what Convlet's modules import: `convlet`, every `convlet/…` the package exports, its `#…` imports,
 * and the loader.
 */
export function importMap(): Record<string, string> {
  const own = Object.entries(manifest.exports).map(([name, target]) => {
    const file = typeof target === 'string' ? target : target.default;
    return [name.replace(/^\./, 'convlet'), file.replace(/^\./, '')];
  });
  const inner = Object.entries(manifest.imports ?? {}).map(([name, target]) => {
    return [name, target.default.replace(/^\./, '')];
  });
  return Object.fromEntries([...own, ...inner, [LOADER, `/loader/${loader.file}`]]);
}

/**
 * A page with that import map.
 * @param script A module's text, or the path of one that begins with a slash.
 */
export function importMapPage(script: string, body: string = ''): string {
  const map = JSON.stringify({ imports: importMap() }, undefined, 2);
  const module = script.startsWith('/') ? ` src="${script}">` : `>${script}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Convlet</title>
<link rel="icon" href="data:,">
<script type="importmap">${map}</script>
</head>
<body>
${body}
<script type="module"${module}</script>
</body>
</html>
`;
}

/**
 * The strictest policy under which Convlet runs: everything from the page's own origin, its inline scripts by their
 * hash, WebAssembly, and no `eval`.
 */
export function strictPolicy(html: string): string {
  const hashes = [...html.matchAll(/<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/g)].map(
    ([, text = '']) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`,
  );
  return [
    "default-src 'none'",
    `script-src 'self' 'wasm-unsafe-eval' ${hashes.join(' ')}`,
    "connect-src 'self'",
    "worker-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
  ].join('; ');
}

/** The loader's ES module, as its package.json names it. */
function findLoader(): { folder: string; file: string } {
  // its package.json is not among its exports, so no resolver gives its path
  let folder = dirname(createRequire(import.meta.url).resolve(LOADER));
  while (!isManifestOf(LOADER, folder)) folder = dirname(folder);
  const { exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return { folder, file: String(exports.import).replace(/^\.\//, '') };
}

function isManifestOf(name: string, folder: string): boolean {
  const path = join(folder, 'package.json');
  return existsSync(path) && JSON.parse(readFileSync(path, 'utf8')).name === name;
}
