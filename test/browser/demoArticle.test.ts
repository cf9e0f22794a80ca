/** The article of the demo: its figures are those of the network at this moment, and of whatever network there is. */
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

describe.skipIf(!demoOrNotice())('the article of the demo', () => {
  let server: TestServer | undefined;
  beforeAll(async () => {
    server = await serveDemo(newFolder());
  });
  afterAll(() => server?.close());

  describeInBrowser('chromium', 'the page', ({ open }) => {
    const read = "document.getElementById('article').scrollIntoView()";
    const pictureOf = (id: string) => `document.getElementById('article-${id}').toDataURL()`;

    it('has figures of the network at this moment', async () => {
      const { page, problems } = await open(
        `${server?.origin}/?network=reference&pace=full&epochs=2`,
      );
      await saying(page, 'progress-text', /done$/);
      expect(await textOf(page, 'article-filter-caption')).toBe(''); // nobody looks at it yet
      await inPage(page, read);
      await saying(page, 'article-filter-caption', /^Filter \d+ of 12, as it is now\.$/);
      expect(await textOf(page, 'article-picture-caption')).toBe('28 × 28 numbers.');
      expect(await textOf(page, 'article-map-caption')).toMatch(
        /^Strongest at row \d+, column \d+: \d+\.\d\d\.$/,
      );
      expect(await textOf(page, 'article-pooled-caption')).toBe('26 × 26 became 13 × 13.');
      const answer = await textOf(page, 'article-answer-caption');
      expect(answer).toMatch(/^\d: [\d.]+\u2009%, \d: [\d.]+\u2009%, \d: [\d.]+\u2009%$/);
      expect(await textOf(page, 'bar-answer')).toContain(`reads ${answer.charAt(0)}`);

      const before = await inPage<string>(page, pictureOf('picture'));
      await press(page, 'sample-next');
      await page.waitForFunction(`${pictureOf('picture')} !== ${JSON.stringify(before)}`);
      expect(problems.all()).toEqual([]);
    });

    it('says so if a network has no convolution, and has nothing that axe finds serious', async () => {
      const spec = {
        inputShape: [1, 28, 28],
        layers: [{ type: 'flatten' }, { type: 'dense', units: 10 }, { type: 'softmax' }],
      };
      const network = encodeURIComponent(JSON.stringify(spec));
      const { page, problems } = await open(
        `${server?.origin}/?network=${network}&pace=full&epochs=1`,
      );
      await saying(page, 'loss-chart', /train\d/);
      await inPage(page, read);
      await saying(page, 'article-map-caption', /^This network has no convolution\.$/);
      expect(await inPage(page, "document.getElementById('article-map').hidden")).toBe(true);
      const serious = await inPage<string[]>(
        page,
        `${axeSource()}; axe.run('#article').then(({ violations }) => violations
          .filter(({ impact }) => impact === 'serious' || impact === 'critical')
          .map(({ id }) => id))`,
      );
      expect(serious).toEqual([]);
      expect(problems.all()).toEqual([]);
    });
  });
});
