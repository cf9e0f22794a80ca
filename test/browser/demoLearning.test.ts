/**
 * How the demo shows that a network learns: filters, one slow step, a look back. Checked against Convlet in Node. One file, as all
 * of it compares the page with the same training here, and each file builds the demo anew.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  createBackend,
  createModel,
  type Dataset,
  type FitOptions,
  type Model,
  namedModels,
  optimizers,
  type Tensor,
} from 'convlet';
import { encodeCheckpoint } from 'convlet/formats';
import { loadMnist } from 'convlet/node';
import type { Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shuffledOrder } from '../../src/base/random.ts';
import {
  bringIntoView,
  demoOrNotice,
  giveFiles,
  inPage,
  press,
  probabilities,
  saying,
  serveDemo,
  textOf,
} from '../support/demo.ts';
import { describeInBrowser, type InBrowser } from '../support/describeInBrowser.ts';
import { temporaryFolders } from '../support/folder.ts';
import { slowness } from '../support/patience.ts';
import type { TestServer } from '../support/server.ts';

const newFolder = temporaryFolders();
const FILTER = 9; // weights of one

describe.skipIf(!demoOrNotice())('learning in the demo', () => {
  let server: TestServer | undefined;
  beforeAll(async () => {
    server = await serveDemo(newFolder());
  });
  afterAll(() => server?.close());
  const origin = () => `${server?.origin}/`;
  describeInBrowser('chromium', 'the page', (inBrowser) => {
    shows(inBrowser, origin);
    tests(inBrowser, origin);
  });
  describeInBrowser('firefox', 'the page', (inBrowser) => shows(inBrowser, origin));
});

/** In every browser. */
function shows({ open }: InBrowser, origin: () => string): void {
  it('shows the change since the start and the gradient of the last step, with their scale and in figures', async () => {
    const { page, problems } = await open(`${origin()}?network=reference&pace=full&epochs=2`);
    await saying(page, 'progress-text', /done$/);
    const { model, train } = await reference();
    const start = weightsOf(model);
    await model.fit(train, { epochs: 2, maxSteps: 125, onCheckpoint: () => {} });
    const before = weightsOf(model);
    const end = weightsOf((await trained({ epochs: 2 })).model);
    expect(await scaleOf(page)).toBeCloseTo(largest(end), 1);

    await lens(page, 'change');
    await saying(page, 'columns', /How far they have come since the start/);
    const change = end.map((value, i) => value - (start[i] ?? Number.NaN));
    expect(Math.abs((await scaleOf(page)) / largest(change) - 1)).toBeLessThan(0.05);
    await comparesTo(page, change, /^change × ([\d,]+)$/);
    expect(await firstTile(page)).toMatch(/^Filter 1, change since the start, 3 by 3\./);

    await lens(page, 'gradient');
    await saying(page, 'columns', /Gradient of batch 63 of 63 in epoch 2: /);
    const gradient = end.map((value, i) => ((before[i] ?? Number.NaN) - value) / 0.01);
    expect(Math.abs((await scaleOf(page)) / largest(gradient) - 1)).toBeLessThan(0.05);
    await comparesTo(page, gradient, /^gradient × ([\d,]+)$/);
    expect(await firstTile(page)).toMatch(/^Filter 1, gradient of the last step, 3 by 3\./);

    await lens(page, 'weights');
    await expect.poll(() => page.$$('.in-figures')).toHaveLength(0);
    expect(problems.all()).toEqual([]);
  });
}

