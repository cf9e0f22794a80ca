/** The table of engines tells what is wrong. The engines here are only prepared answers. */
import { describe, expect, it } from 'vitest';
import type { Engine, MissingEngine, Outcome } from './engine.ts';
import { measure, type Plan } from './measure.ts';
import { isAsPromised, type Report, ratioLines, ratios, tableLines, wrongRows } from './report.ts';

const plan: Plan = { epochs: 3, warmUp: 1, rounds: 2 };
const hash = (digit: string) => digit.repeat(64);

function engine(name: string, ...answers: Partial<Outcome>[]): Engine {
  let asked = 0;
  return {
    name,
    settings: [{ place: 'process', threads: 1 }],
    async train(_place, { threads }) {
      const { version = `${name} 1.0`, ...rest } = answers[asked++ % answers.length] ?? {};
      const milliseconds = [99, 10, 20];
      return { version, threads, weightsSha256: hash('a'), milliseconds, ...rest };
    },
    close: async () => {},
  };
}

async function reportOf(engines: (Engine | MissingEngine)[]): Promise<Report> {
  return {
    date: '2026-01-02T03:04:05Z',
    machine: { cpu: 'a processor', cores: 2, platform: 'linux x64', load: 0.5 },
    data: { name: 'digits', sha256: hash('d') },
    plan,
    rows: await measure(engines, plan),
    missing: engines.filter((engine) => 'missing' in engine),
  };
}

describe('the table', () => {
  it('has the times that count, and passes if all weights are the same', async () => {
    const report = await reportOf([engine('Node', {}), engine('Deno', {})]);
    expect(report.rows.map(({ milliseconds }) => milliseconds)).toEqual([
      [10, 20, 10, 20],
      [10, 20, 10, 20],
    ]);
    expect(tableLines(report)).toEqual([
      '2026-01-02  a processor, 2 cores, linux x64',
      'the reference network, seed 1, batch 128, 3 epochs × 2, the first 1 of each training not counted',
      'digits, sha256 dddddddddddddddd',
      '',
      'engine    where    threads  weights           ms an epoch  quickest',
      '────────  ───────  ───────  ────────────────  ───────────  ────────',
      'Node 1.0  process        1  aaaaaaaaaaaaaaaa           15        10  ok',
      'Deno 1.0  process        1  aaaaaaaaaaaaaaaa           15        10  ok',
    ]);
    expect(isAsPromised(report, true, true)).toBe(true);
  });

  it('tells which weights differ', async () => {
    const report = await reportOf([
      engine('Node', {}),
      engine('Bun', { weightsSha256: hash('b') }),
    ]);
    expect(wrongRows(report).map(({ name }) => name)).toEqual(['Bun']);
    expect(tableLines(report).at(-1)).toMatch(/^Bun 1\.0 .* bbbbbbbbbbbbbbbb +15 +10 +differs$/);
    expect(isAsPromised(report, false, false)).toBe(false);
  });

  it.each([
    ['gave other weights the second time', [{}, { weightsSha256: hash('b') }]],
    ['gave nonsense as a hash', [{ weightsSha256: 'nonsense' }]],
    ['trained on 2 threads', [{ threads: 2 }]],
    ['trained 2 epochs', [{ milliseconds: [1, 2] }]],
  ])('counts an engine that %s as failed', async (failed, answers) => {
    const report = await reportOf([engine('Node', {}), engine('Bun', ...answers)]);
    expect(wrongRows(report).map((row) => row.failed)).toEqual([failed]);
    expect(tableLines(report).at(-1)).toContain(`failed: ${failed}`);
  });

  it('tells why an engine failed, and goes on with the others', async () => {
    const broken = {
      ...engine('Bun', {}),
      train: () => Promise.reject(new Error('it does not start')),
    };
    const report = await reportOf([engine('Node', {}), broken, engine('Deno', {})]);
    expect(report.rows.map(({ failed }) => failed)).toEqual([
      undefined,
      'it does not start',
      undefined,
    ]);
    expect(isAsPromised(report, false, false)).toBe(false);
  });

  it('names a missing engine, and fails only if all engines are required', async () => {
    const report = await reportOf([engine('Node', {}), { name: 'Firefox', missing: 'install it' }]);
    expect(tableLines(report).at(-1)).toBe('Firefox: skipped, not here: install it');
    expect(isAsPromised(report, false, false)).toBe(true);
    expect(isAsPromised(report, true, false)).toBe(false);
  });

  it('tells that the machine was busy', async () => {
    const report = await reportOf([engine('Node', {})]);
    const busy = { ...report, machine: { ...report.machine, load: 1 } };
    expect(tableLines(report).join('\n')).not.toContain('busy');
    expect(tableLines(busy).at(-1)).toMatch(/^busy: load 1\.0 on 2 cores/);
  });

  it('fails if nothing was trained', async () => {
    expect(isAsPromised(await reportOf([]), false, false)).toBe(false);
  });
});

describe('Chromium beside Node', () => {
  const slow = [99, 20, 20];

  it('compares the medians on the same number of threads', async () => {
    const report = await reportOf([engine('Node', {}), engine('Chromium', { milliseconds: slow })]);
    expect(ratios(report)).toEqual([{ place: 'process', threads: 1, ratio: 20 / 15, quickest: 2 }]);
    expect(ratioLines(report)).toEqual([
      'not met  1.33 ≤ 1.3  Chromium / Node, threads: 1, process; quickest epochs 2.00',
    ]);
    expect(isAsPromised(report, false, false)).toBe(true);
    expect(isAsPromised(report, false, true)).toBe(false);
  });

  it('is not compared without Node', async () => {
    expect(ratios(await reportOf([engine('Chromium', {})]))).toEqual([]);
  });
});
