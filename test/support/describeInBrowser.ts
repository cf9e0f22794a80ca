/** Tests that need a real browser. */
import type { Browser } from 'puppeteer-core';
import { afterAll, beforeAll, describe } from 'vitest';
import {
  type BrowserKind,
  browserOrNotice,
  type OpenPage,
  openPage,
  startBrowser,
  type Watching,
} from './browser.ts';

export interface InBrowser {
  /** The one browser of these tests. */
  browser(): Browser;
  /** Opens a page, closed after the tests with the browser. */
  open(url: string): Promise<OpenPage>;
  /** The same on a profile of its own, in which nothing is kept. */
  openFresh(url: string): Promise<OpenPage>;
}

/**
 * As `describe`, with a browser that is started before the tests and closed after them. Skipped with a notice where
 * there is none; an error where `CI` is set.
 */
export function describeInBrowser(
  kind: BrowserKind,
  title: string,
  tests: (inBrowser: InBrowser) => void,
  watching?: Watching,
): void {
  const path = browserOrNotice(kind);
  describe.skipIf(path === undefined)(`${title}, in ${kind}`, () => {
    let running: Browser | undefined;
    const browser = (): Browser => {
      if (running === undefined) throw new Error('internal: asked for a browser outside of a test');
      return running;
    };
    beforeAll(async () => {
      running = await startBrowser(kind, path, watching);
    });
    afterAll(() => running?.close());
    tests({
      browser,
      open: (url) => openPage(browser(), url),
      openFresh: async (url) => openPage(await browser().createBrowserContext(), url),
    });
  });
}
