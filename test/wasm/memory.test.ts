/** Too much memory is refused in one line with the size, before anything is taken; existing models keep working. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createBackend, createModel, layers } from 'convlet';
import { describe, expect, it, onTestFinished } from 'vitest';
import { strokes } from '../support/digits.ts';
import { spec } from '../support/network.ts';

/** A machine that gives no memory above so many pages, until the test ends. @returns what it was asked for. */
function limitPages(most: number): number[] {
  const { Memory } = WebAssembly;
  const asked: number[] = [];
  WebAssembly.Memory = class extends Memory {
    constructor(descriptor: WebAssembly.MemoryDescriptor) {
      asked.push(descriptor.initial);
      if (descriptor.initial > most) throw new RangeError('could not allocate memory');
      super(descriptor);
    }
  };
  onTestFinished(() => {
    WebAssembly.Memory = Memory;
  });
  return asked;
}

describe('too much memory', () => {
  it('is refused before it is requested, if no memory could be so large', async () => {
    const backend = await createBackend();
    const asked = limitPages(65_536);
    const wide = {
      inputShape: [1, 100, 100],
      layers: [layers.flatten(), layers.dense({ units: 60_000 }), layers.softmax()],
    };
    expect(() => createModel(backend, wide)).toThrow(
      /^memory: expected to need at most the 4,096 MiB that WebAssembly can address, got [\d,]+ MiB: .*[\d,]+ MiB for parameters, gradients and optimizer, .*\. Use a smaller batch, network or data set\.$/,
    );
    expect(asked).toEqual([]);
    backend.dispose();
  });

  it.each([1, 2])('leaves the model unchanged, on %i threads', async (threads) => {
    const backend = await createBackend({ threads });
    const model = createModel(backend, spec);
    await model.fit(strokes(50), { batchSize: 10 });
    const before = await model.weightsSha256();
    limitPages(model.memoryBytes / 65_536);
    await expect(model.fit(strokes(50_000))).rejects.toThrow(
      /^memory: expected to need at most what this machine gives, got \d+ MiB\./,
    );
    expect(await model.weightsSha256()).toBe(before);
    const { epochs } = await model.fit(strokes(50), { batchSize: 10 });
    expect(epochs).toHaveLength(1);
    backend.dispose();
  });
});

describe('the operations of a backend with threads', () => {
  it('give the same bytes in a shared memory, which is replaced when it is too small', async () => {
    const [one, two] = [await createBackend(), await createBackend({ threads: 2 })];
    for (const size of [2, 300, 40]) {
      const data = Float32Array.from({ length: size * size }, (_, i) => (i % 17) / 7 - 1);
      const matrix = { shape: [size, size], data };
      const options = { transposeA: true, transposeB: true };
      const expected = one.ops.matmul(matrix, matrix, options);
      expect(two.ops.matmul(matrix, matrix, options)).toEqual(expected);
      expect(expected.data.buffer).toBeInstanceOf(ArrayBuffer);
    }
    two.dispose();
  });

  it("run beside a model too small for threads under 'auto'", async () => {
    const backend = await createBackend({ threads: 'auto' });
    const model = createModel(backend, spec);
    const alone = createModel(await createBackend(), spec);
    for (const each of [model, alone]) await each.fit(strokes(50), { batchSize: 5 });
    expect(await model.weightsSha256()).toBe(await alone.weightsSha256());
    expect(model.predict(strokes(3).images)).toEqual(alone.predict(strokes(3).images));
    backend.dispose();
  });
});

describe('a process that may not have the memory', () => {
  /** Node reserves some 10 GB of addresses for each memory of WebAssembly. */
  const run = (script: string) =>
    spawnSync(
      'sh',
      [
        '-c',
        'ulimit -v 6000000; exec "$0" "$@"',
        process.execPath,
        '--input-type=module',
        '--eval',
        script,
      ],
      { cwd: fileURLToPath(new URL('../..', import.meta.url)), encoding: 'utf8' },
    );

  it.skipIf(process.platform !== 'linux' || run('').status !== 0)(
    'gets an error with the size, and lives',
    () => {
      const { stdout, stderr } = run(`
        import { createBackend } from 'convlet';
        await createBackend().catch(({ name, message }) => console.log(name + ': ' + message));`);
      expect([stdout, stderr]).toEqual([
        'RangeError: memory: expected to need at most what this machine gives, got 1 MiB. Use a smaller batch, network or data set.\n',
        '',
      ]);
    },
  );
});

describe('fifty calls of fit', () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage: () => void = runInNewContext('gc');
  const measure = () => {
    collectGarbage();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };

  it.each([1, 2])('of one model take no more memory than three, on %i threads', async (threads) => {
    const backend = await createBackend({ threads });
    const model = createModel(backend, spec);
    const validationData = strokes(20, 3);
    const fit = () => model.fit(strokes(64), { batchSize: 32, validationData });
    for (let i = 0; i < 3; i++) await fit();
    const asked = limitPages(65_536);
    const [bytes, before] = [model.memoryBytes, measure()];
    for (let i = 3; i < 50; i++) await fit();
    expect(asked).toEqual([]);
    expect(model.memoryBytes).toBe(bytes);
    await expect.poll(() => measure() - before).toBeLessThan(500_000); // once what the compiler left is collected
    backend.dispose();
  });
});
