/**
 * A page's main thread: `/?digits=FILE&threads=1&epochs=3` trains here; with `&worker` a web worker does.
 * The promise of what came of it is the global `outcome`.
 */
import * as convlet from 'convlet';
import { train } from './train.js';

const query = new URLSearchParams(location.search);
const digits = `/data/${query.get('digits')}`;
const threads = Number(query.get('threads'));
const epochs = Number(query.get('epochs'));
globalThis.outcome = query.has('worker') ? trainInWorker() : trainHere();

async function trainHere() {
  const response = await fetch(digits);
  return train(convlet, new Uint8Array(await response.arrayBuffer()), threads, epochs);
}

function trainInWorker() {
  const worker = new Worker('/programs/worker.js', { type: 'module' });
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = (event) => reject(new Error(event.message ?? 'the worker did not start'));
    worker.postMessage({ digits, threads, epochs });
  }).finally(() => worker.terminate());
}
