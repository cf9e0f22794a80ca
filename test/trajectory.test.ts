/** Whole networks agree with PyTorch: gradients, and ten steps of each optimizer over ten fixed batches. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { createBackend, createModel, namedModels, optimizers } from 'convlet';
import { describe, expect, it } from 'vitest';
import { sharedPath } from './support/shared.ts';
import { type Block, decode, distance } from './support/vectors.ts';

interface Rule {
  readonly momentum: number;
  readonly betas: [beta1: number, beta2: number];
  readonly eps: number;
  readonly weight_decay: number;
}

/** Our optimizers by the names and options of the vectors. */
const specOf = {
  sgd: (learningRate: number) => optimizers.sgd({ learningRate }),
  sgd_momentum: (learningRate: number, { momentum }: Rule) =>
    optimizers.momentum({ learningRate, momentum }),
  adam: (learningRate: number, { betas: [beta1, beta2], eps: epsilon }: Rule) =>
    optimizers.adam({ learningRate, beta1, beta2, epsilon }),
  adamw: (learningRate: number, { betas: [beta1, beta2], eps, weight_decay: weightDecay }: Rule) =>
    optimizers.adamw({ learningRate, beta1, beta2, epsilon: eps, weightDecay }),
};

describe.each([
  ['reference', 'trajectory_ref.json', ['netgrad_ref_n1.json', 'netgrad_ref_n3.json']],
  ['lenet5', 'trajectory_lenet.json', ['netgrad_lenet_n3.json']],
] as const)('%s', (name, file, gradientFiles) => {
  const path = sharedPath(`vectors/${file}`);
  const imagesPath = sharedPath('vectors/traj-images-idx3-ubyte.gz');
  const labelsPath = sharedPath('vectors/traj-labels-idx1-ubyte.gz');
  const present = path !== undefined && imagesPath !== undefined && labelsPath !== undefined;

  async function load() {
    if (!present) throw new Error('internal: the vectors are absent');
    const vector = JSON.parse(readFileSync(path, 'utf8'));
    const images = Uint8Array.from(gunzipSync(readFileSync(imagesPath)).subarray(16));
    const labels = Uint8Array.from(gunzipSync(readFileSync(labelsPath)).subarray(8));
    const dataset = { images, labels, shape: [1, 28, 28], classes: 10 };
    const spec = namedModels[name]?.([1, 28, 28], 10);
    if (spec === undefined) throw new Error(`internal: no network ${name}`);
    const model = createModel(await createBackend(), spec);
    // the files name layers in order of their kind, conv1 … dense1 …, as our keys stand by index
    const keys = [...model.weights().keys()];
    const names = Object.keys(vector.initial);
    // of the final weights a vector may leave out the largest
    const take = (block: Block) =>
      new Map(
        Object.entries(block).map(([name, value]) => [
          keys[names.indexOf(name)] ?? '',
          decode(value),
        ]),
      );
    model.setWeights(take(vector.initial));
    return { vector, dataset, model, take };
  }

  const names = ['sgd', 'sgd_momentum', 'adam', 'adamw'] as const;
  it.skipIf(!present).each(names)('follows ten steps of %s', async (optimizer) => {
    const { vector, dataset, model, take } = await load();
    const { lr, loss_before_step: expected, final, ...rest } = vector.optimizers[optimizer];
    const spec = specOf[optimizer](lr, rest);
    const losses: number[] = [];
    await model.fit(dataset, {
      epochs: 1,
      batchSize: 128,
      shuffle: false,
      optimizer: spec,
      onStepEnd: ({ loss }) => losses.push(loss),
    });
    expect(losses).toHaveLength(10);
    expect(distance(Float32Array.from(losses), Float32Array.from(expected))).toBeLessThanOrEqual(
      2e-5,
    );
    const weights = model.weights();
    const isAdam = optimizer.startsWith('adam');
    for (const [key, tensor] of take(final)) {
      const got = weights.get(key)?.data ?? new Float32Array();
      // Adam divides by √v: where a gradient is about 0 its sign decides a step of the learning rate (`tol`)
      expect(distance(got, tensor.data), key).toBeLessThanOrEqual(isAdam ? lr : 2e-5);
      const far = got.filter((value, i) => Math.abs(value - (tensor.data[i] ?? 0)) > 2e-4);
      expect(far.length, key).toBeLessThanOrEqual(got.length / 1000);
    }
  });

  it.skipIf(!present).each(gradientFiles)('has the gradients of %s', async (gradientFile) => {
    const { dataset, model, take } = await load();
    const vector = JSON.parse(readFileSync(sharedPath(`vectors/${gradientFile}`) ?? '', 'utf8'));
    const count = gradientFile.includes('_n1') ? 1 : 3;
    const part = {
      ...dataset,
      images: dataset.images.subarray(0, count * 784),
      labels: dataset.labels.subarray(0, count),
    };
    const before = model.weights();
    let loss = Number.NaN;
    // with a rate of 1 the step is the gradient, rounded as the weights are
    await model.fit(part, {
      shuffle: false,
      optimizer: optimizers.sgd({ learningRate: 1 }),
      onStepEnd: (event) => {
        loss = event.loss;
      },
    });
    expect(Math.abs(loss - vector.loss)).toBeLessThanOrEqual(2e-5);
    for (const [key, { data }] of take(vector.grads)) {
      const [old, now] = [before.get(key)?.data, model.weights().get(key)?.data];
      const step = Float32Array.from(
        data,
        (_, i) => (old?.[i] ?? Number.NaN) - (now?.[i] ?? Number.NaN),
      );
      expect(distance(step, data), key).toBeLessThanOrEqual(2e-6);
    }
  });
});
