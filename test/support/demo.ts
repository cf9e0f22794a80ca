/** The demo for tests: built, served, and used through what a reader sees. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'puppeteer-core';
import { isContinuousIntegration } from './browser.ts';
import { serve, type TestServer } from './server.ts';

const folder = fileURLToPath(new URL('../../demo', import.meta.url));

/** Whether the demo can be built here. @throws {Error} where it cannot and `CI` is set; otherwise with a notice. */
export function demoOrNotice(): boolean {
  if (existsSync(join(folder, 'node_modules', 'vite'))) return true;
  const missing = 'its dependencies are not installed. Run: npm ci --prefix demo';
  if (isContinuousIntegration()) throw new Error(`tests of the demo: ${missing}`);
  console.info(`skipped: tests of the demo: ${missing}`);
  return false;
}

/** Builds the demo into a folder; in mode `site` with the documentation, as `npm run site` does. */
export function buildDemo(out: string, mode: 'production' | 'site' = 'production'): void {
  const vite = join(folder, 'node_modules', 'vite', 'bin', 'vite.js');
  const options = ['--mode', mode, '--outDir', out, '--logLevel', 'error'];
  execFileSync(process.execPath, [vite, 'build', ...options], {
    cwd: folder,
    env: { ...process.env, NODE_ENV: 'production' }, // vitest's own would make another page of it
  });
}

/** Builds the demo into a folder, and serves it as `npm run demo` does. */
export function serveDemo(out: string): Promise<TestServer> {
  buildDemo(out);
  const index = readFileSync(join(out, 'index.html'), 'utf8');
  return serve({ folders: { '/': out }, pages: { '/': index }, isolated: true });
}

/** The source of axe-core, which looks for what keeps people out. */
export function axeSource(): string {
  return readFileSync(join(folder, 'node_modules', 'axe-core', 'axe.min.js'), 'utf8');
}

/** The value of an expression in the page; as text, for tests have no types of a document. */
export async function inPage<T>(page: Page, expression: string): Promise<T> {
  return (await page.evaluate(expression)) as T;
}

/** What the page says at some place. */
export function textOf(page: Page, id: string): Promise<string> {
  return inPage(page, `document.getElementById(${JSON.stringify(id)}).textContent`);
}

/** Presses a button, or anything else that can be, by its id or any selector. */
export async function press(page: Page, where: string): Promise<void> {
  const selector = /^[\w-]+$/.test(where) ? `#${where}` : where;
  await inPage(page, `document.querySelector(${JSON.stringify(selector)}).click()`);
}

/** Ids of the buttons in sight that can be pressed, or that cannot. */
export function buttonsIn(page: Page, state: 'enabled' | 'disabled'): Promise<string[]> {
  return inPage(
    page,
    `[...document.querySelectorAll('button:${state}')].filter((button) => button.checkVisibility()).map(({ id }) => id)`,
  );
}

/** Scrolls to an element, and waits until what is painted only in view has been. */
export async function bringIntoView(page: Page, selector: string): Promise<void> {
  await inPage(
    page,
    `new Promise((resolve) => {
      document.querySelector(${JSON.stringify(selector)}).scrollIntoView({ block: 'center', behavior: 'instant' });
      const after = (frames) => requestAnimationFrame(() => (frames > 1 ? after(frames - 1) : setTimeout(resolve)));
      after(3); // the observer looks after the first, and paints in a task of its own
    })`,
  );
}

/** Gives files to the page, as choosing them does. */
export async function giveFiles(page: Page, ...paths: string[]): Promise<void> {
  const input = (await page.$('input#files')) ?? undefined;
  await input?.uploadFile(...paths);
}

/** Waits until some place says what is expected. @returns what it says. */
export async function saying(page: Page, id: string, what: RegExp): Promise<string> {
  const text = `document.getElementById(${JSON.stringify(id)}).textContent`;
  await page.waitForFunction(`${what}.test(${text})`, { polling: 50 }).catch(async () => {
    throw new Error(`expected #${id} to say ${what}, got ${await textOf(page, id)}`);
  });
  return textOf(page, id);
}

/** Waits until some place says the same in two animation frames in a row: it has come to rest. @returns what it says. */
export function settled(page: Page, id: string): Promise<string> {
  return inPage(
    page,
    `new Promise((resolve) => {
      const place = document.getElementById(${JSON.stringify(id)});
      let before;
      const look = () => {
        if (place.textContent === before) return resolve(before);
        before = place.textContent;
        requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    })`,
  );
}

/** Waits until the page keeps a file of this name in the browser's storage, a whole one. */
export async function kept(page: Page, name: string): Promise<void> {
  await page.waitForFunction(
    `navigator.storage.getDirectory()
      .then((root) => root.getDirectoryHandle('convlet'))
      .then((folder) => folder.getFileHandle(${JSON.stringify(name)}))
      .then((handle) => handle.getFile())
      .then((file) => file.size > 0, () => false)`,
  );
}

/** Draws lines on the pad, in shares of its width and height. `steps` moves of the pointer make a line. */
export async function draw(page: Page, points: readonly (readonly [number, number])[], steps = 8) {
  await inPage(page, "document.getElementById('pad').scrollIntoView({ block: 'center' })");
  const box = await (await page.$('#pad'))?.boundingBox();
  if (!box) throw new Error('expected the pad on the page');
  const [first, ...others] = points.map(
    ([x, y]) => [box.x + x * box.width, box.y + y * box.height] as const,
  );
  if (first === undefined) return;
  await page.mouse.move(...first);
  await page.mouse.down();
  for (const point of others) await page.mouse.move(...point, { steps });
  await page.mouse.up();
}

/** The ten probabilities, as shares. */
export function probabilities(page: Page): Promise<number[]> {
  return inPage(
    page,
    "[...document.querySelectorAll('.bars .value')].map((value) => parseFloat(value.textContent) / 100)",
  );
}
