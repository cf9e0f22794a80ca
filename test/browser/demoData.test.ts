/** The reader's own data sets in the demo: CSV, .npz and IDX files are learnt, their classes shown by name; the rest is refused. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { createBackend, createModel, namedModels, optimizers } from 'convlet';
import { decodeModel } from 'convlet/formats';
import { loadDataset } from 'convlet/node';
import { zipSync } from 'fflate';
import type { Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  axeSource,
  demoOrNotice,
  draw,
  giveFiles,
  inPage,
  press,
  saying,
  serveDemo,
  textOf,
} from '../support/demo.ts';
import { describeInBrowser } from '../support/describeInBrowser.ts';
import { temporaryFolders } from '../support/folder.ts';
import { idx } from '../support/idx.ts';
import { npy } from '../support/npy.ts';
import type { TestServer } from '../support/server.ts';
import { csv, fashion, inTurns, npz, WORDS } from '../support/stripes.ts';

const newFolder = temporaryFolders();
/** Writes files into a folder, and gives them to the page together. @returns the folder. */
async function give(page: Page, files: Record<string, Uint8Array | string>): Promise<string> {
  const folder = newFolder();
  for (const [name, data] of Object.entries(files)) writeFileSync(join(folder, name), data);
  await giveFiles(page, ...Object.keys(files).map((name) => join(folder, name)));
  return folder;
}

/** Workers that are reading a data set. */
const readers = (page: Page) =>
  page.workers().filter((worker) => /\/worker-[^/]*\.js$/.test(worker.url())).length;

/** What elements say, one after another. */
const textsOf = (page: Page, selector: string) =>
  inPage<string[]>(
    page,
    `[...document.querySelectorAll(${JSON.stringify(selector)})].map((element) => element.textContent)`,
  );

