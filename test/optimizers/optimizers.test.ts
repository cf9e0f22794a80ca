/** An optimizer learns, and keeps its state between calls of fit. */
import { createModel, type OptimizerSpec, optimizers } from 'convlet';
import { describe, expect, it } from 'vitest';
import { strokes } from '../support/digits.ts';
import { spec, useBackend } from '../support/network.ts';

const backend = useBackend();
const all = [
  ...Object.values(optimizers).map((create) => create()),
  optimizers.rmsprop({ momentum: 0.9, learningRate: 1e-4 }),
];
const remembering = all.filter(({ type }) => type !== 'sgd');
const data = strokes(60);

/** The weights after calls of `fit`, an epoch each, the order of the images kept. */
async function after(...calls: (OptimizerSpec | 'setWeights')[]): Promise<string> {
  const model = createModel(backend(), spec);
  for (const call of calls) {
    if (call === 'setWeights') model.setWeights(model.weights());
    else await model.fit(data, { batchSize: 20, shuffle: false, optimizer: call });
  }
  return model.weightsSha256();
}

describe.each(all)('$type', (optimizer) => {
  it('learns', async () => {
    const model = createModel(backend(), spec);
    const { epochs } = await model.fit(data, { epochs: 40, batchSize: 20, optimizer });
    expect(epochs.at(-1)?.loss).toBeLessThan(0.9 * (epochs[0]?.loss ?? 0));
  });

  it('gives the same weights in two calls of one epoch as in one of two, even if the second needs another memory', async () => {
    const [once, twice, larger] = Array.from({ length: 3 }, () => createModel(backend(), spec));
    await once?.fit(data, { epochs: 2, batchSize: 20, optimizer });
    await twice?.fit(data, { batchSize: 20, optimizer });
    await twice?.fit(data, { batchSize: 20, optimizer });
    expect(await twice?.weightsSha256()).toBe(await once?.weightsSha256());
    await larger?.fit(data, { batchSize: 20, optimizer });
    larger?.predict(strokes(200).images);
    await larger?.fit(strokes(400), { batchSize: 400, optimizer });
    const same = createModel(backend(), spec);
    same.evaluate(strokes(400));
    await same.fit(data, { batchSize: 20, optimizer });
    await same.fit(strokes(400), { batchSize: 400, optimizer });
    expect(await larger?.weightsSha256()).toBe(await same.weightsSha256());
  });
});

describe.each(remembering)('the state of $type', (optimizer) => {
  it('is reset after another optimizer, and after setWeights', async () => {
    const kept = await after(optimizer, optimizer);
    const reset = await after(optimizer, 'setWeights', optimizer);
    expect(reset).not.toBe(kept);
    // a step so small that no weight moves: what differs is the memory alone
    const still = optimizers.sgd({ learningRate: 1e-30 });
    expect(await after(optimizer, still, optimizer)).toBe(reset);
  });

  it('is kept if the learning rate changes', async () => {
    const slower = { ...optimizer, learningRate: Number(optimizer.learningRate) / 2 };
    const kept = await after(optimizer, slower);
    expect(kept).not.toBe(await after(optimizer, 'setWeights', slower));
  });
});

it('a model takes memory for the state only when it is needed', async () => {
  const model = createModel(backend(), {
    inputShape: [1, 12, 12],
    layers: [
      { type: 'flatten' },
      { type: 'dense', units: 2000 },
      { type: 'dense', units: 10 },
      { type: 'softmax' },
    ],
  });
  await model.fit(data, { batchSize: 20, optimizer: optimizers.sgd() });
  const before = model.memoryBytes;
  await model.fit(data, { batchSize: 20, optimizer: optimizers.adam() });
  expect(model.memoryBytes - before).toBeGreaterThanOrEqual(2 * 4 * model.parameterCount - 65_536);
  expect(model.memoryBytes - before).toBeLessThanOrEqual(2 * 4 * model.parameterCount + 65_536);
});

it('rmsprop keeps its mean squares when momentum comes later, and the velocity begins at 0', async () => {
  const { rmsprop } = optimizers;
  const fast = rmsprop({ momentum: 0.9 });
  const still = { ...fast, learningRate: 1e-30 };
  // a velocity of earlier steps would carry the weights on
  const later = await after(rmsprop(), fast);
  expect(later).not.toBe(await after(rmsprop(), rmsprop()));
  expect(await after(fast, { ...rmsprop(), learningRate: 1e-30 }, fast)).not.toBe(
    await after(fast, still, fast),
  );
});

it('adagrad begins with its initial accumulator', async () => {
  const moved = async (initialAccumulator: number) => {
    const model = createModel(backend(), spec);
    const before = model.weights().get('0.bias')?.data ?? [];
    await model.fit(data, { optimizer: optimizers.adagrad({ initialAccumulator }) });
    const { data: after = new Float32Array() } = model.weights().get('0.bias') ?? {};
    return Math.max(...after.map((value, i) => Math.abs(value - (before[i] ?? Number.NaN))));
  };
  expect(await moved(0)).toBeCloseTo(0.01, 5); // α·g / √g², the first step of any size
  expect(await moved(1e30)).toBeLessThan(1e-15);
});
