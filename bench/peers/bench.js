/**
 * The same training work with Convlet and with its alternatives, in one run: `npm run bench:peers`.
 *
 * Every peer starts from the same weights, is verified on the same batches, and is then timed in turns with the others.
 * README.md in this folder lists the peers and what each needs.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { optionsOf } from '../../scripts/options.js';
import { measureEfficiency } from './efficiency.js';
import { measure } from './measure.js';
import { buildNative } from './native.js';
import {
  BATCH_SIZE,
  IMAGES,
  loadDigits,
  networks,
  prepareWork,
  STEPS_OF_EPOCH,
} from './networks.js';
import { roster } from './roster.js';
import { acceptance, acceptanceLines, table } from './table.js';
import { writeWork } from './work.js';

const QUICK_STEPS = 10;

const values = optionsOf({
  data: { type: 'string' },
  rounds: { type: 'string', default: '7' },
  only: { type: 'string' },
  networks: { type: 'string', default: Object.keys(networks).join() },
  json: { type: 'string' },
  svg: { type: 'string' },
  quick: { type: 'boolean', default: false },
});
const isQuick = values.quick;
const rounds = isQuick ? 1 : Number(values.rounds);
if (!(Number.isInteger(rounds) && rounds > 0)) {
  throw new RangeError(`--rounds: expected a whole number from 1 on, got ${values.rounds}.`);
}
const chosen = values.networks.split(',');
for (const name of chosen) {
  if (!Object.hasOwn(networks, name)) {
    const known = Object.keys(networks).join(', ');
    throw new RangeError(`--networks: expected ${known}, got ${name}.`);
  }
}
const only = values.only?.split(',');
const takesPart = ({ key }) => only?.some((name) => `${key}-`.startsWith(`${name}-`)) ?? true;

const folder = mkdtempSync(join(tmpdir(), 'convlet-peers-'));
try {
  await run();
} finally {
  rmSync(folder, { recursive: true });
}

async function run() {
  const machine = {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    node: process.versions.node,
    load: loadavg()[0],
  };
  const digits = await loadDigits(values.data);
  console.log(
    `${machine.cpu}, ${machine.cores} cores, load ${machine.load.toFixed(1)}, Node ${machine.node}`,
  );
  console.log(
    `an epoch: ${IMAGES.toLocaleString('en')} images of ${digits.name}, batch ${BATCH_SIZE}, f32, data in memory\n`,
  );
  const result = { machine, images: IMAGES, batchSize: BATCH_SIZE, networks: {} };
  for (const name of chosen) {
    result.networks[name] = await runNetwork(name, digits);
    if (name === 'reference') result.efficiency = await runEfficiency();
  }
  result.acceptance = acceptance(result.networks, result.efficiency);
  if (!isQuick) console.log(acceptanceLines(result.acceptance).join('\n'));
  if (values.json) writeFileSync(values.json, `${JSON.stringify(result, null, 2)}\n`);
  if (values.svg) await drawChart(result.networks[chosen[0]]);
}

async function runNetwork(name, digits) {
  const { work, losses } = await prepareWork(name, digits);
  writeWork(folder, work);
  const native = name === 'reference' ? await buildNative(folder) : [];
  const peers = roster(folder, native, work).filter(
    (peer) => takesPart(peer) && peer.networks.includes(name),
  );
  const { tolerance, stepsTimed } = networks[name];
  const steps = { stepsTimed: isQuick ? QUICK_STEPS : stepsTimed, stepsOfEpoch: STEPS_OF_EPOCH };
  const amount = { losses, tolerance, ...steps, isQuick };
  const onRow = (row) => console.error(`${name}: ${row.name} done`);
  const rows = await measure(peers, amount, { rounds, onRow });
  console.log(`${name}\n${table(rows, IMAGES).join('\n')}\n`);
  return rows;
}

/** Uses the work in the folder, which is the reference network's. */
async function runEfficiency() {
  const [one, two] = ['convlet-1', 'convlet-2'].map((key) =>
    roster(folder, [], {}).find((peer) => peer.key === key),
  );
  if (!takesPart(two)) return undefined;
  const result = await measureEfficiency(one, two, {
    rounds: Math.min(rounds, 5),
    steps: isQuick ? QUICK_STEPS : STEPS_OF_EPOCH,
    epochs: isQuick ? 1 : 5,
    batchSize: BATCH_SIZE,
  });
  if (result.unavailable !== undefined)
    console.log(`two threads: not there yet: ${result.unavailable}\n`);
  else {
    const rate = (value) => `${Math.round(value).toLocaleString('en')} images/s`;
    console.log(
      `two threads ${rate(result.twoThreads)}, two processes of one thread ${rate(result.twoProcesses)}: ${(100 * result.efficiency).toFixed(0)} %\n`,
    );
  }
  return result;
}

async function drawChart(rows) {
  const { chart } = await import('./chart.js');
  const title = `${chosen[0]} network: milliseconds for an epoch of ${IMAGES.toLocaleString('en')} images →`;
  writeFileSync(values.svg, chart(rows, title));
}
