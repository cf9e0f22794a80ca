/** Threads of Convlet that fail in the way that a test wants. */
import { createRequire, syncBuiltinESMExports } from 'node:module';
import type { Worker } from 'node:worker_threads';
import { onTestFinished } from 'vitest';

export const waysToFail = ['throws', 'exits', 'traps', 'runs out of memory'] as const;

interface Failing {
  readonly way: (typeof waysToFail)[number];
  /** The kernel that fails when a thread calls it; none: the thread fails when it gets the message `fail`. */
  readonly kernel?: string;
}

/** Until the test ends, threads are started so that they fail. @returns those that were started, in order. */
export function failingThreads({ way, kernel }: Failing): Worker[] {
  const threads = createRequire(import.meta.url)('node:worker_threads');
  const { Worker: Plain } = threads;
  const started: Worker[] = [];
  threads.Worker = class extends Plain {
    constructor(script: URL | string, options: object) {
      super(new URL('failingThread.js', import.meta.url), {
        ...options,
        eval: false,
        workerData: { script: String(script), isText: typeof script === 'string', kernel, way },
        resourceLimits: { maxOldGenerationSizeMb: 64 },
        stdout: true,
        stderr: true,
      });
      started.push(this as unknown as Worker);
    }
  };
  syncBuiltinESMExports();
  onTestFinished(() => {
    threads.Worker = Plain;
    syncBuiltinESMExports();
  });
  return started;
}
