/** The report of a run shows the learning rate, the chosen figures, each class by its name, and the errors of values. */
import type { Dataset } from 'convlet';
import { createBackend, createModel, layers, optimizers, schedules } from 'convlet';
import { createReport, type RunReport } from 'convlet/node';
import { afterAll, describe, expect, it } from 'vitest';

const backend = await createBackend();
afterAll(() => backend.dispose());

const count = 12;
const images = Uint8Array.from({ length: count * 16 }, (_, i) => (i * 37) % 256);
const dataset: Dataset = {
  images,
  shape: [1, 4, 4],
  labels: Uint8Array.from({ length: count }, (_, i) => i % 3),
  classes: 3,
  classNames: ['cat', 'dog <b>', 'owl'],
  name: 'animals',
};

async function runOf(given: Partial<RunReport> = {}): Promise<RunReport> {
  const spec = {
    inputShape: [1, 4, 4],
    layers: [layers.flatten(), layers.dense({ units: 3 }), layers.softmax()],
  };
  const model = createModel(backend, spec);
  const initialWeights = model.weights();
  const { epochs } = await model.fit(dataset, {
    epochs: 2,
    batchSize: 4,
    metrics: ['accuracy', 'macroF1'],
    validationData: dataset,
    optimizer: optimizers.sgd({ learningRate: schedules.cosine({ from: 0.1 }) }),
  });
  const run: RunReport = {
    title: 'a run',
    settings: [['Seed', '1']],
    layers: [{ name: 'flatten', output: [16], parameters: 0 }],
    history: epochs,
    evaluation: model.evaluate(dataset),
    testSet: dataset,
    probabilities: model.predict(images),
    initialWeights,
    weights: model.weights(),
  };
  return { ...run, ...given };
}

describe('the report', () => {
  it('has a plot of every figure, and each class by its name', async () => {
    const html = await createReport(await runOf());
    for (const name of ['accuracy', 'macro F1', 'loss', 'test: animals', 'precision', 'support']) {
      expect(html).toContain(name);
    }
    expect(html).toContain('<td>dog &lt;b&gt;</td>');
    expect(html).toContain('<th scope="row">owl</th>');
    expect(html).toContain('<th>test macro F1</th>');
    expect(html).not.toContain('dog <b>');
    expect(html).not.toContain('Learning rate');
    expect(html).not.toContain('top-5');
  });

  it('plots the learning rate as steps, and names what the epochs were validated on', async () => {
    const rates = [0.1, 0.08, 0.02].map((rate, epoch) => ({ epoch, rate }));
    const html = await createReport(await runOf({ rates, validation: 'images held out' }));
    expect(html).toContain('<h2>Learning rate</h2>');
    expect(html).toContain('validation: images held out');
    expect(html).toContain('<th>validation loss</th>');
  });

  it('shows the errors of values', async () => {
    const testSet = { images, shape: [1, 4, 4], targets: new Float32Array(count * 3) };
    const evaluation = { loss: 0.25, meanAbsoluteError: 0.5, meanSquaredError: 0.25 };
    const html = await createReport(await runOf({ testSet, evaluation }));
    expect(html).toContain('<dd>0.5000</dd><dt>mean absolute error on test images</dt>');
    expect(html).not.toContain('Confusion matrix');
  });

  it.each([
    [
      { rates: [{ epoch: 0, rate: Number.NaN }] },
      'createReport: rates: expected rate to be a finite number',
    ],
    [{ validation: 1 as never }, 'expected validation to be'],
    [
      { evaluation: { loss: 1, meanAbsoluteError: 1, meanSquaredError: 1 } },
      'createReport: evaluation: expected accuracy to be',
    ],
  ])('refuses %j', async (wrong, message) => {
    await expect(createReport(await runOf(wrong))).rejects.toThrow(message);
  });
});
