/** The bench verifies, formats, saves and compares. No test here depends on a measured time. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type BenchRun,
  type Case,
  caseName,
  cases,
  compareRuns,
  firstShapes,
  formatRun,
  parseRun,
  runCase,
  runMarkdown,
  showComparison,
  showRun,
  Workspace,
} from 'convlet/bench';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { sampleRun as run } from '../support/benchRun.ts';
import { temporaryFolders } from '../support/folder.ts';

const kernelsUrl = new URL('../../dist/kernels.wasm', import.meta.url);
const peakUrl = new URL('../../dist/bench/peak.wasm', import.meta.url);
const BRIEF = { warmup: 0, time: 0, samples: 2 };
const EFFORT = { kernel: BRIEF, plain: BRIEF };
const CLOCK = { resolution: 1e-4, processorTime: undefined };
const temporaryFolder = temporaryFolders();

let workspace: Workspace;
beforeAll(() => {
  workspace = new Workspace(new WebAssembly.Module(readFileSync(kernelsUrl)));
});

/** `y += x` over seven numbers, with an oracle of the test's choosing. @param onCall Is called whenever it runs. */
function tiny(
  expected: (x: number) => number,
  plain: (x: number) => number = (x) => x,
  onCall: () => void = () => {},
): Case {
  return {
    kernel: 'accumulate',
    shape: '7',
    work: { limit: 'memory', flops: 7, bytes: 84 },
    start: 0,
    prepare(workspace) {
      const [x, y, own] = [workspace.uniform(7), workspace.f32(7), new Float32Array(7)];
      return {
        kernel: {
          run() {
            onCall();
            workspace.kernels.accumulate(y.at, x.at, 7, 1, 28);
          },
          results: [y.view],
        },
        plain: {
          run() {
            onCall();
            for (const [i, value] of x.view.entries()) own[i] = (own[i] ?? 0) + plain(value);
          },
          results: [own],
        },
        expected: () => [Float64Array.from(x.view, expected)],
      };
    },
  };
}

describe('a case', () => {
  it('is timed on both sides if it is right', async () => {
    const result = await runCase(
      tiny((x) => x),
      EFFORT,
      workspace,
      CLOCK,
    );
    if ('reason' in result) expect.fail(result.reason);
    for (const timing of [result.timing, result.plain]) {
      expect(timing.samples).toBeGreaterThanOrEqual(2);
      expect(timing.milliseconds).toBeGreaterThan(0);
      expect(timing.spread).toBeGreaterThanOrEqual(0);
    }
  });

  it('takes more calls per sample if they are short, and yet more if the clock is coarse', async () => {
    const batchOf = async (milliseconds: number, resolution: number, pauseAt = 0) => {
      let [now, calls] = [0, 0];
      const clock = vi.spyOn(performance, 'now').mockImplementation(() => now);
      const ticking = tiny(
        (x) => x,
        undefined,
        () => {
          now += ++calls === pauseAt ? 50 : milliseconds;
        },
      );
      const result = await runCase(ticking, EFFORT, workspace, { ...CLOCK, resolution });
      clock.mockRestore();
      if ('reason' in result) expect.fail(result.reason);
      return result.timing.batch;
    };
    expect(await batchOf(1, 1e-4)).toBe(1);
    expect(await batchOf(2 ** -10, 1e-4)).toBe(Math.ceil(0.1 * 2 ** 10));
    expect(await batchOf(2 ** -10, 0.1)).toBe(5 * 2 ** 10);
    expect(await batchOf(2 ** -10, 0.1, 100)).toBe(5 * 2 ** 10); // another program came between
  });

  it('is reported and not timed if it is wrong', async () => {
    const wrong = await runCase(
      tiny((x) => x + 2e-5),
      EFFORT,
      workspace,
      CLOCK,
    );
    expect(wrong).toEqual({
      kernel: 'accumulate',
      shape: '7',
      reason: expect.stringMatching(/^kernel: result 0: at 0: expected -?0\.\d+, got -?0\.\d+$/),
    });
    expect(wrong).not.toHaveProperty('timing');
  });

  it('is reported if its plain JavaScript is wrong, or if it gives no number', async () => {
    const plain = await runCase(
      tiny(
        (x) => x,
        (x) => -x,
      ),
      EFFORT,
      workspace,
      CLOCK,
    );
    expect(plain).toMatchObject({ reason: expect.stringMatching(/^plain JavaScript: result 0/) });
    const nothing = await runCase(
      tiny(() => Number.NaN),
      EFFORT,
      workspace,
      CLOCK,
    );
    expect(nothing).toMatchObject({ reason: expect.stringContaining('expected NaN') });
  });

  it('is wrong if it leaves its output unchanged: outputs start from NaN', async () => {
    const idle: Case = {
      ...tiny(() => 0),
      prepare: (workspace) => {
        const y = workspace.f32(7);
        const side = { run: () => undefined, results: [y.view] };
        return { kernel: side, plain: side, expected: () => [new Float64Array(7)] };
      },
    };
    const { start: _start, ...overwriting } = idle;
    expect(await runCase(overwriting, EFFORT, workspace, CLOCK)).toMatchObject({
      reason: expect.stringContaining('got NaN'),
    });
  });
});

