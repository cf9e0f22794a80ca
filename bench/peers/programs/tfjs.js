/**
 * TensorFlow.js. Arguments: FOLDER cpu | wasm | patched.
 *
 * `cpu` and `wasm` are the library as it comes; `patched` is `wasm` with the gradient of the filters that it lacks.
 */

import { serve, stepwise } from '../protocol.js';
import { createNetwork, start, version } from '../tfjs.js';

await serve(async (work) => {
  const variant = process.argv[3];
  const isPatched = variant === 'patched';
  await start(isPatched ? 'wasm' : variant);
  let network;
  return stepwise(work, {
    version,
    reset() {
      network = createNetwork(work.weights, isPatched);
    },
    step: (x, y) => network.trainStep(x, y, work.learningRate),
  });
});
