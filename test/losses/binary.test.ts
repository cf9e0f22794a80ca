/** Answers of yes and no: labels of two classes, and several answers an image; what is measured, and what is refused. */
import {
  createBackend,
  createModel,
  type Dataset,
  type LayerSpec,
  layers,
  losses,
  type ModelSpec,
  optimizers,
  type ValueDataset,
} from 'convlet';
import { describe, expect, it } from 'vitest';
import { strokes } from '../support/digits.ts';
import { useBackend } from '../support/network.ts';

const backend = useBackend();
const data = strokes(40);
const binary: Dataset = {
  ...data,
  labels: data.labels.map((label) => (label > 6 ? 1 : 0)),
  classes: 2,
};
const several: ValueDataset = {
  images: data.images,
  shape: data.shape,
  targets: Float32Array.from({ length: 120 }, (_, i) => {
    const label = data.labels[Math.floor(i / 3)] ?? 0;
    return [label % 2, label > 4 ? 1 : 0, label === 3 ? 1 : 0][i % 3] ?? 0;
  }),
};
const optimizer = optimizers.adam({ learningRate: 0.01 });
const specOf = (units: number): ModelSpec => ({
  inputShape: [1, 12, 12],
  layers: [layers.flatten(), layers.dense({ units })],
});
const fitted = async (dataset: Dataset | ValueDataset, units: number, spec = specOf(units)) => {
  const model = createModel(backend(), spec, { seed: 2 });
  const options = { loss: 'binaryCrossentropy', epochs: 20, batchSize: 16, optimizer } as const;
  const metrics = ['accuracy', 'meanAbsoluteError', 'macroF1', 'top5'] as const;
  const { epochs } = await model.fit(dataset, { ...options, metrics, validationData: dataset });
  return { model, last: epochs.at(-1) };
};

describe('labels of two classes', () => {
  it('are told apart by whether the output is above 0', async () => {
    const { model, last } = await fitted(binary, 1);
    const { data: logits } = model.predict(data.images);
    const predictions = [...logits].map((logit) => (logit > 0 ? 1 : 0));
    const correct = predictions.filter((prediction, i) => prediction === binary.labels[i]).length;
    expect(last?.validationAccuracy).toBe(correct / 40);
    expect(correct).toBeGreaterThan(36);
    expect([...model.predictClasses(data.images)]).toEqual(predictions);
    const { accuracy, confusionMatrix, perClass, macroF1, top5 } = model.evaluate(binary);
    expect([accuracy, top5]).toEqual([correct / 40, 1]);
    expect(confusionMatrix.map((row) => row.reduce((sum, count) => sum + count))).toEqual([28, 12]);
    expect(perClass.map(({ support }) => support)).toEqual([28, 12]);
    expect(macroF1).toBe(last?.validationMacroF1);
  });

  it.each([1, 2])(
    'may be validated on values: the model that trains is measured, on %i threads',
    async (threads) => {
      const own = await createBackend({ threads });
      const { images, shape, labels } = binary;
      const values = { images, shape, targets: Float32Array.from(labels) };
      const lossesOf = async (validationData: Dataset | ValueDataset) => {
        const model = createModel(own, specOf(1), { seed: 2 });
        const options = {
          loss: 'binaryCrossentropy',
          epochs: 3,
          batchSize: 16,
          optimizer,
        } as const;
        const { epochs } = await model.fit(binary, { ...options, validationData });
        return [epochs.map(({ validationLoss }) => validationLoss), await model.weightsSha256()];
      };
      expect(await lossesOf(values)).toEqual(await lossesOf(binary));
      own.dispose();
    },
  );

  it('has no room for values that a listener measures meanwhile', async () => {
    const model = createModel(backend(), specOf(10), { seed: 2 });
    const { images, shape } = data;
    const values = { images, shape, targets: new Float32Array(400) };
    const measure = () => void model.evaluate(values, { loss: 'meanSquaredError' });
    await expect(model.fit(data, { onEpochEnd: measure })).rejects.toThrow(
      'evaluate: expected data with labels while fit trains on labels alone, got values. Measure these after it.',
    );
    expect(model.evaluate(values, { loss: 'meanSquaredError' }).loss).toBeGreaterThan(0);
  });

  it('need one output and two classes', async () => {
    await expect(fitted(binary, 2)).rejects.toThrow(
      "fit: training data: expected a network with one output under 'binaryCrossentropy' with labels, got 2. End it in layers.dense({ units: 1 }), or give targets instead of labels.",
    );
    await expect(fitted(data, 1)).rejects.toThrow(
      'fit: training data: expected 2 classes, as an output of yes or no has, got 10.',
    );
  });
});

