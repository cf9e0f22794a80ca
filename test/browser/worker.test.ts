/**
 * Training in a page: `convlet/worker` in real browsers, from the built files, under a strict policy. One file, as every engine
 * runs all of it on the same servers.
 */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { createBackend, createModel, namedModels, optimizers } from 'convlet';
import type { RemoteModel } from 'convlet/worker';
import type { Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BrowserKind } from '../support/browser.ts';
import { describeInBrowser } from '../support/describeInBrowser.ts';
import { temporaryFolders } from '../support/folder.ts';
import { digits, type Lab, serveLab } from '../support/lab.ts';
import { slowness } from '../support/patience.ts';
import type { TestServer } from '../support/server.ts';

declare const lab: Promise<Lab>;
/** The model that `killDuringFit` trained. */
declare const killed: RemoteModel;

const newFolder = temporaryFolders();
let isolated: TestServer;
let plain: TestServer;
let failing: TestServer;
let nestless: TestServer;
let threadless: TestServer;
let lockless: TestServer;
beforeAll(async () => {
  [isolated, plain, failing, nestless, threadless, lockless] = await Promise.all([
    serveLab(newFolder(), { isolated: true }),
    serveLab(newFolder()),
    serveLab(newFolder(), {
      isolated: true,
      pages: { '/dist/browser/thread.js': FAIL_EARLY + script('thread') },
    }),
    serveLab(newFolder(), {
      isolated: true,
      pages: { '/dist/browser/trainer.js': `delete globalThis.Worker;\n${script('trainer')}` },
    }),
    serveLab(newFolder(), {
      isolated: true,
      pages: { '/dist/browser/thread.js': 'throw new Error("nothing here");' },
    }),
    serveLab(newFolder(), {
      isolated: true,
      pages: {
        '/dist/browser/thread.js': REFUSE_LOCKS + script('thread'),
        '/dist/browser/trainer.js': `delete WorkerNavigator.prototype.locks;\n${script('trainer')}`,
      },
    }),
  ]);
});
afterAll(() =>
  Promise.all(
    [isolated, plain, failing, nestless, threadless, lockless].map((server) => server.close()),
  ),
);

function script(name: 'thread' | 'trainer'): string {
  return readFileSync(new URL(`../../dist/browser/${name}.js`, import.meta.url), 'utf8');
}

/** Makes a thread fail at its first phases, before an update: half an update leaves a model that no call computes with. */
const FAIL_EARLY = `
let calls = 0;
const add = Atomics.add;
Atomics.add = (...args) => {
  if (++calls === 3) throw new Error('broken');
  return add(...args);
};
`;

/** As in a sandboxed frame, whose origin is opaque. */
const REFUSE_LOCKS = "navigator.locks.request = async () => { throw new Error('no locks'); };\n";

/**
 * Trains on two threads and ends a worker meanwhile, the training one (0) or its thread (1). The model stays, as `killed`.
 * @returns what came of `fit`.
 */
function killDuringFit(page: Page, index: 0 | 1): Promise<string> {
  return page.evaluate(async (index) => {
    const { worker, spec, train } = await lab;
    const NativeWorker = globalThis.Worker;
    const workers: Worker[] = [];
    globalThis.Worker = class extends NativeWorker {
      constructor(url: string | URL, options?: WorkerOptions) {
        super(url, options);
        workers.push(this);
      }
    };
    const backend = await worker.createWorkerBackend({ threads: 2 });
    const model = await backend.createModel(spec);
    Object.assign(globalThis, { killed: model });
    const fit = model.fit(train, { epochs: 1000 });
    await model.predict(train.images.subarray(0, 784));
    workers[index]?.terminate();
    return `${await fit.catch((error: Error) => error)}`;
  }, index);
}

let hash: Promise<string> | undefined;

