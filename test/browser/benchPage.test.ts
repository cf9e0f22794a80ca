/** The page of the bench, used through its controls. No test here depends on a measured time. */
import { parseRun } from 'convlet/bench';
import type { Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { axeSource, demoOrNotice, inPage, press, saying, serveDemo } from '../support/demo.ts';
import { describeInBrowser, type InBrowser } from '../support/describeInBrowser.ts';
import { temporaryFolders } from '../support/folder.ts';
import { serve, type TestServer } from '../support/server.ts';

const newFolder = temporaryFolders();

describe.skipIf(!demoOrNotice())('bench.html', () => {
  describeInBrowser('chromium', 'the page', (inBrowser) => {
    const out = newFolder();
    let [server, plain]: (TestServer | undefined)[] = [];
    beforeAll(async () => {
      server = await serveDemo(out);
      plain = await serve({ folders: { '/': out } });
    });
    afterAll(() => Promise.all([server?.close(), plain?.close()]));
    tests(
      inBrowser,
      () => `${server?.origin}/bench.html`,
      () => `${plain?.origin}/bench.html`,
    );
  });
});

/** Measures what matches, to the end. */
async function measure(page: Page, filter: string): Promise<void> {
  await inPage(page, `document.getElementById('filter').value = ${JSON.stringify(filter)}`);
  await press(page, 'run');
  await saying(page, 'live', /The run has ended/);
}

const list = (page: Page, selector: string) =>
  inPage<string[]>(
    page,
    `[...document.querySelectorAll(${JSON.stringify(selector)})].map((found) => found.textContent)`,
  );

function tests({ open }: InBrowser, isolated: () => string, plain: () => string): void {
  it('verifies, times, draws and explains, and copies a whole run', async () => {
    const { page, problems } = await open(isolated());
    await measure(page, '^(gemmNN 64×64×64|sgd 20410|fit reference)$');
    expect(await list(page, '#sections h2')).toEqual([
      'Roofline',
      'Beside plain JavaScript',
      'Kernels',
      'Training',
      'Machine',
    ]);
    const cells = await list(page, '#sections td');
    expect(cells).toEqual(expect.arrayContaining(['gemmNN', '64×64×64', 'sgd', 'GFLOP/s']));
    const explained = await list(page, '#sections .columns dt');
    const headings = await list(page, '#sections th');
    expect(explained).toEqual(expect.arrayContaining(headings.filter((text) => text !== '')));
    expect(await list(page, '.wide svg text')).toEqual(expect.arrayContaining(['gemmNN', 'sgd']));
    expect(await list(page, '#facts dt')).toContain('a step of the clock');

    await inPage(
      page,
      "Object.defineProperty(navigator, 'clipboard', { value: { writeText: async (text) => { window.copied = text; } } })",
    );
    await press(page, 'copy-json');
    await saying(page, 'take-note', /Copied/);
    const run = parseRun(await inPage(page, 'window.copied'), 'copied');
    expect(run.cases.map(({ kernel }) => kernel)).toEqual(['gemmNN', 'sgd']);
    expect(run.training.map(({ threads }) => threads)).toContain(1);
    expect(run.machine.runtime).toMatch(/\d/);
    // a sample is at least 50 steps of the clock, but for what the engine gained since it was gauged
    for (const { timing } of run.cases) {
      expect(timing.batch * timing.milliseconds).toBeGreaterThan(10 * run.timerResolution);
    }
    await press(page, 'copy-markdown');
    await saying(page, 'take-note', /Copied/);
    expect(await inPage(page, 'window.copied')).toContain('| gemmNN | 64×64×64 |');
    expect(problems.all()).toEqual([]);
  });

  it('measures without threads and with a coarse clock if it is not isolated', async () => {
    const { page, problems } = await open(plain());
    expect(await saying(page, 'clock', /./)).toContain('not cross-origin isolated');
    await measure(page, '^(zero 20410|fit reference)$');
    expect(await list(page, '#sections .soft')).toEqual(
      expect.arrayContaining([expect.stringContaining('no shared memory')]),
    );
    expect(problems.all()).toEqual([]);
  });

  it('stops on request, and tells in one line what it cannot do', async () => {
    const { page } = await open(isolated());
    await inPage(page, "document.getElementById('filter').value = 'nothing of this name'");
    await press(page, 'run');
    expect(await saying(page, 'error', /./)).toBe(
      'expected the name of a case, got nothing of this name, which none has. Run without a filter to see all names.',
    );
    await inPage(page, "document.getElementById('filter').value = ''");
    await press(page, 'run');
    await saying(page, 'progress-text', /×/);
    await press(page, 'stop');
    await saying(page, 'live', /The run has ended/);
    const kernels = new Set(await list(page, '#sections td:first-child'));
    expect(kernels.size).toBeGreaterThan(0);
    expect(kernels.has('exp')).toBe(false); // the last one
  });

  it('says why nothing came: the worker has ended, or nothing may be copied', async () => {
    const { page, problems } = await open(isolated());
    await inPage(
      page,
      `globalThis.Real = Worker;
      globalThis.reason = '';
      void (Worker = class {
        postMessage() {
          queueMicrotask(() => this.onerror({ message: reason }));
        }
        terminate() {}
      });`,
    );
    await press(page, 'run');
    await saying(page, 'error', /^bench: the worker ended\.$/);
    expect(await inPage(page, "document.getElementById('progress-text').textContent")).toBe('');
    await inPage(page, "globalThis.reason = 'out of memory'");
    await press(page, 'run');
    await saying(page, 'error', /^out of memory$/);
    await inPage(page, 'void (Worker = Real)');
    await measure(page, '^zero 20410$');
    await saying(page, 'error', /^$/);
    await inPage(
      page,
      "void Object.defineProperty(navigator, 'clipboard', { value: { writeText: () => Promise.reject(new DOMException('Write permission denied.')) } })",
    );
    for (const id of ['copy-markdown', 'copy-json']) {
      await inPage(page, "void (document.getElementById('take-note').textContent = '')");
      await press(page, id);
      await saying(page, 'take-note', /^Write permission denied\.$/);
    }
    expect(problems.all()).toEqual([]);
  });

  it('is accessible', async () => {
    const { page } = await open(isolated());
    await measure(page, '^sgd 20410$');
    await page.evaluate(axeSource());
    for (const theme of ['light', 'dark']) {
      await inPage(page, `document.documentElement.dataset.theme = '${theme}'`);
      const found = await inPage<{ violations: { id: string; nodes: { html: string }[] }[] }>(
        page,
        'axe.run()',
      );
      expect(found.violations.map(({ id, nodes }) => `${theme} ${id}: ${nodes[0]?.html}`)).toEqual(
        [],
      );
    }
  });

  it('fits on a phone', async () => {
    const { page } = await open(isolated());
    await page.setViewport({ width: 360, height: 740 });
    await measure(page, '^(gemmNN 64×64×64|sgd 20410)$');
    expect(await inPage(page, 'document.documentElement.scrollWidth')).toBe(360);
    expect(await inPage(page, "getComputedStyle(document.querySelector('.wide')).display")).toBe(
      'none',
    );
    expect(await list(page, '.key li')).toEqual(['gemmNN', 'sgd']);
  });
}