function tests({ open }: InBrowser, origin: () => string): void {
  const visit = (query: string) => open(`${origin()}${query}`);

  it('has one tab stop for what the filters show, and arrow keys within', async () => {
    const { page, problems } = await visit('?pace=full&epochs=1&network=conv4x3-conv8');
    await saying(page, 'progress-text', /done$/);
    const headings = await inPage<string[]>(
      page,
      "[...document.querySelectorAll('.column-filters h3')].map(({ textContent }) => textContent)",
    );
    expect(headings).toEqual(['Filters4 × 3 × 3', 'Filters of maps8 × 4 × 3 × 3']);
    const second = () =>
      inPage<string>(
        page,
        "document.querySelectorAll('.column-filters')[1].querySelector('canvas').toDataURL()",
      );
    await bringIntoView(page, '.column-filters:nth-child(4)');
    const weights = await second();
    expect(await page.$$('.lens input')).toHaveLength(3); // one switch for both
    await page.focus('.lens input:checked');
    await page.keyboard.press('ArrowRight');
    const chosen = () =>
      inPage<string>(page, "document.querySelector('.lens input:checked').value");
    expect(await chosen()).toBe('change');
    await expect.poll(second).not.toBe(weights);
    await page.keyboard.press('ArrowRight');
    expect(await chosen()).toBe('gradient');
    await saying(page, 'columns', /Gradient of batch 63 of 63 in epoch 1/);
    await page.keyboard.press('Tab');
    expect(await inPage(page, 'document.activeElement.ariaLabel')).toMatch(/^Map 1,/);
    const tile = '.column-filters:nth-child(4) .tile:nth-child(2)';
    await page.focus(tile);
    await press(page, tile);
    await saying(
      page,
      'inspector',
      /^Filter 2, over all maps before it.*and the map that adds most/,
    );
    expect(problems.all()).toEqual([]);
  });

  it('says that there is no gradient before the first step', async () => {
    const { page, problems } = await visit('?network=reference&pace=slow');
    await saying(page, 'progress-text', /batch/);
    await press(page, 'run');
    await saying(page, 'run', /^Train$/);
    await press(page, 'reset');
    await saying(page, 'progress-text', /^Nothing learnt yet/);
    await lens(page, 'gradient');
    await saying(page, 'columns', /No gradient: there is no step to measure yet\./);
    expect(await inPage(page, "document.getElementById('epoch-shown').disabled")).toBe(true);
    await press(page, 'step');
    await saying(page, 'columns', /Gradient of batch 1 of 63 in epoch 1/);
    expect(problems.all()).toEqual([]);
  });

  it('tells one step with the numbers of its batch, as they are in Node', async () => {
    const { page, problems } = await visit('?network=reference&pace=slow&optimizer=adam&lr=0.001');
    await saying(page, 'progress-text', /batch [2-9]/);
    await press(page, 'slow-step');
    const forward = await saying(page, 'narration-text', /^The 128 pictures of batch/);
    expect(await textOf(page, 'run')).toBe('Train');
    const step = Number(/batch (\d+) of 63 in epoch 1/.exec(forward)?.[1]);
    // goes on by itself
    const loss = await saying(page, 'narration-text', /^How wrong it was/);
    await press(page, 'narration-next');
    const gradient = await saying(page, 'narration-text', /^Backwards/);
    expect(await inPage(page, "document.querySelector('.lens input:checked').value")).toBe(
      'gradient',
    );
    await saying(page, 'columns', new RegExp(`Gradient of batch ${step} of 63 in epoch 1`));
    await saying(page, 'progress-text', new RegExp(`batch ${step - 1} of 63`)); // not taken yet
    await press(page, 'narration-next');
    const update = await saying(page, 'narration-text', /the loss is .* now/);
    await saying(page, 'progress-text', new RegExp(`batch ${step} of 63`));
    expect(await textOf(page, 'run')).toBe('Train');
    await expect
      .poll(() => inPage(page, "document.querySelector('.lens input:checked').value"))
      .toBe('weights');

    const options = { optimizer: optimizers.adam({ learningRate: 0.001 }) };
    const before = await trained({ ...options, maxSteps: step - 1 });
    const after = await trained({ ...options, maxSteps: step });
    const batch = batchOf(before.train, step);
    const [then, now] = [before.model.evaluate(batch), after.model.evaluate(batch)];
    expect(forward).toContain(`reads ${Math.round(then.accuracy * 128)} of them correctly`);
    expect(near(numberIn(loss, /right answer: (\S+)\. /), then.loss)).toBe(true);
    expect(near(numberIn(update, /the loss is (\S+) now/), now.loss)).toBe(true);
    const [, filter = '', row = '', column = ''] =
      /0\.weight\[(\d+), 0, (\d+), (\d+)\]/.exec(gradient) ?? [];
    const index = Number(filter) * FILTER + Number(row) * 3 + Number(column);
    const slope = slopeOf(before.model, batch, index);
    const told = numberIn(gradient, /that is (\S+): /);
    expect(Math.abs(told - slope)).toBeLessThan(2e-3 + 0.02 * Math.abs(slope));
    const [from = 0, to = 0] = [before, after].map(
      ({ model }) => weightsOf(model)[index] ?? Number.NaN,
    );
    expect(near(numberIn(update, /goes from (\S+) to/), from)).toBe(true);
    expect(near(numberIn(update, /goes from \S+ to (\S+),/), to)).toBe(true);
    expect(near(numberIn(update, /adam makes a change of (\S+)\. /), to - from, 0.02)).toBe(true);
    expect(near(numberIn(update, /= 0\.001 × \S+ = (\S+); /), 0.001 * told, 0.02)).toBe(true);
    expect(problems.all()).toEqual([]);
  });

  it('does not tell a step of several batches, and says why', async () => {
    const { train } = await loadMnist({ trainSamples: 8000 });
    const model = createModel(
      await createBackend(),
      namedModels.reference(train.shape, train.classes),
    );
    const file = join(newFolder(), 'several.convlet');
    await model.fit(train, {
      accumulate: 2,
      onCheckpoint: (checkpoint) => writeFileSync(file, encodeCheckpoint(checkpoint)),
    });
    const { page, problems } = await visit('?network=reference&pace=slow');
    await saying(page, 'progress-text', /batch/);
    await giveFiles(page, file);
    await saying(page, 'notice', /^several\.convlet: 1 epoch done/);
    await press(page, 'slow-step');
    await saying(
      page,
      'narration-text',
      /^The step cannot be told: this run adds up several batches before it moves a weight\.$/,
    );
    expect(problems.all()).toEqual([]);
  });

  it('waits for readers who asked for less motion, can be skipped, and gives way to training', async () => {
    const { page, problems } = await visit('?network=reference&pace=slow');
    await page.emulateMediaFeatures([{ name: 'prefers-reduced-motion', value: 'reduce' }]);
    await saying(page, 'progress-text', /batch [2-9]/);
    await press(page, 'slow-step');
    await saying(page, 'narration-text', /^The 128 pictures/);
    await new Promise((resolve) => setTimeout(resolve, 6500));
    expect(await textOf(page, 'narration-text')).toMatch(/^The 128 pictures/);
    expect(await inPage(page, "document.getElementById('narration-text').ariaLive")).toBe('polite');
    await page.focus('#narration-skip');
    await page.keyboard.press('Enter');
    const update = await saying(page, 'narration-text', /the loss is .* now/);
    const [gradient, change] = [/= 0\.01 × (\S+) = /, /= (\S+)\. So/].map((what) =>
      numberIn(update, what),
    );
    expect(near(change ?? 0, 0.01 * (gradient ?? 0), 0.02)).toBe(true);
    const [from, to] = [/goes from (\S+) to/, /goes from \S+ to (\S+),/].map((what) =>
      numberIn(update, what),
    );
    expect(Math.abs((from ?? 0) - (to ?? 0) - (change ?? Number.NaN))).toBeLessThan(3e-6);
    expect(await inPage(page, 'document.activeElement.id')).toBe('slow-step'); // its own button is gone
    await press(page, 'slow-step');
    await saying(page, 'narration-text', /^The 128 pictures/);
    await press(page, 'run');
    await saying(page, 'run', /^Pause$/);
    expect(await inPage(page, "document.getElementById('narration').hidden")).toBe(true);
    await expect
      .poll(() => inPage(page, "document.getElementById('slow-step').disabled"))
      .toBe(false);
    expect(problems.all()).toEqual([]);
  });

  it('looks back at an epoch while training goes on, says that it is the past, and returns to now', async () => {
    const { page, problems } = await visit('?network=reference&pace=full&epochs=3');
    await page.evaluate(`new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) globalThis.longest = Math.max(globalThis.longest ?? 0, duration);
    }).observe({ type: 'longtask' });`);
    await saying(page, 'progress-text', /done$/);
    const shares = async (model: Model, test: Dataset) =>
      Array.from(
        model.predict(test.images.subarray(0, 784)).data,
        (share) => Math.round(share * 1000) / 1000,
      );
    const { model, test } = await trained({ epochs: 1 });
    const valueText = () =>
      inPage<string>(page, "document.getElementById('epoch-shown').getAttribute('aria-valuetext')");
    expect(await valueText()).toBe('now');
    await page.focus('#epoch-shown');
    await page.keyboard.press('Home');
    expect(await valueText()).toBe('before the first batch');
    await lens(page, 'change');
    await expect.poll(() => scaleOf(page)).toBe(0); // nothing has, to the last digit
    await lens(page, 'weights');
    await page.focus('#epoch-shown');
    await page.keyboard.press('ArrowRight');
    expect(await valueText()).toBe('after epoch 1');
    await saying(page, 'epoch-shown-name', /^the past, after epoch 1$/);
    await saying(page, 'flow-title', /^The network after epoch 1$/);
    await saying(page, 'bar-answer', /^after epoch 1: reads \d/);
    const past = await shares(model, test);
    const shown = async () =>
      (await probabilities(page)).map((share) => Math.round(share * 1000) / 1000);
    await expect.poll(shown).toEqual(past);

    await lens(page, 'gradient');
    await saying(page, 'columns', /Gradient of batch 1 of 63 in epoch 2/);
    const before = weightsOf(model);
    await model.fit((await reference()).train, { maxSteps: 1 });
    const gradient = weightsOf(model).map((value, i) => ((before[i] ?? Number.NaN) - value) / 0.01);
    await comparesTo(page, gradient, /^gradient × ([\d,]+)$/);
    await lens(page, 'weights');

    await press(page, 'run'); // trains on
    await saying(page, 'progress-text', /^Epoch ([5-9]|\d\d)/);
    expect(await shown()).toEqual(past);
    expect(await valueText()).toBe('after epoch 1');
    await page.focus('#bar-now');
    await page.keyboard.press('Enter');
    await saying(page, 'bar-answer', /^reads \d/);
    expect(await valueText()).toBe('now');
    await expect.poll(shown).not.toEqual(past);
    expect(await inPage(page, 'document.activeElement.id')).toBe('epoch-shown');
    await saying(page, 'flow-title', /^The network at this moment$/);
    await press(page, 'reset');
    await page.waitForFunction("document.getElementById('epoch-shown').disabled");
    const longest = await inPage<number>(page, 'globalThis.longest ?? 0');
    console.info(`demo: the longest task of the page took ${longest} ms`);
    expect(longest).toBeLessThan(100 * slowness());
    expect(problems.all()).toEqual([]);
  });
}

