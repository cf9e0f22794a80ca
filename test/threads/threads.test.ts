/** Several threads give the same bytes as one, an error instead of a hang, and end with their backend. */
import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import {
  createBackend,
  createModel,
  DivergenceError,
  type LayerSpec,
  layers,
  type ModelSpec,
  type OptimizerSpec,
  optimizers,
  type StepEvent,
} from 'convlet';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { CONTROL_BYTES } from '../../src/threads/tasks.ts';
import { strokes } from '../support/digits.ts';
import { spec } from '../support/network.ts';
import { testRandom } from '../support/random.ts';
import { decideSharing, watchSharing } from '../support/sharing.ts';

/** The word after a control block: whether a worker that is kept may go. */
const RELEASED = CONTROL_BYTES / 4;

const workers: Worker[] = [];
const track = (worker: Worker) => void workers.push(worker);
process.on('worker', track);
afterEach(() => void workers.splice(0));

async function trained(threads: number | 'auto', optimizer: OptimizerSpec): Promise<string> {
  const backend = await createBackend({ threads });
  const model = createModel(backend, spec);
  const validationData = strokes(37, 3);
  const { epochs } = await model.fit(strokes(101), {
    epochs: 2,
    batchSize: 32, // 3 steps of 32 and one of 5: fewer images than shards
    optimizer,
    validationData,
  });
  const loss = epochs.at(-1)?.validationLoss;
  expect(model.evaluate(validationData).loss).toBe(loss); // alone again, and the same
  const digest = `${await model.weightsSha256()} ${loss}`;
  model.dispose();
  backend.dispose();
  return digest;
}

describe('the same bytes', () => {
  it.each([optimizers.sgd({ learningRate: 0.1 }), optimizers.momentum(), optimizers.adam()])(
    'come out on 1, 2, 3 and 8 threads: $type',
    async (optimizer) => {
      const one = await trained(1, optimizer);
      for (const threads of [2, 3, 8]) expect(await trained(threads, optimizer)).toBe(one);
    },
  );

  const conv = (filters: number) => layers.conv2d({ filters, kernelSize: 3, padding: 1 });
  const head = [layers.flatten(), layers.dense({ units: 10 }), layers.softmax()];
  const networks: [string, LayerSpec[]][] = [
    [
      'Winograd convolutions, plain and fused',
      [
        ...[conv(8), layers.relu(), conv(9), layers.relu(), conv(8), layers.relu()],
        ...[layers.maxPool2d({ poolSize: 2 }), ...head],
      ],
    ],
    [
      'so many parameters that each of two threads has a chain of shards',
      [layers.flatten(), layers.dense({ units: 3650 }), layers.relu(), ...head],
    ],
  ];

  it.each(networks)('come out on 1, 2, 3 and 8 threads: %s', async (_, deep) => {
    const train = async (threads: number) => {
      const backend = await createBackend({ threads });
      const model = createModel(backend, { inputShape: [1, 12, 12], layers: deep });
      const optimizer = optimizers.adam({ clipNorm: 1 });
      await model.fit(strokes(100), { batchSize: 32, optimizer, accumulate: 2 }); // the last batch: 4 images
      for (const shards of [1, 3, 13]) await model.fit(strokes(30), { batchSize: 20, shards });
      const hash = await model.weightsSha256();
      backend.dispose();
      return hash;
    };
    const one = await train(1);
    for (const threads of [2, 3, 8]) expect(await train(threads)).toBe(one);
  });

  it('come out if a part is now shared, now done alone', async () => {
    const random = testRandom(1);
    const coin = await decideSharing(() => random() < 0.5);
    const optimizer = optimizers.momentum();
    expect(await trained(2, optimizer)).toBe(await trained(1, optimizer));
    expect(coin).toHaveBeenCalled();
  });

  it('come out if several models train at a time, one while another waits for its listener', async () => {
    const train = async (threads: number) => {
      const backend = await createBackend({ threads });
      const [first, second, third] = [1, 2, 3].map((seed) => createModel(backend, spec, { seed }));
      const [data, options] = [strokes(2000), { epochs: 3, batchSize: 32 }];
      await Promise.all([
        first?.fit(data, { ...options, onEpochEnd: async () => void (await third?.fit(data)) }),
        second?.fit(data, options), // yields in its epochs
      ]);
      const evaluations = [first, second, third].map((model) => model?.evaluate(strokes(37, 3)));
      backend.dispose();
      return evaluations;
    };
    expect(await train(2)).toEqual(await train(1));
  });
});

