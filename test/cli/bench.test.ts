/** `convlet bench` as its users run it. No test here depends on a measured time. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cases as allCases, type BenchRun, caseName, parseRun } from 'convlet/bench';
import { describe, expect, it } from 'vitest';
import { unfitEngine } from '../../src/host/nodeWide.ts';
import { temporaryFolders } from '../support/folder.ts';

const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const folder = temporaryFolders()();
const one = ['--filter', '^softmaxCrossEntropy 16×10$'];

function bench(...args: string[]) {
  return spawnSync(process.execPath, [cli, 'bench', ...args], { cwd: folder, encoding: 'utf8' });
}
const saved = (out: string): BenchRun =>
  parseRun(readFileSync(join(folder, out, 'bench.json'), 'utf8'), out);

describe('bench', () => {
  const first = bench(...one, '--out', 'a');

  it('prints the table on stdout with its columns explained, and progress on stderr', () => {
    expect(first.status).toBe(0);
    expect(first.stdout).toMatch(/^machine .*\nkernels .*\npeak .*GFLOP\/s.*\nreads .*\nclock /);
    expect(first.stdout).toMatch(/\nsoftmaxCrossEntropy +16×10 /);
    expect(first.stdout).toMatch(/\n {2}spread +median absolute deviation/);
    expect(first.stdout).toMatch(/; written: a\/report\.html\n$/);
    expect(first.stderr).toMatch(/^1 kernel in 1 case, .*\n1\/1 softmaxCrossEntropy 16×10\n$/);
  });

  it('leaves its measurements and a report, and nothing else', () => {
    expect(readdirSync(join(folder, 'a')).sort()).toEqual(['bench.json', 'report.html']);
    const run = saved('a');
    expect(run.cases.map(caseName)).toEqual(['softmaxCrossEntropy 16×10']);
    expect(run.training).toEqual([]);
    const [result] = run.cases;
    expect(result?.timing.samples).toBeGreaterThanOrEqual(5);
    expect(result?.processor).toBeGreaterThan(0);
    expect(run.machine.runtime).toMatch(/^Node \d/);
    const report = readFileSync(join(folder, 'a/report.html'), 'utf8');
    expect(report).toContain('Beside plain JavaScript');
    expect(readdirSync(folder)).toEqual(['a']);
  });

  it('does not overwrite a run without --overwrite', () => {
    const { status, stdout, stderr } = bench(...one, '--out', 'a');
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toContain('got one with report.html, bench.json. Use another --out');
    expect(bench(...one, '--out', 'a', '--overwrite', '--quiet').status).toBe(0);
  });

  it('prints JSON lines, of which the last is a summary', () => {
    const { status, stdout } = bench(...one, '--out', 'json', '--json');
    expect(status).toBe(0);
    const [result, done, ...rest] = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(rest).toEqual([]);
    const { event, ratio, gflops, gbps, ...measured } = result;
    expect(event).toBe('case');
    const { work, timing } = measured;
    const amount = work.limit === 'compute' ? work.flops : work.bytes;
    expect(work.limit === 'compute' ? gflops : gbps).toBe(amount / timing.milliseconds / 1e6);
    expect([gflops, gbps].filter((rate) => rate !== undefined)).toHaveLength(1);
    expect(measured).toEqual(saved('json').cases[0]);
    if (ratio !== null) {
      expect(ratio).toBe(measured.plain.milliseconds / measured.timing.milliseconds);
    }
    expect(done).toMatchObject({ event: 'done', cases: 1, wrong: 0, training: 0, out: 'json' });
    expect(done.peak.rate).toBeGreaterThan(0);
  });

  it('lists the cases that a filter chooses, and measures nothing', () => {
    const { status, stdout, stderr } = bench('--list', '--filter', '^softmaxCrossEntropy|^fit ref');
    expect([status, stderr]).toEqual([0, '']);
    const names = stdout.trim().split('\n');
    expect(names).toContain('softmaxCrossEntropy 16×10');
    expect(names.at(-1)).toBe('fit reference');
    const lines = bench('--list', '--filter', '^fit ref', '--json').stdout;
    expect(lines).toBe('{"event":"listed","name":"fit reference"}\n');
    expect(readdirSync(folder)).not.toContain('runs');
  });

  it('trains on one thread and on the number of --threads', () => {
    const filter = ['--filter', '^fit reference$', '--threads', '2'];
    expect(bench(...filter, '--out', 'fit', '--quiet').status).toBe(0);
    const { training, cases } = saved('fit');
    expect(cases).toEqual([]);
    expect(training.map(({ network, threads }) => [network, threads])).toEqual([
      ['reference', 1],
      ['reference', 2],
    ]);
    expect(Object.keys(training[0]?.parts ?? {})).toHaveLength(5);
  });

  it.each([
    [
      ['--filter', 'no such case'],
      '--filter: expected the name of a case, got no such case, which none has. Run convlet bench --list to see all names.\n',
    ],
    [
      ['--filter', '('],
      '--filter: expected a regular expression, got "(". Put a backslash before a sign that means itself, as in \\(.\n',
    ],
    [['--quick', '--full'], 'expected --quick or --full, got both'],
    [['--threads', '0'], '--threads: expected a whole number from 1 to 8'],
    [['--fast'], "unknown option '--fast'"],
  ])('%j is wrong usage', (args, message) => {
    const { status, stdout, stderr } = bench(...args, '--out', 'never');
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
    expect(existsSync(join(folder, 'never'))).toBe(false);
  });

  it.skipIf(unfitEngine() === undefined)('--wide is told by its own name if it cannot be', () => {
    for (const command of ['bench', 'train']) {
      const args = [cli, command, '--wide', '--out', 'never'];
      const { status, stderr } = spawnSync(process.execPath, args, {
        cwd: folder,
        encoding: 'utf8',
      });
      expect(stderr).toMatch(
        /^convlet: --wide: expected Node 24 or newer on x64, got .*\. Leave it out: the weights are the same\.\n$/,
      );
      expect(status).toBe(2);
    }
    expect(existsSync(join(folder, 'never'))).toBe(false);
  });

  it('keeps its measurements if it is stopped', async () => {
    const child = spawn(process.execPath, [cli, 'bench', '--json', '--out', 'stopped'], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let stdout = '';
    child.stdout.on('data', (data) => {
      stdout += data;
      if (!child.killed) child.kill('SIGINT');
    });
    const code = await new Promise((resolve) => child.once('close', resolve));
    expect(code).toBe(130);
    const { cases } = saved('stopped');
    expect(cases.length).toBeGreaterThanOrEqual(1);
    expect(cases.length).toBeLessThan(allCases.length);
    expect(stdout).toContain('"event":"done"');
  });
});
