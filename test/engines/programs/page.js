/**
 * A page: `/?place=page&digits=FILE&job=JSON` trains on its main thread, `place=worker` in a web worker, by
 * `convlet/worker`. The promise of what came of it is the global `outcome`.
 */
import * as convlet from 'convlet';
import * as worker from 'convlet/worker';
import { train } from './train.js';

const query = new URLSearchParams(location.search);
globalThis.outcome = run(query.get('place') === 'worker', JSON.parse(query.get('job')));

async function run(inWorker, job) {
  const response = await fetch(`/data/${query.get('digits')}`);
  const bytes = new Uint8Array(await response.arrayBuffer());
  return train(inWorker ? { ...convlet, ...worker } : convlet, bytes, job);
}
