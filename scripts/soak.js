/**
 * `npm run soak`: the test of test/soak for as long as is asked, in Node and in Chromium, with the growth an hour after a third of it.
 *
 *   npm run soak -- --minutes 30
 */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { optionsOf } from './options.js';

const values = optionsOf({ minutes: { type: 'string', default: '30' } });
const minutes = Number(values.minutes);
if (!(minutes > 0)) {
  process.stderr.write('soak: expected --minutes as a number above 0.\n');
  process.exit(2);
}
const vitest = createRequire(import.meta.url).resolve('vitest/package.json');
const { status } = spawnSync(
  process.execPath,
  [
    join(dirname(vitest), 'vitest.mjs'),
    'run',
    'test/soak',
    '--testTimeout=0',
    '--disable-console-intercept',
  ],
  { stdio: 'inherit', env: { ...process.env, CONVLET_SOAK_MINUTES: String(minutes) } },
);
process.exit(status ?? 1);
