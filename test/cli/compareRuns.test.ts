/** `convlet compare-runs`: runs in one table and one plot, the best first; what is no run is refused in one line. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolders } from '../support/folder.ts';

const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const folder = temporaryFolders();
const sweep = folder();

function convlet(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], {
    encoding: 'utf8',
    cwd: sweep,
  });
  return { status, stdout, stderr };
}

beforeAll(() => {
  for (const [out, rate] of [
    ['slow', '0.001'],
    ['fast', '0.05'],
  ] as const) {
    const small = ['--train-samples', '1000', '--test-samples', '200', '--epochs', '2', '--quiet'];
    const { status } = convlet('train', ...small, '--learning-rate', rate, '--out', out);
    expect(status).toBe(0);
  }
});

describe('compare-runs', () => {
  it('shows the settings that differ, and the best run first', () => {
    const { status, stdout, stderr } = convlet('compare-runs', 'slow', 'fast');
    expect([status, stderr]).toEqual([0, '']);
    const [head = '', first = '', second = ''] = stdout.split('\n');
    expect(head.split(/ {2,}/)).toEqual([
      'run',
      'optimizer.learningRate',
      'loss',
      'accuracy',
      'top-5 accuracy',
      'macro F1',
      'epochs done',
      'seconds',
    ]);
    expect(first).toMatch(/^fast +0\.05 /);
    expect(second).toMatch(/^slow +0\.001 /);
  });

  it('prints one JSON object a run, with all settings and figures', () => {
    const { stdout } = convlet('compare-runs', 'slow', 'fast', '--json');
    const runs = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(runs.map(({ folder: name }) => name)).toEqual(['fast', 'slow']);
    const { settings, evaluation, seconds } = JSON.parse(
      readFileSync(join(sweep, 'fast/history.json'), 'utf8'),
    );
    const { loss, accuracy } = evaluation;
    expect(runs[0]).toMatchObject({ event: 'run', settings, loss, accuracy, seconds, epochs: 2 });
  });

  it('writes a page with the table and a line for each run', () => {
    const { status } = convlet('compare-runs', 'slow', 'fast', '--out', 'runs.html');
    expect(status).toBe(0);
    const page = readFileSync(join(sweep, 'runs.html'), 'utf8');
    expect(page).toContain('<h1>2 runs</h1>');
    expect(page).toContain('<td>0.05</td>');
    expect(page.match(/<svg/g)?.length).toBeGreaterThanOrEqual(2);
    expect(page).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org)/);
    const again = (...more: string[]) => convlet('compare-runs', 'slow', 'fast', ...more);
    expect(again('--out', 'fast/report.html').stderr).toBe(
      'convlet: fast/report.html: expected a name that is free, got one that is taken. Use another --out, or --overwrite.\n',
    );
    expect(again('--out', 'runs.html', '--overwrite').status).toBe(0);
    expect(again('--out', 'pages/runs.html').status).toBe(0);
  });

  it.each([
    [
      'a folder without a run',
      undefined,
      /^convlet: wrong\/history\.json: expected a file that can be read, got ENOENT\. Check the path\.\n$/,
    ],
    [
      'no JSON',
      '{',
      /^convlet: wrong\/history\.json: expected the history of a run, got "\{" \(.*\)\. Use a whole file\.\n$/,
    ],
    [
      'other JSON',
      '[1]',
      /^convlet: wrong\/history\.json: expected settings, epochs, evaluation and seconds, .*\n$/,
    ],
    [
      'epochs that are none',
      '{"settings":{},"epochs":[{"loss":"x"}],"evaluation":{},"seconds":1}',
      /^convlet: wrong\/history\.json: .*epochs.*\n$/,
    ],
  ])('refuses %s in one line', (_, content, message) => {
    mkdirSync(join(sweep, 'wrong'), { recursive: true });
    if (content !== undefined) writeFileSync(join(sweep, 'wrong/history.json'), content);
    const { status, stdout, stderr } = convlet('compare-runs', 'slow', 'wrong');
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(message);
  });
});
