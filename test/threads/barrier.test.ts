/** Threads wait for one another; a wake-up without a change does not count. */
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { lead, reportDone } from '../../src/threads/barrier.ts';
import { CONTROL_BYTES } from '../../src/threads/tasks.ts';
import { PATIENCE } from '../support/patience.ts';

const GO = 0;
const DONE = 16;
/** Where the other thread leaves what `follow` or `awaitDone` gave, plus 1000. */
const RESULT = 47;

const workers: Worker[] = [];
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.terminate()));
});

/** Another thread that evaluates `call`, with everything of barrier.ts in `barrier`. */
function other(call: string): Int32Array {
  const control = new Int32Array(new SharedArrayBuffer(CONTROL_BYTES));
  const module = JSON.stringify(new URL('../../dist/threads/barrier.js', import.meta.url));
  const code = `
    const { workerData: control } = require('node:worker_threads');
    import(${module}).then((barrier) => {
      Atomics.store(control, ${RESULT}, 1000 + Number(${call}));
      Atomics.notify(control, ${RESULT});
    });`;
  workers.push(new Worker(code, { eval: true, workerData: control }));
  return control;
}

/** Wakes whoever sleeps on a word, without changing it, if there is no result before. */
async function disturb(control: Int32Array, word: number): Promise<void> {
  while (Atomics.load(control, RESULT) === 0 && Atomics.notify(control, word) === 0) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

function result(control: Int32Array): number {
  Atomics.wait(control, RESULT, 0, PATIENCE);
  return Atomics.load(control, RESULT) - 1000;
}

describe('a thread that sleeps', () => {
  it('follows only if the leader has sent it off', async () => {
    const control = other('barrier.follow(control, 0, 0)');
    for (let times = 0; times < 3; times++) await disturb(control, GO);
    expect(Atomics.load(control, RESULT)).toBe(0);
    lead(control, 7);
    expect(result(control)).toBe(7);
  });

  it('counts only followers that are done', async () => {
    const control = other(`barrier.awaitDone(control, 2, 0, ${PATIENCE})`);
    for (let times = 0; times < 2; times++) {
      await disturb(control, DONE);
      expect(Atomics.load(control, RESULT)).toBe(0);
      reportDone(control);
    }
    expect(result(control)).toBe(1);
  });

  it('gives up after its timeout, with or without other wake-ups', async () => {
    const control = other('barrier.awaitDone(control, 1, 0, 100)');
    await disturb(control, DONE);
    expect(result(control)).toBe(0);
  });
});
