/** Two threads that leave all to one have it done in a chain, where the two sums come out in the same places. */
import { createBackend, layers, type ModelSpec } from 'convlet';
import { expect, it } from 'vitest';
import { fuse } from '../../src/compile/fuse.ts';
import { aloneOf } from '../../src/compile/gradients.ts';
import { inferNetwork } from '../../src/compile/network.ts';
import { type Capacity, planMemory } from '../../src/compile/plan.ts';
import { ALONE, type Ranks } from '../../src/compile/ranks.ts';
import { checkSpec } from '../../src/compile/spec.ts';
import { spec } from '../support/network.ts';

async function planOf(threads: number, of: ModelSpec = spec, ranks: Ranks = ALONE) {
  const backend = await createBackend();
  const network = inferNetwork(checkSpec(of));
  const capacity: Capacity = {
    batch: 32,
    imageBytes: 0,
    targetBytes: 0,
    hasValues: false,
    stateBlocks: 0,
    shards: 8,
    hasAverage: false,
    hasGroups: false,
    ranks,
  };
  return planMemory(network, fuse(network, true), capacity, backend.kernels('test'), threads);
}

const normalized: ModelSpec = { ...spec, layers: [layers.batchNorm(), ...spec.layers] };
const large: ModelSpec = {
  inputShape: [1, 1, 1024],
  layers: [layers.flatten(), layers.dense({ units: 512 }), layers.softmax()],
};

it('two threads with small parameters have eight slices, and one chain if one is alone', async () => {
  const plan = await planOf(2);
  expect(plan.gradients).toHaveLength(8);
  expect(aloneOf(plan)).toEqual({ ...plan, hasChains: true, threads: 1 });
});

it.each([
  ['one thread has a chain anyway', 1, spec, ALONE],
  ['three threads leave their sums elsewhere', 3, spec, ALONE],
  ['large parameters are added in chains on two threads too', 2, large, ALONE],
  ['shards that meet within a step have a slice each', 2, normalized, ALONE],
  ['ranks have an order of their own', 2, spec, { rank: 0, size: 2, reduce: 'ordered' } as Ranks],
])('%s', async (_why, threads, of, ranks) => {
  expect(aloneOf(await planOf(threads, of, ranks))).toBeUndefined();
});
