/** What the demo is by default: a page that soon reads what a visitor draws. How soon is printed, as it depends on the machine. */
import { loadMnist } from 'convlet/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { demoOrNotice, inPage, saying, serveDemo, textOf } from '../support/demo.ts';
import { describeInBrowser } from '../support/describeInBrowser.ts';
import { temporaryFolders } from '../support/folder.ts';
import { bitmapDrawing, readDrawings, strokeDrawing } from '../support/pad.ts';
import { testRandom } from '../support/random.ts';
import type { TestServer } from '../support/server.ts';

const newFolder = temporaryFolders();
/** The page trains on the first 8,000 of these and tests on others: it never sees the rest. */
const FIRST_UNSEEN = 8000;
const DRAWN = 200;

describe.skipIf(!demoOrNotice())('the demo as it opens', () => {
  let server: TestServer | undefined;
  beforeAll(async () => {
    server = await serveDemo(newFolder());
  });
  afterAll(() => server?.close());

  describeInBrowser('chromium', 'the page', ({ open }) => {
    it('learns by itself to read 97 % of 200 drawn digits that it has never seen', async () => {
      const { train } = await loadMnist();
      const random = testRandom(20);
      const drawings = Array.from({ length: DRAWN }, (_, i) => {
        const start = (FIRST_UNSEEN + i) * 784;
        const pixels = train.images.subarray(start, start + 784) as Uint8Array;
        return i % 2 === 0 ? bitmapDrawing(pixels, random) : strokeDrawing(pixels, random);
      });
      const start = performance.now();
      const { page, problems } = await open(`${server?.origin}/`);
      await saying(page, 'progress-text', /done$/);
      const seconds = (performance.now() - start) / 1000;
      const readings = await readDrawings(page, drawings);
      const isRight = readings.map((reading, i) => reading === train.labels[FIRST_UNSEEN + i]);
      const right = (remainder: number) =>
        isRight.filter((is, i) => is && i % 2 === remainder).length;
      console.info(
        `demo: ${right(0)} of 100 bitmaps and ${right(1)} of 100 strokes read, ${seconds.toFixed(1)} s after opening: ${await textOf(page, 'progress-text')}`,
      );
      expect(right(0) + right(1)).toBeGreaterThanOrEqual(0.97 * DRAWN);
      expect(problems.all()).toEqual([]);
    });

    it('says which network it is, and has another one a click away', async () => {
      const { page, problems } = await open(`${server?.origin}/`);
      await saying(page, 'loss-chart', /train\d/);
      expect(
        await inPage(page, "document.getElementById('network').selectedOptions[0].label"),
      ).toBe('Two convolutions');
      const titles = await inPage<string[]>(
        page,
        "[...document.querySelectorAll('#columns h3')].map(({ textContent }) => textContent)",
      );
      expect(titles).toEqual([
        'Filters16 × 5 × 5',
        'Maps16 × 24 × 24',
        'Pooled16 × 12 × 12',
        'Filters of maps24 × 16 × 3 × 3',
        'Maps of maps24 × 10 × 10',
        'Pooled24 × 5 × 5',
        'Answer10',
      ]);
      expect(page.url()).toBe(`${server?.origin}/`);
      await page.select('#network', 'choices');
      await page.select('#choice-filters', '8');
      await saying(page, 'summary', /7,970 parameters/);
      await page.select('#choice-filters', '16');
      expect(await inPage(page, "document.getElementById('choices').hidden")).toBe(false);
      expect(problems.all()).toEqual([]);
    });
  });
});
