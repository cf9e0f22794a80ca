/** Convlet as a package, bundled by Vite, webpack and Parcel as they come, works in a real browser. */
import { createHash } from 'node:crypto';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { build, createServer } from 'vite';
import { expect, it } from 'vitest';
import webpack from 'webpack';
import { describeInBrowser } from '../support/describeInBrowser.ts';
import { temporaryFolders } from '../support/folder.ts';
import { serve } from '../support/server.ts';
import { newProject, runPeer } from './project.ts';

const newFolder = temporaryFolders();
/** A project with the page that uses every entry. */
const newPage = () => newProject(newFolder(), 'bundlers');
/** What the documentation asks for, word by word. */
const CSP = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'";
const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** The policy, with the hash of the import map that Parcel writes into the page. */
function policyOf(folder: string): string {
  const html = readFileSync(join(folder, 'index.html'), 'utf8');
  const [, map] = /<script type="?importmap"?>(.*?)<\/script>/s.exec(html) ?? [];
  if (map === undefined) return CSP;
  const hash = createHash('sha256').update(map).digest('base64');
  return CSP.replace("script-src 'self'", `script-src 'self' 'sha256-${hash}'`);
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
    const server = await serve({ folders: { '/': folder }, isolated: true, csp: policyOf(folder) });
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
    const folder = newPage();
    await build({ root: folder, logLevel: 'warn' });
    const requests = await runBuilt(join(folder, 'dist'));
    expect(requests.filter((path) => path.endsWith('.wasm')).length).toBeGreaterThan(0);
  });

  it("works on Vite's development server", async () => {
    const server = await createServer({
      root: newPage(),
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
    const folder = newPage();
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

  it('works when bundled by Parcel, with the setting that the documentation tells', async () => {
    const folder = newPage();
    const setting = { '@parcel/resolver-default': { packageExports: true } };
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, ...setting }));
    cpSync(join(folder, 'public/icon.svg'), join(folder, 'icon.svg'));
    runPeer('parcel', ['build', 'index.html', '--no-cache', '--no-source-maps'], folder);
    const requests = await runBuilt(join(folder, 'dist'));
    expect(requests.filter((path) => path.endsWith('.wasm')).length).toBeGreaterThan(0);
  });

  it("trains when bundled by Parcel's resolver as it comes", async () => {
    const folder = newPage();
    writeFileSync(join(folder, 'package.json'), '{ "private": true }');
    cpSync(join(folder, 'public/icon.svg'), join(folder, 'icon.svg'));
    const program = readFileSync(join(folder, 'node.js'), 'utf8');
    writeFileSync(join(folder, 'main.js'), program.replaceAll('[1, 2]', '[1]'));
    const dist = join(folder, 'dist');
    runPeer('parcel', ['build', 'index.html', '--no-cache', '--no-source-maps'], folder);
    const server = await serve({ folders: { '/': dist }, isolated: true, csp: policyOf(dist) });
    try {
      const { page, problems } = await open(`${server.origin}/index.html`);
      const outcomes = await page.evaluate(async () => outcome as Promise<unknown>);
      expect(outcomes).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)]);
      expect(problems.all()).toEqual([]);
    } finally {
      await server.close();
    }
  });
});
