/**
 * A thread of Convlet of which one kernel fails, or that fails when it is told to: failingThreads.ts starts it.
 * `workerData`: { script, isText, kernel?, way }; the script is the address of a module, or the text of a CommonJS script.
 */
import { createRequire } from 'node:module';
import { runInThisContext } from 'node:vm';
import { parentPort, workerData } from 'node:worker_threads';

const ways = {
  throws() {
    throw new Error('thrown in a thread');
  },
  exits() {
    process.exit(3);
  },
  traps() {
    throw new WebAssembly.RuntimeError('unreachable');
  },
  'runs out of memory'() {
    const kept = [];
    for (;;) kept.push(new Array(100_000).fill(kept.length));
  },
};

const { script, isText, kernel, way } = workerData;
if (kernel !== undefined) {
  const { Instance } = WebAssembly;
  WebAssembly.Instance = class {
    constructor(...given) {
      const { exports } = new Instance(...given);
      this.exports = { ...exports, [kernel]: ways[way] };
    }
  };
}
parentPort.on('message', (message) => {
  if (message === 'fail') ways[way]();
});
if (isText) runInThisContext(`(require) => {${script}\n}`)(createRequire(import.meta.url));
else await import(script);
