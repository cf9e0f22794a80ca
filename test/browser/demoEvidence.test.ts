/** What the demo shows of the numbers between a picture and its answer: checked against Convlet in Node. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createBackend, type Tensor } from 'convlet';
import { decodeModel } from 'convlet/formats';
import { loadMnist } from 'convlet/node';
import type { Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  bringIntoView,
  demoOrNotice,
  inPage,
  press,
  saying,
  serveDemo,
  settled,
  textOf,
} from '../support/demo.ts';
import { describeInBrowser } from '../support/describeInBrowser.ts';
import { temporaryFolders } from '../support/folder.ts';
import type { TestServer } from '../support/server.ts';

const newFolder = temporaryFolders();
const DIGITS = Array.from({ length: 10 }, (_, digit) => digit);

describe.skipIf(!demoOrNotice())('evidence in the demo', () => {
  let server: TestServer | undefined;
  beforeAll(async () => {
    server = await serveDemo(newFolder());
  });
  afterAll(() => server?.close());

  describeInBrowser('chromium', 'the page', ({ open }) => {
    const visit = async (query: string) => {
      const { page, problems } = await open(`${server?.origin}/${query}`);
      await saying(page, 'progress-text', /done$/);
      await saying(page, 'bar-answer', /^reads \d/);
      return { page, problems };
    };

    it('shows for each answer its weights times the pooled maps, which add up to its logit', async () => {
      const { page, problems } = await visit('?network=reference&pace=full&epochs=2');
      const { weights } = decodeModel(await download(page, 'export-weights'), 'model');
      const { pooled, logits } = await forwardOfFirst(weights);
      const dense = weights.get('4.weight')?.data ?? new Float32Array();
      const bias = weights.get('4.bias')?.data ?? new Float32Array();
      for (const digit of [5, 0, 9]) {
        await press(page, `.bars li:nth-child(${digit + 1}) button`);
        await saying(page, 'inspector', new RegExp(`^Evidence for ${digit}`));
        const { sums, pro, contra, own, logit } = await shownEvidence(page);
        const exact = Array.from({ length: 12 }, (_, map) =>
          Array.from({ length: 169 }, (_, i) => {
            const at = map * 169 + i;
            return (dense[digit * 2028 + at] ?? Number.NaN) * (pooled[at] ?? Number.NaN);
          }),
        );
        expect(sums).toHaveLength(12);
        for (const [map, products] of exact.entries()) {
          expect(Math.abs((sums[map] ?? Number.NaN) - total(products))).toBeLessThan(0.0011);
        }
        const products = exact.flat();
        expect(Math.abs(pro - total(products.filter((p) => p > 0)))).toBeLessThan(0.0011);
        expect(Math.abs(contra - total(products.filter((p) => p < 0)))).toBeLessThan(0.0011);
        expect(Math.abs(own - (bias[digit] ?? Number.NaN))).toBeLessThan(0.0011);
        expect(logit).toBe(Number((logits[digit] ?? Number.NaN).toFixed(3)));
        // as printed, to the last digit
        expect(thousandths(sums) + thousandths([own])).toBe(thousandths([logit]));
        expect(thousandths([pro, contra, own])).toBe(thousandths([logit]));
      }
      expect(problems.all()).toEqual([]);
    });

    it('shows how logits become the shares of the answer', async () => {
      const { page, problems } = await visit('?network=reference&pace=full&epochs=2');
      await press(page, '.bars li:nth-child(4) button');
      await saying(page, 'inspector', /^Evidence for 3/);
      const [logits = [], powers = [], shares = []] = await inPage<number[][]>(
        page,
        `[2, 3, 4].map((column) => [...document.querySelectorAll('.shares tbody td:nth-child(' + column + ')')]
          .map((cell) => parseFloat(cell.textContent.replace('−', '-'))))`,
      );
      expect([logits.length, powers.length, shares.length]).toEqual([10, 10, 10]);
      const most = Math.max(...logits);
      const sum = total(powers);
      for (const digit of DIGITS) {
        const power = Math.exp((logits[digit] ?? Number.NaN) - most);
        expect(Math.abs((powers[digit] ?? Number.NaN) - power)).toBeLessThan(0.003);
        expect(Math.abs((shares[digit] ?? Number.NaN) - (100 * power) / sum)).toBeLessThan(0.4);
      }
      expect(await inPage(page, "document.querySelector('.shares tfoot').textContent")).toBe(
        `sum${sum.toFixed(3)}`,
      );
      const bars = await inPage<string[]>(
        page,
        "[...document.querySelectorAll('.bars .value')].map(({ textContent }) => textContent)",
      );
      expect(shares.map((share) => `${share.toFixed(1)}\u2009%`)).toEqual(bars);
      expect(problems.all()).toEqual([]);
    });

    it('shows the evidence for hidden units too, of units as of maps', async () => {
      const { page, problems } = await visit('?pace=full&epochs=1&network=conv4x3-dense32');
      await page.hover('.column-units .tile');
      const text = await saying(page, 'inspector', /^Unit \d+Each of the 676 numbers before it/);
      expect(text).toMatch(/→ ReLU/);
      expect(await page.$$('.evidence-parts li')).toHaveLength(4);
      await press(page, '.bars li:nth-child(2) button');
      await saying(page, 'inspector', /^Evidence for 1Each of the 32 numbers before it/);
      expect(await page.$$('.evidence-parts li')).toHaveLength(1);
      const { sums, own, logit } = await shownEvidence(page);
      expect(thousandths(sums) + thousandths([own])).toBe(thousandths([logit]));
      expect(problems.all()).toEqual([]);
    });

    it('shows the window of a pooled pixel before and after ReLU, and which pixel of it is the strongest', async () => {
      const { page, problems } = await visit('?network=reference&pace=full&epochs=1');
      await page.hover('[data-layer=maxPool2d] .tile:nth-child(7)');
      await saying(page, 'inspector', /^Pooled map 7/);
      const [before = [], after = [], [strongest] = []] = await inPage<number[][]>(
        page,
        `[...document.querySelectorAll('.pool-row .matrix')].map((table) =>
          [...table.querySelectorAll('td')].map((cell) => Number(cell.textContent.replace('−', '-'))))`,
      );
      expect(before).toHaveLength(4);
      expect(after).toEqual(before.map((value) => Math.max(0, value)));
      expect(strongest).toBe(Math.max(...after));
      const winner = await inPage<string>(
        page,
        "document.querySelectorAll('.pool-row .matrix .winner')[1].textContent",
      );
      expect(Number(winner)).toBe(strongest);
      expect(await inPage(page, "document.querySelector('.relu svg').ariaLabel")).toMatch(
        /^ReLU: /,
      );
      const marked = await inPage<number>(
        page,
        "parseFloat(document.querySelector('.column-maps[data-layer=conv2d] .marker').style.width)",
      );
      expect(marked).toBeCloseTo((100 * 2) / 26, 3);
      expect(problems.all()).toEqual([]);
    });

    it('shows maps before ReLU when asked', async () => {
      const { page, problems } = await visit('?network=reference&pace=full&epochs=1');
      const colours = () =>
        inPage<string>(page, "document.querySelector('.column-maps canvas').toDataURL()");
      await bringIntoView(page, '.column-maps canvas');
      const after = await colours();
      await press(page, '.column-maps .switch input');
      await expect.poll(colours).not.toBe(after);
      await press(page, '.column-maps .switch input');
      await expect.poll(colours).toBe(after);
      expect(problems.all()).toEqual([]);
    });

    it('says how many of the maps it shows', async () => {
      const network = {
        inputShape: [1, 28, 28],
        layers: [
          { type: 'conv2d', filters: 40, kernelSize: 3, strides: 2 },
          { type: 'relu' },
          { type: 'maxPool2d', poolSize: 3, strides: 2, padding: 1 },
          { type: 'flatten' },
          { type: 'dense', units: 10 },
          { type: 'softmax' },
        ],
      };
      const { page, problems } = await visit(
        `?pace=full&epochs=1&network=${encodeURIComponent(JSON.stringify(network))}`,
      );
      await saying(page, 'columns', /The first 32 of 40 are shown\./);
      const pooled = '.column-maps[data-layer=maxPool2d] .tile';
      await bringIntoView(page, pooled);
      await page.focus(pooled);
      await page.keyboard.press('Enter');
      // the window of the first pixel reaches into the padding, which is empty
      const cells = () =>
        inPage<string[]>(
          page,
          "[...document.querySelectorAll('.pool-row table:first-of-type td')].slice(0, 9).map((cell) => cell.textContent)",
        );
      await expect
        .poll(async () => (await cells()).map((cell) => cell === ''))
        .toEqual([true, true, true, true, false, false, true, false, false]);
      expect(problems.all()).toEqual([]);
    });

    it('paints the maps that are in view, and the others when they come into view', async () => {
      const { page, problems } = await visit('?network=lenet5&pace=full&epochs=1');
      await page.setViewport({ width: 390, height: 700 });
      await page.reload();
      await saying(page, 'progress-text', /done$/);
      const last = '.column-maps:nth-last-child(1 of .column-maps)';
      const isPainted = () =>
        inPage<boolean>(
          page,
          `[...document.querySelectorAll('${last} canvas')].every((canvas) =>
            canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data[3] === 255)`,
        );
      expect(await isPainted()).toBe(false);
      await bringIntoView(page, last);
      expect(await isPainted()).toBe(true);
      expect(problems.all()).toEqual([]);
    });

    it('slides the window over the map when asked, and stops when asked', async () => {
      const { page, problems } = await visit('?network=reference&pace=full&epochs=1');
      await page.hover('.column-maps[data-layer=conv2d] .tile:nth-child(2)');
      await saying(page, 'inspector', /^Map 2/);
      await press(page, 'slide');
      await saying(page, 'inspector', /^Map 2The pixel in row 1, column [3-9]\./);
      await saying(page, 'inspector', /^Map 2The pixel in row 2, column \d+\./);
      const top = await inPage<string>(page, "document.getElementById('seen-window').style.top");
      expect(Number.parseFloat(top)).toBeCloseTo(100 / 28, 3);
      expect(await textOf(page, 'slide')).toBe('Stop sliding');
      await press(page, 'slide');
      expect(await textOf(page, 'slide')).toBe('Slide the window');
      const stopped = await settled(page, 'inspector'); // the last place is drawn with the next picture
      await new Promise((resolve) => setTimeout(resolve, 300)); // some places, if it went on
      expect(await textOf(page, 'inspector')).toBe(stopped);
      await press(page, '.bars li button');
      await page.waitForFunction("document.getElementById('slide').hidden");
      expect(problems.all()).toEqual([]);
    });

    const download = async (page: Page, id: string) => {
      const downloadPath = newFolder();
      const session = await page.createCDPSession();
      await session.send('Browser.setDownloadBehavior', { behavior: 'allow', downloadPath });
      await press(page, id);
      const file = join(downloadPath, 'model.safetensors');
      await expect.poll(() => existsSync(file)).toBe(true);
      return new Uint8Array(readFileSync(file));
    };
  });
});

/** The first test image through the reference network, by the kernels in Node. */
async function forwardOfFirst(weights: ReadonlyMap<string, Tensor>) {
  const { test } = await loadMnist({ trainSamples: 8000 });
  const { ops } = await createBackend();
  const tensor = (name: string): Tensor => {
    const found = weights.get(name);
    if (found === undefined) throw new Error(`expected ${name}`);
    return found;
  };
  const image = {
    shape: [1, 1, 28, 28],
    data: Float32Array.from(test.images.subarray(0, 784), (pixel) => pixel / 255),
  };
  const maps = ops.relu(ops.conv2d(image, tensor('0.weight'), tensor('0.bias'), {}));
  const pooled = ops.maxPool2d(maps, { poolSize: 2 }).data;
  const flat = { shape: [1, pooled.length], data: pooled };
  return { pooled, logits: ops.dense(flat, tensor('4.weight'), tensor('4.bias')).data };
}

/** The numbers of the evidence as they are printed. */
async function shownEvidence(page: Page) {
  const number = (text: string) => Number(text.replace('−', '-'));
  const texts = await inPage<string[]>(
    page,
    "[...document.querySelectorAll('.evidence-value b')].map(({ textContent }) => textContent)",
  );
  const sum = await inPage<string>(page, "document.querySelector('.evidence-sum').textContent");
  const [, pro = '', contra = '', own = '', logit = ''] =
    /^for (\S+)against (\S+)bias (\S+)together, its logit (\S+)$/.exec(
      sum.replaceAll(/([\d])(against|bias|together)/g, '$1$2'),
    ) ?? [];
  return {
    sums: texts.map(number),
    pro: number(pro),
    contra: number(contra),
    own: number(own),
    logit: number(logit),
  };
}

/** Printed numbers, summed without the errors of binary fractions. */
function thousandths(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + Math.round(value * 1000), 0);
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
