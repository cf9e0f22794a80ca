/**
 * The demo, used through its controls: every control does what it says.
 * One file, as each file that needs the demo builds it anew and starts a browser, which takes longer than most of its tests.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createBackend, createModel, layers, namedModels, optimizers, schedules } from 'convlet';
import {
  decodeCheckpoint,
  decodeModel,
  encodeCheckpoint,
  encodeModel,
  loadModel,
} from 'convlet/formats';
import { loadMnist } from 'convlet/node';
import type { Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  axeSource,
  demoOrNotice,
  draw,
  giveFiles,
  inPage,
  kept,
  press,
  probabilities,
  saying,
  serveDemo,
  settled,
  textOf,
} from '../support/demo.ts';
import { describeInBrowser, type InBrowser } from '../support/describeInBrowser.ts';
import { temporaryFolders } from '../support/folder.ts';
import { idxImages, idxLabels } from '../support/idx.ts';
import { runProgram } from '../support/markdown.ts';
import { slowness } from '../support/patience.ts';
import type { TestServer } from '../support/server.ts';

const newFolder = temporaryFolders();
const SEVEN = [
  [0.25, 0.2],
  [0.75, 0.2],
  [0.45, 0.85],
] as const;
/** Without a weight learnt: a network of ten classes that guesses. */
const GUESSING = 'Nothing learnt yet';

describe.skipIf(!demoOrNotice())('demo', () => {
  let server: TestServer | undefined;
  beforeAll(async () => {
    server = await serveDemo(newFolder());
  });
  afterAll(() => server?.close());
  const origin = () => `${server?.origin}/`;
  describeInBrowser('chromium', 'the page', (inBrowser) => {
    trains(inBrowser, origin);
    tests(inBrowser, origin);
  });
  describeInBrowser('firefox', 'the page', (inBrowser) => trains(inBrowser, origin));
});

/** Numbers that follow these words in a text; 0 for a word that is not there. */
function numbersAfter(text: string, words: readonly string[]): number[] {
  return words.map((word) => {
    const [, number = '0'] = new RegExp(`${word} (−?[\\d.]+)`).exec(text) ?? [];
    return Number(number.replace('−', '-'));
  });
}

function trains({ open }: InBrowser, origin: () => string): void {
  it('has digits, starts training by itself and soon shows a loss', async () => {
    const { page, problems } = await open(origin());
    await saying(page, 'loss-chart', /train\d/);
    const time = await page.evaluate(
      () => performance.getEntriesByName('first loss')[0]?.startTime,
    );
    // 2 s is the promise; a machine that runs other tests beside this one is given 6, a busy one more
    console.info(`demo: first loss after ${Math.round(time ?? Number.NaN)} ms`);
    expect(time).toBeLessThan(6000 * slowness());
    expect(await textOf(page, 'run')).toBe('Pause');
    expect(await page.$$('.column-filters .tile')).toHaveLength(16 + 24);
    expect(problems.all()).toEqual([]);
  });
}

