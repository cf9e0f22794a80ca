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

function trainedWith(node: string, model: string, optimizer: string, out: string): string {
  const args = [
    cli,
    'train',
    '--model',
    model,
    '--optimizer',
    optimizer,
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

it.each([
  ['reference', 'sgd'],
  ['lenet5', 'sgd'],
  ['reference', 'nesterov'],
  ['reference', 'adamw'],
  ['lenet5', 'adam'],
  ['reference', 'rmsprop'],
])('%s trains to the same bytes with %s', (model, optimizer) => {
  const name = `${model}-${optimizer}`;
  const here = trainedWith(process.execPath, model, optimizer, `${name}-here`);
  expect(here).toMatch(/^[0-9a-f]{64}$/);
  expect(trainedWith(node24, model, optimizer, `${name}-24`)).toBe(here);
});