/** The reference network of the page before its first step, with its digits. */
async function reference() {
  const { train, test } = await loadMnist({ trainSamples: 8000 });
  const model = createModel(
    await createBackend(),
    namedModels.reference(train.shape, train.classes),
  );
  return { model, train, test };
}

/** The same, trained. */
async function trained(options: FitOptions) {
  const all = await reference();
  await all.model.fit(all.train, options);
  return all;
}

/** The weights of the filters. */
function weightsOf(model: Model): number[] {
  const { data } = model.weights().get('0.weight') as Tensor; // the network has it
  return Array.from(data);
}

/** The images of a step of the first epoch. */
function batchOf(train: Dataset, step: number): Dataset {
  const order = Int32Array.from(train.labels, (_, i) => i);
  shuffledOrder(order, 1, 1);
  const chosen = Array.from(order.subarray((step - 1) * 128, step * 128));
  return {
    ...train,
    images: Uint8Array.from(
      chosen.flatMap((i) => Array.from(train.images.subarray(i * 784, (i + 1) * 784))),
    ),
    labels: Uint8Array.from(chosen, (i) => train.labels[i] ?? 0),
  };
}

/** The gradient of a weight of the filters by central differences. */
function slopeOf(model: Model, batch: Dataset, index: number): number {
  const h = 0.005;
  const weights = model.weights();
  const { shape, data } = weights.get('0.weight') as Tensor; // the network has it
  const lossAt = (change: number) => {
    const moved = Float32Array.from(data);
    moved[index] = (moved[index] ?? 0) + change;
    model.setWeights(new Map(weights).set('0.weight', { shape, data: moved }));
    return model.evaluate(batch).loss;
  };
  const slope = (lossAt(h) - lossAt(-h)) / (2 * h);
  model.setWeights(weights);
  return slope;
}

