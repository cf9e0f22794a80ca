/** Engines that are programs: Node, Bun and Deno. Each training is a process of its own. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Engine, Outcome } from './engine.ts';

const run = promisify(execFile);
const program = fileURLToPath(new URL('programs/process.js', import.meta.url));

/** Longer than any of them needs on a busy machine. */
const PATIENCE_MILLISECONDS = 600_000;

/**
 * @param command The program with the arguments that come before a script. @param digits Path of the file.
 * @param isWide Asks for wide vectors.
 */
export function processEngine(
  name: string,
  [file = '', ...args]: readonly string[],
  digits: string,
  isWide: boolean = false,
): Engine {
  return {
    name,
    settings: [
      { place: 'process', threads: 1 },
      { place: 'process', threads: 2 },
    ],
    async train(_place, job): Promise<Outcome> {
      const options = [digits, JSON.stringify(job), ...(isWide ? ['wide'] : [])];
      const { stdout } = await run(file, [...args, program, ...options], {
        timeout: PATIENCE_MILLISECONDS,
        env: { ...process.env, NO_COLOR: '1' },
      });
      return JSON.parse(stdout);
    },
    close: async () => {},
  };
}
