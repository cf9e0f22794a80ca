/** Debian's Python, if it has the modules that a test needs. */
import { execFileSync, spawnSync } from 'node:child_process';

/** Not the first `python3` on the path: the modules that Debian packages are for this one. */
const PYTHON = '/usr/bin/python3';

/** Whether a script can import these modules; says so where it cannot. */
export function hasPython(...modules: string[]): boolean {
  const isThere = spawnSync(PYTHON, ['-c', `import ${modules.join(', ')}`]).status === 0;
  if (!isThere) {
    console.info(`skipped: ${PYTHON} with ${modules.join(' and ')} is not on this machine`);
  }
  return isThere;
}

/** What a script prints. Its errors are thrown. */
export function python(script: string, ...args: string[]): string {
  return execFileSync(PYTHON, [...(script.endsWith('.py') ? [script] : ['-c', script]), ...args], {
    encoding: 'utf8',
  });
}