describe('the cases', () => {
  it('have different names', () => {
    const names = cases.map(caseName);
    expect(names.length).toBeGreaterThan(180);
    expect(new Set(names).size).toBe(names.length);
  });

  it('name every kernel that computes tensors', () => {
    const module = new WebAssembly.Module(readFileSync(kernelsUrl));
    const kernels = WebAssembly.Module.exports(module).map(({ name }) => name);
    const measured = new Set<string>(cases.map(({ kernel }) => kernel));
    expect(kernels.filter((name) => !measured.has(name)).toSorted()).toEqual([
      'abiVersion',
      'affineScratchBytes',
      'conv2dScratchBytes',
      'convReluPoolSavedBytes',
      'convReluPoolScratchBytes',
      'denseScratchBytes',
      'gemmScratchBytes',
    ]);
    expect([...measured].filter((name) => !kernels.includes(name))).toEqual([]);
  });

  const isSmall = ({ work }: Case) =>
    work.limit === 'compute' ? work.flops < 3e6 : work.bytes < 300_000;
  const verified = new Set([...cases.filter(isSmall), ...firstShapes(cases)]);
  it.each([...verified].map((entry) => [caseName(entry), entry] as const))(
    '%s agrees with its oracle',
    async (_name, entry) => {
      expect(await runCase(entry, EFFORT, workspace, CLOCK)).not.toHaveProperty('reason');
    },
  );

  it('end on numbers of the size they began with, however often their kernels run', () => {
    // a thousand sums are large, but far from what overflows; numbers that shrink would become subnormal, and slow
    const isOdd = (value: number) =>
      !(Math.abs(value) < 1e7) || (value !== 0 && Math.abs(value) < 1e-30);
    const updating = cases.filter((entry) => entry.start !== undefined && isSmall(entry));
    expect(updating.length).toBeGreaterThan(20);
    const odd = updating.filter((entry) => {
      workspace.reset();
      const { kernel } = entry.prepare(workspace);
      for (const result of kernel.results) result.fill(entry.start ?? 0);
      for (let i = 0; i < 1000; i++) kernel.run();
      return kernel.results.some((result) => Array.from(result).some(isOdd));
    });
    expect(odd.map(caseName)).toEqual([]);
  });
});

describe('peak.wasm', () => {
  it('computes what its comment says, and is not part of the kernels', () => {
    const module = new WebAssembly.Module(readFileSync(peakUrl));
    const memory = new WebAssembly.Memory({ initial: 1 });
    const program = new WebAssembly.Instance(module, { env: { memory } }).exports as Record<
      string,
      (...args: number[]) => number
    >;
    const [operands, sums, block] = [64, 512, 1024];
    new Float32Array(memory.buffer, operands, 16).fill(0.5); // m
    new Float32Array(memory.buffer, operands + 64, 4).set([0.25, 0.75, 1.25, 2]); // x
    /** The vectors that a call has stored, each of which has four equal numbers, with how many it must not touch. */
    const storedBy = (name: string, type: typeof Float32Array | typeof Int32Array) => {
      const stored = new type(memory.buffer, sums, 68).fill(-1);
      if (name === 'read') program.read?.(sums, block, 256, 2);
      else program[name]?.(sums, 3, operands);
      const vectors = Array.from({ length: 17 }, (_, at) => [
        ...stored.subarray(4 * at, 4 * at + 4),
      ]);
      for (const vector of vectors) expect(new Set(vector).size).toBe(1);
      return vectors.map(([first]) => first).filter((value) => value !== -1);
    };
    const rows = (...values: number[]) => values.flatMap((value) => Array(4).fill(value));
    expect(storedBy('multiplyAddOnce', Float32Array)).toEqual(rows(3 * 0.125, 3 * 0.375));
    expect(storedBy('multiplyAddTwice', Float32Array)).toEqual(
      rows(3 * (0.125 + 0.625), 3 * (0.375 + 1)),
    );
    expect(storedBy('multiplyAddTwo', Float32Array)).toEqual(
      rows(3 * 0.125, 3 * 0.375, 3 * 0.625, 3),
    );
    new Int32Array(memory.buffer, block, 64).fill(3);
    expect(storedBy('read', Int32Array)).toEqual([24, 24, 24, 24]); // sixteen vectors, twice
    const kernels = WebAssembly.Module.exports(new WebAssembly.Module(readFileSync(kernelsUrl)));
    expect(kernels.map(({ name }) => name)).not.toContain('multiplyAddOnce');
  });
});

