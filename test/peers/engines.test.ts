/** Same seed, same bytes, on another engine: Node 24 beside the Node that runs this. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';

const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const node24 = fileURLToPath(new URL('node_modules/node/bin/node', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'convlet-engines-'));
afterAll(() => rmSync(folder, { recursive: true }));

function trainedWith(node: string, model: string, out: string): string {
  const args = [
    cli,
    'train',
    '--model',
    model,
    '--epochs',
    '2',
    '--train-samples',
    '2000',
    '--json',
  ];
  const stdout = execFileSync(node, [...args, '--out', join(folder, out)], { encoding: 'utf8' });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '').weightsSha256;
}

it('is another engine', () => {
  expect(execFileSync(node24, ['--version'], { encoding: 'utf8' })).toMatch(/^v24\./);
});

it.each(['reference', 'lenet5'])('%s trains to the same bytes', (model) => {
  const here = trainedWith(process.execPath, model, `${model}-here`);
  expect(here).toMatch(/^[0-9a-f]{64}$/);
  expect(trainedWith(node24, model, `${model}-24`)).toBe(here);
});
