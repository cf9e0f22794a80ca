/** The bench verifies, formats, saves and compares; nothing here rests on how long anything took. */
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type BenchRun,
  type Case,
  caseName,
  cases,
  compareRuns,
  loadRun,
  runCase,
  saveRun,
  showComparison,
  showRun,
  Workspace,
} from '../../dist/bench/index.js';
import { temporaryFolders } from '../support/folder.ts';

const kernelsUrl = new URL('../../dist/kernels.wasm', import.meta.url);
const peakUrl = new URL('../../dist/bench/peak.wasm', import.meta.url);
const BRIEF = { warmup: 0, time: 0, samples: 2 };
const EFFORT = { kernel: BRIEF, plain: BRIEF };
const temporaryFolder = temporaryFolders();

let workspace: Workspace;
beforeAll(() => {
  workspace = new Workspace(new WebAssembly.Module(readFileSync(kernelsUrl)));
});

/** `y += x` over seven numbers, with an oracle of the test's choosing. */
function tiny(expected: (x: number) => number, plain: (x: number) => number = (x) => x): Case {
  return {
    kernel: 'accumulate',
    shape: '7',
    work: { bytes: 84 },
    adds: true,
    prepare(workspace) {
      const [x, y, own] = [workspace.uniform(7), workspace.f32(7), new Float32Array(7)];
      return {
        kernel: {
          run: () => workspace.kernels.accumulate(y.at, x.at, 7, 1, 28),
          results: [y.view],
        },
        plain: {
          run() {
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
  it('that is right is timed on both sides', async () => {
    const result = await runCase(
      tiny((x) => x),
      EFFORT,
      workspace,
    );
    if ('reason' in result) expect.fail(result.reason);
    for (const timing of [result.timing, result.plain]) {
      expect(timing.samples).toBeGreaterThanOrEqual(2);
      expect(timing.milliseconds).toBeGreaterThan(0);
      expect(timing.spread).toBeGreaterThanOrEqual(0);
    }
    expect(result.timing.batch).toBeGreaterThan(1); // seven numbers take less than 10 µs
  });

  it('that is wrong is told and not timed', async () => {
    const wrong = await runCase(
      tiny((x) => x + 2e-5),
      EFFORT,
      workspace,
    );
    expect(wrong).toEqual({
      kernel: 'accumulate',
      shape: '7',
      reason: expect.stringMatching(/^kernel: result 0: at 0: expected -?0\.\d+, got -?0\.\d+$/),
    });
    expect(wrong).not.toHaveProperty('timing');
  });

  it('whose plain JavaScript is wrong, or that gives no number, is told too', async () => {
    const plain = await runCase(
      tiny(
        (x) => x,
        (x) => -x,
      ),
      EFFORT,
      workspace,
    );
    expect(plain).toMatchObject({ reason: expect.stringMatching(/^plain JavaScript: result 0/) });
    const nothing = await runCase(
      tiny(() => Number.NaN),
      EFFORT,
      workspace,
    );
    expect(nothing).toMatchObject({ reason: expect.stringContaining('expected NaN') });
  });

  it('that leaves its output as it was is wrong: outputs start from NaN', async () => {
    const idle: Case = {
      ...tiny(() => 0),
      prepare: (workspace) => {
        const y = workspace.f32(7);
        const side = { run: () => undefined, results: [y.view] };
        return { kernel: side, plain: side, expected: () => [new Float64Array(7)] };
      },
    };
    const { adds: _adds, ...overwriting } = idle;
    expect(await runCase(overwriting, EFFORT, workspace)).toMatchObject({
      reason: expect.stringContaining('got NaN'),
    });
  });
});

describe('the cases', () => {
  it('have names of their own', () => {
    const names = cases.map(caseName);
    expect(names.length).toBeGreaterThan(80);
    expect(new Set(names).size).toBe(names.length);
  });

  const small = cases.filter(({ work }) =>
    'flops' in work ? work.flops < 3e6 : work.bytes < 300_000,
  );
  it.each(small.map((entry) => [caseName(entry), entry] as const))(
    '%s agrees with its oracle',
    async (_name, entry) => {
      expect(await runCase(entry, EFFORT, workspace)).not.toHaveProperty('reason');
    },
  );
});

describe('peak.wasm', () => {
  it('computes what its comment says, apart from the kernels', () => {
    const module = new WebAssembly.Module(readFileSync(peakUrl));
    const memory = new WebAssembly.Memory({ initial: 1 });
    const program = new WebAssembly.Instance(module, { env: { memory } }).exports as Record<
      string,
      (...args: number[]) => number
    >;
    new Float32Array(memory.buffer, 64, 16).fill(0.5); // m
    new Float32Array(memory.buffer, 128, 8).fill(0.25); // x of the first tile
    new Float32Array(memory.buffer, 160, 8).fill(0.75); // and of the second
    // lane 0 of eight sums
    expect(program.multiplyAddOnce?.(3, 64)).toBe(3 * 8 * 0.125);
    expect(program.multiplyAddTwice?.(3, 64)).toBe(3 * 8 * (0.125 + 0.375));
    new Int32Array(memory.buffer, 1024, 64).fill(3);
    expect(program.read?.(1024, 256, 2)).toBe(2 * 16 * 3); // lane 0 of sixteen vectors, twice
    const kernels = WebAssembly.Module.exports(new WebAssembly.Module(readFileSync(kernelsUrl)));
    expect(kernels.map(({ name }) => name)).not.toContain('multiplyAddOnce');
  });
});

const steady = { spread: 0.01, samples: 50, batch: 1 };
const limit = { spread: 0.01, readings: 9 };

function run(milliseconds: number, spread = 0.01, peakBeside = 50): BenchRun {
  return {
    format: 'convlet-bench',
    version: 1,
    date: '2026-01-02T03:04:05.000Z',
    machine: {
      cpu: 'Processor',
      cores: 2,
      platform: 'linux x64',
      runtime: 'Node 20.20.0',
      v8: '11.3',
      kernelsSha256: '0123456789abcdef',
      kernelsBytes: 7000,
    },
    timerResolution: 5e-5,
    peak: { rate: 50, ...limit },
    bandwidths: [{ bytes: 16_384, rate: 100, ...limit }],
    cases: [
      {
        kernel: 'gemmNN',
        shape: '100×100×100',
        work: { flops: 2e6 },
        timing: { ...steady, milliseconds, spread },
        plain: { ...steady, milliseconds: 2 },
        peakBeside,
      },
      {
        kernel: 'zero',
        shape: '25',
        work: { bytes: 100 },
        timing: { ...steady, milliseconds: 2e-6 },
        plain: { ...steady, milliseconds: 2e-6, samples: 1 },
        peakBeside: 50,
        bandwidth: { rate: 100, ...limit },
      },
    ],
    wrong: [],
    training: [
      {
        network: 'reference',
        threads: 1,
        images: 10_000,
        milliseconds: 200,
        spread: 0.01,
        samples: 5,
        parts: { gather: 10, forward: 80, loss: 10, backward: 80, update: 10 },
        partsSpread: 0.01,
      },
    ],
    notes: ['trained on something'],
  };
}

describe('a run', () => {
  it('is shown with rates, shares, ratios and doubts', () => {
    const text = showRun(run(0.1)).replaceAll(/ +/g, ' ');
    expect(text).toContain('kernels.wasm 0123456789ab, 7,000 bytes');
    expect(text).toContain('gemmNN 100×100×100 100 µs ±1 % 50 20.0 GFLOP/s 40 % 20.0\n');
    expect(text).toContain('zero 25 2.00 ns ±1 % 50 50.0 GB/s 50 % 1.00~\n'); // one sample of JavaScript
    expect(text).toContain('reference 1 50,000 200 ±1 % 5 10.0 80.0 10.0 80.0 10.0 10.0 5 %\n');
    expect(text).toContain('trained on something');
  });

  it('doubts what a neighbour may have slowed', () => {
    const text = showRun(run(0.1, 0.01, 40)).replaceAll(/ +/g, ' ');
    expect(text).toContain('gemmNN 100×100×100 100 µs ±1 % 50 20.0 GFLOP/s 40 %~ 20.0~\n');
  });

  it('is shown with what was wrong', () => {
    const wrong = [{ kernel: 'relu', shape: '3', reason: 'kernel: at 0: expected 1, got 2' }];
    expect(showRun({ ...run(1), wrong })).toContain('relu 3: kernel: at 0: expected 1, got 2');
  });

  it('comes back from a file, and nothing else does', async () => {
    const path = join(temporaryFolder(), 'run.json');
    await saveRun(path, run(1));
    expect(await loadRun(path)).toEqual(run(1));
    writeFileSync(path, JSON.stringify({ ...run(1), version: 2 }));
    await expect(loadRun(path)).rejects.toThrow(
      /expected a convlet-bench run of version 1, got .* 2/,
    );
    writeFileSync(path, '{"cases": [');
    await expect(loadRun(path)).rejects.toThrow(/expected JSON/);
  });
});

describe('a comparison', () => {
  const verdict = (before: BenchRun, after: BenchRun) =>
    compareRuns(before, after).comparisons.find(({ name }) => name.startsWith('gemmNN'));

  it('tells a change from noise, both ways', () => {
    expect(verdict(run(1), run(0.5))).toMatchObject({ ratio: 2, verdict: 'faster' });
    expect(verdict(run(1), run(2))).toMatchObject({ ratio: 0.5, verdict: 'slower' });
    expect(verdict(run(1), run(0.97))).toMatchObject({ verdict: 'same' });
    expect(verdict(run(1, 0.3), run(0.5, 0.3))).toMatchObject({ verdict: 'same' });
    // the machine gave 25 of 50 GFLOP/s beside the slow one
    expect(verdict(run(1, 0.01, 25), run(0.5))).toMatchObject({ noise: 1, verdict: 'same' });
  });

  it('is shown, with what only one run has', () => {
    const before = { ...run(1), cases: run(1).cases.slice(0, 1) };
    const text = showComparison(before, run(0.5));
    expect(text).toMatch(/gemmNN 100×100×100 +1\.00 ms +500 µs +2\.00× +±6 % +▲/);
    expect(text).toMatch(/fit reference, threads: 1 +200 ms +200 ms +1\.00×/);
    expect(text).toContain('only in B: zero 25');
  });
});

describe('the commands', () => {
  const script = (name: string) => fileURLToPath(new URL(`../../bench/${name}`, import.meta.url));

  it('bench measures what is asked for and saves it; bench:compare reads it', () => {
    const path = join(temporaryFolder(), 'a.json');
    const args = ['--quick', '--only', '^softmaxCrossEntropy 16×10$', '--json', path];
    const table = execFileSync(process.execPath, [script('run.js'), ...args], { encoding: 'utf8' });
    expect(table).toMatch(/^machine .*\nkernels .*\npeak .*GFLOP\/s/);
    expect(table).toMatch(/\nsoftmaxCrossEntropy +16×10 /);
    const saved = JSON.parse(readFileSync(path, 'utf8')) as BenchRun;
    expect(saved.cases.map(caseName)).toEqual(['softmaxCrossEntropy 16×10']);
    expect(saved.training).toEqual([]);
    const compared = execFileSync(process.execPath, [script('compare.js'), path, path], {
      encoding: 'utf8',
    });
    expect(compared).toMatch(/softmaxCrossEntropy 16×10 .* 1\.00×/);
  });

  it.each([
    ['run.js', ['--only', 'no such case'], 'expected the name of a case'],
    ['run.js', ['--only', '('], 'Usage: npm run bench'],
    ['run.js', ['--fast'], 'Usage: npm run bench'],
    ['compare.js', ['a.json'], 'Usage: npm run bench:compare'],
  ])('%s %j is wrong usage', (name, args, message) => {
    const { status, stderr, stdout } = spawnSync(process.execPath, [script(name), ...args], {
      encoding: 'utf8',
    });
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
  });
});
