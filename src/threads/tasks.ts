/**
 * Who does what of a phase. Task i lies in the queue of thread i mod threads: each thread empties its own queue, whose numbers
 * are in its cache, and then helps with the queues of the others. A slow thread does fewer tasks. One that is asleep when a phase
 * begins, or is kept from its core, is waited for all the same.
 * @module
 */
import { BARRIER_WORDS } from './barrier.ts';

/** Most threads that share a step. */
export const MOST_THREADS = 8;

/** Words from queue to queue: a cache line. A queue is the number of tasks that were taken from it. */
const QUEUE_WORDS = 16;

/** Bytes of a control block: the barrier, then a queue a thread. */
export const CONTROL_BYTES: number =
  (BARRIER_WORDS + MOST_THREADS * QUEUE_WORDS) * Int32Array.BYTES_PER_ELEMENT;

/** The work of one task. */
export type BoundTask = readonly (() => void)[];

/** Fills the queues again, while nobody works. */
export function refillQueues(control: Int32Array, threads: number): void {
  for (let queue = 0; queue < threads; queue++) Atomics.store(control, wordOf(queue), 0);
}

/** Does tasks as one of several threads, until all are taken. */
export function shareTasks(
  control: Int32Array,
  thread: number,
  threads: number,
  tasks: readonly BoundTask[],
): void {
  for (let turn = 0; turn < threads; turn++) {
    const queue = (thread + turn) % threads;
    for (;;) {
      const task = tasks[queue + Atomics.add(control, wordOf(queue), 1) * threads];
      if (task === undefined) break;
      for (const run of task) run();
    }
  }
}

function wordOf(queue: number): number {
  return BARRIER_WORDS + queue * QUEUE_WORDS;
}