describe.skipIf(!demoOrNotice())("the reader's own data in the demo", () => {
  let server: TestServer | undefined;
  beforeAll(async () => {
    server = await serveDemo(newFolder());
  });
  afterAll(() => server?.close());

  for (const kind of ['chromium', 'firefox'] as const) {
    describeInBrowser(kind, 'a CSV', ({ open }) => {
      it('of words is learnt, and its classes are shown by name wherever there are classes', async () => {
        const { page, problems } = await open(
          `${server?.origin}/?network=reference&pace=full&epochs=3&batch=16&optimizer=adam`,
        );
        await saying(page, 'score-note', /test images/);
        await give(page, { 'clothes.csv': csv(300, 28) });
        await saying(
          page,
          'notice',
          /^clothes\.csv: 270 pictures of 28 × 28 in 3 classes to train on, 30 to test\.$/,
        );
        await saying(page, 'progress-text', /done$/);
        await expect.poll(() => textOf(page, 'score')).toBe('100.0\u2009%');
        const names = WORDS.toSorted();
        expect(await textsOf(page, '.bars .digit')).toEqual(names);
        expect(await textsOf(page, '#confusion thead th')).toEqual(names);
        expect(await textsOf(page, '#confusion tbody th')).toEqual(names);
        await saying(page, 'data-name', /^Now: clothes\.csv, 270 to train on, 30 to test\.$/);
        await saying(page, 'bar-answer', /^reads “(Bag|Coat, long|Ankle boot)”, /);
        await saying(page, 'sample-name', /^“(Bag|Coat, long|Ankle boot)”, test 1$/);
        await press(page, '.bars li:nth-child(3) button');
        await saying(page, 'inspector', /^Evidence for “Coat, long”/);
        expect(await textsOf(page, '.shares tbody th')).toEqual(names);
        await press(page, '#confusion tbody tr:nth-child(1) td:nth-child(3) button');
        await saying(page, 'mistakes-title', /^Mistakes: “Ankle boot” read as “Bag”$/);
        for (const id of ['flow', 'article', 'presets']) {
          const text = await inPage<string>(page, `document.getElementById('${id}').innerText`);
          expect(text.length).toBeGreaterThan(200);
          expect(text).not.toMatch(/digit|five|letter/);
        }
        await press(page, 'tour-begin');
        await saying(page, 'tour-title', /^Draw a picture$/);
        expect(problems.all()).toEqual([]);
      });
    });
  }

  describeInBrowser('chromium', 'the page', ({ open }) => {
    const visit = async (query: string) => {
      const opened = await open(`${server?.origin}/${query}`);
      await saying(opened.page, 'score-note', /test images/);
      return opened;
    };

    it('speaks of digits while it learns digits', async () => {
      const { page, problems } = await visit('?network=reference&pace=slow');
      const text = await page.$eval('main', (main) => main.textContent);
      const words = text?.replaceAll(/\s+/g, ' ');
      expect(words).toContain('Draw a digit, or take one');
      expect(words).toContain('How a convolutional network reads a digit');
      expect(words).toContain('not that this is a digit, nor that a');
      expect(words).toContain('it has never seen a letter');
      expect(problems.all()).toEqual([]);
    });

    it('marks a wrong reading and its mistakes by name, before it has learnt', async () => {
      const { page, problems } = await visit('?network=reference&pace=slow');
      await press(page, 'run');
      await give(page, { 'clothes.csv': csv(300, 28) });
      await saying(page, 'notice', /^clothes\.csv: 270 pictures/);
      await press(page, 'reset');
      await saying(page, 'score-note', /of 30 test images.*before the first batch/);
      const item = await inPage<string>(
        page,
        "document.querySelector('#gallery li:not([hidden])').textContent",
      );
      expect(item).toMatch(/^(Bag|Coat, long|Ankle boot) read as (Bag|Coat, long|Ankle boot)\d/);
      await press(page, '#gallery button');
      await saying(page, 'bar-answer', /reads “.*: wrong, it is “.*”$/);
      await saying(page, 'sample-verdict', /^✗ read as “/);
      expect(problems.all()).toEqual([]);
    });

    it('has nothing that keeps people out when classes have names', async () => {
      const { page } = await visit('?network=reference&pace=full&epochs=1');
      await give(page, { 'clothes.csv': csv(300, 28) });
      await saying(page, 'notice', /^clothes\.csv: 270 pictures/);
      await saying(page, 'progress-text', /done$/);
      await inPage(page, axeSource());
      const violations = await inPage<{ id: string; impact: string }[]>(
        page,
        'axe.run().then(({ violations }) => violations.map(({ id, impact }) => ({ id, impact })))',
      );
      expect(violations.filter(({ impact }) => /serious|critical/.test(impact))).toEqual([]);
    });

    it('learns a CSV to the weights that Node comes to, and says how', async () => {
      const { page, problems } = await visit('?network=reference&pace=full&epochs=1');
      const folder = await give(page, { 'clothes.csv': csv(300, 16) });
      await saying(page, 'notice', /^clothes\.csv: 270 pictures of 16 × 16/);
      await saying(page, 'progress-text', /^1 epoch done$/);
      await press(page, '#snippet-details summary');
      await saying(page, 'snippet', /await loadDataset\("clothes\.csv", \{ channels: 1 \}\);/);
      const session = await page.createCDPSession();
      const behavior = { behavior: 'allow', downloadPath: folder } as const;
      await session.send('Browser.setDownloadBehavior', behavior);
      await press(page, 'export-weights');
      const saved = join(folder, 'model.safetensors');
      await expect.poll(() => existsSync(saved)).toBe(true);
      const file = decodeModel(new Uint8Array(readFileSync(saved)), 'saved');
      expect(file.classNames).toEqual(WORDS.toSorted());

      const { train } = await loadDataset(join(folder, 'clothes.csv'), { channels: 1 });
      const spec = namedModels.reference?.(train.shape, train.classes);
      if (spec === undefined) throw new Error('expected the reference network');
      const model = createModel(await createBackend(), spec, { seed: 1 });
      const optimizer = optimizers.sgd({ learningRate: 0.01 });
      await model.fit(train, { epochs: 1, batchSize: 128, optimizer });
      expect(file.weights).toEqual(model.weights());
      expect(problems.all()).toEqual([]);
    });

    it('takes an .npz that is dropped, with its own test part', async () => {
      const { page, problems } = await visit('?pace=full&epochs=1');
      const base64 = Buffer.from(npz(12)).toString('base64');
      await inPage(
        page,
        `(() => {
          const bytes = Uint8Array.from(atob('${base64}'), (character) => character.charCodeAt(0));
          const dataTransfer = new DataTransfer();
          dataTransfer.items.add(new File([bytes], 'stripes.npz'));
          dispatchEvent(new DragEvent('drop', { dataTransfer, cancelable: true }));
        })()`,
      );
      await saying(
        page,
        'notice',
        /^stripes\.npz: 200 pictures of 12 × 12 in 4 classes to train on, 40 to test\.$/,
      );
      await saying(page, 'score-note', /of 40 test images.*after epoch 1$/);
      expect(page.url()).not.toContain('network=');
      expect(await textsOf(page, '.bars .digit')).toEqual(['0', '1', '2', '3']);
      await saying(page, 'pad-hint', /^draws 28 × 28 only$/);
      expect(problems.all()).toEqual([]);
    });

    it('learns pictures that are too small for its network by the thesis’s, and refuses smaller ones', async () => {
      const { page, problems } = await visit('?pace=full&epochs=1');
      await give(page, { 'small.npz': npz(8) });
      await saying(
        page,
        'notice',
        /^small\.npz: 200 pictures of 8 × 8 .* The network that was here does not read such pictures: the thesis’s network learns them\.$/,
      );
      expect(page.url()).toContain('network=reference');
      await saying(page, 'score-note', /of 40 test images.*after epoch 1$/);
      const name = await textOf(page, 'data-name');
      await give(page, { 'tiny.npz': npz(3) });
      await saying(
        page,
        'notice',
        /^tiny\.npz: expected pictures of at least 4 × 4, .* got 3 × 3\. Make them larger\.$/,
      );
      expect(await textOf(page, 'data-name')).toBe(name);
      // a preset that cannot read them is refused, and what was there stays
      await press(page, '#presets a');
      await saying(
        page,
        'notice',
        /^Expected larger pictures for this network, got 8 × 8\. Choose another one, such as Reference\.$/,
      );
      expect(page.url()).toContain('network=reference');
      expect(problems.all()).toEqual([]);
    });

    it('keeps the data set that was given last, however long the one before it takes', async () => {
      const { page, problems } = await visit('?network=reference&pace=full&epochs=1');
      const folder = newFolder();
      const [slow, soon] = [join(folder, 'slow.csv'), join(folder, 'soon.npz')];
      writeFileSync(slow, csv(4000, 28));
      writeFileSync(soon, npz(12));
      await giveFiles(page, slow);
      await saying(page, 'notice', /^Reading slow\.csv …$/);
      await giveFiles(page, soon);
      await saying(page, 'data-name', /^Now: soon\.npz/);
      await expect.poll(() => readers(page)).toBe(0); // the slow one is read too by now
      expect(await textOf(page, 'data-name')).toMatch(/^Now: soon\.npz/);
      expect(problems.all()).toEqual([]);
    });

    it('knows Fashion-MNIST by its first labels, alone or in both parts', async () => {
      const { page, problems } = await visit('?network=reference&pace=full&epochs=1&samples=500');
      const names = ['T-shirt/top', 'Trouser', 'Pullover', 'Dress', 'Coat'];
      names.push('Sandal', 'Shirt', 'Sneaker', 'Bag', 'Ankle boot');
      await give(page, { ...fashion('train', 60_000), ...fashion('t10k', 10_000) });
      await saying(
        page,
        'notice',
        /: 60,000 pictures of 28 × 28 in 10 classes .* 10,000 to test\.$/,
      );
      await saying(page, 'data-name', /^Now: Fashion-MNIST, 500 to train on, 10,000 to test\.$/);
      await saying(page, 'progress-text', /done$/);
      await expect.poll(() => textsOf(page, '.bars .digit')).toEqual(names);
      await saying(page, 'sample-name', /^“Ankle boot”, test 1$/);
      await draw(page, [
        [0.5, 0.2],
        [0.5, 0.8],
      ]);
      await saying(page, 'bar-answer', /^reads “/);
      await give(page, fashion('t10k', 10_000));
      await saying(page, 'notice', /: 9,000 pictures/);
      await expect.poll(() => textsOf(page, '.bars .digit')).toEqual(names);
      const others = idx([0x801, 10_000], Uint8Array.from(inTurns(10_000, 10)));
      const images = fashion('t10k', 10_000);
      await give(page, { ...images, 't10k-labels-idx1-ubyte.gz': gzipSync(others) });
      await saying(page, 'data-name', /^Now: t10k,/);
      await expect.poll(() => textsOf(page, '.bars .digit')).toEqual([...'0123456789']);
      expect(problems.all()).toEqual([]);
    });

    it('refuses in plain words what is broken or no data set, and goes on with what it has', async () => {
      const { page, problems } = await visit('?network=reference&pace=full&epochs=1');
      await saying(page, 'progress-text', /done$/);
      const before = await textOf(page, 'data-name');
      const pixels = (count: number, value: string) => Array(count).fill(value).join(',');
      const rows = (row: (n: number) => string, count = 40) =>
        inTurns(count, count).map(row).join('\n');
      const refused: [string, Uint8Array | string, RegExp][] = [
        ['words.csv', 'name,age\nAnn,31\nBob,32\n', /^words\.csv: expected a column label/],
        [
          'rows.csv',
          rows((n) => `${n % 2},${pixels(7, '9')}`),
          /rows of a square image.*got 7 pixels/,
        ],
        [
          'gap.csv',
          rows((n) => `${n % 2},${pixels(n === 9 ? 15 : 16, '9')}`),
          /^gap\.csv: line 10: expected 17 cells, got 16/,
        ],
        [
          'word.csv',
          rows((n) => `${n % 2},${pixels(15, '9')},x${n}`),
          /expected a number in column 17/,
        ],
        [
          'open.csv',
          `${rows((n) => `${n % 2},${pixels(16, '9')}`)}\n"1,2`,
          /^open\.csv: expected CSV, got what could not be read/,
        ],
        [
          'one.csv',
          rows(() => `1,${pixels(16, '9')}`),
          /^one\.csv: expected two classes or more, got one\. /,
        ],
        [
          'many.csv',
          rows((n) => `${n},${pixels(16, '9')}`, 400),
          /expected at most 100 classes, got 400\. Look whether/,
        ],
        [
          'negative.csv',
          rows((n) => `${n % 2},${pixels(16, '-0.5')}`),
          /^negative\.csv: expected pixels that .* got -0\.5\. /,
        ],
        ['cut.npz', npz(8).subarray(0, 900), /^cut\.npz: /],
        [
          'other.npz',
          zipSync({ 'a.npy': npy('<f4', [1], new Uint8Array(4)) }),
          /^other\.npz: expected arrays x_train and y_train/,
        ],
        [
          'large.npz',
          npz(130, 8, 8),
          /^large\.npz: expected pictures of at most 128 × 128, got 130 × 130\. /,
        ],
        [
          'junk.bin',
          Uint8Array.of(1, 2, 3, 250),
          /^junk\.bin: expected a model, a checkpoint, a picture or a data set/,
        ],
      ];
      for (const [name, data, message] of refused) {
        await give(page, { [name]: data });
        await saying(page, 'notice', message);
        expect(await textOf(page, 'toast')).toBe(await textOf(page, 'notice'));
      }
      await give(page, { 'a_train.csv': csv(60, 16), 'b.csv': csv(60, 16) });
      await saying(page, 'notice', /expected a \.npz, a CSV, or two CSV/);
      const half = (value: string) => rows((n) => `${n % 2},${pixels(16, value)}`);
      await give(page, { 'a_train.csv': half('0.5'), 'a_test.csv': half('-0.5') });
      await saying(
        page,
        'notice',
        /^a_train\.csv, a_test\.csv: expected pixels that .* got -0\.5\. /,
      );
      expect(await textOf(page, 'data-name')).toBe(before);
      await press(page, 'step');
      expect(problems.all()).toEqual([]);
    });
  });
});
