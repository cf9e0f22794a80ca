/** examples/embed/page: a page without library or bundler filters images correctly with kernels.wasm. */
import { fileURLToPath } from 'node:url';
import type { Page } from 'puppeteer-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeInBrowser } from '../support/describeInBrowser.ts';
import { serve, type TestServer } from '../support/server.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const PAGE = '/examples/embed/page/index.html';
const [WIDTH, HEIGHT] = [640, 400];

/** A corner, and the edge of the sun. */
const PLACES = [
  [0, 0],
  [470, 190],
] as const;
const SIDE = 16;

type Pixel = readonly [red: number, green: number, blue: number];
type Image = (row: number, column: number) => Pixel;
type Filter = (image: Image, row: number, column: number) => Pixel;

/** Σ weights·pixels around a place, the border repeated. */
function weigh(image: Image, row: number, column: number, weights: readonly number[]): number[] {
  const side = Math.sqrt(weights.length);
  const half = (side - 1) / 2;
  const sums = [0, 0, 0];
  for (const [at, weight] of weights.entries()) {
    const pixel = image(row + Math.floor(at / side) - half, column + (at % side) - half);
    for (const [c, value] of pixel.entries()) sums[c] = (sums[c] ?? 0) + weight * value;
  }
  return sums;
}

const colours =
  (weights: readonly number[]): Filter =>
  (image, row, column) =>
    weigh(image, row, column, weights) as unknown as Pixel;

/** A filter on the luminance. */
const grey =
  (value: (weigh: (weights: readonly number[]) => number) => number): Filter =>
  (image, row, column) => {
    const luminance = (weights: readonly number[]) => {
      const [r = 0, g = 0, b = 0] = weigh(image, row, column, weights);
      return 0.299 * r + 0.587 * g + 0.114 * b;
    };
    const result = value(luminance);
    return [result, result, result];
  };

/** The bell of a radius, in both directions at once. */
function bell(radius: number): number[] {
  const row = Array.from({ length: 2 * radius + 1 }, (_, i) =>
    Math.exp(-4.5 * ((i - radius) / (radius + 0.5)) ** 2),
  );
  const sum = row.reduce((a, b) => a + b);
  return row.flatMap((a) => row.map((b) => (a * b) / sum ** 2));
}

const filters: Readonly<Record<string, Filter>> = {
  Blur: colours(bell(6)),
  Sobel: grey((of) =>
    Math.hypot(of([1, 0, -1, 2, 0, -2, 1, 0, -1]), of([1, 2, 1, 0, 0, 0, -1, -2, -1])),
  ),
  Sharpen: colours([0, -1, 0, -1, 5, -1, 0, -1, 0]),
  Outline: colours([-1, -1, -1, -1, 8, -1, -1, -1, -1]),
  Emboss: grey((of) => 127.5 + of([-2, -1, 0, -1, 0, 1, 0, 1, 2])),
};

/** The pixels of a canvas, four bytes each. */
async function pixelsOf(page: Page, canvas: string): Promise<Buffer> {
  const base64 = await page.evaluate(`new Promise((resolve) => {
    const { data } = document.getElementById('${canvas}').getContext('2d').getImageData(0, 0, ${WIDTH}, ${HEIGHT});
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.split(',')[1]);
    reader.readAsDataURL(new Blob([data]));
  })`);
  return Buffer.from(String(base64), 'base64');
}

function imageOf(pixels: Buffer): Image {
  const clamp = (value: number, size: number) => Math.min(Math.max(value, 0), size - 1);
  return (row, column) => {
    const at = 4 * (clamp(row, HEIGHT) * WIDTH + clamp(column, WIDTH));
    return [pixels[at] ?? Number.NaN, pixels[at + 1] ?? Number.NaN, pixels[at + 2] ?? Number.NaN];
  };
}

describeInBrowser('chromium', 'the page of image filters', (inBrowser) => {
  let server: TestServer;
  let page: Page;
  let problems: () => string[];
  beforeAll(async () => {
    server = await serve({ folders: { '/': root } });
    const opened = await inBrowser.open(`${server.origin}${PAGE}`);
    page = opened.page;
    problems = () => opened.problems.all();
    await page.waitForFunction('document.documentElement.dataset.shown === "Blur"');
  });
  afterAll(() => server.close());

  it.each(Object.entries(filters))('%s computes what its weights say', async (name, filter) => {
    await page.evaluate(
      `[...document.querySelectorAll('button')].find((b) => b.textContent === '${name}').click()`,
    );
    await page.waitForFunction(`document.documentElement.dataset.shown === '${name}'`);
    const before = imageOf(await pixelsOf(page, 'before'));
    const after = imageOf(await pixelsOf(page, 'after'));
    let compared = 0;
    for (const [top, left] of PLACES.map(([x, y]) => [y, x] as const)) {
      for (let at = 0; at < SIDE * SIDE; at++) {
        const [row, column] = [top + Math.floor(at / SIDE), left + (at % SIDE)];
        const expected = filter(before, row, column).map((value) =>
          Math.min(Math.max(value, 0), 255),
        );
        for (const [c, value] of after(row, column).entries()) {
          expect(Math.abs(value - (expected[c] ?? Number.NaN))).toBeLessThanOrEqual(1);
          compared++;
        }
      }
    }
    expect(compared).toBe(PLACES.length * SIDE * SIDE * 3);
  });

  it('shows a picture, and a slider that changes it', async () => {
    await page.evaluate(
      "[...document.querySelectorAll('button')].find((b) => b.textContent === 'Blur').click()",
    );
    const narrow = await pixelsOf(page, 'after');
    await page.evaluate(
      "document.getElementById('radius').value = 14; document.getElementById('radius').oninput()",
    );
    const wide = await pixelsOf(page, 'after');
    expect(new Set(narrow).size).toBeGreaterThan(100);
    expect(wide.equals(narrow)).toBe(false);
    expect(await page.$eval('#kernel', (element) => element.textContent)).toContain('1×29');
  });

  it('loads only itself and the module, without errors', () => {
    expect(server.requests).toEqual([PAGE, '/dist/kernels.wasm']);
    expect(problems()).toEqual([]);
  });
});
