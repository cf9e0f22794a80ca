/** Runs rounds until the given time, and prints what they hold of memory, handles and threads, a line a round. */
import { readdirSync } from 'node:fs';
import { cycle } from './cycle.js';

const [rounds = 1, minutes = 0] = process.argv.slice(2).map(Number);
const started = performance.now();
const elapsed = () => (performance.now() - started) / 60_000;

for (let round = 0; round < rounds || elapsed() < minutes; round++) {
  const loss = await cycle();
  if (!Number.isFinite(loss)) throw new Error(`round ${round}: loss ${loss}`);
  await threadsEnded();
  globalThis.gc?.();
  const { rss, heapUsed, external, arrayBuffers } = process.memoryUsage();
  const handles = process.getActiveResourcesInfo().length;
  const threads = threadCount();
  const sample = { minutes: elapsed(), rss, heapUsed, external, arrayBuffers, handles, threads };
  process.stdout.write(`${JSON.stringify(sample)}\n`);
}

/** Of this process, by Linux; 0 on other systems. */
function threadCount() {
  return process.platform === 'linux' ? readdirSync('/proc/self/task').length : 0;
}

/** A worker that was told to end needs a moment; one that never ends shows in the counts. */
async function threadsEnded() {
  const isLeft = () =>
    process.getActiveResourcesInfo().some((name) => name === 'MessagePort' || name === 'Worker');
  for (let waited = 0; isLeft() && waited < 60_000; waited += 5) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