describe('threads', () => {
  const smallest: ModelSpec = {
    inputShape: [1, 12, 12],
    layers: [layers.flatten(), layers.dense({ units: 10 }), layers.softmax()],
  };

  it('are not woken for the update of gradients that one of them made alone', async () => {
    const [shared, answers] = [await watchSharing(), [false]];
    await decideSharing(() => answers.pop() ?? true); // all that is asked after the gradients
    const backend = await createBackend({ threads: 2 });
    const model = createModel(backend, spec);
    await model.fit(strokes(32), { batchSize: 32 });
    expect(shared).not.toHaveBeenCalled();
    model.evaluate(strokes(32));
    await model.fit(strokes(32), { batchSize: 32 });
    expect(shared).toHaveBeenCalled(); // as ever
    backend.dispose();
  });

  it('give the memory of a disposed model to the next one, as if it were new', async () => {
    const backend = await createBackend({ threads: 2 });
    let made = 0;
    const { Memory } = WebAssembly;
    WebAssembly.Memory = class extends Memory {
      constructor(descriptor: WebAssembly.MemoryDescriptor) {
        super(descriptor);
        made++;
      }
    };
    onTestFinished(() => {
      WebAssembly.Memory = Memory;
    });
    const train = async (size: number) => {
      const model = createModel(backend, spec, { seed: size });
      await model.fit(strokes(size), { batchSize: 32, optimizer: optimizers.adam() });
      const hash = await model.weightsSha256();
      model.dispose();
      return hash;
    };
    const first = await train(64);
    expect(made).toBe(1); // when it knew its data
    await train(40); // a smaller one fits too
    expect(await train(64)).toBe(first);
    expect(made).toBe(1);
    await train(4000);
    expect(made).toBe(2);
    backend.dispose();
  });

  it('end a fit whose model is disposed of between two steps', async () => {
    const backend = await createBackend({ threads: 2 });
    const [doomed, other] = [1, 2].map((seed) => createModel(backend, spec, { seed }));
    let steps = 0;
    const fit = doomed?.fit(strokes(64), {
      epochs: 1e6,
      batchSize: 32,
      onStepEnd: () => {
        steps++;
        doomed.dispose();
      },
    });
    await expect(fit).rejects.toThrow('disposed of');
    expect(steps).toBe(1);
    await other?.fit(strokes(64));
    backend.dispose();
  });

  it('are as many as asked for, the calling thread included', async () => {
    const backend = await createBackend({ threads: 3 });
    expect(backend.threads).toBe(3);
    expect(workers).toHaveLength(2);
    backend.dispose();
  });

  it('are not used by a model that is too small for them, if their number is automatic', async () => {
    const backend = await createBackend({ threads: 'auto' });
    const small = createModel(backend, smallest);
    for (const worker of workers) await worker.terminate(); // whoever needs them fails now
    await small.fit(strokes(32), { batchSize: 32 });
    backend.dispose();
  });

  it('are used by the smallest model if their number is given', async () => {
    const backend = await createBackend({ threads: 2 });
    const small = createModel(backend, smallest);
    for (const worker of workers) await worker.terminate();
    await expect(small.fit(strokes(32), { batchSize: 32 })).rejects.toThrow('a worker ended');
    backend.dispose();
  });

  it('end with the backend', async () => {
    const backend = await createBackend({ threads: 2 });
    const ended = new Promise((resolve) => workers[0]?.once('exit', resolve));
    backend.dispose();
    await ended;
  });

  it('do not keep a script alive that forgets to dispose of them', () => {
    const script = `
      import { createBackend } from 'convlet';
      const backend = await createBackend({ threads: 2 });
      console.log(backend.threads);`;
    const printed = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
      encoding: 'utf8',
    });
    expect(printed.trim()).toBe('2');
  });
});

/**
 * Keeps a worker from its messages, by a team of its own whose leader is another thread.
 * @returns a function that has the leader send it away, so many milliseconds later.
 */
async function delay(worker: Worker | undefined, milliseconds: number): Promise<() => void> {
  const dist = new URL('../../dist/', import.meta.url);
  const module = await WebAssembly.compile(await readFile(new URL('kernels.threads.wasm', dist)));
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  worker?.postMessage({ type: 'attach', team: 1e6, module, memory, control: 0 });
  worker?.postMessage({ type: 'enter', team: 1e6, seen: 0, spin: 0 });
  const code = `
    const { workerData: buffer } = require('node:worker_threads');
    import('${new URL('threads/barrier.js', dist)}').then(({ lead }) => {
      const control = new Int32Array(buffer);
      Atomics.wait(control, ${RELEASED}, 0);
      Atomics.wait(control, ${RELEASED}, 1, ${milliseconds});
      lead(control, -1);
    });`;
  const leader = new Worker(code, { eval: true, workerData: memory.buffer });
  await new Promise((resolve) => leader.once('online', resolve));
  return () => {
    const control = new Int32Array(memory.buffer);
    Atomics.store(control, RELEASED, 1);
    Atomics.notify(control, RELEASED);
  };
}

