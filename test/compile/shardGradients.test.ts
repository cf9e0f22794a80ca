/** In a chain of shards, what a dense layer adds once to each element goes to the sum at once; all else by the slice. */
import { createModel, layers, type ModelSpec } from 'convlet';
import { describe, expect, it } from 'vitest';
import { inferNetwork } from '../../src/compile/network.ts';
import { ShardGradients } from '../../src/compile/shardGradients.ts';
import { checkSpec } from '../../src/compile/spec.ts';
import { strokes } from '../support/digits.ts';
import { useBackends } from '../support/network.ts';

const spec: ModelSpec = {
  inputShape: [1, 12, 12],
  layers: [
    layers.conv2d({ filters: 2, kernelSize: 3, strides: 3 }),
    layers.flatten(),
    layers.dense({ units: 5 }),
    layers.relu(),
    layers.dense({ units: 10, useBias: false }),
    layers.softmax(),
  ],
};
const network = inferNetwork(checkSpec(spec));
const [convWeight, convBias, denseWeight, denseBias, lastWeight] = network.parameters;

describe('ShardGradients', () => {
  const [even, odd, chain] = [1000, 20_000, 40_000];
  const plan = { network, gradients: [even, odd, chain], hasChains: true, threads: 1 };
  const sizes = network.parameters.map(({ offset, length }) => ({ offset, length }));
  const rest = [sizes[0], sizes[1], sizes[3]].flatMap((size) => size ?? []); // the biases and the convolution
  const cleared = (block: number, some: typeof sizes) =>
    some.map(({ offset, length }) => ({ kernel: 'zero', args: [block + 4 * offset, length] }));
  const addresses = (gradients: ShardGradients) =>
    network.parameters.map((parameter) => gradients.addressOf(parameter) - 4 * parameter.offset);

  it('knows which gradients are added once: those of dense weights', () => {
    expect([denseWeight, lastWeight].map((parameter) => parameter?.addsOnce)).toEqual([256, 256]);
    for (const parameter of [convWeight, convBias, denseBias]) {
      expect(parameter?.key).toBeDefined();
      expect(parameter?.addsOnce).toBeUndefined();
    }
  });

  it.each([0, 1])('shard %i of a chain adds everything to its sum, which it clears', (shard) => {
    const gradients = new ShardGradients(plan, shard, 16);
    const sum = [even, odd][shard] ?? 0;
    expect(addresses(gradients)).toEqual([sum, sum, sum, sum, sum]);
    expect(gradients.clear()).toEqual(cleared(sum, sizes));
    expect(gradients.add()).toEqual([]);
  });

  it.each([
    [2, even],
    [3, odd],
    [6, even],
  ])('shard %i keeps a slice of the other gradients alone', (shard, sum) => {
    const gradients = new ShardGradients(plan, shard, 256);
    expect(addresses(gradients)).toEqual([chain, chain, sum, chain, sum]);
    expect(gradients.clear()).toEqual(cleared(chain, rest));
    expect(gradients.add()).toEqual(
      rest.map(({ offset, length }) => ({
        kernel: 'accumulate',
        args: [sum + 4 * offset, chain + 4 * offset, length, 1, chain - sum],
      })),
    );
  });

  it('a shard with more images than the product sums in one block keeps a slice of all', () => {
    const gradients = new ShardGradients(plan, 2, 257);
    expect(addresses(gradients)).toEqual([chain, chain, chain, chain, chain]);
    expect(gradients.clear()).toEqual(cleared(chain, sizes));
  });

  it('a shard with a slice of its own adds to it alone', () => {
    const apart = { ...plan, hasChains: false, threads: 3 };
    const gradients = new ShardGradients(apart, 2, 16);
    expect(addresses(gradients)).toEqual([chain, chain, chain, chain, chain]);
    expect(gradients.add()).toEqual([]);
  });
});

describe('training in chains', () => {
  const backends = useBackends([1, 3]);

  it.each([100, 8 * 256, 8 * 257])(
    'gives the bytes of slices, batches of %i',
    async (batchSize) => {
      const hashes = backends.map(async (backend) => {
        const model = createModel(backend, spec);
        await model.fit(strokes(batchSize + 30), { epochs: 2, batchSize });
        return model.weightsSha256();
      });
      const [chained, sliced] = await Promise.all(hashes);
      expect(chained).toBe(sliced);
    },
  );
});
