/** The harness of the browser tests serves files, refuses others, notices errors, and leaves nothing behind. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { browserOrNotice, openPage, startBrowser } from '../support/browser.ts';
import { describeInBrowser } from '../support/describeInBrowser.ts';
import { temporaryFolders } from '../support/folder.ts';
import { convletFolders, importMap, importMapPage, strictPolicy } from '../support/page.ts';
import { PATIENCE } from '../support/patience.ts';
import { type ServerOptions, serve, type TestServer } from '../support/server.ts';

const newFolder = temporaryFolders();
const servers: TestServer[] = [];
afterAll(() => Promise.all(servers.map((server) => server.close())));

async function start(options: ServerOptions): Promise<TestServer> {
  const server = await serve(options);
  servers.push(server);
  return server;
}

/** Asks for a path as it stands; `fetch` would resolve its dots. */
function ask(origin: string, path: string, method = 'GET'): Promise<number | undefined> {
  const { hostname, port } = new URL(origin);
  return new Promise((resolve, reject) => {
    request({ hostname, port, path, method }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode));
    })
      .on('error', reject)
      .end();
  });
}

describe('the server', () => {
  it('serves files with their type and the requested headers', async () => {
    const { origin } = await start({
      folders: convletFolders,
      isolated: true,
      csp: "default-src 'self'",
    });
    const kernels = await fetch(`${origin}/dist/kernels.wasm?again`);
    expect(kernels.headers.get('content-type')).toBe('application/wasm');
    expect(await WebAssembly.compileStreaming(kernels)).toBeInstanceOf(WebAssembly.Module);
    const { headers } = await fetch(`${origin}/dist/index.js`);
    expect(headers.get('content-type')).toMatch(/^text\/javascript/);
    expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
    expect(headers.get('cross-origin-embedder-policy')).toBe('require-corp');
    expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
    expect(headers.get('content-security-policy')).toBe("default-src 'self'");
  });

  it('serves everything that the import map names', async () => {
    const { origin } = await start({ folders: convletFolders });
    const targets = Object.values(importMap()).filter((path) => path !== '/package.json');
    expect(targets.length).toBeGreaterThan(5);
    for (const path of targets) expect(await ask(origin, path), path).toBe(200);
  });

  it('refuses paths outside its folders, and other methods', async () => {
    const folder = newFolder();
    mkdirSync(join(folder, 'inside'));
    writeFileSync(join(folder, 'secret.txt'), 'x');
    writeFileSync(join(folder, 'inside', 'file.txt'), 'x');
    symlinkSync(join(folder, 'secret.txt'), join(folder, 'inside', 'link.txt'));
    const { origin } = await start({ folders: { '/a/': join(folder, 'inside') } });
    expect(await ask(origin, '/a/file.txt')).toBe(200);
    expect(await ask(origin, '/a/../secret.txt')).toBe(403);
    expect(await ask(origin, '/a/%2e%2e/secret.txt')).toBe(403);
    expect(await ask(origin, '/a/..%2fsecret.txt')).toBe(403);
    expect(await ask(origin, '/a/link.txt')).toBe(403);
    expect(await ask(origin, '/a/%00')).toBe(403);
    expect(await ask(origin, '/a/')).toBe(403);
    expect(await ask(origin, '/a/none.txt')).toBe(404);
    expect(await ask(origin, '/secret.txt')).toBe(404);
    expect(await ask(origin, '/a/%')).toBe(400);
    expect(await ask(origin, '/a/file.txt', 'POST')).toBe(405);
  });
});

describe('a missing browser', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  });

  it('is a notice, and an error in CI', () => {
    const notice = vi.spyOn(console, 'info').mockReturnValue();
    vi.stubEnv('CI', 'false');
    expect(browserOrNotice('firefox', () => undefined)).toBeUndefined();
    const missing = 'no firefox on this machine. Install it, or set FIREFOX_PATH to its path.';
    expect(notice.mock.calls).toEqual([[`skipped: ${missing}`]]);
    vi.stubEnv('CI', 'true');
    expect(() => browserOrNotice('firefox', () => undefined)).toThrow(missing);
  });

  it('is reported with the variable that names a browser that does not exist', () => {
    vi.stubEnv('CHROMIUM_PATH', '/nowhere/chromium');
    expect(() => browserOrNotice('chromium')).toThrow(
      'CHROMIUM_PATH: expected a browser, got /nowhere/chromium, which does not exist.',
    );
  });
});

for (const kind of ['chromium', 'firefox'] as const) {
  describeInBrowser(kind, 'a page', ({ open }) => {
    it('imports Convlet from its files under the strictest policy, with shared memory', async () => {
      const html = importMapPage(`
        import { createBackend } from 'convlet';
        const backend = await createBackend();
        const { data } = backend.ops.relu({ shape: [5], data: Float32Array.of(-2, -1, 0, 1, 2) });
        document.title = [...data, crossOriginIsolated, typeof SharedArrayBuffer].join(' ');
      `);
      const { origin } = await start({
        folders: convletFolders,
        pages: { '/': html },
        isolated: true,
        csp: strictPolicy(html),
      });
      const { page, problems } = await open(`${origin}/`);
      await page.waitForFunction('document.title !== "Convlet"');
      expect(await page.title()).toBe('0 0 0 1 2 true function');
      expect(problems.all()).toEqual([]);
    });

    it('is watched: errors, failed requests and violations are recorded', async () => {
      const html = importMapPage(`
        console.error('printed');
        setTimeout(() => { throw new Error('thrown'); });
        await fetch('/missing.json');
        try { new Function('return 1')(); } catch { document.title = 'done'; }
      `);
      const { origin } = await start({ pages: { '/': html }, csp: strictPolicy(html) });
      const { page, problems } = await open(`${origin}/`);
      await page.waitForFunction('document.title === "done"');
      await vi.waitFor(() => {
        expect(problems.consoleErrors).toContain('printed');
        // Firefox adds a message of its own for the violation
        expect(problems.pageErrors).toContainEqual(expect.stringContaining('thrown'));
        expect(problems.failedRequests).toEqual([`${origin}/missing.json: status 404`]);
        expect(problems.cspViolations).toEqual(['script-src eval']);
      }, PATIENCE);
    });
  });

  const path = browserOrNotice(kind);
  it.skipIf(path === undefined)(`${kind} is gone after close()`, async () => {
    const browser = await startBrowser(kind, path);
    await openPage(browser, 'about:blank');
    const pid = browser.process()?.pid;
    if (pid === undefined) throw new Error('internal: a browser without a process');
    expect(process.kill(pid, 0)).toBe(true);
    await browser.close();
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });
}
