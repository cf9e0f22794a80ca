/** The experiments with a name: links that state every setting, and show what their names say; the page in another page. */
import type { Frame, Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  bringIntoView,
  demoOrNotice,
  inPage,
  press,
  saying,
  serveDemo,
  textOf,
} from '../support/demo.ts';
import { describeInBrowser } from '../support/describeInBrowser.ts';
import { temporaryFolders } from '../support/folder.ts';
import { serve, type TestServer } from '../support/server.ts';

const newFolder = temporaryFolders();
const NAMES = [
  'Reads what you draw',
  'The thesis’s network',
  'Rate too high',
  'Dead ReLU',
  'Overfitting on 100 digits',
  'Tiny filters',
  'LeNet-5',
  'ResNet-8',
];
const SETTINGS = [
  'network',
  'lr',
  'schedule',
  'batch',
  'optimizer',
  'seed',
  'epochs',
  'shift',
  'rotate',
  'patience',
  'samples',
  'pace',
];

describe.skipIf(!demoOrNotice())('experiments in the demo', () => {
  let server: TestServer | undefined;
  beforeAll(async () => {
    server = await serveDemo(newFolder());
  });
  afterAll(() => server?.close());

  describeInBrowser('chromium', 'the page', ({ open }) => {
    const visit = (query: string) => open(`${server?.origin}/${query}`);

    it('has links that state every setting, each with a sentence', async () => {
      const { page, problems } = await visit('?network=reference&pace=slow');
      const links = await linksOf(page);
      expect(links.map(({ name }) => name)).toEqual(NAMES);
      for (const { href, look } of links) {
        expect([...new URL(href).searchParams.keys()]).toEqual(SETTINGS);
        expect(look).toMatch(/\.$/);
      }
      expect(problems.all()).toEqual([]);
    });

    it('begins with the settings of each link, as an address and as a click', async () => {
      const { page, problems } = await visit('?network=reference&pace=slow');
      for (const { name, href } of await linksOf(page)) {
        await page.goto(href);
        await saying(page, 'loss-chart', /train\d/);
        expect(await currentOf(page)).toBe(name);
        const { searchParams: stated } = new URL(href);
        const shown = await inPage<string[]>(
          page,
          "['batch', 'optimizer', 'seed', 'epochs', 'schedule', 'shift', 'rotate', 'patience', 'samples'].map((id) => document.getElementById(id).value)",
        );
        expect(shown).toEqual(
          [
            'batch',
            'optimizer',
            'seed',
            'epochs',
            'schedule',
            'shift',
            'rotate',
            'patience',
            'samples',
          ].map((key) => stated.get(key)),
        );
        expect(await textOf(page, 'rate-value')).toBe(stated.get('lr'));
      }
      await begin(page, 'Tiny filters');
      await saying(page, 'notice', /^Tiny filters: /);
      await saying(page, 'columns', /^Filters12 × 1 × 1/); // a frame or two after the notice
      expect(page.url()).toMatch(/\/\?network=conv12x1&lr=0\.1$/);
      expect(problems.all()).toEqual([]);
    });

    it('begins anew even if the learning rate alone is another one', async () => {
      const { page, problems } = await visit('?network=reference&pace=full&epochs=5');
      await saying(page, 'progress-text', /^5 epochs done$/);
      await begin(page, 'Dead ReLU');
      await saying(page, 'notice', /^Dead ReLU: /);
      await saying(page, 'progress-text', /^Epoch 1 of 5/);
      await press(page, 'input[value="full"]');
      await saying(page, 'progress-text', /^5 epochs done$/);
      expect(await blankMaps(page)).toBeGreaterThanOrEqual(7); // and the others still read
      await saying(page, 'score-note', /after epoch 5$/);
      expect(await scoreOf(page)).toBeGreaterThan(90);
      expect(problems.all()).toEqual([]);
    });

    it('collapses at a rate that is too high', async () => {
      const { page, problems } = await visit('?network=reference&pace=slow');
      await begin(page, 'Rate too high');
      await saying(page, 'progress-text', /^5 epochs done$/);
      await saying(page, 'alarm', /^This network has collapsed/);
      expect(await blankMaps(page)).toBe(12);
      await begin(page, 'Tiny filters');
      await saying(page, 'notice', /^Tiny filters: /);
      expect(await textOf(page, 'alarm')).toBe(''); // that of another network
      expect(await textOf(page, 'score-note')).not.toContain('after epoch 5');
      expect(problems.all()).toEqual([]);
    });

    it('keeps what a visitor changes while an experiment opens, whatever it is', async () => {
      const { page, problems } = await visit('?network=reference&pace=full&epochs=2');
      await saying(page, 'loss-chart', /train\d/);
      /** Changes a field in the same task as a link is pressed: the experiment has not opened by then. */
      const changed = async (link: number, id: string, value: string, event: string) => {
        await inPage(
          page,
          `(() => {
            document.querySelectorAll('#presets a')[${link}].click();
            const field = document.getElementById('${id}');
            field.value = '${value}';
            field.dispatchEvent(new Event('${event}'));
          })()`,
        );
        await saying(page, 'notice', new RegExp(`^${NAMES[link]}: `));
        return new URL(page.url()).searchParams;
      };
      const stated = (address: URLSearchParams, name: string) => address.get(name);
      expect(stated(await changed(3, 'rate', '-1', 'input'), 'lr')).toBe('0.1');
      expect(await textOf(page, 'rate-value')).toBe('0.1');
      await saying(page, 'progress-text', /^5 epochs done$/); // as the experiment has it
      expect(stated(await changed(1, 'seed', '7', 'change'), 'seed')).toBe('7');
      expect(await inPage(page, "document.getElementById('seed').value")).toBe('7');
      await press(page, '#snippet-details summary'); // at once: it follows what training goes by
      await saying(page, 'snippet', /\{ seed: 7 \}[\s\S]*epochs: 20,[\s\S]*learningRate: 0\.01,/);
      expect(stated(await changed(2, 'epochs', '3', 'change'), 'epochs')).toBe('3');
      await saying(page, 'snippet', /\{ seed: 1 \}[\s\S]*epochs: 3,[\s\S]*learningRate: 1,/);
      expect(await inPage(page, "document.querySelector('#presets [aria-current]')")).toBeNull();
      expect(problems.all()).toEqual([]);
    });

    it('rests if a visitor pauses while an experiment opens', async () => {
      const { page, problems } = await visit('?network=reference&pace=full&epochs=200');
      await saying(page, 'run', /^Pause$/);
      await inPage(
        page,
        "(() => { document.querySelectorAll('#presets a')[1].click(); document.getElementById('run').click(); })()",
      );
      await saying(page, 'notice', /^The thesis’s network: /);
      await saying(page, 'run', /^Train/);
      expect(await currentOf(page)).toBe('The thesis’s network');
      expect(problems.all()).toEqual([]);
    });

    it('goes to the experiment that was pressed last', async () => {
      const { page, problems } = await visit('?network=reference&pace=full&epochs=2');
      await saying(page, 'loss-chart', /train\d/);
      await inPage(
        page,
        "for (const link of [2, 5]) document.querySelectorAll('#presets a')[link].click()",
      );
      await saying(page, 'notice', /^Tiny filters: /);
      expect(await currentOf(page)).toBe('Tiny filters');
      await press(page, '#snippet-details summary');
      await saying(page, 'snippet', /kernelSize: 1\b[\s\S]*learningRate: 0\.1,/);
      expect(problems.all()).toEqual([]);
    });

    it('learns 100 digits by heart, and reads far fewer of the others', async () => {
      const { page, problems } = await visit('?network=reference&pace=slow');
      await begin(page, 'Overfitting on 100 digits');
      await saying(page, 'train-count', /^100$/);
      await saying(page, 'progress-text', /^100 epochs done$/);
      await saying(page, 'score-note', /after epoch 100$/);
      expect(await scoreOf(page)).toBeLessThan(83);
      await saying(page, 'accuracy-chart', /^Accuracytrain100\.0/);
      await page.click('#snippet-details summary');
      await saying(page, 'snippet', /trainSamples: 100,/);
      expect(problems.all()).toEqual([]);
    });

    it('is shown in a page of another origin, without its text, and stays so when settings change', async () => {
      const host = await serve({
        pages: {
          '/': `<!doctype html><title>Host</title><link rel="icon" href="data:,"><iframe title="Convlet" width="900" height="700" src="${server?.origin}/?embed=1"></iframe>`,
        },
      });
      try {
        const { page, problems } = await open(`${host.origin}/`);
        const frame = await frameOf(page);
        await frame.waitForFunction(
          "/train\\d/.test(document.getElementById('loss-chart').textContent)",
        );
        const isSeen = (selector: string) =>
          frame.evaluate(`document.querySelector('${selector}').getClientRects().length > 0`);
        for (const selector of ['#pad', '.bars', '#run', '#progress-text', '#whole-page']) {
          expect(await isSeen(selector), selector).toBe(true);
        }
        for (const selector of [
          'h1',
          '.column .note',
          '#settings',
          '#presets',
          '.foot',
          '.how',
          '#loss-chart',
        ]) {
          expect(await isSeen(selector), selector).toBe(false);
        }
        await frame.evaluate("document.querySelector('input[value=slow]').click()");
        await frame.waitForFunction("location.search === '?pace=slow&embed=1'");
        expect(await frame.evaluate("document.getElementById('whole-page').href")).toBe(
          `${server?.origin}/?pace=slow`,
        );
        expect(await frame.evaluate('document.body.scrollWidth > innerWidth')).toBe(false);
        expect(problems.all()).toEqual([]);
      } finally {
        await host.close();
      }
    });
  });
});

