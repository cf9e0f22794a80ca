/** `trainable: false`: a frozen layer keeps its parameters, whatever the rule, and nothing is computed for it. */
import {
  createBackend,
  createModel,
  type FitOptions,
  type LayerSpec,
  layers,
  type Model,
  type ModelSpec,
  optimizers,
} from 'convlet';
import { describe, expect, it } from 'vitest';
import { strokes } from '../support/digits.ts';
import { useBackend } from '../support/network.ts';

const backend = useBackend();
const data = strokes(40);

/** Two convolutions, normalisation and slopes; those of these names are frozen. */
function networkOf(frozen: readonly string[]): ModelSpec {
  const list: LayerSpec[] = [
    layers.conv2d({ filters: 4, kernelSize: 3, name: 'first', biasInitializer: 'torchUniform' }),
    layers.batchNorm({ name: 'norm' }),
    layers.prelu({ name: 'slopes' }),
    layers.maxPool2d({ poolSize: 2 }),
    layers.conv2d({ filters: 4, kernelSize: 3, name: 'second', biasInitializer: 'torchUniform' }),
    layers.relu(),
    layers.flatten(),
    layers.dense({ units: 10, name: 'last', biasInitializer: 'torchUniform' }),
    layers.softmax(),
  ];
  const freeze = (layer: LayerSpec) =>
    frozen.includes(layer.name ?? '') ? ({ ...layer, trainable: false } as LayerSpec) : layer;
  return { inputShape: [1, 12, 12], layers: list.map(freeze) };
}

async function trained(frozen: readonly string[], given: FitOptions = {}) {
  const model = createModel(backend(), networkOf(frozen), { seed: 6 });
  const before = model.weights();
  const { epochs } = await model.fit(data, { batchSize: 16, epochs: 2, ...given });
  return { model, before, after: model.weights(), epochs };
}

function changed(before: ReturnType<Model['weights']>, after: ReturnType<Model['weights']>) {
  const moved = [...before].filter(([name, { data }]) => {
    const now = after.get(name)?.data;
    return data.some((value, i) => value !== now?.[i]);
  });
  return [...new Set(moved.map(([name]) => name.split('.')[0]))];
}

const rules: FitOptions['optimizer'][] = [
  optimizers.sgd({ weightDecay: 0.1 }),
  optimizers.momentum({ weightDecay: 0.1, clipNorm: 0.1 }),
  optimizers.nesterov(),
  optimizers.adam({ clipValue: 0.01 }),
  optimizers.adamw({ weightDecay: 0.5 }),
  optimizers.rmsprop({ momentum: 0.5 }),
  optimizers.adagrad({ weightDecay: 0.1 }),
  optimizers.adadelta({ weightDecay: 0.1 }),
];

describe('a frozen layer', () => {
  const sets = [
    ['first'],
    ['second'],
    ['last'],
    ['norm'],
    ['slopes'],
    ['first', 'norm', 'slopes', 'second'],
    ['norm', 'last'],
  ];
  const all = ['first', 'norm', 'slopes', 'second', 'last'];

  it.each(sets)('keeps its parameters, and all others learn: %s, %s …', async (...frozen) => {
    for (const optimizer of rules) {
      const { before, after } = await trained(frozen, optimizer ? { optimizer } : {});
      expect(changed(before, after)).toEqual(all.filter((name) => !frozen.includes(name)));
    }
  });

  it('keeps its place among the parameters, in the hash, and its count', async () => {
    const [free, frozen] = [[], ['first', 'norm']].map((names) =>
      createModel(backend(), networkOf(names), { seed: 6 }),
    );
    expect([...(frozen?.weights() ?? [])]).toEqual([...(free?.weights() ?? [])]);
    expect(await frozen?.weightsSha256()).toBe(await free?.weightsSha256());
    expect(frozen?.parameterCount).toBe(free?.parameterCount);
  });

  it('does not change the first gradients of the others', async () => {
    const optimizer = optimizers.sgd({ learningRate: 0.5 });
    const once = { optimizer, epochs: 1, batchSize: 40 };
    const free = await trained([], once);
    const frozen = await trained(['second', 'last'], once);
    for (const name of ['first.weight', 'first.bias', 'norm.weight', 'slopes.weight']) {
      expect(frozen.after.get(name), name).toEqual(free.after.get(name));
    }
  });

  it('does not count in the length of the gradient that is clipped', async () => {
    const clipNorm = 0.01;
    const optimizer = optimizers.sgd({ learningRate: 1, clipNorm });
    const { before, after } = await trained(['first', 'norm', 'slopes', 'second'], {
      optimizer,
      epochs: 1,
      batchSize: 40,
    });
    const steps = [...after].flatMap(([name, { data }]) =>
      Array.from(data, (value, i) => value - (before.get(name)?.data[i] ?? Number.NaN)),
    );
    expect(Math.hypot(...steps)).toBeCloseTo(clipNorm, 5);
  });

  it('of normalisation runs as in evaluation', async () => {
    const frozen = createModel(backend(), networkOf(['norm']), { seed: 6 });
    const weights = frozen.weights();
    weights.get('norm.running_mean')?.data.fill(0.3);
    weights.get('norm.running_var')?.data.fill(0.2);
    frozen.setWeights(weights);
    const { loss } = frozen.evaluate(data);
    const optimizer = optimizers.sgd({ learningRate: 1e-30 });
    const { epochs } = await frozen.fit(data, { optimizer, batchSize: 1 }); // one value a channel is no batch to measure
    expect(epochs[0]?.loss).toBeCloseTo(loss, 6);
  });
});

describe('layers before the first that learns', () => {
  it('change nothing and run to the same bytes on any number of threads', async () => {
    const names = ['first', 'norm', 'slopes'];
    const hashes: string[] = [];
    for (const threads of [1, 2, 3]) {
      const own = await createBackend({ threads });
      const model = createModel(own, networkOf(names), { seed: 6 });
      await model.fit(data, { batchSize: 16, epochs: 2 });
      hashes.push(await model.weightsSha256());
      own.dispose();
    }
    expect(hashes).toEqual([hashes[0], hashes[0], hashes[0]]);
  });

  it('need no memory for gradients', () => {
    const bytesOf = (frozen: readonly string[]) =>
      createModel(backend(), networkOf(frozen)).memoryBytes;
    expect(bytesOf(['first', 'norm', 'slopes', 'second'])).toBeLessThan(bytesOf([]));
  });
});

it('a network without a layer that learns evaluates as before, and its loss stays', async () => {
  const all = ['first', 'norm', 'slopes', 'second', 'last'];
  const { before, after, epochs } = await trained(all, { epochs: 3, shuffle: false });
  expect(changed(before, after)).toEqual([]);
  expect(new Set(epochs.map(({ loss }) => loss)).size).toBe(1);
});

it.each<[LayerSpec]>([[layers.relu()], [layers.flatten()], [layers.dropout()]])(
  'a layer without parameters takes no trainable: %o',
  (layer) => {
    const spec = { inputShape: [1, 2, 2], layers: [{ ...layer, trainable: false } as LayerSpec] };
    expect(() => createModel(backend(), spec)).toThrow('got "trainable"');
  },
);
