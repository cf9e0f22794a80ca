/** The command `convlet`, as built, for tests. */
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Its script. */
export const cli: string = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

/** The command with this working folder. */
export function commandIn(cwd: string): (...args: string[]) => SpawnSyncReturns<string> {
  return (...args) => spawnSync(process.execPath, [cli, ...args], { cwd, encoding: 'utf8' });
}
