/** Measures beside the page: nothing that the page does stands in the way, and threads may wait here. @module */

import { planBench, runBench } from 'convlet/bench';
import { loadDigits } from '../digits.ts';
import { wordsOf } from '../errors.ts';
import type { Reply, Request } from './messages.ts';

const stop = new AbortController();
const reply = (message: Reply) => postMessage(message);

addEventListener('message', async ({ data }: MessageEvent<Request>) => {
  if (data.type === 'stop') {
    stop.abort();
    return;
  }
  try {
    const { host, threads, effort, filter } = data;
    const only = filter === '' ? {} : { only: new RegExp(filter, 'iu') };
    const run = await runBench(planBench({ effort, ...only }), {
      host,
      threads,
      dataset: (await loadDigits()).train,
      signal: stop.signal,
      onEvent: (event) => reply({ type: 'event', event }),
    });
    reply({ type: 'done', run });
  } catch (error) {
    reply({ type: 'failed', message: wordsOf(error) });
  }
});
