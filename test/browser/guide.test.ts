/** The program of docs/browser.md runs with its import map. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeInBrowser } from '../support/describeInBrowser.ts';
import { temporaryFolders } from '../support/folder.ts';
import { serveLab } from '../support/lab.ts';
import { convletFolders } from '../support/page.ts';
import type { TestServer } from '../support/server.ts';

const guide = readFileSync(new URL('../../docs/browser.md', import.meta.url), 'utf8');
const newFolder = temporaryFolders();

/** The text of the first block of code in a language, under the heading. */
function block(language: string): string {
  const section = guide.slice(guide.indexOf('\n## A page that trains\n'));
  const [, text = ''] = new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``).exec(section) ?? [];
  expect(text).not.toBe('');
  return text;
}

const DIGITS = `
const read = async (name) => new Uint8Array(await (await fetch('/data/' + name)).arrayBuffer());
const dataset = async (name) => ({ images: await read(name + '.images'), labels: await read(name + '.labels'), shape: [1, 28, 28], classes: 10 });
const [train, test] = [await dataset('train'), await dataset('test')];
`;

let server: TestServer;
beforeAll(async () => {
  const program = `${DIGITS}${block('ts')}\nglobalThis.probabilities = [...data];`;
  server = await serveLab(newFolder(), {
    isolated: true,
    csp: "default-src 'self'; script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'; img-src data:",
    folders: {
      '/node_modules/convlet/dist/': convletFolders['/dist/'] ?? '',
      '/node_modules/@assemblyscript/loader/': convletFolders['/loader/'] ?? '',
    },
    pages: {
      '/guide': `<!doctype html><link rel="icon" href="data:,">${block('html')}<script type="module">${program}</script>`,
    },
  });
});
afterAll(() => server.close());

declare const probabilities: number[];

describeInBrowser('chromium', 'docs/browser.md', ({ open }) => {
  it('has a program that runs in a page', async () => {
    const { page, problems } = await open(`${server.origin}/guide`);
    await expect.poll(() => page.evaluate(() => 'probabilities' in globalThis)).toBe(true);
    const found = await page.evaluate(() => probabilities);
    expect(found).toHaveLength(10);
    expect(found.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 4);
    expect(problems.all()).toEqual([]);
  });
});
