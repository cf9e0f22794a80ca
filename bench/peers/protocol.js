/**
 * How a peer's program talks to the bench: it answers every line with a line of JSON.
 *
 *   (at its start)       → { version } or { unavailable: why }
 *   verify STEPS 0       → { losses }             steps of descent from the initial weights, in the order of the data,
 *                                                 without shuffling: the loss of each batch before its update
 *   train STEPS TIMES    → { ms, loss, accuracy } TIMES epochs of STEPS steps, each shuffled and gathered anew;
 *                                                 ms of each, by the program's own clock; the means of the last epoch
 *
 * An error during the work is { error }. The program ends with its input. Lines that are not JSON are ignored.
 */
import { createInterface } from 'node:readline';
import { createShuffle, gather, readWork } from './work.js';

/**
 * Serves a peer written in JavaScript.
 * @param open Is called with the work; returns `{ version, verify(steps), train(steps, times) }`. If it throws, the peer is
 * unavailable, for that reason.
 */
export async function serve(open) {
  const answer = (object) => process.stdout.write(`${JSON.stringify(object)}\n`);
  let peer;
  try {
    peer = await open(readWork(process.argv[2]));
  } catch (error) {
    answer({ unavailable: error.message });
    return;
  }
  answer({ version: peer.version });
  for await (const line of createInterface({ input: process.stdin })) {
    const [command, steps, times] = line.split(' ');
    try {
      if (command === 'verify') answer({ losses: await peer.verify(Number(steps)) });
      else answer(await peer.train(Number(steps), Number(times)));
    } catch (error) {
      answer({ error: error.message });
    }
  }
}

/**
 * A peer that is one function: `step(x, y)` trains a batch of f32 images and returns `{ loss, correct }`.
 * @param reset Sets the initial weights.
 */
export function stepwise(work, { version, reset, step }) {
  const { batchSize, labels } = work;
  const shuffle = createShuffle(labels.length);
  const inOrder = Int32Array.from(labels.keys());
  const epoch = async (order, steps) => {
    const results = [];
    for (let i = 0; i < steps; i++) {
      const start = i * batchSize;
      const count = Math.min(batchSize, labels.length - start);
      const { x, y } = gather(work, order, start, count);
      results.push({ ...(await step(x, y)), count });
    }
    return results;
  };
  return {
    version,
    async verify(steps) {
      await reset();
      return (await epoch(inOrder, steps)).map(({ loss }) => loss);
    },
    train: (steps, times) =>
      timed(times, async () => {
        const results = await epoch(shuffle(), steps);
        const sum = (value) => results.reduce((total, result) => total + value(result), 0);
        const images = sum(({ count }) => count);
        const loss = sum((result) => result.loss * result.count) / images;
        return { loss, accuracy: sum(({ correct }) => correct) / images };
      }),
  };
}

/** Runs an epoch `times` times. @returns `{ ms: [of each], …the result of the last }`. */
export async function timed(times, run) {
  const ms = [];
  let result;
  for (let i = 0; i < times; i++) {
    const begin = performance.now();
    result = await run();
    ms.push(performance.now() - begin);
  }
  return { ms, ...result };
}
