/** What the scaling study measures: the computing of ranks alone and beside one another, links, and steps of two ranks. */
import { fileURLToPath } from 'node:url';
import { LINKS, overMemory } from './links.js';

const rank = fileURLToPath(new URL('rank.js', import.meta.url));

/** Seconds that a training is timed for, and bounds of its steps. */
const SECONDS = 2;
const FEWEST_STEPS = 4;
const MOST_STEPS = 100;

/** Images of a step: so many a rank, or so many in all. */
export const A_RANK = 128;
export const IN_ALL = 1024;

const FULL = {
  networks: ['reference', 'resnet8', 'wide'],
  sizes: [64, 4096, 65_536, 1_048_576, 8_388_608],
  repeats: 50,
  batches: [16, A_RANK, IN_ALL / 2],
  shared: [2 * A_RANK, IN_ALL],
};
const TINY = { ...FULL, networks: ['reference'], sizes: [64, 65_536], repeats: 2 };

/** All figures of the study, in seconds, bytes and images. */
export function measure(isTiny) {
  const plan = isTiny ? TINY : FULL;
  const networks = plan.networks.map((network) => {
    const alone = plan.batches.map((batch) =>
      timeSteps(overMemory, { network, batch, ranks: 1 }, isTiny),
    );
    // two ranks that do not know of one another: what is left of two cores that are both busy
    const beside = plan.batches.map((batch) =>
      timeSteps(overMemory, { network, batch, ranks: 2 }, isTiny),
    );
    return { network, parameters: alone[0].parameters, alone, beside };
  });
  const links = [];
  const failures = [];
  for (const { name, open } of LINKS) {
    try {
      open((start) => {
        const points = start(2, [rank, JSON.stringify({ type: 'link', ...plan })]);
        const steps = plan.networks.flatMap((network) =>
          plan.shared.map((batch) =>
            timeSteps(start, { network, batch, ranks: 2, isShared: true }, isTiny),
          ),
        );
        links.push({ name, points, steps });
      });
    } catch (error) {
      const [reason] = String(error.stderr || error.message)
        .trim()
        .split('\n');
      failures.push({ name, reason });
    }
  }
  return { networks, links, failures };
}

/** The median time of a step, in a training of some seconds. */
function timeSteps(start, { ranks, ...task }, isTiny) {
  const timed = (steps) => start(ranks, [rank, JSON.stringify({ type: 'train', ...task, steps })]);
  if (isTiny) return timed(2);
  const { seconds } = timed(2);
  return timed(Math.round(Math.min(Math.max(SECONDS / seconds, FEWEST_STEPS), MOST_STEPS)));
}
