/** Training in a page: `convlet/worker` in real browsers, straight from the built files, under a strict policy. */
import { createBackend, createModel, optimizers } from 'convlet';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeInBrowser } from '../support/describeInBrowser.ts';
import { temporaryFolders } from '../support/folder.ts';
import { digits, type Lab, serveLab } from '../support/lab.ts';
import type { TestServer } from '../support/server.ts';

declare const lab: Promise<Lab>;

const newFolder = temporaryFolders();
let isolated: TestServer;
let plain: TestServer;
beforeAll(async () => {
  [isolated, plain] = await Promise.all([
    serveLab(newFolder(), { isolated: true }),
    serveLab(newFolder()),
  ]);
});
afterAll(() => Promise.all([isolated.close(), plain.close()]));

/** What Node comes to. */
async function hashInNode(): Promise<string> {
  const backend = await createBackend();
  const { train } = await digits();
  const model = createModel(backend, {
    inputShape: [1, 28, 28],
    layers: [
      { type: 'conv2d', filters: 12, kernelSize: 3 },
      { type: 'relu' },
      { type: 'maxPool2d', poolSize: 2 },
      { type: 'flatten' },
      { type: 'dense', units: 10 },
      { type: 'softmax' },
    ],
  });
  await model.fit(train, { epochs: 3, batchSize: 128, optimizer: optimizers.momentum() });
  const hash = await model.weightsSha256();
  backend.dispose();
  return hash;
}

describeInBrowser('chromium', 'a training worker', ({ open }) => {
  it.each([1, 2])('trains on %i threads to the accuracy and the bytes of Node', async (threads) => {
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
  });
});
