/**
 * A page: `/?place=page&digits=FILE&job=JSON` trains on its main thread, `place=worker` in a web worker. The promise of
 * what came of it is the global `outcome`.
 */
import * as convlet from 'convlet';
import { train } from './train.js';

const query = new URLSearchParams(location.search);
const digits = `/data/${query.get('digits')}`;
const job = JSON.parse(query.get('job'));
globalThis.outcome = query.get('place') === 'worker' ? trainInWorker() : trainHere();

async function trainHere() {
  const response = await fetch(digits);
  return train(convlet, new Uint8Array(await response.arrayBuffer()), job);
}

function trainInWorker() {
  const worker = new Worker('/programs/worker.js', { type: 'module' });
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = (event) => reject(new Error(event.message ?? 'the worker did not start'));
    worker.postMessage({ digits, job });
  }).finally(() => worker.terminate());
}