function tests({ open, openFresh }: InBrowser, origin: () => string): void {
  const visit = (query = '') => open(`${origin()}${query}`);

  /** Where the browser leaves what is downloaded. */
  const downloadsOf = async (page: Page): Promise<string> => {
    const downloadPath = newFolder();
    const session = await page.createCDPSession();
    await session.send('Browser.setDownloadBehavior', { behavior: 'allow', downloadPath });
    return downloadPath;
  };

  const download = async (page: Page, folder: string, id: string, name: string) => {
    await press(page, id);
    const file = join(folder, name);
    await expect.poll(() => existsSync(file)).toBe(true);
    return new Uint8Array(readFileSync(file));
  };

  it('ends with the same bytes as Node, even if it is paused and stepped on the way', async () => {
    const { page, problems } = await visit('?network=reference&epochs=3');
    const folder = await downloadsOf(page);
    await saying(page, 'progress-text', /batch/);
    await press(page, 'run');
    await saying(page, 'run', /^Train$/);
    await press(page, 'step');
    await press(page, 'input[value="full"]');
    await press(page, 'run');
    expect(await saying(page, 'progress-text', /done$/)).toBe('3 epochs done');
    const bytes = await download(page, folder, 'export-weights', 'model.safetensors');

    const { train, test } = await loadMnist({ trainSamples: 8000 });
    const backend = await createBackend();
    const spec = namedModels.reference(train.shape, train.classes);
    const model = createModel(backend, spec);
    await model.fit(train, { epochs: 3, optimizer: optimizers.sgd({ learningRate: 0.01 }) });
    expect(Buffer.from(bytes).equals(encodeModel(model))).toBe(true);

    const { accuracy } = model.evaluate(test);
    expect(accuracy).toBeGreaterThan(0.8);
    expect(accuracy).toBeLessThan(0.9);
    const shown = `${(accuracy * 100).toFixed(1)}\u2009%`;
    await saying(page, 'score', new RegExp(shown.replace('.', '\\.')));
    expect(problems.all()).toEqual([]);
  });

  it('pauses, steps by one batch, and starts over', async () => {
    const { page, problems } = await visit('?network=reference');
    await saying(page, 'progress-text', /batch/);
    await press(page, 'run');
    await saying(page, 'run', /^Train$/);
    const paused = await settled(page, 'progress-text');
    await new Promise((resolve) => setTimeout(resolve, 300)); // some batches, if it went on
    expect(await textOf(page, 'progress-text')).toBe(paused);
    const [, batch = '0'] = /batch (\d+)/.exec(paused) ?? [];
    const next = (Number(batch) % 63) + 1;
    await press(page, 'step');
    await saying(page, 'progress-text', new RegExp(`batch ${next} of 63`));
    expect(await textOf(page, 'run')).toBe('Train');
    await press(page, 'reset');
    await saying(page, 'progress-text', new RegExp(GUESSING));
    await saying(page, 'loss-chart', /train–/);
    expect(problems.all()).toEqual([]);
  });

  it('reads a drawn digit, and reads it again with every batch', async () => {
    const { page, problems } = await visit('?network=reference&pace=full&epochs=8');
    await saying(page, 'progress-text', /done$/);
    await draw(page, SEVEN);
    await saying(page, 'sample-name', /^your drawing$/);
    await saying(page, 'bar-answer', /^reads 7/);
    const before = await probabilities(page);
    expect(before.reduce((total, value) => total + value, 0)).toBeCloseTo(1, 1);
    expect(before.indexOf(Math.max(...before))).toBe(7);
    expect(await inPage(page, "document.getElementById('seen').ariaLabel")).toContain('read as 7');
    await press(page, 'run'); // trains on
    await expect.poll(() => probabilities(page)).not.toEqual(before);
    await press(page, 'pad-undo');
    await saying(page, 'sample-name', /^a \d, test 1$/);
    await press(page, 'sample-next');
    await saying(page, 'sample-name', /^a \d, test 2$/);
    expect(problems.all()).toEqual([]);
  });

  it('shows the patch, the kernel and the sum under the pointer, and for the arrow keys', async () => {
    const { page, problems } = await visit('?network=reference');
    await saying(page, 'inspector', /together/);
    await page.hover('.column-maps .tile:nth-child(5)');
    const text = await saying(page, 'inspector', /^Map 5The pixel in row \d+, column \d+/);
    const cells = await inPage<number[][]>(
      page,
      `[...document.querySelectorAll('#inspector .matrix')].map((table) =>
        [...table.querySelectorAll('td')].map((cell) => Number(cell.textContent.replace('−', '-'))))`,
    );
    const [patch = [], kernel = [], products = []] = cells;
    expect([patch.length, kernel.length, products.length]).toEqual([9, 9, 9]);
    for (const [i, product] of products.entries()) {
      // both factors are rounded to two digits
      expect(Math.abs(product - (patch[i] ?? 0) * (kernel[i] ?? 0))).toBeLessThan(0.02);
    }
    const [sum = 0, bias = 0, together = 0] = numbersAfter(text, ['products', 'bias', 'together']);
    expect(Math.abs(together - sum - bias)).toBeLessThan(0.003); // of the map itself, not of this sum
    await page.focus('.column-maps .tile:nth-child(5)');
    await page.keyboard.press('ArrowDown');
    const row = Number(/row (\d+)/.exec(text)?.[1]);
    await saying(page, 'inspector', new RegExp(`row ${row + 1},`));
    await page.hover('[data-layer=maxPool2d] .tile:nth-child(7)');
    await saying(page, 'inspector', /^Pooled map 7The strongest pixel of its window/);
    expect(problems.all()).toEqual([]);
  });

  it('adds up over padding and many channels too', async () => {
    const { page, problems } = await visit('?network=lenet5');
    await saying(page, 'inspector', /together/);
    // the first corner of the first maps, half over the edge, and a pixel of the second ones
    for (const maps of await page.$$('.column-maps[data-layer=conv2d]')) {
      const tile = await maps.$('.tile:nth-child(2)');
      await tile?.scrollIntoView();
      const box = await tile?.boundingBox();
      if (!box) throw new Error('expected a second map');
      await page.mouse.move(box.x + 2, box.y + 2);
      const text = await saying(page, 'inspector', /^Map 2.*row 1, column 1\./);
      const [sum = 0, bias = 0, together = 0, others = 0] = numbersAfter(text, [
        'products',
        'bias',
        'together',
        'channels',
      ]);
      expect(Math.abs(together - sum - bias - others)).toBeLessThan(0.005);
    }
    expect(problems.all()).toEqual([]);
  });

  it('shows layers of any type, and reads the branches of a network by name', async () => {
    const spec = {
      inputShape: [1, 28, 28],
      normalize: { mean: [0.13], deviation: [0.31] },
      layers: [
        layers.conv2d({ filters: 4, kernelSize: 3, padding: 'same', name: 'stem', useBias: false }),
        layers.conv2d({ filters: 4, kernelSize: 3, padding: 1 }),
        layers.batchNorm(),
        layers.leakyRelu({ name: 'branch' }),
        layers.add({ inputs: ['stem', 'branch'] }),
        layers.relu(),
        layers.maxPool2d({ poolSize: 2 }),
        layers.dropout({ rate: 0.1 }),
        layers.globalAveragePool2d(),
        layers.dense({ units: 10 }),
        layers.softmax(),
      ],
    };
    const network = encodeURIComponent(JSON.stringify(spec));
    const { page, problems } = await visit(`?pace=full&epochs=1&network=${network}`);
    await saying(page, 'progress-text', /done$/);
    const titles = await inPage<string[]>(
      page,
      "[...document.querySelectorAll('#columns h3')].map(({ textContent }) => textContent)",
    );
    expect(titles).toEqual([
      'Filters4 × 3 × 3',
      'Maps4 × 28 × 28',
      'Filters of maps4 × 4 × 3 × 3',
      'Maps of maps4 × 28 × 28',
      'Sum4 × 28 × 28',
      'Pooled4 × 14 × 14',
      'Averages4',
      'Answer10',
    ]);
    await page.hover('[data-layer=add] .tile:nth-child(2)');
    const text = await saying(page, 'inspector', /^Map 2The pixel in row .* → ReLU/);
    const [stem = 0, branch = 0, sum = 0] = numbersAfter(text, ['“stem”', '“branch”', 'add']);
    expect(Math.abs(sum - stem - branch)).toBeLessThan(0.002);
    const pooled = "document.querySelector('[data-layer=maxPool2d]')";
    await page.evaluate(`${pooled}.scrollIntoView({ block: 'center' })`); // above the bar that stays in view
    await page.hover('[data-layer=maxPool2d] .tile:nth-child(2)');
    await saying(page, 'inspector', /^Pooled map 2.*The strongest pixel of its window.*“stem”/);
    await page.click('#snippet-details summary');
    await saying(page, 'snippet', /layers\.add\(\{ inputs: \['stem', 'branch'\] \}\)/);
    await press(page, 'compare');
    await saying(page, 'comparison', /^plain JavaScript: expected layers that its loops have/);
    expect(problems.all()).toEqual([]);
  });

  it('goes on as a checkpoint says, with its schedule, options and metrics', async () => {
    const { train } = await loadMnist({ trainSamples: 8000 });
    const spec = namedModels.reference(train.shape, train.classes);
    const model = createModel(await createBackend(), spec);
    const learningRate = schedules.step({ from: 0.02, factor: 0.5, every: 1 });
    const file = join(newFolder(), 'begun.convlet');
    await model.fit(train, {
      epochs: 2,
      optimizer: optimizers.momentum({ learningRate, momentum: 0.8 }),
      metrics: ['top5'],
      onCheckpoint: (checkpoint) => {
        if (checkpoint.history.length === 1) writeFileSync(file, encodeCheckpoint(checkpoint));
      },
    });
    const { page, problems } = await visit('?network=reference&pace=full&epochs=1');
    const folder = await downloadsOf(page);
    await saying(page, 'progress-text', /done$/);
    await giveFiles(page, file);
    await saying(page, 'notice', /^begun\.convlet: 1 epoch done/);
    expect(await textOf(page, 'rate-value')).toBe('0.02');
    await page.click('#snippet-details summary');
    await saying(page, 'snippet', /momentum: 0\.8,\n/);
    await press(page, 'run');
    expect(await saying(page, 'progress-text', /done$/)).toBe('2 epochs done');
    const bytes = await download(page, folder, 'export-weights', 'model.safetensors');
    expect(Buffer.from(bytes).equals(encodeModel(model))).toBe(true);
    expect(problems.all()).toEqual([]);
  });

  it('has a program that ends with its bytes: a schedule, augmentation, dropout and early stopping too', async () => {
    const { page, problems } = await visit(
      '?pace=full&epochs=3&optimizer=adam&lr=0.002&schedule=oneCycle&shift=2&rotate=10&patience=2&network=conv4x3-dropout25',
    );
    const folder = await downloadsOf(page);
    await saying(page, 'progress-text', /done$/);
    expect(await inPage(page, "document.getElementById('more').open")).toBe(true);
    const file = await download(page, folder, 'export-weights', 'model.safetensors');
    await page.click('#snippet-details summary');
    const program = await saying(page, 'snippet', /earlyStopping: \{ patience: 2 \}/);
    expect(program).toMatch(/learningRate: schedules\.oneCycle\(\{.* peak: 0\.002 \}\)/);
    expect(program).toContain('augment: { shift: 2, rotate: 10 }');
    expect(program).toContain('layers.dropout({ rate: 0.25 })');
    const model = loadModel(await createBackend(), file);
    expect(runProgram(program).trim().split('\n').at(-1)).toBe(await model.weightsSha256());
    expect(problems.all()).toEqual([]);
  });

  it('begins anew for another augmentation, and goes on with another schedule', async () => {
    const { page, problems } = await visit('?network=reference&pace=slow');
    await saying(page, 'progress-text', /batch [2-9]/);
    await press(page, 'run');
    await saying(page, 'run', /^Train$/);
    const paused = await textOf(page, 'progress-text');
    await page.select('#schedule', 'cosine');
    await page.click('#snippet-details summary');
    await saying(page, 'snippet', /learningRate: schedules\.cosine\(\{.* from: 0\.01 \}\)/);
    expect(await textOf(page, 'progress-text')).toBe(paused);
    await inPage(
      page,
      `(() => { const field = document.getElementById('shift'); field.value = '2'; field.dispatchEvent(new Event('change')); })()`,
    );
    await saying(page, 'progress-text', new RegExp(GUESSING));
    expect(page.url()).toMatch(/\?network=reference&schedule=cosine&shift=2&pace=slow$/);
    expect(problems.all()).toEqual([]);
  });

  it('stops early, brings the best weights back, and trains on with new patience', async () => {
    const { page, problems } = await visit(
      '?pace=full&epochs=400&batch=1024&lr=1&optimizer=adam&patience=1&network=conv4x3',
    );
    const told = await saying(
      page,
      'notice',
      /^Of \d+ epochs number \d+ had the smallest test loss/,
    );
    const [, best] = /number (\d+)/.exec(told) ?? [];
    await saying(page, 'score-note', new RegExp(`after epoch ${best}$`)); // whose weights they are
    const [, before = '0'] = /^(\d+) epochs done$/.exec(await textOf(page, 'progress-text')) ?? [];
    expect(Number(before)).toBeGreaterThan(1);
    await press(page, 'run');
    await expect
      .poll(async () =>
        Number(/^(\d+) epochs done$/.exec(await textOf(page, 'progress-text'))?.[1]),
      )
      .toBeGreaterThan(Number(before));
    expect(page.url()).toContain('epochs=400');
    expect(problems.all()).toEqual([]);
  });

  it.each(['tiny', 'mobile', 'resnet8'])('trains and shows %s', async (name) => {
    const { page, problems } = await visit('?network=reference');
    await saying(page, 'progress-text', /batch/);
    await page.select('#network', name);
    await saying(page, 'summary', /global|dense/);
    expect(page.url()).toContain(`network=${name}`);
    await saying(page, 'loss-chart', /train\d/);
    await saying(page, 'bar-answer', /^reads \d/);
    expect(await textOf(page, 'notice')).toBe(''); // its worker was not taken for dead
    expect(problems.all()).toEqual([]);
  });

  it('opens the mistakes behind a confusion, and puts one before the network', async () => {
    const { page, problems } = await visit('?network=reference&pace=full&epochs=2');
    await saying(page, 'progress-text', /done$/);
    await saying(page, 'score-note', /after epoch 2$/); // with it the confusions of the last weights
    await saying(page, 'mistakes-note', /^\d+ of 1,000 test images/);
    const cells = await inPage<number[]>(
      page,
      "[...document.querySelectorAll('#confusion td button')].map((cell) => Number(cell.textContent))",
    );
    expect(cells.reduce((total, value) => total + value, 0)).toBe(1000);
    const wrong = cells.map((value, i) => (i % 11 === 0 ? 0 : value));
    const most = Math.max(...wrong);
    const [digit, reading] = [Math.floor(wrong.indexOf(most) / 10), wrong.indexOf(most) % 10];
    await press(page, `#confusion tr:nth-child(${digit + 1}) td:nth-child(${reading + 2}) button`);
    await saying(page, 'mistakes-title', new RegExp(`^Mistakes: ${digit} read as ${reading}$`));
    await saying(page, 'mistakes-note', new RegExp(`^${most} of`));
    await press(page, '#gallery li button');
    await saying(page, 'sample-name', new RegExp(`^a ${digit}, test`));
    await saying(page, 'bar-answer', new RegExp(`^reads ${reading}`));
    expect(problems.all()).toEqual([]);
  });

  it('keeps the settings in its address, and refuses an impossible network', async () => {
    const { page, problems } = await visit(
      '?lr=0.003&batch=64&optimizer=adam&seed=7&network=conv8x5-conv16-dense32&pace=slow',
    );
    await saying(page, 'progress-text', /of 125$/);
    const values = await inPage<string[]>(
      page,
      "[...document.querySelectorAll('#settings input, #settings select, #choices select')].map(({ value }) => value)",
    );
    expect(values.slice(1)).toEqual([
      'adam',
      '64',
      '20',
      '7',
      'choices',
      '8',
      '5',
      '16',
      '32',
      '0',
    ]);
    expect(await textOf(page, 'rate-value')).toBe('0.003');
    await page.select('#optimizer', 'rmsprop');
    await saying(page, 'rate-value', /^0\.001$/);
    expect(page.url()).toContain('optimizer=rmsprop');
    await page.select('#network', 'json');
    await inPage(
      page,
      `document.getElementById('json-text').value = '{"inputShape":[1,28,28],"layers":[{"type":"dense"}]}'`,
    );
    await press(page, '#json button');
    await saying(page, 'json-error', /^layers\[0\] dense: expected/);
    expect(page.url()).toContain('network=conv8x5');
    await inPage(
      page,
      `document.getElementById('json-text').value = '{"inputShape":[1,28,28],"layers":[{"type":"flatten"},{"type":"dense","units":5}]}'`,
    );
    await press(page, '#json button');
    await saying(page, 'json-error', /^Network: expected a network of 10 outputs, .*, got 5\./);
    const isInSight = "document.getElementById('json-error').checkVisibility()";
    expect(await inPage(page, isInSight)).toBe(true); // beside the text, which can be mended
    await page.select('#network', 'lenet5');
    await saying(page, 'json-error', /^$/);
    expect(await inPage(page, isInSight)).toBe(false);
    expect(problems.all()).toEqual([]);
  });

  it('exports a model, ONNX, a checkpoint to resume from, and the program', async () => {
    const { page, problems } = await visit('?network=reference&pace=full&epochs=2');
    const folder = await downloadsOf(page);
    await saying(page, 'progress-text', /done$/);
    const model = decodeModel(
      await download(page, folder, 'export-weights', 'model.safetensors'),
      'model',
    );
    expect(model.weights.get('0.weight')?.shape).toEqual([12, 1, 3, 3]);
    const onnx = await download(page, folder, 'export-onnx', 'model.onnx');
    expect(Buffer.from(onnx).includes('Softmax')).toBe(true);
    const bytes = await download(page, folder, 'export-checkpoint', 'checkpoint.convlet');
    expect(decodeCheckpoint(bytes, 'checkpoint').history).toHaveLength(2);
    await page.click('#snippet-details summary');
    const program = await saying(page, 'snippet', /trainSamples: 8000/);
    const withClipboard = (writeText: string) =>
      inPage(
        page,
        `void Object.defineProperty(navigator, 'clipboard', { configurable: true, value: { writeText: ${writeText} } })`,
      );
    await withClipboard("() => Promise.reject(new DOMException('Write permission denied.'))");
    await press(page, 'copy-snippet');
    await saying(page, 'take-note', /^Write permission denied\.$/);
    await withClipboard('async (text) => { globalThis.copied = text; }');
    await press(page, 'copy-snippet');
    await saying(page, 'take-note', /^Copied\.$/);
    expect(await inPage(page, 'copied')).toBe(program);

    await press(page, 'reset');
    await saying(page, 'progress-text', new RegExp(GUESSING));
    await press(page, 'export-checkpoint');
    await saying(page, 'take-note', /^Nothing is trained yet: train a batch first/);
    await giveFiles(page, join(folder, 'checkpoint.convlet'));
    await saying(page, 'notice', /^checkpoint\.convlet: 2 epochs done/);
    await press(page, 'run');
    expect(await saying(page, 'progress-text', /done$/)).toBe('3 epochs done');
    expect(problems.all()).toEqual([]);
  });

  it('offers to go on from the last visit', async () => {
    const { page, problems } = await openFresh(`${origin()}?network=reference&pace=full&epochs=3`);
    await saying(page, 'progress-text', /done$/);
    await kept(page, 'demo.convlet');
    await page.reload();
    await saying(page, 'remembered', /^Go on from your last visit \(\d+ epochs?\)$/);
    await press(page, 'run');
    await press(page, 'remembered');
    await saying(page, 'notice', /^Your last visit: \d+ epoch.* done/);
    expect(problems.all()).toEqual([]);
  });

  it('keeps its offer to go on from the last visit while other pictures are open', async () => {
    const { page, problems } = await openFresh(`${origin()}?network=reference&pace=full&epochs=1`);
    const folder = newFolder();
    writeFileSync(join(folder, 'a-images'), idxImages(300, 12, 10));
    writeFileSync(join(folder, 'a-labels'), idxLabels(300));
    await saying(page, 'progress-text', /done$/);
    await kept(page, 'demo.convlet');
    await page.reload();
    await saying(page, 'remembered', /^Go on from your last visit/);
    await giveFiles(page, join(folder, 'a-images'), join(folder, 'a-labels'));
    await saying(page, 'train-count', /^270$/);
    await press(page, 'remembered');
    await saying(
      page,
      'notice',
      /^Your last visit: expected a network for pictures of 1 × 12 × 10/,
    );
    expect(await page.$('#remembered:not([hidden])')).not.toBeNull();
    expect(problems.all()).toEqual([]);
  });

  it('refuses to go on from a checkpoint of other digits, and can start over', async () => {
    const { page, problems } = await visit('?network=reference&pace=full&epochs=2');
    const folder = await downloadsOf(page);
    await saying(page, 'progress-text', /done$/);
    await download(page, folder, 'export-checkpoint', 'checkpoint.convlet');
    writeFileSync(join(folder, 'a-images'), idxImages(300, 28, 28));
    writeFileSync(join(folder, 'a-labels'), idxLabels(300));
    await giveFiles(page, join(folder, 'a-images'), join(folder, 'a-labels'));
    await saying(page, 'train-count', /^270$/);
    await giveFiles(page, join(folder, 'checkpoint.convlet'));
    await saying(page, 'notice', /^checkpoint\.convlet: 2 epochs done/);
    await press(page, 'run');
    await saying(page, 'notice', /^fit: expected/);
    await press(page, 'reset');
    await saying(page, 'progress-text', new RegExp(GUESSING));
    await press(page, 'run');
    await saying(page, 'progress-text', /done$/);
    expect(problems.all()).toEqual([]);
  });

  it('trains on IDX files, and tells what is wrong with other files', async () => {
    const { page, problems } = await visit('?network=reference');
    const folder = newFolder();
    writeFileSync(join(folder, 'my-images.idx'), idxImages(300, 12, 10));
    writeFileSync(join(folder, 'my-labels.idx'), idxLabels(300));
    writeFileSync(join(folder, 'letter.txt'), 'Dear network,');
    await saying(page, 'progress-text', /batch/);
    await giveFiles(page, join(folder, 'my-images.idx'), join(folder, 'my-labels.idx'));
    await saying(page, 'train-count', /^270$/);
    await saying(page, 'progress-text', /of 3$/);
    await saying(page, 'seen-note', /^12 × 10/);
    await giveFiles(page, join(folder, 'letter.txt'));
    await saying(page, 'notice', /^letter\.txt: expected/);
    expect(problems.all()).toEqual([]);
  });

  it('compares with plain JavaScript, which has the same losses', async () => {
    const { page, problems } = await visit('?network=reference&pace=slow');
    await saying(page, 'progress-text', /batch/);
    await press(page, 'compare');
    const text = await saying(page, 'comparison', /faster/);
    const [, ours, theirs] = /Loss of the last: ([\d.]+) and ([\d.]+);/.exec(text) ?? [];
    const [, ratio] = /^([\d.]+) × faster/.exec(text) ?? [];
    // on a machine that runs other tests beside this one it may be withheld, but never guessed
    if (ratio === undefined) expect(text).toMatch(/^How many times faster: –, too noisy \(/);
    else expect(Number(ratio)).toBeGreaterThan(3);
    expect(text).toMatch(/ ms ±\d+\u2009% a batch/);
    expect(Math.abs(Number(ours) - Number(theirs))).toBeLessThan(1e-4);
    await saying(page, 'run', /^Pause$/);
    expect(problems.all()).toEqual([]);
  });

  it('works offline once it was loaded', async () => {
    const { page, problems } = await visit('?network=reference&pace=full&epochs=2');
    const folder = await downloadsOf(page);
    await saying(page, 'offline', /without a network/);
    await page.setOfflineMode(true);
    await page.reload();
    await saying(page, 'progress-text', /done$/);
    await download(page, folder, 'export-onnx', 'model.onnx');
    await page.setOfflineMode(false);
    expect(problems.all()).toEqual([]);
  });

  it.each([
    ['desktop', { width: 1440, height: 900 }, 'light'],
    ['desktop', { width: 1440, height: 900 }, 'dark'],
    ['phone', { width: 390, height: 844 }, 'light'],
    ['small phone', { width: 320, height: 568 }, 'dark'],
  ] as const)('is accessible: axe finds nothing serious, %s %o %s', async (_, viewport, scheme) => {
    const { page, problems } = await visit('?pace=full&epochs=2&network=conv12x3-dense32');
    await page.setViewport(viewport);
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
    await saying(page, 'progress-text', /done$/);
    await saying(page, 'mistakes-note', /^\d+ of/);
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
  });
}
