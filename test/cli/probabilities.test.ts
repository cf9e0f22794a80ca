/** Probabilities of classes, whatever a network ends in. */
import { createModel, type Dataset, type LayerSpec, layers } from 'convlet';
import { describe, expect, it } from 'vitest';
import { probabilitiesOf } from '../../src/cli/probabilities.ts';
import { useBackend } from '../support/network.ts';

const backend = useBackend();

const dataset = (classes: number): Dataset => ({
  images: Uint8Array.of(0, 255, 128, 3, 90, 41),
  shape: [1, 1, 1],
  labels: Uint8Array.of(0, 1, 0, 1, 0, 1),
  classes,
});

const modelOf = (...last: readonly LayerSpec[]) =>
  createModel(backend(), { inputShape: [1, 1, 1], layers: [layers.flatten(), ...last] });

describe('probabilities', () => {
  it('are the outputs of a softmax', () => {
    const model = modelOf(layers.dense({ units: 3 }), layers.softmax());
    expect(probabilitiesOf(model, dataset(3))).toEqual(model.predict(dataset(3).images));
  });

  it('are the softmax of logits', () => {
    const ending = modelOf(layers.dense({ units: 3 }), layers.softmax());
    const logits = modelOf(layers.dense({ units: 3 }));
    logits.setWeights(ending.weights());
    const { shape, data } = probabilitiesOf(logits, dataset(3));
    const expected = ending.predict(dataset(3).images);
    expect(shape).toEqual(expected.shape);
    const errors = data.map((value, i) => Math.abs(value - (expected.data[i] ?? Number.NaN)));
    expect(errors).toHaveLength(18);
    expect(Math.max(...errors)).toBeLessThanOrEqual(1e-6);
  });

  it.each([
    ['a sigmoid', [layers.dense({ units: 1 }), layers.sigmoid()]],
    ['a logit', [layers.dense({ units: 1 })]],
  ] as const)('are those of no and yes behind %s', async (_, last) => {
    const model = modelOf(...last);
    await model.fit(dataset(2), { loss: 'binaryCrossentropy', batchSize: 6 });
    const { shape, data } = probabilitiesOf(model, dataset(2));
    expect(shape).toEqual([6, 2]);
    for (let n = 0; n < 6; n++) expect((data[2 * n] ?? 0) + (data[2 * n + 1] ?? 0)).toBeCloseTo(1);
    const yes = Array.from({ length: 6 }, (_, n) => Number((data[2 * n + 1] ?? 0) > 0.5));
    expect(yes).toEqual([...model.predictClasses(dataset(2).images)]);
  });
});
