/** Runs rounds until the given time, and prints what they hold of memory, handles and threads, a line a round. */
import { readdirSync } from 'node:fs';
import { Soak } from './rounds.js';

const [rounds = 1, minutes = 0, life = 1] = process.argv.slice(2).map(Number);
const soak = new Soak(life);
const started = performance.now();
/** Handles and threads after the first round. */
let most;
const elapsed = () => (performance.now() - started) / 60_000;

for (let round = 0; round < rounds || elapsed() < minutes; round++) {
  const loss = await soak.round();
  if (!Number.isFinite(loss)) throw new Error(`round ${round}: loss ${loss}`);
  await settle();
  globalThis.gc?.();
  const { rss, heapUsed, external, arrayBuffers } = process.memoryUsage();
  const handles = process.getActiveResourcesInfo().length;
  const threads = threadCount();
  const sample = { minutes: elapsed(), rss, heapUsed, external, arrayBuffers, handles, threads };
  process.stdout.write(`${JSON.stringify(sample)}\n`);
}

/** A worker that was told to end needs a moment; one that never ends shows in the counts. */
async function settle() {
  most ??= counts();
  for (let waited = 0; waited < 60_000 && counts() > most; waited += 5) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function counts() {
  return process.getActiveResourcesInfo().length + threadCount();
}

/** Of this process, by Linux; 0 on other systems. */
function threadCount() {
  return process.platform === 'linux' ? readdirSync('/proc/self/task').length : 0;
}

process.exit(0); // the backends are still open
