/** A web worker of a page: the place where threads may wait for one another. */
import * as convlet from '/resolved/index.js'; // import maps do not reach workers: see ../browserEngine.ts
import { train } from './train.js';

globalThis.onmessage = async ({ data: { digits, job } }) => {
  const response = await fetch(digits);
  globalThis.postMessage(await train(convlet, new Uint8Array(await response.arrayBuffer()), job));
};
