/** What the demo does when something goes wrong: workers that die or are slow, and what it says then. One file, as all of it needs the same page and faulty workers. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  buttonsIn,
  demoOrNotice,
  giveFiles,
  inPage,
  press,
  saying,
  serveDemo,
  settled,
  textOf,
} from '../support/demo.ts';
import { describeInBrowser } from '../support/describeInBrowser.ts';
import { temporaryFolders } from '../support/folder.ts';
import { slowness } from '../support/patience.ts';
import type { TestServer } from '../support/server.ts';

const newFolder = temporaryFolders();
/** What a worker tells that has ended. */
const DEATH = "new ErrorEvent('error', { message: 'out of memory' })";

describe.skipIf(!demoOrNotice())('faults in the demo', () => {
  let server: TestServer | undefined;
  beforeAll(async () => {
    server = await serveDemo(newFolder());
  });
  afterAll(() => server?.close());

  describeInBrowser('chromium', 'the page', ({ open }) => {
    const origin = () => `${server?.origin}/`;
    const visit = (query = '') => open(`${origin()}${query}`);

    /** Opens the page with a script that runs before its own. */
    const visitWith = async (script: string, query = '') => {
      const { page, problems } = await open('about:blank');
      await page.evaluateOnNewDocument(script);
      await page.goto(`${origin()}${query}`);
      return { page, problems };
    };

    it('goes on training after one of its threads was killed, and no curve runs backwards', async () => {
      // asked by puppeteer to close itself, a thread would do so once it is back from the shared memory: after the run
      const listing = `const Real = Worker;
        globalThis.threads = [];
        Worker = class extends Real {
          constructor(url, options) {
            super(url, options);
            if (String(url).includes('thread')) threads.push(this);
          }
        };`;
      const { page, problems } = await visitWith(
        listing,
        '?network=reference&pace=full&epochs=1000',
      );
      await saying(page, 'progress-text', /^Epoch ([3-9]|\d\d)/);
      const trainer = workerOf(page, 'trainer');
      if ((await inPage(page, 'threads.length')) === 0) {
        expect(await textOf(page, 'threads')).toMatch(/^1/); // a machine of one core
        return;
      }
      await inPage(page, 'threads[0].terminate()');
      await saying(page, 'notice', /^The worker ended; another one goes on/);
      await expect.poll(() => workerOf(page, 'trainer') === trainer).toBe(false); // the list of workers comes later
      await expectProgress(page);
      await press(page, 'run');
      await page.click('#loss-chart summary');
      const rows = "[...document.querySelectorAll('#loss-chart tbody th')]";
      await page.waitForFunction(`${rows}.length > 1`); // the table is filled once it is open
      const epochs = await inPage<number[]>(
        page,
        `${rows}.map((cell) => Number(cell.textContent))`,
      );
      expect(epochs).toEqual(epochs.map((_, index) => index + 1));
      expect(problems.all()).toEqual([]);
    });

    it('starts another worker if the first one is killed while it loads', async () => {
      const { page } = await open('about:blank');
      let killed = 0;
      page.on('workercreated', (worker) => {
        if (worker.url().includes('trainer') && killed++ === 0) void worker.close();
      });
      await page.goto(`${origin()}?network=reference&epochs=1000`);
      await saying(page, 'loss-chart', /train\d/);
      expect(killed).toBeGreaterThan(0);
      await expectProgress(page);
    });

    it('takes a step from a new worker if the old one was killed at rest', async () => {
      const { page, problems } = await visit('?network=reference&pace=slow');
      await saying(page, 'progress-text', /batch [2-9]/);
      await press(page, 'run');
      await saying(page, 'run', /^Train$/);
      const [, batch = ''] = /batch (\d+)/.exec(await textOf(page, 'progress-text')) ?? [];
      await workerOf(page, 'trainer')?.close();
      await press(page, 'step');
      await saying(page, 'notice', /^The worker ended/);
      await press(page, 'step');
      await saying(page, 'progress-text', new RegExp(`batch ${Number(batch) + 1} of`));
      expect(problems.all()).toEqual([]);
    });

    it('says that it cannot start if its digits do not come, and why', async () => {
      const script = `const real = fetch;
        fetch = (url, ...rest) =>
          /digits/.test(url) ? Promise.reject(new TypeError('offline')) : real(url, ...rest);`;
      const { page, problems } = await visitWith(script);
      const what = /^digits: expected the file of digits, got no answer\. Is there a network\?$/;
      const text = await saying(page, 'notice', what);
      expect(await textOf(page, 'columns')).toMatch(
        /^This page cannot train here.*Reload the page/,
      );
      expect(await textOf(page, 'progress-text')).toBe('Not started');
      expect(await textOf(page, 'pad-hint')).toBe('');
      expect(await buttonsIn(page, 'enabled')).toEqual(['theme']);
      const isDark = () => inPage(page, "document.documentElement.dataset.theme === 'dark'");
      const before = await isDark();
      await press(page, 'theme');
      expect(await isDark()).toBe(!before);
      await expect.poll(() => problems.pageErrors.join()).toContain(text);
    });

    it('says that it cannot start without SIMD, and which browsers have it', async () => {
      const { page } = await visitWith(
        `const refuse = () => Promise.reject(new WebAssembly.CompileError('no v128'));
        Object.assign(WebAssembly, { compile: refuse, compileStreaming: refuse, validate: () => false });`,
      );
      await saying(page, 'notice', /expected an engine with WebAssembly SIMD/);
      expect(await textOf(page, 'columns')).toMatch(/It needs WebAssembly with SIMD: Chrome/);
    });

    it('gives up after four workers that do not start, says why, and tries again when asked', async () => {
      const { page, problems } = await visitWith(
        `const Real = Worker;
        globalThis.begun = 0;
        Worker = class extends Real {
          constructor(url, options) {
            super(url, options);
            if (!String(url).includes('trainer') || begun === 12) return;
            begun++;
            queueMicrotask(() => this.dispatchEvent(new ErrorEvent('error', { message: 'no room' })));
          }
        };`,
        '?network=reference',
      );
      await saying(page, 'notice', /^createWorkerBackend: expected a worker to start.*\(no room\)/);
      expect(await inPage(page, 'begun')).toBe(4);
      expect(await textOf(page, 'run')).toBe('Train');
      for (const [again, button] of [
        [8, '#presets a'],
        [12, 'run'],
      ] as const) {
        await press(page, button); // there is no room yet, and the reason stays
        await page.waitForFunction(`begun === ${again}`);
        await page.waitForFunction("document.getElementById('step').disabled === false");
        expect(await settled(page, 'notice')).toMatch(/worker to start.*\(no room\)/);
      }
      await press(page, 'step'); // there is room again
      await saying(page, 'progress-text', /batch 1 of/);
      await press(page, 'run');
      await saying(page, 'loss-chart', /train\d/);
      await press(page, 'run');
      expect(problems.all()).toEqual([]);
    });

    it('gives up after four workers that end without a step, until it is asked again', async () => {
      const { page, problems } = await visitWith(
        faultyFits([1, 2, 3, 4], DEATH),
        '?network=reference',
      );
      await saying(page, 'notice', /worker ended \(out of memory\)/);
      expect(await inPage(page, 'fits')).toBe(4);
      expect(await textOf(page, 'run')).toBe('Train');
      await press(page, 'run');
      await saying(page, 'loss-chart', /train\d/);
      await press(page, 'run');
      expect(problems.all()).toEqual([]);
    });

    it('goes on however many workers have ended, if there were steps in between', async () => {
      const { page, problems } = await visitWith(
        faultyFits([1, 2, 3, 5, 6, 7], DEATH),
        '?network=reference&pace=full&epochs=1000',
      );
      await saying(page, 'loss-chart', /train\d/);
      await press(page, 'run');
      await saying(page, 'run', /^Train$/);
      await press(page, 'run');
      await page.waitForFunction('fits > 7');
      await saying(page, 'run', /^Pause$/);
      await expectProgress(page);
      await press(page, 'run');
      expect(problems.all()).toEqual([]);
    });

    it('does not ask another worker for what one has refused', async () => {
      const refusal =
        "{ type: 'error', call: message.call, error: { name: 'RangeError', message: 'fit: expected less.', byteOffset: 0 } }";
      const { page, problems } = await visitWith(
        faultyFits([1, 2, 3, 4], `new MessageEvent('message', { data: ${refusal} })`),
        '?network=reference',
      );
      await saying(page, 'notice', /^fit: expected less\.$/);
      expect(await inPage(page, 'fits')).toBe(1);
      expect(await textOf(page, 'run')).toBe('Train');
      expect(problems.all()).toEqual([]);
    });

    it('leaves a worker alone that is slow, however long it takes from picture to picture', async () => {
      // the seconds of the page's own timers are shorter, so that its patience of minutes is over in seconds
      const hurry = `const real = setInterval;
        setInterval = (call, time, ...rest) => real(call, time === 1000 ? 40 : time, ...rest);`;
      const query = '?pace=full&batch=1024&network=conv24x7-conv24-dense128&epochs=100';
      const { page, problems } = await visitWith(hurry, query);
      await saying(page, 'progress-text', /^Epoch ([3-9]|\d\d)/);
      expect(await textOf(page, 'notice')).toBe('');
      expect(problems.all()).toEqual([]);
    });

    it('marks a digit that is misread as wrong, and says what it is', async () => {
      const { page, problems } = await visit('?network=reference&pace=full&epochs=2');
      await saying(page, 'progress-text', /done$/);
      await saying(page, 'mistakes-note', /^\d+ of/);
      await press(page, '#gallery li button');
      const name = await saying(page, 'sample-name', /^a \d, test/);
      const verdict = await saying(page, 'sample-verdict', /^✗ read as \d$/);
      const [digit, reading] = [name.charAt(2), verdict.at(-1)];
      expect(digit).not.toBe(reading);
      await saying(
        page,
        'bar-answer',
        new RegExp(`^reads ${reading}, .* wrong, it is a ${digit}$`),
      );
      const marked = (kind: string) =>
        inPage(page, `document.querySelector('.bars .${kind} .digit').textContent`);
      expect(await marked('wrong')).toBe(reading);
      expect(await marked('missed')).toBe(digit);
      expect(problems.all()).toEqual([]);
    });

    it('measures the score within an epoch, in a worker, and says of which step it is', async () => {
      const { page, problems } = await visitWith(
        `new PerformanceObserver((list) => {
          for (const { duration } of list.getEntries()) globalThis.longest = Math.max(globalThis.longest ?? 0, duration);
        }).observe({ type: 'longtask', buffered: true });`,
        '?network=lenet5',
      );
      const first = await saying(page, 'score-note', /after batch [1-9]\d* of 63 in epoch 1$/);
      await saying(page, 'score-note', /after (epoch|batch)/);
      await expect.poll(() => textOf(page, 'score-note')).not.toBe(first);
      expect(page.workers().filter((worker) => worker.url().includes('trainer'))).toHaveLength(2);
      const longest = await inPage<number>(page, 'globalThis.longest ?? 0');
      console.info(`demo: the longest task of the page took ${longest} ms`);
      expect(longest).toBeLessThan(400 * slowness()); // of 1,500 where the page measures the score itself
      expect(problems.all()).toEqual([]);
    });

    it('tells that a network has collapsed, and why', async () => {
      const { page, problems } = await visit(
        '?pace=full&epochs=3&optimizer=adam&lr=1&network=conv4x3-dense32',
      );
      const text = await saying(page, 'alarm', /^This network has collapsed/);
      expect(text).toContain('guessing has log 10 = 2.303');
      await press(page, 'reset');
      await saying(page, 'alarm', /^$/);
      expect(problems.all()).toEqual([]);
    });

    it('goes on from weights that it has exported, and reads a picture of a digit', async () => {
      const { page, problems } = await visit('?network=reference&pace=full&epochs=2');
      await saying(page, 'progress-text', /done$/);
      const score = await saying(page, 'score-note', /after epoch 2$/).then(() =>
        textOf(page, 'score'),
      );
      const folder = newFolder();
      const session = await page.createCDPSession();
      await session.send('Browser.setDownloadBehavior', {
        behavior: 'allow',
        downloadPath: folder,
      });
      const file = (name: string) => join(folder, name);
      await press(page, 'export-weights');
      await expect.poll(() => existsSync(file('model.safetensors'))).toBe(true);
      await press(page, 'reset');
      await saying(page, 'score-note', /before the first batch$/);
      await giveFiles(page, file('model.safetensors'));
      await saying(page, 'notice', /^model\.safetensors: its weights are here/);
      await expect.poll(() => textOf(page, 'score')).toBe(score);
      const drawn = await inPage<string>(
        page,
        `(() => {
          const canvas = Object.assign(document.createElement('canvas'), { width: 200, height: 300 });
          const context = canvas.getContext('2d');
          context.fillStyle = '#fff';
          context.fillRect(0, 0, 200, 300);
          context.lineWidth = 24;
          context.beginPath();
          context.moveTo(100, 40);
          context.lineTo(100, 260);
          context.stroke();
          return canvas.toDataURL('image/png').split(',')[1];
        })()`,
      );
      writeFileSync(file('one.png'), Buffer.from(drawn, 'base64'));
      await giveFiles(page, file('one.png'));
      await saying(page, 'sample-name', /^one\.png$/);
      await saying(page, 'bar-answer', /^reads 1,/);
      expect(problems.all()).toEqual([]);
    });

    it('refuses what it cannot read in plain words, where they are seen', async () => {
      const { page, problems } = await visit('?network=reference&pace=full&epochs=1');
      await saying(page, 'progress-text', /done$/);
      const folder = newFolder();
      const give = async (name: string, bytes: Uint8Array) => {
        writeFileSync(join(folder, name), bytes);
        await giveFiles(page, join(folder, name));
      };
      await inPage(page, "document.getElementById('data-title').scrollIntoView()");
      await give('images.gz', gzipSync(new Uint8Array(5000)).subarray(0, 20));
      await saying(page, 'toast', /^images\.gz: expected a whole gzip file/);
      const { top, bottom } = await inPage<{ top: number; bottom: number }>(
        page,
        "document.getElementById('toast').getBoundingClientRect().toJSON()",
      );
      expect(top).toBeGreaterThan(0);
      expect(bottom).toBeLessThan(await inPage<number>(page, 'innerHeight'));
      await give('broken.png', Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 1, 2, 3));
      await saying(page, 'notice', /^broken\.png: expected a picture that this browser can read/);
      await giveFiles(page, join(folder, 'broken.png'), join(folder, 'images.gz'));
      await saying(page, 'notice', /^images\.gz: expected a whole/); // the first fault
      writeFileSync(join(folder, 'other.png'), Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 1, 2, 3));
      await giveFiles(page, join(folder, 'broken.png'), join(folder, 'other.png'));
      await saying(
        page,
        'notice',
        /^broken\.png, other\.png: expected one file, .*, got 2 that do not belong together\. Take one after another\.$/,
      );
      await inPage(
        page,
        "(() => { const field = document.getElementById('batch'); field.value = '0'; field.dispatchEvent(new Event('change')); })()",
      );
      expect(await inPage(page, "document.getElementById('batch').validationMessage")).toBe(
        'Expected a whole number from 1 to 2048, got 0.',
      );
      expect(await inPage(page, "document.getElementById('batch').value")).toBe('128');
      const [typed, ...refused] = await inPage<string[]>(
        page,
        `(() => {
          const field = document.getElementById('batch');
          const changed = (field, value) => {
            field.value = value;
            field.dispatchEvent(new Event('change'));
            return field.validationMessage;
          };
          field.dispatchEvent(new Event('input'));
          return [field.validationMessage, changed(field, '')].concat(
            ['batch', 'epochs', 'seed', 'shift', 'rotate', 'patience', 'samples']
              .map((id) => document.getElementById(id))
              .map((field) => changed(field, String(Number(field.max) + 1))),
          );
        })()`,
      );
      expect(typed).toBe(''); // what was refused is forgotten with the next key
      expect(refused).toEqual([
        'Expected a whole number from 1 to 2048, got nothing.',
        'Expected a whole number from 1 to 2048, got 2049.',
        'Expected a whole number from 1 to 1000, got 1001.',
        'Expected a whole number from 0 to 4294967295, got 4294967296.',
        'Expected a whole number from 0 to 14, got 15.',
        'Expected a whole number from 0 to 180, got 181.',
        'Expected a whole number from 0 to 1000, got 1001.',
        'Expected a whole number from 0 to 1000000, got 1000001.',
      ]);
      expect(problems.all()).toEqual([]);
    });

    const expectProgress = async (page: Page) => {
      const before = await textOf(page, 'progress-text');
      await expect.poll(() => textOf(page, 'progress-text')).not.toBe(before);
    };
  });
});

function workerOf(page: Page, name: string) {
  return page.workers().find((worker) => worker.url().includes(name));
}

/** A script by which the asks for `fit` of these numbers do not reach their worker, which answers with an event instead. */
function faultyFits(numbers: readonly number[], event: string): string {
  return `const Real = Worker;
    globalThis.fits = 0;
    Worker = class extends Real {
      postMessage(message, ...rest) {
        const isFaulty = message.method === 'fit' && ${JSON.stringify(numbers)}.includes(++fits);
        if (!isFaulty) return super.postMessage(message, ...rest);
        queueMicrotask(() => this.dispatchEvent(${event}));
      }
    };`;
}
