/** `convlet/inline` in a page of one file, opened from the disk, and in a worker of one file, with threads. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';
import { expect, it } from 'vitest';
import type { BrowserKind } from '../support/browser.ts';
import { describeInBrowser, type InBrowser } from '../support/describeInBrowser.ts';
import { temporaryFolders } from '../support/folder.ts';
import { serve } from '../support/server.ts';

const newFolder = temporaryFolders();

const PROGRAM = `
import { createBackend, createModel } from 'convlet/inline';
globalThis.outcome = (async () => {
  const backend = await createBackend();
  const model = createModel(backend, {
    inputShape: [1, 4, 4],
    layers: [{ type: 'flatten' }, { type: 'dense', units: 2 }, { type: 'softmax' }],
  });
  const images = Uint8Array.from({ length: 100 * 16 }, (_, i) => (Math.floor(i / 16) % 2) * 255);
  const labels = Uint8Array.from({ length: 100 }, (_, i) => i % 2);
  const data = { images, labels, shape: [1, 4, 4], classes: 2 };
  await model.fit(data, { epochs: 20, batchSize: 10 });
  return model.evaluate(data).accuracy;
})();
`;

/** A worker that trains on one thread and on two. */
const WORKER = `
import { createBackend, createModel, layers } from 'convlet/inline';
async function train(threads) {
  const backend = await createBackend({ threads });
  const model = createModel(backend, {
    inputShape: [1, 4, 4],
    layers: [layers.flatten(), layers.dense({ units: 2 }), layers.softmax()],
  });
  const images = Uint8Array.from({ length: 100 * 16 }, (_, i) => (i * i) % 251);
  const labels = Uint8Array.from({ length: 100 }, (_, i) => i % 2);
  await model.fit({ images, labels, shape: [1, 4, 4], classes: 2 }, { batchSize: 10 });
  backend.dispose();
  return model.weightsSha256();
}
const run = async () => [await train(1).catch(String), await train(2).catch(String)];
run().then((outcomes) => postMessage(outcomes));
`;

/** A program as one classic script, as bundlers for single files make it. */
async function bundled(program: string): Promise<string> {
  const entry = fileURLToPath(new URL('oneFile.program.js', import.meta.url)); // where \`convlet\` is this package
  const bundle = await rolldown({
    input: entry,
    platform: 'browser',
    onLog: () => {}, // that a classic script has no import.meta: it is asked for threads alone
    plugins: [
      {
        name: 'program',
        resolveId: (id) => (id === entry ? id : undefined),
        load: (id) => (id === entry ? program : undefined),
      },
    ],
  });
  const { output } = await bundle.generate({ format: 'iife', minify: true, codeSplitting: false });
  await bundle.close();
  return output[0].code;
}

declare const outcome: Promise<number>;

/** Runs the worker on an isolated page. @param source Where its policy allows workers from, besides the page's origin. */
async function train(open: InBrowser['open'], script: string, source: string) {
  const folder = newFolder();
  writeFileSync(join(folder, 'index.html'), '<!doctype html><link rel="icon" href="data:,">');
  writeFileSync(join(folder, 'worker.js'), script);
  const csp = `script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' ${source}`;
  const server = await serve({ folders: { '/': folder }, isolated: true, csp });
  try {
    const { page, problems } = await open(`${server.origin}/index.html`);
    const outcomes = await page.evaluate(
      () =>
        new Promise<string[]>((resolve, reject) => {
          const worker = new Worker('worker.js');
          worker.onmessage = ({ data }) => resolve(data);
          worker.onerror = ({ message }) => reject(new Error(message));
        }),
    );
    return { outcomes, problems: problems.all() };
  } finally {
    await server.close();
  }
}

for (const kind of ['chromium', 'firefox'] satisfies BrowserKind[]) {
  describeInBrowser(kind, 'a page in one file', ({ open }) => {
    it('trains without a server', async () => {
      const file = join(newFolder(), 'page.html');
      const code = (await bundled(PROGRAM)).replaceAll('</script', '<\\/script');
      writeFileSync(file, `<!doctype html><meta charset="utf-8"><script>${code}</script>`);
      const { page, problems } = await open(pathToFileURL(file).href);
      expect(await page.evaluate(async () => outcome)).toBe(1);
      expect(problems.all()).toEqual([]);
    });

    it('trains on two threads from a worker, without another file', async () => {
      const { outcomes, problems } = await train(open, await bundled(WORKER), 'blob:');
      const [one, two] = outcomes;
      expect(one).toMatch(/^[0-9a-f]{64}$/);
      expect(two).toBe(one);
      expect(problems).toEqual([]);
    });

    it('says that a policy forbids its threads, or why else there are none, and trains on one', async () => {
      const script = await bundled(WORKER);
      const refusing = `globalThis.Worker = class { constructor() { throw new Error('none here'); } };`;
      const refused = [
        [await train(open, script, ''), 'worker-src must allow it'],
        [await train(open, refusing + script, 'blob:'), 'none here'],
      ] as const;
      for (const [{ outcomes }, reason] of refused) {
        expect(outcomes[0]).toMatch(/^[0-9a-f]{64}$/);
        expect(outcomes[1]).toMatch(/^Error: createBackend: expected 1 workers to start, got one/);
        expect(outcomes[1]).toContain(reason);
      }
    });
  });
}
