/**
 * Whatever a thread does, `fit` ends with an error of ours and does not hang, and another backend works. A model of which a
 * kernel failed half-way is not computed with.
 */
import { type Backend, createBackend, createModel, type Model } from 'convlet';
import { createWorkerBackend } from 'convlet/worker';
import { describe, expect, it, onTestFinished } from 'vitest';
import { strokes } from '../support/digits.ts';
import { failingThreads, waysToFail } from '../support/failingThreads.ts';
import { spec, useBackend } from '../support/network.ts';
import { decideSharing } from '../support/sharing.ts';

const backend = useBackend();
const data = strokes(64);
const options = { epochs: 3, batchSize: 32 };
/** As many steps as it takes until a helper, too, has come to a task of each kind. */
const long = { ...options, epochs: 10_000 };

async function failingBackend(given: Parameters<typeof failingThreads>[0], size: number) {
  const threads = failingThreads(given);
  const made = await createBackend({ threads: size });
  onTestFinished(() => made.dispose());
  expect(threads).toHaveLength(size - 1);
  return { made, threads };
}

async function expectToTrain(made: Backend): Promise<void> {
  expect((await createModel(made, spec).fit(data, options)).epochs).toHaveLength(3);
}

describe.each(waysToFail)('a helper that %s', (way) => {
  it.each(['gatherU8', 'sgd'])('in %s ends fit, and only its backend is lost', async (kernel) => {
    await decideSharing(() => true);
    const { made } = await failingBackend({ way, kernel }, 3);
    const model = createModel(made, spec);
    const lost =
      /^threads: expected 3 threads, but a worker ended \(.*\)\. Create another backend\.$/;
    await expect(model.fit(data, long)).rejects.toThrow(lost);
    await expect(createModel(made, spec).fit(data)).rejects.toThrow('but a worker ended');
    await expectToTrain(backend());
  });

  it('while nothing is asked of it ends the next fit', async () => {
    const { made, threads } = await failingBackend({ way }, 2);
    await expectToTrain(made);
    const exit = new Promise((resolve) => threads[0]?.once('exit', resolve));
    threads[0]?.postMessage('fail');
    await exit;
    await expect(createModel(made, spec).fit(data)).rejects.toThrow('a worker ended');
  });

  it('as a trainer ends every call', async () => {
    const threads = failingThreads({ way });
    const made = await createWorkerBackend();
    onTestFinished(() => made.dispose());
    const model = await made.createModel(spec);
    let isTold = false;
    const fit = model.fit(data, {
      epochs: 1e6,
      onEpochEnd: () => {
        if (!isTold) threads[0]?.postMessage('fail');
        isTold = true;
      },
    });
    await expect(fit).rejects.toThrow(/expected a live backend, got one whose worker ended/);
    await expect(model.weights()).rejects.toThrow('Create another');
  });
});

describe('a model of which a kernel failed half-way', () => {
  /** Until the test ends, a kernel of new programs on this thread traps when it is called for the nth time. */
  function trapIn(kernel: string, call: number): void {
    const { Instance } = WebAssembly;
    let calls = 0;
    WebAssembly.Instance = class {
      readonly exports: WebAssembly.Exports;
      constructor(...given: ConstructorParameters<typeof Instance>) {
        const { exports } = new Instance(...given);
        const plain = exports[kernel] as (...args: readonly unknown[]) => unknown;
        const trapping = (...args: readonly unknown[]) => {
          if (++calls === call) throw new WebAssembly.RuntimeError('unreachable');
          return plain(...args);
        };
        this.exports = { ...exports, [kernel]: trapping };
      }
    };
    onTestFinished(() => {
      WebAssembly.Instance = Instance;
    });
  }

  const calls: readonly [string, (model: Model) => unknown][] = [
    ['fit', (model) => model.fit(data)],
    ['evaluate', (model) => model.evaluate(data)],
    ['predict', (model) => model.predict(data.images)],
    ['weights', (model) => model.weights()],
    ['weightsSha256', (model) => model.weightsSha256()],
    ['setWeights', (model) => model.setWeights(new Map())],
  ];

  it.each(['sgd', 'gatherU8'])(
    'in %s is refused by every call, and others go on',
    async (kernel) => {
      trapIn(kernel, 3);
      const made = await createBackend();
      const model = createModel(made, spec);
      const fit = model.fit(data, options);
      await expect(fit).rejects.toThrow(
        'internal: a kernel failed (unreachable). Create another model, and report this.',
      );
      await expect(fit).rejects.toMatchObject({ cause: { name: 'RuntimeError' } });
      for (const [name, run] of calls) {
        await expect(async () => await run(model)).rejects.toThrow(
          `${name}: expected a live model, got one of which a computation failed half-way. Create another.`,
        );
      }
      await expectToTrain(made);
      model.dispose();
      made.dispose();
    },
  );

  it.each(['throws', 'traps'] as const)('in a helper that %s is refused too', async (way) => {
    await decideSharing(() => true);
    const { made } = await failingBackend({ way, kernel: 'sgd' }, 2);
    const model = createModel(made, spec);
    await expect(model.fit(data, long)).rejects.toThrow('but a worker ended');
    expect(() => model.weights()).toThrow('failed half-way');
  });
});
