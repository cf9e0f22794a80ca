/**
 * Every option of every layer against the oracle in double precision: forward, every gradient and the running statistics,
 * by `backend.ops` and in a network that `fit` trains.
 */
import {
  createModel,
  type Dataset,
  type LayerSpec,
  layers,
  type ModelSpec,
  optimizers,
  type Tensor,
} from 'convlet';
import { softmaxForward } from 'convlet/reference';
import { describe, expect, it } from 'vitest';
import { expectClose } from '../support/closeness.ts';
import { oracleLayer } from '../support/layerOracle.ts';
import { type LayerRow, layerRows, parametersOf } from '../support/layerRows.ts';
import { useBackend } from '../support/network.ts';
import { oracleLogits, oracleStep } from '../support/oracle.ts';
import { testRandom, uniform } from '../support/random.ts';

const backend = useBackend();
const rows = layerRows.map((row) => [row.title, row] as const);
const size = (shape: readonly number[]) => shape.reduce((product, length) => product * length, 1);

describe('backend.ops', () => {
  it.each(rows)('follows the oracle: %s', (_title, row) => {
    const random = testRandom(101);
    const tensor = (shape: readonly number[]): Tensor => ({
      shape: [...shape],
      data: uniform(random, size(shape)),
    });
    const { ops } = backend();
    const { spec, mode } = row;
    const xs = row.inputs.map(tensor);
    const parameters = parametersOf(row, tensor);
    const batch = { seed: 9, epoch: 4, step: 2 };
    const { y, running } = ops.layer(spec, xs, parameters, { mode, ...batch });
    const dy = tensor(y.shape);
    const { dx, gradients } = ops.layerBackward(spec, dy, xs, parameters, { mode, ...batch });
    const training = mode === 'train' ? batch : undefined;
    const exact = oracleLayer(spec, dy, xs, parameters, training);
    expect(y.shape).toEqual([dy.shape[0], ...exact.shape]);
    expectClose(y.data, exact.y, 2e-6);
    expect(dx.map(({ shape }) => shape)).toEqual(row.inputs);
    for (const [i, { data }] of dx.entries()) expectClose(data, exact.dxs[i] ?? [], 4e-6);
    expect(Object.keys(gradients).sort()).toEqual(Object.keys(exact.gradients).sort());
    for (const [name, { data }] of Object.entries(gradients)) {
      expectClose(data, exact.gradients[name] ?? [], 4e-6);
    }
    for (const [name, values] of Object.entries(exact.running ?? {})) {
      expectClose(running?.[name]?.data ?? [], values, 2e-6);
    }
  });
});

const IMAGES = 6;
const CLASSES = 4;
const INPUT = [2, 3, 2] as const;

/** A network around the layer of a row: each of its inputs is the image, mixed and reshaped. */
function networkOf({ spec, inputs }: LayerRow): ModelSpec {
  const before = inputs.flatMap(([, ...shape], i): LayerSpec[] => [
    layers.flatten({ inputs: ['input'] }),
    layers.dense({ units: size(shape) }),
    layers.reshape({ shape, name: `x${i}` }),
  ]);
  const layer = { ...spec, name: 'it', inputs: inputs.map((_, i) => `x${i}`) } as LayerSpec;
  const after = [layers.flatten(), layers.dense({ units: CLASSES }), layers.softmax()];
  return { inputShape: INPUT, layers: [...before, layer, ...after] };
}

describe('fit', () => {
  const trained = rows.filter(([, { mode }]) => mode === 'train');

  it.each(trained)('steps as the oracle does: %s', async (_title, row) => {
    const random = testRandom(103);
    const images = uniform(random, IMAGES * size(INPUT));
    const labels = Uint8Array.from({ length: IMAGES }, (_, i) => i % CLASSES);
    const data: Dataset = { images, labels, shape: INPUT, classes: CLASSES };
    const spec = networkOf(row);
    const model = createModel(backend(), spec, { seed: 12 });
    const weights = new Map(
      Array.from(model.weights(), ([name, { shape, data }]): [string, Tensor] => {
        const drawn = uniform(random, data.length);
        const isVariance = name.endsWith('running_var');
        return [name, { shape, data: drawn.map((v) => (isVariance ? v + 1.5 : v)) }];
      }),
    );
    model.setWeights(weights);
    const logits = oracleLogits(spec, weights, images);
    const { data: shares } = model.predict(images);
    expectClose(shares, softmaxForward(logits, IMAGES, CLASSES), 1e-5);

    const exact = oracleStep(spec, weights, images, labels, 12);
    const optimizer = optimizers.sgd({ learningRate: 1 }); // the step is the gradient
    const { epochs } = await model.fit(data, { optimizer, batchSize: IMAGES, shuffle: false });
    expect(Math.abs((epochs[0]?.loss ?? Number.NaN) - exact.loss)).toBeLessThan(1e-5);
    for (const [name, { data }] of model.weights()) {
      const before = weights.get(name)?.data ?? [];
      const running = exact.running.get(name);
      if (running !== undefined) expectClose(data, running, 1e-5);
      else {
        const step = Array.from(data, (value, i) => (before[i] ?? Number.NaN) - value);
        expectClose(step, exact.gradients.get(name) ?? new Float64Array(data.length), 1e-5);
      }
    }
    model.dispose();
  });
});