describe('threads that fail', () => {
  it('a worker that comes late changes no byte', async () => {
    const train = async (threads: number) => {
      const backend = await createBackend({ threads });
      const model = createModel(backend, spec);
      if (threads > 1) (await delay(workers[0], 1200))();
      await model.fit(strokes(101), { epochs: 2, batchSize: 32 });
      const hash = await model.weightsSha256();
      backend.dispose();
      return hash;
    };
    expect(await train(2)).toBe(await train(1));
  });

  it('a call while a worker is late waits for it, and changes neither weights nor figures', async () => {
    await decideSharing(() => true);
    const [known, unknown] = [strokes(37, 3), strokes(9, 4)]; // in step sizes seen before, or not
    const train = async (threads: number) => {
      const backend = await createBackend({ threads });
      const model = createModel(backend, spec);
      await model.fit(strokes(64), { batchSize: 32 });
      model.evaluate(known);
      const weights = model.weights();
      const alone = createModel(await createBackend(), spec);
      alone.setWeights(weights);
      const release = threads > 1 ? await delay(workers[0], 300) : () => {};
      const steps: StepEvent[] = [];
      const fit = model.fit(strokes(64), {
        batchSize: 32,
        onStepEnd: (event) => steps.push(event),
      });
      if (threads > 1) {
        await new Promise((resolve) => setImmediate(resolve));
        expect(steps).toEqual([]); // within the first step
        release(); // soon
        for (const data of [known, unknown]) {
          expect(model.evaluate(data)).toEqual(alone.evaluate(data));
          expect(model.weights()).toEqual(weights);
        }
      }
      await fit;
      const hash = await model.weightsSha256();
      backend.dispose();
      return { steps, hash };
    };
    expect(await train(2)).toEqual(await train(1));
  });

  it('a call that gives up on a late worker leaves fit waiting, and changes no byte', async () => {
    await decideSharing(() => true);
    const train = async (threads: number) => {
      const backend = await createBackend({ threads });
      const model = createModel(backend, spec);
      await model.fit(strokes(64), { batchSize: 32 }); // its phases are defined, and the worker enters at once
      const release = threads > 1 ? await delay(workers[0], 0) : () => {};
      const fit = model.fit(strokes(64), { epochs: 2, batchSize: 32 });
      if (threads > 1) {
        await new Promise((resolve) => setImmediate(resolve));
        expect(() => model.evaluate(strokes(9, 4))).toThrow('every worker to answer, one did not'); // after ten seconds
        release();
      }
      await fit;
      const hash = await model.weightsSha256();
      backend.dispose();
      return hash;
    };
    expect(await train(2)).toBe(await train(1));
  });

  it('a worker that dies soon ends fit with an error, and the model can still predict', async () => {
    await decideSharing(() => true);
    const backend = await createBackend({ threads: 2 });
    const model = createModel(backend, spec);
    await expect(
      model.fit(strokes(64), {
        epochs: 1000,
        batchSize: 32,
        onStepEnd: ({ epoch, step }) => {
          if (epoch === 3 && step === 1) void workers[0]?.terminate();
        },
      }),
    ).rejects.toThrow('a worker ended');
    expect(model.predict(strokes(3).images).shape).toEqual([3, 10]);
    await expect(model.fit(strokes(64))).rejects.toThrow('Create another backend');
    backend.dispose();
  });

  it('a disposed backend no longer trains', async () => {
    const backend = await createBackend({ threads: 2 });
    const model = createModel(backend, spec);
    backend.dispose();
    await expect(model.fit(strokes(64))).rejects.toThrow('disposed');
  });

  it('threads are ready for the next fit after a diverging loss', async () => {
    const backend = await createBackend({ threads: 2 });
    const model = createModel(backend, spec);
    const optimizer = optimizers.sgd({ learningRate: 1e30 });
    await expect(model.fit(strokes(64), { epochs: 5, optimizer })).rejects.toThrow(DivergenceError);
    const fresh = createModel(backend, spec);
    const { epochs } = await fresh.fit(strokes(64), { epochs: 2 });
    expect(epochs).toHaveLength(2);
    backend.dispose();
  });
});
