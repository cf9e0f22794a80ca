/** examples/embed/: the kernels without the library come to the same bytes as with it. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createBackend, createModel, namedModels, optimizers } from 'convlet';
import { loadMnist } from 'convlet/node';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const embed = (...names: string[]) => join(root, 'examples/embed', ...names);
const vectors = embed('vectors');
const recipe = JSON.parse(readFileSync(join(vectors, 'recipe.json'), 'utf8'));
const mnist = join(
  dirname(createRequire(import.meta.url).resolve('mnist/package.json')),
  'src/digits',
);

function node(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: root,
    encoding: 'utf8',
  });
  expect([status, stderr]).toEqual([0, '']);
  return stdout;
}
