/**
 * `npm run fuzz`: the tests of test/fuzz with more cases, or one case again.
 *
 *   npm run fuzz -- --runs 10000                              10,000 cases of each target
 *   npm run fuzz -- --target idx --runs 1000000 --seed 7      of one, other cases
 *   npm run fuzz -- --target idx --seed 7 --path 123:4        the case that a failure names
 *   npm run fuzz -- --target guards --runs 100                so many sizes of each kernel, between guards
 *   npm run fuzz -- --target differential --runs 100          random networks on 1, 2, 3 threads, and in parts
 *   npm run fuzz -- --target oracle --runs 1000               random networks against double precision
 */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { optionsOf } from './options.js';

const values = optionsOf({
  runs: { type: 'string', default: '10000' },
  target: { type: 'string' },
  seed: { type: 'string', default: '1' },
  path: { type: 'string' },
});
const [runs, seed] = [values.runs, values.seed].map(Number);
if (!(Number.isInteger(runs) && runs > 0 && Number.isInteger(seed))) {
  process.stderr.write('fuzz: expected --runs and --seed as whole numbers.\n');
  process.exit(2);
}
const files = values.target === 'oracle' ? 'test/model/oracle.test.ts' : 'test/fuzz';
const vitest = createRequire(import.meta.url).resolve('vitest/package.json');
const { status } = spawnSync(
  process.execPath,
  [
    join(dirname(vitest), 'vitest.mjs'),
    'run',
    files,
    '--testTimeout=0',
    '--disable-console-intercept',
  ],
  {
    stdio: 'inherit',
    env: { ...process.env, CONVLET_FUZZ: JSON.stringify({ ...values, runs, seed }) },
  },
);
process.exit(status ?? 1);