/** Chooses what the filters show. */
function lens(page: Page, kind: string): Promise<void> {
  return press(page, `.lens input[value=${kind}]`);
}

/** The largest number of the scale of the first filters. */
async function scaleOf(page: Page): Promise<number> {
  const texts = () =>
    inPage<string[]>(
      page,
      "[...document.querySelectorAll('.column-filters .scale > span')].map(({ textContent }) => textContent)",
    );
  return Number((await texts()).find((text) => text.startsWith('+')));
}

function firstTile(page: Page): Promise<string> {
  return inPage(page, "document.querySelector('.column-filters .tile').ariaLabel");
}

/** Waits until the figures of the first filter are these, as far as they are printed. */
async function comparesTo(page: Page, expected: readonly number[], caption: RegExp): Promise<void> {
  const table = "document.querySelector('.in-figures .matrix')";
  await page.waitForFunction(`${caption}.test(${table}?.caption.textContent ?? '')`);
  await expect
    .poll(async () => {
      const text = await inPage<string>(page, `${table}.caption.textContent`);
      const factor = Number(caption.exec(text)?.[1]?.replaceAll(',', ''));
      const cells = await inPage<string[]>(
        page,
        `[...${table}.querySelectorAll('td')].map(({ textContent }) => textContent)`,
      );
      const errors = cells.map((cell, i) =>
        Math.abs(Number(cell.replace('−', '-')) - factor * (expected[i] ?? Number.NaN)),
      );
      return cells.length === FILTER && errors.every((error) => error < 0.007);
    })
    .toBe(true);
}

function largest(values: readonly number[]): number {
  return Math.max(...values.map(Math.abs));
}

/** A printed number. */
function numberIn(text: string, what: RegExp): number {
  return Number((what.exec(text)?.[1] ?? 'none').replace('−', '-'));
}

/** Whether a number is another one, as far as it is printed. */
function near(printed: number, exact: number, share = 1e-3): boolean {
  return Math.abs(printed - exact) <= share * Math.abs(exact);
}
