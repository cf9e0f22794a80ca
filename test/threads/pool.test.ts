/** The pool of threads while they start, and why it has ended. The rest is tested through backends: threads.test.ts, failures.test.ts. */
import { expect, it } from 'vitest';
import type { WorkerHandle } from '../../src/host/handle.ts';
import { ThreadPool } from '../../src/threads/pool.ts';

/** A worker that listens as soon as it is told to, and ends in the same way. */
function controlledWorker() {
  let listen = () => {};
  const ends: ((reason: string) => void)[] = [];
  const terminated: true[] = [];
  const handle: WorkerHandle = {
    ready: new Promise((resolve) => {
      listen = resolve;
    }),
    post: () => {},
    onMessage: () => {},
    onEnd: (listener) => void ends.push(listener),
    hold: () => {},
    terminate: () => void terminated.push(true),
  };
  return {
    handle,
    terminated,
    listen: () => listen(),
    end: (reason = 'gone') => ends.map((tell) => tell(reason)),
  };
}

it('a worker that ends while another still starts is noticed, and the others are ended', async () => {
  const workers = [controlledWorker(), controlledWorker()] as const;
  const queue = [...workers];
  const started = ThreadPool.start(3, () => queue.shift()?.handle as WorkerHandle);
  workers[0].listen();
  await workers[0].handle.ready;
  workers[0].end();
  workers[1].listen();
  await expect(started).rejects.toThrow('expected 2 workers to start, got one that did not (gone)');
  expect(workers[1].terminated).toEqual([true]);
});

it('the first reason is told: what ends later is only what follows', async () => {
  const workers = [controlledWorker(), controlledWorker()] as const;
  const newPool = async () => {
    const queue = [...workers];
    for (const worker of workers) worker.listen();
    return ThreadPool.start(3, () => queue.shift()?.handle as WorkerHandle);
  };
  const [lost, disposed] = [await newPool(), await newPool()];
  disposed.dispose();
  expect(workers.map(({ terminated }) => terminated.length)).toEqual([1, 1]);
  workers[1].end('thrown in a thread');
  workers[1].end('exit code 1');
  expect(() => lost.check()).toThrow(
    'threads: expected 3 threads, but a worker ended (thrown in a thread). Create another backend.',
  );
  expect(() => disposed.check()).toThrow('(the backend was disposed of)');
});

it('a thread that cannot be started leaves nothing unhandled of those before it', async () => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => void unhandled.push(reason);
  process.on('unhandledRejection', note);
  let fail = (_: Error) => {};
  const first = controlledWorker();
  const ready = new Promise<void>((_, reject) => {
    fail = reject;
  });
  const handles = [{ ...first.handle, ready }];
  const started = ThreadPool.start(3, () => {
    const handle = handles.pop();
    if (handle === undefined) throw new Error('no more threads');
    return handle;
  });
  await expect(started).rejects.toThrow('got one that did not (no more threads). Use threads: 1.');
  expect(first.terminated).toEqual([true]);
  fail(new Error('exit code 1'));
  await new Promise((resolve) => setTimeout(resolve));
  process.off('unhandledRejection', note);
  expect(unhandled).toEqual([]);
});
