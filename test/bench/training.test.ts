/** The bench of training, in small: its parts do the same work as `fit`. */
import { createBackend, createModel, optimizers } from 'convlet';
import { firstImages, PartTimer } from 'convlet/bench';
import { describe, expect, it } from 'vitest';
import { strokes } from '../support/digits.ts';
import { spec } from '../support/network.ts';

describe('PartTimer', () => {
  it('makes the same calls as fit: the weights are the same, to the bit', async () => {
    const backend = await createBackend();
    const dataset = strokes(300);
    const optimizer = optimizers.sgd({ learningRate: 0.05 });
    const model = createModel(backend, spec);
    const timer = new PartTimer(backend, model, dataset, 128);
    const parts = timer.run(optimizer);
    expect(Object.keys(parts)).toEqual(['gather', 'forward', 'loss', 'backward', 'update']);
    for (const milliseconds of Object.values(parts)) expect(milliseconds).toBeGreaterThan(0);
    timer.run(optimizer);
    await model.fit(dataset, { epochs: 2, batchSize: 128, optimizer });
    const weights = [...model.weights().values()].flatMap(({ data }) => [...data]);
    expect([...timer.parameters]).toEqual(weights);
    model.dispose();
    backend.dispose();
  });
});

describe('firstImages', () => {
  it('cuts images and labels at the same place', () => {
    const { images, labels } = firstImages(strokes(20), 3);
    expect([images.length, labels.length]).toEqual([3 * 144, 3]);
  });
});
