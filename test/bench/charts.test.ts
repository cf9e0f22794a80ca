/** The charts of a run show every kernel, and their labels stay apart. */
import * as plot from '@observablehq/plot';
import { type BenchRun, runFacts, runSections } from 'convlet/bench';
import { parseHTML } from 'linkedom';
import { describe, expect, it } from 'vitest';
import { createBenchReport } from '../../dist/node/report/bench.js';
import { placeLabels } from '../../src/bench/charts/labels.ts';
import { sampleRun } from '../support/benchRun.ts';

const { document } = parseHTML('<!doctype html><html><body></body></html>');
const run = sampleRun(0.1);

/** What a section shows, as a document. */
function section(heading: string, shown: BenchRun = run) {
  const found = runSections(shown, { plot, document }).find((entry) => entry.heading === heading);
  return parseHTML(`<html><body>${found?.html ?? ''}</body></html>`).document;
}
interface Page {
  querySelectorAll(selector: string): Iterable<{ readonly textContent: string | null }>;
}
const texts = (root: Page, selector: string) =>
  [...root.querySelectorAll(selector)].map(({ textContent }) => textContent ?? '');

describe('the roofline', () => {
  it('names each kernel that does arithmetic and the roofs, and lists the other kernels below', () => {
    const page = section('Roofline');
    const labels = texts(page, '.wide text');
    expect(labels).toContain('gemmNN');
    expect(labels).toContain('50.0 GFLOP/s: multiply and add');
    expect(labels.join()).not.toContain('zero');
    expect(page.body.textContent).toContain('Without arithmetic, and so not here: zero.');
    const title = texts(page, '.wide title');
    expect(title).toContain(
      'gemmNN 100×100×100\n20.0 GFLOP/s, 12.5 operations a byte, 100 µs a call',
    );
  });

  it('numbers its points if it is narrow, and has a key', () => {
    const page = section('Roofline');
    expect(texts(page, '.narrow text')).toContain('1');
    expect(texts(page, '.key li')).toEqual(['gemmNN']);
  });

  it('is left out if no kernel does arithmetic', () => {
    expect(section('Roofline', { ...run, cases: run.cases.slice(1) }).body.innerHTML).toBe('');
  });
});

describe('the comparison', () => {
  it('has a bar for each kernel, or says that it is too noisy', () => {
    const labels = texts(section('Beside plain JavaScript'), '.wide text');
    expect(labels).toEqual(expect.arrayContaining(['gemmNN', 'zero', '20.0×', 'too noisy']));
  });
});

describe('the report', () => {
  it('has every section, explains every column and needs no other file', async () => {
    const html = await createBenchReport(run);
    const page = parseHTML(html).document;
    expect(texts(page, 'h2')).toEqual([
      'Roofline',
      'Beside plain JavaScript',
      'Kernels',
      'Training',
      'Machine',
    ]);
    const headings = texts(page, 'th').filter((heading) => heading !== '');
    const explained = new Set(texts(page, '.columns dt'));
    expect(headings.length).toBeGreaterThan(15);
    for (const heading of headings) expect(explained).toContain(heading);
    expect(html).not.toMatch(/<script|<link|src=|https?:\/\/(?!www\.w3\.org)/);
  });

  it('shows noise and wrong cases, and escapes their texts', async () => {
    const wrong = [{ kernel: '<b>', shape: '1', reason: 'kernel: at 0' }];
    const html = await createBenchReport({
      ...run,
      wrong,
      notes: ['<i>'],
      peak: { ...run.peak, spread: 0.3 },
    });
    expect(html).toContain('This machine was noisy');
    expect(html).toContain('&lt;b&gt; 1: kernel: at 0');
    expect(html).not.toMatch(/<b>|<i>/);
    expect(runFacts(run)).toContain('50,000');
  });
});

describe('labels', () => {
  it('stay inside, and apart from one another if there is room', () => {
    const anchors = Array.from({ length: 12 }, (_, index) => ({
      x: 200 + (index % 4) * 12,
      y: 100 + Math.floor(index / 4) * 10,
      text: `kernel ${index}`,
    }));
    const bounds = { left: 0, top: 0, right: 420, bottom: 240 };
    const labels = placeLabels(anchors, [], bounds);
    const boxes = labels.map(({ x, y, text }) => ({ x, y, half: (text.length * 6.2 + 4) / 2 }));
    for (const [index, { x, y, half }] of boxes.entries()) {
      expect(x - half).toBeGreaterThanOrEqual(-0.5);
      expect(x + half).toBeLessThanOrEqual(420.5);
      for (const other of boxes.slice(index + 1)) {
        const isApart =
          Math.abs(x - other.x) >= half + other.half - 2 || Math.abs(y - other.y) >= 12;
        expect(isApart, `${index}`).toBe(true);
      }
    }
    expect(labels).toHaveLength(12);
  });

  it('are left out if they would cover another, or other texts', () => {
    const anchors = Array.from({ length: 200 }, () => ({ x: 100, y: 50, text: 'kernel' }));
    const bounds = { left: 0, top: 0, right: 200, bottom: 100 };
    const labels = placeLabels(anchors, [], bounds);
    expect(labels.length).toBeGreaterThan(2);
    expect(labels.length).toBeLessThan(100);
    const spots = Array.from({ length: 400 }, (_, n) => ({ x: 10 * (n % 20), y: n / 4 }));
    expect(placeLabels(anchors, [], bounds, spots)).toEqual([]);
  });
});
