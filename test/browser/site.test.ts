/** The site, in one folder: on a host that sends no headers, below a path as on GitHub Pages, and without any host. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { axeSource, buildDemo, demoOrNotice, inPage, press, saying } from '../support/demo.ts';
import { describeInBrowser, type InBrowser } from '../support/describeInBrowser.ts';
import { temporaryFolders } from '../support/folder.ts';
import { serve } from '../support/server.ts';

const newFolder = temporaryFolders();
const BELOW = '/convlet/';

describe.skipIf(!demoOrNotice())('the site', () => {
  const out = newFolder();
  beforeAll(() => buildDemo(out, 'site'));

  it('has no link that leads nowhere', () => {
    const files = new Set(
      readdirSync(out, { recursive: true, encoding: 'utf8' }).map((path) =>
        path.replaceAll('\\', '/'),
      ),
    );
    const pages = [...files].filter((path) => path.endsWith('.html'));
    expect(pages.length).toBeGreaterThan(15);
    const broken: string[] = [];
    let links = 0;
    for (const page of pages) {
      const html = readFileSync(join(out, page), 'utf8');
      for (const [, href = ''] of html.matchAll(/(?:href|src)="([^"]+)"/g)) {
        if (/^([a-z]+:|#)/i.test(href)) continue;
        links++;
        const [path = '', hash] = href.split('#');
        const target = posix.normalize(
          posix.join(dirname(page), path, path.endsWith('/') ? 'index.html' : ''),
        );
        if (!files.has(target)) broken.push(`${page}: ${href}`);
        else if (hash && !readFileSync(join(out, target), 'utf8').includes(`id="${hash}"`)) {
          broken.push(`${page}: ${href}, no such heading`);
        }
      }
    }
    expect(broken).toEqual([]);
    expect(links).toBeGreaterThan(100);
  });

  describeInBrowser('chromium', 'the site', (inBrowser) => {
    worksAlone(inBrowser, out);
    isAccessible(inBrowser, out);
  });
  describeInBrowser('firefox', 'the site', (inBrowser) => worksAlone(inBrowser, out));
});

/** Serves the folder as any host of files does. */
function host(out: string) {
  const index = readFileSync(join(out, 'index.html'), 'utf8');
  return serve({ folders: { [BELOW]: out }, pages: { [BELOW]: index } });
}

function worksAlone({ openFresh }: InBrowser, out: string): void {
  it('trains on two threads after one reload, and goes on working when the host is gone', async () => {
    const server = await host(out);
    const origin = `${server.origin}${BELOW}`;
    const query = '?network=reference&pace=full&epochs=2';
    const { page } = await openFresh(`${origin}${query}`);
    await saying(page, 'offline', /Load it once more to train on several threads/);
    await saying(page, 'threads', /^1 \(page not isolated\)$/);

    await page.reload();
    await saying(page, 'progress-text', /^2 epochs done$/);
    expect(await inPage(page, 'crossOriginIsolated')).toBe(true);
    await saying(page, 'threads', /^2$/);

    await server.close();
    await page.reload();
    await saying(page, 'progress-text', /^2 epochs done$/);
    await saying(page, 'threads', /^2$/);
    await page.goto(`${origin}learn.html`);
    await page.waitForSelector('.class');
    await page.goto(`${origin}bench.html`);
    await inPage(page, "document.getElementById('filter').value = '^sgd 20410$'");
    await press(page, 'run');
    await saying(page, 'live', /The run has ended/);
    await page.goto(`${origin}docs/browser.html`);
    expect(await inPage(page, 'document.title')).toBe('In the browser – Convlet');
    await Promise.all([page.waitForNavigation(), press(page, '.site a[href$="docs/index.html"]')]);
    expect(await inPage(page, "document.querySelector('h1').textContent")).toBe('Convlet');
  });
}

function isAccessible({ openFresh }: InBrowser, out: string): void {
  it.each(['light', 'dark'] as const)(
    'has documentation in which axe finds nothing serious, %s',
    async (scheme) => {
      const server = await host(out);
      try {
        const { page, problems } = await openFresh(`${server.origin}${BELOW}docs/index.html`);
        await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
        await page.setViewport({ width: 390, height: 844 });
        const session = await page.createCDPSession();
        await session.send('Page.setBypassCSP', { enabled: true });
        const found = (await page.evaluate(
          `${axeSource()}; axe.run().then(({ violations }) => violations
          .filter(({ impact }) => impact === 'serious' || impact === 'critical')
          .map(({ id, nodes }) => id + ': ' + nodes.slice(0, 3).map(({ html }) => html).join(' | ')))`,
        )) as string[];
        expect(found).toEqual([]);
        expect(await inPage(page, 'document.body.scrollWidth > innerWidth')).toBe(false);
        expect(problems.all()).toEqual([]);
      } finally {
        await server.close();
      }
    },
  );
}