interface Link {
  readonly name: string;
  readonly href: string;
  readonly look: string;
}

async function linksOf(page: Page): Promise<Link[]> {
  await page.waitForSelector('#presets a');
  return inPage(
    page,
    "[...document.querySelectorAll('#presets li')].map((item) => ({ name: item.querySelector('a').textContent, href: item.querySelector('a').href, look: item.querySelector('p').textContent }))",
  );
}

/** The experiment that is marked as under way. */
function currentOf(page: Page): Promise<string> {
  return inPage(page, "document.querySelector('#presets [aria-current]').textContent");
}

async function begin(page: Page, name: string): Promise<void> {
  await page.waitForSelector('#presets a');
  await inPage(
    page,
    `[...document.querySelectorAll('#presets a')].find(({ textContent }) => textContent === ${JSON.stringify(name)}).click()`,
  );
}

/** Maps of the first convolution that are of one colour. */
async function blankMaps(page: Page): Promise<number> {
  await bringIntoView(page, '.column-maps[data-layer=conv2d]');
  return inPage(
    page,
    `[...document.querySelectorAll('.column-maps[data-layer=conv2d] canvas')].filter((canvas) => {
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      return new Set(new Uint32Array(data.buffer)).size === 1;
    }).length`,
  );
}

async function scoreOf(page: Page): Promise<number> {
  return Number.parseFloat(await textOf(page, 'score'));
}

async function frameOf(page: Page): Promise<Frame> {
  await page.waitForSelector('iframe');
  const frame = await (await page.$('iframe'))?.contentFrame();
  if (!frame) throw new Error('expected a frame');
  return frame;
}
