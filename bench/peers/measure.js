/** Verifies all peers, then times them: quick peers in turns, slow peers once. */
import { Child } from './child.js';

const VERIFIED_STEPS = 10;
/** Steps for peers whose step takes seconds. */
const VERIFIED_STEPS_SLOW = 3;

/**
 * @param peers Rows of the roster.
 * @param work `{ losses, tolerance, stepsOfEpoch, stepsTimed }`: Convlet's losses and how close others must be, and how much of
 * an epoch is timed.
 * @returns a row for each: `{ key, name, version, samples: [ms per epoch], … }` or a row with `unavailable` or `failed`.
 */
export async function measure(peers, work, { rounds, onRow }) {
  const rows = new Map();
  const running = [];
  for (const peer of peers) {
    const { child, row } = await open(peer, work);
    rows.set(peer.key, row);
    if (child === undefined) onRow(row);
    else if (peer.batches === undefined) running.push({ peer, child, row });
    else {
      await turn(child, row, peer, work).catch(fail(row));
      child.close();
      onRow(row);
    }
  }
  for (let round = 0; round < rounds; round++) {
    for (const { peer, child, row } of running) {
      if (row.failed === undefined) await turn(child, row, peer, work).catch(fail(row));
    }
  }
  for (const { child, row } of running) {
    child.close();
    onRow(row);
  }
  return [...rows.values()];
}

const fail = (row) => (error) => {
  row.failed = error.message;
};

/** Starts a peer and verifies it. If there is no child in the result, the row tells why. */
async function open({ key, name, command, environment, unavailable, batches }, work) {
  const row = { key, name, samples: [] };
  if (unavailable !== undefined) return { row: { ...row, unavailable } };
  const child = new Child(command, environment);
  const greeting = await child.greeting();
  Object.assign(row, greeting);
  if (greeting.unavailable === undefined) {
    try {
      const steps = batches === undefined ? VERIFIED_STEPS : VERIFIED_STEPS_SLOW;
      Object.assign(row, compare((await child.ask('verify', steps)).losses, work));
    } catch (error) {
      row.failed = error.message;
    }
    if (row.failed === undefined) return { child, row };
  }
  child.close();
  return { row };
}

function compare(losses, { losses: expected, tolerance }) {
  const difference = losses.reduce(
    (most, loss, step) => Math.max(most, Math.abs(loss - expected[step])),
    losses.length === 0 ? Number.NaN : 0,
  );
  const result = { verifiedSteps: losses.length, lossDifference: difference };
  if (difference <= tolerance) return result;
  return {
    ...result,
    failed: `its losses are off by ${difference.toExponential(1)}, more than ${tolerance}`,
  };
}

async function turn(child, row, { epochs, batches = Infinity }, work) {
  const steps = Math.min(batches, work.stepsTimed);
  const scale = work.stepsOfEpoch / steps;
  const { ms, loss, accuracy } = await child.ask('train', steps, work.isQuick ? 1 : epochs);
  row.samples.push(...ms.map((value) => value * scale));
  Object.assign(row, { stepsTimed: steps, isScaled: scale !== 1, loss, accuracy });
}
