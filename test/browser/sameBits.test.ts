/** Browsers give the same weights as Node, on one thread and on two. `npm run test:engines` is the whole comparison. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserEngine } from '../engines/browserEngine.ts';
import { type Digits, writeDigits } from '../engines/digits.ts';
import type { Engine } from '../engines/engine.ts';
import { processEngine } from '../engines/processEngine.ts';
import { browserOrNotice } from '../support/browser.ts';

const job = { model: 'reference', optimizer: 'sgd', threads: 1, epochs: 1, images: 1000 } as const;
let digits: Digits;
let expected: string;

beforeAll(async () => {
  digits = await writeDigits();
  const node = processEngine('Node', [process.execPath], digits.path);
  expected = (await node.train('process', job)).weightsSha256;
});
afterAll(() => digits.remove());

it('Node gives the weights to compare with', () => {
  expect(expected).toMatch(/^[0-9a-f]{64}$/);
});

for (const kind of ['chromium', 'firefox'] as const) {
  const path = browserOrNotice(kind);
  describe.skipIf(path === undefined)(kind, () => {
    let engine: Engine;
    beforeAll(async () => {
      engine = await browserEngine(kind, kind, path ?? '', digits.path);
    });
    afterAll(() => engine?.close());

    it.each([
      { place: 'page', threads: 1 },
      { place: 'worker', threads: 1 },
      { place: 'worker', threads: 2 },
    ] as const)('gives the same weights: $place, threads: $threads', async ({ place, threads }) => {
      const outcome = await engine.train(place, { ...job, threads });
      expect(outcome).toMatchObject({ threads, weightsSha256: expected });
    });
  });
}
