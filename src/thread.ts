/** What a worker thread runs: it hears what its teams will do, then follows their leader inside the shared memory. @module */
import { listen } from '#host';
import { type BoundWork, bindWork } from './compile/work.ts';
import { follow, reportDone, reportFailure } from './threads/barrier.ts';
import { LEAVE, type WorkerMessage } from './threads/pool.ts';
import { instantiateKernels, type Kernels } from './wasm/kernels.ts';

interface Membership {
  readonly kernels: Kernels;
  readonly buffer: ArrayBufferLike;
  readonly control: Int32Array;
  readonly work: Map<number, readonly BoundWork[]>;
}

const memberships = new Map<number, Membership>();

listen((message: WorkerMessage) => {
  const { type, team } = message;
  if (type === 'attach') {
    const { buffer } = message.memory;
    memberships.set(team, {
      kernels: instantiateKernels(message.module, message.memory),
      buffer,
      control: new Int32Array(buffer, message.control),
      work: new Map(),
    });
    return;
  }
  const membership = memberships.get(team);
  if (type === 'detach' || membership === undefined) {
    memberships.delete(team);
  } else if (type === 'define') {
    const { kernels, buffer, work } = membership;
    work.set(message.key, bindWork(kernels, buffer, message.work));
  } else {
    serve(membership, message.seen, message.spin);
  }
});

/** Follows the leader until it sends everybody away, or until a share fails. */
function serve({ control, work }: Membership, start: number, spin: number): void {
  for (let seen = start; ; seen++) {
    const key = follow(control, seen, spin);
    try {
      if (key !== LEAVE) runAll(work.get(key), key);
    } catch (error) {
      reportFailure(control);
      throw error;
    } finally {
      reportDone(control);
    }
    if (key === LEAVE) return;
  }
}

function runAll(work: readonly BoundWork[] | undefined, key: number): void {
  if (work === undefined)
    throw new Error(`internal: sent off on ${key}, of which nothing was said`);
  for (const run of work) run();
}
