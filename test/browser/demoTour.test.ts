/** The tour of the demo: five steps by keyboard, Esc, focus that returns, remembered, and never by itself. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  axeSource,
  demoOrNotice,
  inPage,
  press,
  saying,
  serveDemo,
  textOf,
} from '../support/demo.ts';
import { describeInBrowser } from '../support/describeInBrowser.ts';
import { temporaryFolders } from '../support/folder.ts';
import type { TestServer } from '../support/server.ts';

const newFolder = temporaryFolders();
const STEPS = ['Draw a digit', 'Filters and maps', 'The answer', 'Training', 'Experiments'];

describe.skipIf(!demoOrNotice())('the tour of the demo', () => {
  let server: TestServer | undefined;
  beforeAll(async () => {
    server = await serveDemo(newFolder());
  });
  afterAll(() => server?.close());

  describeInBrowser('chromium', 'the page', ({ openFresh }) => {
    it('goes through its five steps by keyboard, ends with Esc, and is remembered', async () => {
      const { page, problems } = await openFresh(`${server?.origin}/?network=reference&pace=slow`);
      await saying(page, 'loss-chart', /train\d/);
      const isOpen = () => inPage<boolean>(page, "document.getElementById('tour').open");
      const focused = () => inPage<string>(page, 'document.activeElement.id');
      const invites = () => inPage(page, "document.getElementById('tour-begin').className");
      expect(await isOpen()).toBe(false);
      expect(await invites()).toBe('tour-begin invites');

      await page.focus('#tour-begin');
      await page.keyboard.press('Enter');
      for (const [i, title] of STEPS.entries()) {
        expect(await textOf(page, 'tour-title')).toBe(title);
        expect(await textOf(page, 'tour-count')).toBe(`${i + 1} of 5`);
        expect(await focused()).toBe('tour-next');
        expect(await inPage(page, "document.querySelectorAll('.toured').length")).toBe(1);
        await page.keyboard.press('Enter');
      }
      expect(await isOpen()).toBe(false);
      expect(await focused()).toBe('tour-begin');

      await page.keyboard.press('Enter');
      await press(page, 'tour-next');
      await press(page, 'tour-back');
      expect(await textOf(page, 'tour-title')).toBe('Draw a digit');
      expect(await focused()).toBe('tour-next');
      await page.keyboard.press('Escape');
      expect(await isOpen()).toBe(false);
      expect(await focused()).toBe('tour-begin');
      expect(await inPage(page, "document.querySelectorAll('.toured').length")).toBe(0);

      await page.reload();
      await saying(page, 'loss-chart', /train\d/);
      expect(await isOpen()).toBe(false);
      expect(await invites()).toBe('tour-begin');
      expect(problems.all()).toEqual([]);
    });

    it.each([
      [1440, 900, 'light'],
      [390, 844, 'dark'],
    ] as const)(
      'is in the window and accessible, at %i × %i, %s',
      async (width, height, scheme) => {
        const { page, problems } = await openFresh(
          `${server?.origin}/?network=reference&pace=slow`,
        );
        await page.setViewport({ width, height });
        await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
        await saying(page, 'loss-chart', /train\d/);
        await press(page, 'tour-begin');
        await press(page, 'tour-next');
        const { left, right, top, bottom } = await inPage<
          Record<'left' | 'right' | 'top' | 'bottom', number>
        >(page, "document.getElementById('tour').getBoundingClientRect().toJSON()");
        expect(Math.min(left, top)).toBeGreaterThanOrEqual(0);
        expect(right).toBeLessThanOrEqual(width);
        expect(bottom).toBeLessThanOrEqual(height);
        const session = await page.createCDPSession();
        await session.send('Page.setBypassCSP', { enabled: true });
        const found = await inPage<string[]>(
          page,
          `${axeSource()}; axe.run().then(({ violations }) => violations
          .filter(({ impact }) => impact === 'serious' || impact === 'critical')
          .map(({ id, nodes }) => id + ': ' + nodes.slice(0, 3).map(({ html }) => html).join(' | ')))`,
        );
        expect(found).toEqual([]);
        expect(problems.all()).toEqual([]);
      },
    );
  });
});
