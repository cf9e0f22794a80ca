/** A training worker ends with its backend. If it dies, calls end with an error and never wait forever. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Worker } from 'node:worker_threads';
import { createWorkerBackend } from 'convlet/worker';
import { afterEach, describe, expect, it } from 'vitest';
import { strokes } from '../support/digits.ts';
import { spec } from '../support/network.ts';

const workers: Worker[] = [];
process.on('worker', (worker: Worker) => void workers.push(worker));
afterEach(() => void workers.splice(0));

describe('a worker', () => {
  it('ends every call with an error if it dies, and another worker can be made', async () => {
    const backend = await createWorkerBackend();
    const model = await backend.createModel(spec);
    const other = await backend.createModel(spec);
    const endless = { epochs: 1e6 };
    const calls = [
      other.fit(strokes(100), endless),
      model.fit(strokes(100), { ...endless, onStepEnd: () => void workers.shift()?.terminate() }),
    ];
    const outcomes = await Promise.allSettled(calls);
    const message = expect.stringMatching(/expected a live backend.*worker ended.*Create another/);
    for (const outcome of outcomes) expect(outcome).toMatchObject({ reason: { message } });
    await expect(model.predict(strokes(1).images)).rejects.toThrow('Create another');
    backend.dispose();
    const next = await createWorkerBackend();
    await (await next.createModel(spec)).fit(strokes(100));
    next.dispose();
  });

  it('ends with its backend, and ends the calls', async () => {
    const backend = await createWorkerBackend({ threads: 2 });
    const model = await backend.createModel(spec);
    const fit = model.fit(strokes(100), { epochs: 1e6 });
    const ended = new Promise((resolve) => workers[0]?.once('exit', resolve));
    backend.dispose();
    await expect(fit).rejects.toThrow('disposed of');
    await expect(model.weights()).rejects.toThrow('disposed of');
    await ended;
  });

  it('reports a disposed model, and ends its fit', async () => {
    const backend = await createWorkerBackend();
    const model = await backend.createModel(spec);
    const fit = expect(model.fit(strokes(100), { epochs: 1e6 })).rejects.toThrow('disposed of');
    await model.dispose();
    await model.dispose();
    await fit;
    await expect(model.weights()).rejects.toThrow('weights: expected a live model');
    backend.dispose();
  });

  it('lets a script end that forgets it, but only after its answers', () => {
    const script = `
      import { createWorkerBackend } from 'convlet/worker';
      const backend = await createWorkerBackend({ threads: 2 });
      const model = await backend.createModel({ inputShape: [1, 1, 4], layers: [{ type: 'flatten' }, { type: 'dense', units: 2 }, { type: 'softmax' }] });
      const data = { images: new Uint8Array(400), labels: new Uint8Array(100), shape: [1, 1, 4], classes: 2 };
      await model.fit(data, { epochs: 200 });
      console.log(backend.threads);`;
    const printed = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
      encoding: 'utf8',
    });
    expect(printed.trim()).toBe('2');
  });
});
