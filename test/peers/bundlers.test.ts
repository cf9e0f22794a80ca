/** Convlet as a package, bundled by Vite and by webpack as they come, works in a real browser. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, createServer } from 'vite';
import { expect, it } from 'vitest';
import webpack from 'webpack';
import { describeInBrowser } from '../support/describeInBrowser.ts';
import { temporaryFolders } from '../support/folder.ts';
import { serve } from '../support/server.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const newFolder = temporaryFolders();
/** What the documentation asks for, word by word. */
const CSP = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'";
const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** A project of somebody's, with Convlet installed from its tarball. */
function newProject(): string {
  const folder = newFolder();
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, '@assemblyscript'), { recursive: true });
  const pack = ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder];
  const tarball = execFileSync('npm', pack, { cwd: root, encoding: 'utf8' }).trim();
  execFileSync('tar', ['-xf', join(folder, tarball), '-C', folder]);
  renameSync(join(folder, 'package'), join(modules, 'convlet'));
  const loader = dirname(createRequire(import.meta.url).resolve('@assemblyscript/loader'));
  cpSync(dirname(loader), join(modules, '@assemblyscript/loader'), { recursive: true });
  cpSync(fileURLToPath(new URL('bundlers', import.meta.url)), folder, { recursive: true });
  mkdirSync(join(folder, 'public'));
  writeFileSync(join(folder, 'public/icon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
  writeFileSync(join(folder, 'package.json'), '{ "type": "module", "private": true }');
  return folder;
}

interface Outcome {
  readonly hashes: string[];
  readonly threads: number;
  readonly stored: boolean;
}

declare const outcome: Promise<Outcome>;

function check({ hashes, threads, stored }: Outcome): void {
  expect(hashes[0]).toMatch(/^[0-9a-f]{64}$/);
  expect(hashes).toEqual([hashes[0], hashes[0], hashes[0]]);
  expect(threads).toBe(Math.min(availableParallelism(), 8));
  expect(stored).toBe(true);
}

describeInBrowser('chromium', 'bundled', ({ open }) => {
  async function runBuilt(folder: string): Promise<readonly string[]> {
    const server = await serve({ folders: { '/': folder }, isolated: true, csp: CSP });
    try {
      const { page, problems } = await open(`${server.origin}/index.html`);
      check(await page.evaluate(async () => outcome));
      expect(problems.all()).toEqual([]);
      return server.requests;
    } finally {
      await server.close();
    }
  }

  it('works when bundled by Vite', async () => {
    const folder = newProject();
    await build({ root: folder, logLevel: 'warn' });
    const requests = await runBuilt(join(folder, 'dist'));
    expect(requests.filter((path) => path.endsWith('.wasm')).length).toBeGreaterThan(0);
  });

  it("works on Vite's development server", async () => {
    const server = await createServer({
      root: newProject(),
      logLevel: 'warn',
      server: { port: 0, host: '127.0.0.1', headers: ISOLATION },
    });
    await server.listen();
    try {
      const { page, problems } = await open(server.resolvedUrls?.local[0] ?? '');
      check(await page.evaluate(async () => outcome));
      expect(problems.all()).toEqual([]);
    } finally {
      await server.close();
    }
  });

  it('works when bundled by webpack', async () => {
    const folder = newProject();
    const stats = await new Promise<webpack.Stats | undefined>((resolve, reject) => {
      webpack(
        {
          mode: 'production',
          context: folder,
          entry: './main.js',
          output: { path: join(folder, 'dist'), publicPath: '/' },
          // this page holds the kernels twice, as files and inline; npm run size limits what a page downloads
          performance: { hints: false },
        },
        (error, stats) => (error ? reject(error) : resolve(stats)),
      );
    });
    expect(stats?.toString({ all: false, errors: true, warnings: true })).toBe('');
    for (const file of ['index.html', 'public/icon.svg']) {
      cpSync(join(folder, file), join(folder, 'dist', file.replace('public/', '')));
    }
    const requests = await runBuilt(join(folder, 'dist'));
    expect(requests.filter((path) => path.endsWith('.wasm')).length).toBeGreaterThan(0);
  });
});
