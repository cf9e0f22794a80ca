import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buttonsIn, demoOrNotice, draw, inPage, saying, serveDemo } from '../support/demo.ts';
import { describeInBrowser } from '../support/describeInBrowser.ts';
import { temporaryFolders } from '../support/folder.ts';
import type { TestServer } from '../support/server.ts';

const newFolder = temporaryFolders();
const STROKE = [
  [0.3, 0.2],
  [0.7, 0.2],
  [0.45, 0.8],
] as const;

interface Named {
  readonly role: string;
  readonly name?: string;
  readonly children?: readonly Named[];
}

describe.skipIf(!demoOrNotice())('access to the demo', () => {
  let server: TestServer | undefined;
  beforeAll(async () => {
    server = await serveDemo(newFolder());
  });
  afterAll(() => server?.close());

  describeInBrowser('chromium', 'the page', ({ open }) => {
    const origin = () => `${server?.origin}/`;
    const visit = async (query: string) => {
      const { page, problems } = await open(`${origin()}${query}`);
      await saying(page, 'progress-text', /done$/);
      await saying(page, 'mistakes-note', /^\d+ of/);
      return { page, problems };
    };

    it('has a name for every control', async () => {
      const { page, problems } = await visit('?network=reference&pace=full&epochs=2');
      const tree = (await page.accessibility.snapshot({ interestingOnly: true })) as Named;
      const controls = flatten(tree).filter(({ role }) =>
        [
          'button',
          'slider',
          'spinbutton',
          'combobox',
          'textbox',
          'checkbox',
          'radio',
          'link',
        ].includes(role),
      );
      expect(controls.length).toBeGreaterThan(150);
      expect(controls.filter(({ name }) => !name?.trim())).toEqual([]);
      const names = (role: string) =>
        controls.filter((control) => control.role === role).map(({ name }) => name);
      expect(names('slider')).toEqual(['Pen width', 'Look back', 'Learning rate']);
      expect(names('button')).toContain('Clear the drawing');
      expect(problems.all()).toEqual([]);
    });

    it('has every button in use once it has trained, but those of an empty pad', async () => {
      const { page, problems } = await visit('?network=reference&pace=full&epochs=1');
      await inPage(
        page,
        "for (const more of document.querySelectorAll('details')) more.open = true",
      );
      expect(await buttonsIn(page, 'disabled')).toEqual([
        'pad-undo',
        'pad-clear',
        'step',
        'slow-step',
      ]);
      expect(problems.all()).toEqual([]);
    });

    it('has one tab stop a grid, and arrow keys within', async () => {
      const { page, problems } = await visit('?pace=full&epochs=1&network=conv12x3-dense32');
      const stops = await inPage<number[]>(
        page,
        `['.column-filters', '.column-maps', '.column-maps[data-layer=maxPool2d]', '.column-units', '.bars', '#confusion', '#gallery']
          .map((grid) => [...document.querySelectorAll(grid + ' button')].filter(({ tabIndex }) => tabIndex === 0).length)`,
      );
      expect(stops).toEqual([1, 2, 1, 1, 1, 1, 1]); // of two columns with maps
      const focused = () =>
        inPage<string>(
          page,
          'document.activeElement.ariaLabel ?? document.activeElement.textContent',
        );
      await page.focus('.column-filters .tile');
      await page.keyboard.press('ArrowRight');
      expect(await focused()).toMatch(/^Filter 2,/);
      await page.keyboard.press('ArrowDown');
      expect(await focused()).toMatch(/^Filter 5,/);
      await saying(page, 'inspector', /^Filter 5/);
      await page.keyboard.press('End');
      expect(await focused()).toMatch(/^Filter 12,/);
      await page.keyboard.press('Tab'); // what the filters show
      await page.keyboard.press('Tab');
      expect(await focused()).toMatch(/^Map 1,/);
      await page.keyboard.down('Shift');
      await page.keyboard.press('ArrowRight');
      await page.keyboard.up('Shift');
      await saying(page, 'inspector', /^Map 2The pixel/);
      await page.focus('.bars button');
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('ArrowDown');
      await saying(page, 'inspector', /^Evidence for 2/);
      await page.focus('#confusion button[tabindex="0"]');
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press('ArrowDown');
      expect(await focused()).toMatch(/^1 read rightly: \d+$/);
      await page.focus('#gallery button[tabindex="0"]');
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press('Enter');
      await saying(page, 'sample-verdict', /^✗ read as/);
      expect(problems.all()).toEqual([]);
    });

    it('goes with Tab from the picture over the network to training, in the order of the page', async () => {
      const { page, problems } = await visit('?network=reference&pace=full&epochs=1');
      await page.focus('#pen');
      const order: string[] = [];
      for (let i = 0; i < 12; i++) {
        await page.keyboard.press('Tab');
        order.push(
          await inPage(
            page,
            "(({ id, ariaLabel, textContent, parentElement }) => id || ariaLabel?.split(',')[0] || textContent || parentElement.textContent)(document.activeElement)",
          ),
        );
      }
      expect(order.map((name) => name.replace(/^\d.*%$/, 'bar'))).toEqual([
        'sample-previous',
        'sample-next',
        'epoch-shown',
        'Filter 1',
        'weights',
        'Map 1',
        'before ReLU',
        'Pooled map 1',
        'bar',
        'slide',
        'run',
        'reset',
      ]);
      expect(problems.all()).toEqual([]);
    });

    it.each([
      [1440, 900],
      [1024, 768],
      [768, 1024],
      [390, 844],
      [320, 568],
    ])(
      'has the answer and Train in view while somebody draws, at %i × %i',
      async (width, height) => {
        const { page, problems } = await visit('?network=reference&pace=full&epochs=1');
        await page.setViewport({ width, height });
        await draw(page, STROKE);
        await saying(page, 'sample-name', /^your drawing$/);
        const inView = (selectors: string[]) =>
          page.waitForFunction(
            `${JSON.stringify(selectors)}.some((selector) => {
            const { top, bottom, height } = document.querySelector(selector).getBoundingClientRect();
            return height > 0 && top >= 0 && bottom <= innerHeight;
          })`,
          );
        await inView(['.bars .best', '#bar-answer']);
        await inView(['#run', '#bar-run']);
        await inView(['#pad-undo']);
        expect(await inPage(page, 'document.body.scrollWidth > innerWidth')).toBe(false);
        expect(problems.all()).toEqual([]);
      },
    );
  });
});

function flatten(node: Named): Named[] {
  return [node, ...(node.children ?? []).flatMap(flatten)];
}