describe('several answers an image', () => {
  it('count one by one', async () => {
    const { model, last } = await fitted(several, 3);
    const { data: logits } = model.predict(data.images);
    const correct = [...logits].filter((logit, i) => logit > 0 === (several.targets[i] ?? 0) > 0.5);
    expect(last?.validationAccuracy).toBeCloseTo(correct.length / 120, 12);
    expect(correct.length).toBeGreaterThan(90);
    expect(last).not.toHaveProperty('top5');
    expect(model.evaluate(several)).toMatchObject({
      loss: last?.validationLoss,
      accuracy: last?.validationAccuracy,
      meanAbsoluteError: last?.validationMeanAbsoluteError,
    });
  });

  it('must be from 0 to 1', async () => {
    const targets = several.targets.slice();
    targets[7] = 1.5;
    await expect(fitted({ ...several, targets }, 3)).rejects.toThrow(
      "fit: training data: expected targets from 0 to 1 under 'binaryCrossentropy', got 1.5 at place 7.",
    );
    const x = { shape: [1, 2], data: Float32Array.of(1, 2) };
    const wrong = { shape: [1, 2], data: Float32Array.of(0, -1) };
    expect(() => backend().ops.loss('binaryCrossentropy', x, wrong)).toThrow('got -1 at place 1.');
  });

  it('take a weight each, or one for all', () => {
    const x = { shape: [2, 2], data: Float32Array.of(1, -2, 0.5, 3) };
    const targets = { shape: [2, 2], data: Float32Array.of(1, 0, 0, 1) };
    const of = (positiveWeights: number | number[]) =>
      backend().ops.loss(losses.binaryCrossentropy({ positiveWeights }), x, targets);
    expect(of(3)).toEqual(of([3, 3]));
    expect(() => of([1, 2, 3])).toThrow(
      'loss: expected 2 positiveWeights, one an output of the network, got 3.',
    );
    expect(() => of(0)).toThrow('above 0');
  });
});

const sigmoid = 'sigmoid' in layers ? ({ type: 'sigmoid' } as unknown as LayerSpec) : undefined;

describe.skipIf(sigmoid === undefined)('a last sigmoid', () => {
  const ending = (units: number) => {
    const { inputShape, layers } = specOf(units);
    return { inputShape, layers: [...layers, ...(sigmoid ? [sigmoid] : [])] };
  };

  it('is part of the loss: the same bytes as from logits, and figures of probabilities', async () => {
    const { model, last } = await fitted(several, 3, ending(3));
    const logits = await fitted(several, 3);
    expect(await model.weightsSha256()).toBe(await logits.model.weightsSha256());
    expect([last?.loss, last?.validationLoss]).toEqual([
      logits.last?.loss,
      logits.last?.validationLoss,
    ]);
    expect([last?.accuracy, last?.validationAccuracy]).toEqual([
      logits.last?.accuracy,
      logits.last?.validationAccuracy,
    ]);
    const { data: probabilities } = model.predict(data.images);
    const error = probabilities.reduce(
      (sum, value, i) => sum + Math.abs(value - (several.targets[i] ?? Number.NaN)),
      0,
    );
    expect(last?.validationMeanAbsoluteError).toBeCloseTo(error / 120, 6);
    expect(last?.meanAbsoluteError).toBeGreaterThan(last?.validationMeanAbsoluteError ?? 1);
    expect(last?.meanAbsoluteError).toBeLessThan(0.5);
  });

  it('of labels has the predictions of its logits', async () => {
    const { model } = await fitted(binary, 1, ending(1));
    const logits = await fitted(binary, 1);
    expect(await model.weightsSha256()).toBe(await logits.model.weightsSha256());
    expect(model.evaluate(binary)).toEqual(logits.model.evaluate(binary));
    expect(model.predictClasses(data.images)).toEqual(logits.model.predictClasses(data.images));
  });
});