/** What Node comes to, as the pages below. */
function hashInNode(): Promise<string> {
  hash ??= (async () => {
    const backend = await createBackend();
    const spec = namedModels.reference([1, 28, 28], 10);
    const model = createModel(backend, spec);
    const { train } = await digits();
    await model.fit(train, { epochs: 3, batchSize: 128, optimizer: optimizers.momentum() });
    return model.weightsSha256();
  })();
  return hash;
}

describe.each<BrowserKind>(['chromium', 'firefox'])('%s', (kind) => {
  describeInBrowser(kind, 'a training worker', ({ open }) => {
    it.each([1, 2])(
      'trains on %i threads to the accuracy and the bytes of Node',
      async (threads) => {
        const { page, problems } = await open(isolated.origin);
        const result = await page.evaluate(async (threads) => {
          const { worker, convlet, spec, train, test } = await lab;
          const backend = await worker.createWorkerBackend({ threads });
          const model = await backend.createModel(spec);
          let steps = 0;
          const { epochs } = await model.fit(train, {
            epochs: 3,
            batchSize: 128,
            optimizer: convlet.optimizers.momentum(),
            validationData: test,
            onStepEnd: () => void steps++,
          });
          const { accuracy } = await model.evaluate(test);
          const sha256 = await model.weightsSha256();
          backend.dispose();
          return { threads: backend.threads, steps, accuracy, sha256, last: epochs.at(-1) };
        }, threads);
        expect(result).toMatchObject({ threads, steps: 3 * 40, sha256: await hashInNode() });
        expect(result.accuracy).toBeGreaterThan(0.85);
        expect(result.last?.validationAccuracy).toBe(result.accuracy);
        expect(problems.all()).toEqual([]);
      },
    );

    it('gets its threads from the page: in Firefox a worker may wait forever for a nested worker', async () => {
      const { page, problems } = await open(nestless.origin);
      const result = await page.evaluate(async () => {
        const { worker, spec, train } = await lab;
        const backend = await worker.createWorkerBackend({ threads: 2 });
        const { epochs } = await (await backend.createModel(spec)).fit(train);
        backend.dispose();
        return { threads: backend.threads, epochs: epochs.length };
      });
      expect(result).toEqual({ threads: 2, epochs: 1 });
      expect(problems.all()).toEqual([]);
    });

    it('trains in a browser without locks, which tell of its end elsewhere', async () => {
      const { page, problems } = await open(lockless.origin);
      const epochs = await page.evaluate(async () => {
        const { worker, spec, train } = await lab;
        const backend = await worker.createWorkerBackend({ threads: 2 });
        const model = await backend.createModel(spec);
        const { epochs } = await model.fit(train, { epochs: 2 });
        backend.dispose();
        return epochs.length;
      });
      expect(epochs).toBe(2);
      expect(problems.all()).toEqual([]);
    });

    it('tells that a thread does not start', async () => {
      const { page } = await open(threadless.origin);
      const message = await page.evaluate(async () => {
        const { createWorkerBackend } = (await lab).worker;
        return `${await createWorkerBackend({ threads: 2 }).catch((error: Error) => error)}`;
      });
      expect(message).toMatch(
        /^Error: createBackend: expected 1 workers to start, got one that did not \(/,
      );
    });

    it('tells that the page may not start a thread', async () => {
      const { page } = await open(isolated.origin);
      const message = await page.evaluate(async () => {
        const { createWorkerBackend } = (await lab).worker;
        const NativeWorker = globalThis.Worker;
        globalThis.Worker = class extends NativeWorker {
          constructor(url: string | URL, options?: WorkerOptions) {
            if (String(url).includes('thread')) throw new Error('none here');
            super(url, options);
          }
        };
        return `${await createWorkerBackend({ threads: 2 }).catch((error: Error) => error)}`;
      });
      expect(message).toMatch(/expected 1 workers to start, got one that did not \(.*none here/);
    });

    it('takes one thread, without a warning, if memory cannot be shared', async () => {
      const { page, problems } = await open(plain.origin);
      const result = await page.evaluate(async () => {
        const { createWorkerBackend } = (await lab).worker;
        const backend = await createWorkerBackend({ threads: 'auto' });
        const refused = await createWorkerBackend({ threads: 2 }).catch((error: Error) => error);
        backend.dispose();
        return [backend.threads, `${refused}`];
      });
      expect(result).toEqual([
        1,
        expect.stringMatching(/^RangeError: .*not cross-origin isolated.*Use threads: 'auto' or 1/),
      ]);
      expect(problems.all()).toEqual([]);
    });

    it('answers, stops at once, and leaves the page free while it trains', async () => {
      const { page, problems } = await open(isolated.origin);
      const result = await page.evaluate(async () => {
        const { worker, spec, train, test } = await lab;
        const backend = await worker.createWorkerBackend({ threads: 'auto' });
        const model = await backend.createModel(spec);
        const controller = new AbortController();
        let running = true;
        const waits: number[] = [];
        const answers: number[] = [];
        let last = performance.now();
        const watch = setInterval(() => {
          waits.push(performance.now() - last);
          last = performance.now();
        }, 0);
        const fit = model
          .fit(train, { epochs: 1000, signal: controller.signal, onStepEnd: () => {} })
          .finally(() => {
            running = false;
          });
        let sum = 0;
        for (let i = 0; i < 20; i++) {
          const start = performance.now();
          const { data } = await model.predict(test.images.subarray(i * 784, (i + 1) * 784));
          answers.push(performance.now() - start);
          sum += data.reduce((total, value) => total + value, 0);
        }
        const wasRunning = running;
        const start = performance.now();
        controller.abort();
        const { stopped } = await fit;
        const stopTime = performance.now() - start;
        clearInterval(watch);
        const before = await model.weightsSha256();
        await new Promise((resolve) => setTimeout(resolve, 100));
        const isStill = (await model.weightsSha256()) === before;
        await model.fit(train, { epochs: 1 }); // and goes on
        backend.dispose();
        const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1];
        return {
          sum,
          wasRunning,
          stopped,
          isStill,
          stopTime,
          answer: median(answers),
          wait: median(waits),
        };
      });
      expect(result).toMatchObject({ wasRunning: true, stopped: true, isStill: true });
      expect(result.sum).toBeCloseTo(20, 3); // probabilities, all twenty times
      // medians, and generous: other tests share the machine
      expect(result.answer).toBeLessThan(500 * slowness());
      expect(result.stopTime).toBeLessThan(2000 * slowness());
      expect(result.wait).toBeLessThan(50 * slowness());
      expect(problems.all()).toEqual([]);
    });

    it('soon gives an error if it is killed, and another worker works', async () => {
      const { page, problems } = await open(isolated.origin);
      const atOnce = await killDuringFit(page, 0);
      const { later, epochs } = await page.evaluate(async () => {
        const { worker, spec, train } = await lab;
        const later = await killed.weights().catch((error: Error) => error);
        const next = await worker.createWorkerBackend();
        const { epochs } = await (await next.createModel(spec)).fit(train);
        next.dispose();
        return { later: `${later}`, epochs: epochs.length };
      });
      for (const message of [atOnce, later]) {
        expect(message).toMatch(/^Error: .*expected a live backend.*ended.*Create another/);
      }
      expect(epochs).toBe(1);
      expect(problems.all()).toEqual([]);
    });

    it('survives a thread that is killed: fit ends with an error, predict still works', async () => {
      const { page, problems } = await open(isolated.origin);
      const message = await killDuringFit(page, 1);
      const shape = await page.evaluate(async () => {
        const { images } = (await lab).train;
        return (await killed.predict(images.subarray(0, 784))).shape;
      });
      expect(message).toMatch(
        /^Error: threads: .*a worker ended \(it was terminated or crashed\)\. Create another/,
      );
      expect(shape).toEqual([1, 10]);
      expect(problems.all()).toEqual([]);
    });

    it('survives a thread of its own that fails: fit ends with an error, predict still works', async () => {
      const { page, problems } = await open(`${failing.origin}`);
      const result = await page.evaluate(async () => {
        const { worker, spec, train } = await lab;
        const backend = await worker.createWorkerBackend({ threads: 2 });
        const model = await backend.createModel(spec);
        const error = await model.fit(train, { epochs: 1000 }).catch((error: Error) => error);
        const { shape } = await model.predict(train.images.subarray(0, 784));
        const again = await model.fit(train).catch((error: Error) => error);
        return { messages: [`${error}`, `${again}`], shape };
      });
      for (const message of result.messages) {
        expect(message).toMatch(/^Error: threads: .*a worker ended \(.*broken\)\. Create another/);
      }
      expect(result.shape).toEqual([1, 10]);
      expect(problems.all()).toEqual([]);
    });

    it('tells that a policy forbids it, or that its script is missing', async () => {
      const { page } = await open(plain.origin);
      const messages = await page.evaluate(async () => {
        const { createWorkerBackend } = (await lab).worker;
        const NativeWorker = globalThis.Worker;
        const withScript = (url: string) => {
          globalThis.Worker = class extends NativeWorker {
            constructor(_: string | URL, options?: WorkerOptions) {
              super(url, options);
            }
          };
          return createWorkerBackend().catch((error: Error) => `${error}`);
        };
        return [await withScript('/missing.js'), await withScript('https://127.0.0.2/trainer.js')];
      });
      for (const message of messages) {
        expect(message).toMatch(
          /^Error: createWorkerBackend: expected a worker to start, it did not/,
        );
      }
      expect(messages[0]).toContain('its script trainer.js could not be loaded; see the console');
    });
  });
});

describeInBrowser('chromium', 'a training worker', ({ open }) => {
  it('ends with its threads', async () => {
    const { page } = await open(isolated.origin);
    const scripts = () => page.workers().map((worker) => basename(worker.url()));
    await page.evaluate(async () => {
      const { worker } = await lab;
      Object.assign(globalThis, { backend: await worker.createWorkerBackend({ threads: 3 }) });
    });
    expect(scripts()).toEqual(['trainer.js', 'thread.js', 'thread.js']);
    await page.evaluate('backend.dispose()');
    await expect.poll(scripts).toEqual([]);
  });
});

describeInBrowser('chromium', 'memory', ({ open }) => {
  it('stays constant over twenty epochs, many answers and many data sets', async () => {
    const { page, problems } = await open(isolated.origin);
    await page.evaluate(async () => {
      const { worker, spec, train, test } = await lab;
      const backend = await worker.createWorkerBackend({ threads: 2 });
      const model = await backend.createModel(spec);
      const validationData = test;
      const round = async () => {
        await model.fit(train, {
          epochs: 5,
          validationData,
          onStepEnd: () => {},
          onCheckpoint: () => {},
        });
        for (let i = 0; i < 20; i++) {
          const part = {
            ...train,
            images: train.images.slice(0, 784_000),
            labels: train.labels.slice(0, 1000),
          };
          await model.evaluate(part);
          backend.forgetDataset(part);
          await model.weights();
        }
        return model.memoryBytes();
      };
      Object.assign(globalThis, { round });
      await round();
    });
    // of the page, the training worker and its thread
    const clients = [await page.createCDPSession(), ...page.workers().map(({ client }) => client)];
    expect(clients.length).toBeGreaterThan(1);
    const measure = async () => {
      let sum = 0;
      for (const client of clients) {
        await client.send('HeapProfiler.collectGarbage');
        const { usedSize, backingStorageSize } = await client.send('Runtime.getHeapUsage');
        sum += usedSize + backingStorageSize; // objects, and the memory under arrays
      }
      return sum;
    };
    const round = () => page.evaluate('round()');
    const before = [await round(), await measure()] as const;
    for (let i = 0; i < 3; i++) expect(await round()).toBe(before[0]); // linear memory: to the byte
    const growth = (await measure()) - before[1];
    expect(growth).toBeLessThan(500_000);
    expect(problems.all()).toEqual([]);
  });
});
