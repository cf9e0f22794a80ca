/** The bench of the peers, in small: every peer is verified, and a peer with other results is not timed. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';

interface Row {
  readonly key: string;
  readonly samples: readonly number[];
  readonly unavailable?: string;
  readonly failed?: string;
  readonly verifiedSteps?: number;
  readonly lossDifference?: number;
}

const path = (file: string) => fileURLToPath(new URL(`../../bench/peers/${file}`, import.meta.url));
const out = mkdtempSync(join(tmpdir(), 'convlet-bench-'));
afterAll(() => rmSync(out, { recursive: true }));

it('verifies and times Convlet, C++ and TensorFlow.js', () => {
  const json = join(out, 'bench.json');
  const svg = join(out, 'bench.svg');
  const peers = 'convlet-1,cpp,tfjs-patched,tfjs-wasm';
  const args = [
    '--quick',
    '--networks',
    'reference',
    '--only',
    peers,
    '--json',
    json,
    '--svg',
    svg,
  ];
  const table = execFileSync(process.execPath, [path('bench.js'), ...args], { encoding: 'utf8' });
  expect(table).toMatch(/^Convlet .* scaled from 10 batches/m);
  expect(table).toMatch(/^TensorFlow\.js wasm: fails: .*Conv2DBackpropFilter/m);
  expect(readFileSync(svg, 'utf8')).toMatch(/^<svg [^>]*xmlns=/);

  const rows: Row[] = JSON.parse(readFileSync(json, 'utf8')).networks.reference;
  for (const key of ['convlet-1', 'tfjs-patched'])
    expect(rows.map((row) => row.key)).toContain(key);
  for (const row of rows.filter(({ key }) => key !== 'tfjs-wasm')) {
    if (row.unavailable !== undefined) {
      console.log(`skipped ${row.key}: ${row.unavailable}`);
      expect(row.key).toMatch(/^cpp/);
      continue;
    }
    expect(row.failed, row.key).toBeUndefined();
    expect(row.verifiedSteps, row.key).toBeGreaterThanOrEqual(3);
    expect(row.lossDifference, row.key).toBeLessThanOrEqual(1e-5);
    expect(row.samples, row.key).toHaveLength(1);
  }
});

it('does not time a peer whose losses are wrong, missing or no numbers', async () => {
  const { measure } = await import(path('measure.js'));
  const peer = (key: string, losses: string) => ({
    key,
    name: key,
    epochs: 1,
    command: [
      process.execPath,
      '-e',
      `console.log('{"version":"1"}');
       require('node:readline').createInterface({ input: process.stdin }).on('line', (line) =>
         console.log(line.startsWith('verify') ? '{"losses":${losses}}' : '{"ms":[7]}'));`,
    ],
  });
  const peers = [
    peer('same', '[2,1]'),
    peer('other', '[2,1.0001]'),
    peer('none', '[]'),
    peer('not numbers', '[null,"NaN"]'),
    { key: 'gone', name: 'gone', epochs: 1, command: [process.execPath, '-e', '0'] },
  ];
  const work = { losses: [2, 1], tolerance: 1e-5, stepsOfEpoch: 4, stepsTimed: 2 };
  const rows: Row[] = await measure(peers, work, { rounds: 3, onRow: () => {} });
  expect(rows.map(({ samples }) => samples)).toEqual([[14, 14, 14], [], [], [], []]);
  expect(rows.slice(1, 4).every(({ failed }) => failed?.startsWith('its losses are off by'))).toBe(
    true,
  );
  expect(rows[4]?.unavailable).toBe('it ended without a word');
});
