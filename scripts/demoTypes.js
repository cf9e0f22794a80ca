/** Checks the types of the demo and of its tests, which are those of a page, if its dependencies are installed, otherwise prints a notice. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const demo = fileURLToPath(new URL('../demo', import.meta.url));
const tests = fileURLToPath(new URL('../test/demo', import.meta.url));
const tsc = fileURLToPath(new URL('../node_modules/typescript/bin/tsc', import.meta.url));

if (existsSync(`${demo}/node_modules/uplot`)) {
  for (const folder of [demo, tests]) {
    const { status } = spawnSync(process.execPath, [tsc, '-p', folder], { stdio: 'inherit' });
    process.exitCode ||= status ?? 1;
  }
} else {
  const missing =
    'types of the demo: its dependencies are not installed. Run: npm ci --prefix demo';
  console.error(process.env.CI ? missing : `skipped: ${missing}`);
  process.exitCode = process.env.CI ? 1 : 0;
}