describe('a run', () => {
  const text = (shown: BenchRun) => showRun(shown).replaceAll(/ +/g, ' ');

  it('is shown with rates, shares and ratios, and the meaning of its columns', () => {
    const shown = text(run(0.1));
    expect(shown).toContain('kernels.wasm 0123456789ab, 7,000 bytes');
    expect(shown).toContain('gemmNN 100×100×100 100 µs ±1 % 50 20.0 GFLOP/s 40 % 20.0\n');
    expect(shown).toContain('reference 1 50,000 200 ±1 % 5 10.0 80.0 10.0 80.0 10.0 5 %\n');
    expect(shown).toContain('\n × JS how many times as long');
    expect(shown).toContain('trained on something');
  });

  it('is shown with the cases that were wrong', () => {
    const wrong = [{ kernel: 'relu', shape: '3', reason: 'kernel: at 0: expected 1, got 2' }];
    expect(showRun({ ...run(1), wrong })).toContain('relu 3: kernel: at 0: expected 1, got 2');
  });

  it('is shown as Markdown too', () => {
    const text = runMarkdown({ ...run(0.1), notes: ['a | b'] });
    expect(text).toContain('\n| kernel | shape | median |');
    expect(text).toContain(
      '\n| gemmNN | 100×100×100 | 100 µs | ±1 % | 50 | 20.0 | GFLOP/s | 40 % | 20.0 |\n',
    );
    expect(text).toContain('| reference | 1 | 50,000 |');
    expect(text).toContain('too noisy: no ratio is told');
  });

  it('is read back from its text; any other text is refused', () => {
    expect(parseRun(formatRun(run(1)), 'a')).toEqual(run(1));
    expect(() => parseRun(JSON.stringify({ ...run(1), version: 1 }), 'a')).toThrow(
      /^a: expected a convlet-bench run of version 2, got .* 1/,
    );
    expect(() => parseRun('{"cases": [', 'a')).toThrow(/^a: expected JSON/);
  });
});

describe('a comparison', () => {
  const verdict = (before: BenchRun, after: BenchRun) =>
    compareRuns(before, after).comparisons.find(({ name }) => name.startsWith('gemmNN'));

  it('distinguishes a change from noise, in both directions', () => {
    expect(verdict(run(1), run(0.5))).toMatchObject({ ratio: { value: 2 }, verdict: 'faster' });
    expect(verdict(run(1), run(2))).toMatchObject({ ratio: { value: 0.5 }, verdict: 'slower' });
    expect(verdict(run(1), run(0.97))).toMatchObject({ verdict: 'same' });
    expect(verdict(run(1, 0.09), run(0.8, 0.09))).toMatchObject({ verdict: 'same' });
    // the machine gave 25 of 50 GFLOP/s beside the slow one
    expect(verdict(run(1, 0.01, 25), run(0.5))).toMatchObject({ noise: 1, verdict: 'same' });
  });

  it('holds runs with vectors of different widths against the peak of each', () => {
    const wide = { ...run(0.5, 0.01, 100), wide: true, peak: { ...run(1).peak, rate: 100 } };
    expect(verdict(run(1), wide)).toMatchObject({ verdict: 'faster' });
    expect(showComparison(run(1), wide)).toContain(
      'A has vectors of 128 bits, B of 256: each is held against its own peak',
    );
    expect(showRun(wide)).toContain('100 ±1 % GFLOP/s, f32 multiply and add at 256 bits');
    expect(verdict({ ...run(1), wide: true }, wide)).toMatchObject({ noise: 1, verdict: 'same' });
  });

  it('shows no ratio if the samples of either run scatter too widely', () => {
    expect(verdict(run(1, 0.11), run(0.1))).toMatchObject({
      ratio: { doubt: 'too noisy (A ±11 %)' },
      verdict: 'too noisy',
    });
    const text = showComparison(run(1), run(0.1, 0.3));
    expect(text).toMatch(/gemmNN 100×100×100 +1\.00 ms +100 µs +–, too noisy \(B ±30 %\)$/m);
  });

  it('is shown, with the cases that only one run has', () => {
    const before = { ...run(1), cases: run(1).cases.slice(0, 1) };
    const text = showComparison(before, run(0.5));
    expect(text).toMatch(/gemmNN 100×100×100 +1\.00 ms +500 µs +2\.00× +±6 % +▲/);
    expect(text).toMatch(/fit reference, threads: 1 +200 ms +200 ms +1\.00×/);
    expect(text).toContain('only in B: zero 25');
  });
});

describe('bench:compare', () => {
  const script = fileURLToPath(new URL('../../bench/compare.js', import.meta.url));
  const compare = (...args: string[]) =>
    spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' });

  it('takes folders and files', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'bench.json'), formatRun(run(1)));
    const { status, stdout } = compare(folder, join(folder, 'bench.json'));
    expect(stdout).toMatch(/gemmNN 100×100×100 .* 1\.00×/);
    expect(status).toBe(0);
  });

  it.each([
    [['a.json'], 2, 'Usage: npm run bench:compare'],
    [['missing', 'missing'], 1, 'ENOENT'],
  ])('%j is refused', (args, code, message) => {
    const { status, stdout, stderr } = compare(...args);
    expect([status, stdout]).toEqual([code, '']);
    expect(stderr).toContain(message);
  });
});
