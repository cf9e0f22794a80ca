/**
 * Engines that are browsers. Each training is a page of its own, cross-origin isolated, with Convlet straight from its
 * built files, an import map and the strictest policy. `convlet/worker` trains where threads may wait.
 */
import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BrowserKind, openPage, startBrowser } from '../support/browser.ts';
import { convletFolders, importMapPage, strictPolicy } from '../support/page.ts';
import { serve } from '../support/server.ts';
import type { Engine, Outcome } from './engine.ts';

const programs = fileURLToPath(new URL('programs', import.meta.url));

/** Starts a browser. @param digits Path of the file. */
export async function browserEngine(
  name: string,
  kind: BrowserKind,
  path: string,
  digits: string,
): Promise<Engine> {
  const html = importMapPage('/programs/page.js');
  const server = await serve({
    folders: {
      ...convletFolders,
      '/programs/': programs,
      '/data/': dirname(digits),
    },
    pages: { '/': html },
    isolated: true,
    csp: strictPolicy(html),
  });
  const browser = await startBrowser(kind, path);
  const version = `${name} ${(await browser.version()).replace(/^.*\//, '')}`;
  return {
    name,
    settings: [
      { place: 'page', threads: 1 },
      { place: 'worker', threads: 1 },
      { place: 'worker', threads: 2 },
    ],
    async train(place, job): Promise<Outcome> {
      const query = new URLSearchParams({
        place,
        digits: basename(digits),
        job: JSON.stringify(job),
      });
      const { page, problems } = await openPage(browser, `${server.origin}/?${query}`);
      try {
        const outcome = (await page.evaluate('globalThis.outcome')) as Omit<Outcome, 'version'>;
        if (problems.all().length > 0) throw new Error('the page has problems');
        return { version, ...outcome };
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new Error([reason, ...problems.all()].join('; '));
      } finally {
        await page.close();
      }
    },
    async close() {
      await browser.close();
      await server.close();
    },
  };
}
