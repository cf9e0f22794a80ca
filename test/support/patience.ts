/** How long tests wait: for events as long as it takes, for promises of speed by how busy the machine is. */
import { readFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';

/** Against hanging alone, as the time-outs in vitest.config.ts, and below them, so that it is told what was waited for. */
export const PATIENCE = 300_000;

/** How many times as long as alone a program takes, at most, on this machine as busy as it is. */
export function slowness(): number {
  const [load = 0] = loadavg(); // of the last minute, which may have been a calm one: hence twice
  return Math.max(1, (2 * Math.max(load, runningThreads())) / availableParallelism());
}

/** Threads that run or would, at this moment; 0 where Linux does not tell. */
function runningThreads(): number {
  try {
    const [, running = '0'] = / (\d+)\/\d+ /.exec(readFileSync('/proc/loadavg', 'utf8')) ?? [];
    return Number(running);
  } catch {
    return 0;
  }
}
