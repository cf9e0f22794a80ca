/** `evaluate`: all figures of labels and of values, against their definitions, written out. */
import {
  createModel,
  type Dataset,
  type EvaluateOptions,
  layers,
  losses,
  type ModelSpec,
  type ValueDataset,
} from 'convlet';
import { binaryCrossEntropy, huber, softmaxCrossEntropy } from 'convlet/reference';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { strokes } from '../support/digits.ts';
import { spec, useBackend } from '../support/network.ts';
import { testRandom, uniform } from '../support/random.ts';

const backend = useBackend();

/** A network that puts out its images: they are the logits. */
function mirror(length: number): ModelSpec {
  return { inputShape: [1, 1, length], layers: [layers.flatten()] };
}

/** Logits on a coarse grid, so that some are equal, and labels of which some classes have none. */
const answers = fc.integer({ min: 2, max: 9 }).chain((classes) =>
  fc.integer({ min: 1, max: 40 }).chain((count) =>
    fc.record({
      classes: fc.constant(classes),
      logits: fc.array(fc.integer({ min: -4, max: 4 }), {
        minLength: count * classes,
        maxLength: count * classes,
      }),
      labels: fc.array(fc.integer({ min: 0, max: Math.min(classes, 6) - 1 }), {
        minLength: count,
        maxLength: count,
      }),
      batchSize: fc.integer({ min: 1, max: 50 }),
    }),
  ),
);

/** The classes of an image from the likeliest on; of equal ones the first. */
function ranking(row: readonly number[]): number[] {
  return row.map((_, i) => i).sort((a, b) => (row[b] ?? 0) - (row[a] ?? 0) || a - b);
}

const ratio = (part: number, whole: number) => (whole === 0 ? 0 : part / whole);

it('takes no memory for images that are not there', () => {
  const model = createModel(backend(), spec);
  const data = strokes(10);
  const { loss } = model.evaluate(data);
  const before = model.memoryBytes;
  expect(model.evaluate(data, { batchSize: 65_536 }).loss).toBe(loss);
  expect(model.memoryBytes).toBe(before);
});

describe('labels', () => {
  it('give accuracy, top-5, confusion, figures by class, macro F1 and the loss', () => {
    fc.assert(
      fc.property(answers, ({ classes, logits, labels, batchSize }) => {
        const count = labels.length;
        const images = Float32Array.from(logits, (logit) => logit / 2);
        const data: Dataset = {
          images,
          labels: Int32Array.from(labels),
          shape: [1, 1, classes],
          classes,
        };
        const model = createModel(backend(), mirror(classes));
        const result = model.evaluate(data, { batchSize });
        const rankings = labels.map((_, n) =>
          ranking(logits.slice(n * classes, (n + 1) * classes)),
        );
        const matrix = Array.from({ length: classes }, () => new Array(classes).fill(0));
        for (const [n, label] of labels.entries()) {
          const row = matrix[label] ?? [];
          row[rankings[n]?.[0] ?? 0]++;
        }
        const hits = (places: number) =>
          labels.filter((label, n) => rankings[n]?.slice(0, places).includes(label)).length;
        const perClass = matrix.map((row, label) => {
          const support = labels.filter((other) => other === label).length;
          const predicted = rankings.filter(([first]) => first === label).length;
          const precision = ratio(row[label], predicted);
          const recall = ratio(row[label], support);
          const f1 = ratio(2 * precision * recall, precision + recall);
          return { precision, recall, f1, support, predicted };
        });
        const present = perClass.filter(({ support, predicted }) => support + predicted > 0);
        const { losses } = softmaxCrossEntropy(images, labels, count, classes, 1);
        expect(result.accuracy).toBe(hits(1) / count);
        expect(result.top5).toBe(hits(5) / count);
        expect(result.confusionMatrix).toEqual(matrix);
        for (const [label, { predicted: _, ...figures }] of perClass.entries()) {
          const got = result.perClass[label];
          expect(got).toMatchObject({ precision: figures.precision, recall: figures.recall });
          expect(got?.f1).toBeCloseTo(figures.f1, 12);
          expect(got?.support).toBe(figures.support);
        }
        expect(result.perClass).toHaveLength(classes);
        const macroF1 = present.reduce((sum, { f1 }) => sum + f1, 0) / present.length;
        expect(result.macroF1).toBeCloseTo(macroF1, 12);
        expect(result.loss).toBeCloseTo(losses.reduce((sum, loss) => sum + loss, 0) / count, 5);
        model.dispose();
      }),
      { seed: 3, numRuns: 60 },
    );
  });

  it('have no values, and keep the figures whatever metrics are named', () => {
    const model = createModel(backend(), spec);
    const plain = model.evaluate(strokes(30));
    expect(Object.keys(plain).sort()).toEqual(
      ['accuracy', 'confusionMatrix', 'loss', 'macroF1', 'perClass', 'top5'].sort(),
    );
    const metrics: EvaluateOptions['metrics'] = ['accuracy', 'meanSquaredError'];
    expect(model.evaluate(strokes(30), { metrics })).toEqual(plain);
  });
});

describe('values', () => {
  const length = 5;
  const count = 23;
  const random = testRandom(9);
  const data: ValueDataset = {
    images: uniform(random, count * length),
    shape: [1, 1, length],
    targets: uniform(random, count * length).map(Math.abs),
  };
  const errors = Array.from(data.images, (output, i) => output - (data.targets[i] ?? 0));
  const mean = (of: (error: number) => number) =>
    errors.reduce((sum, error) => sum + of(error), 0) / errors.length;
  const squares = mean((error) => error * error);
  const sizes = mean(Math.abs);
  const sum = (numbers: Float64Array) => numbers.reduce((total, value) => total + value, 0);

  it.each<[EvaluateOptions['loss'], number]>([
    ['meanSquaredError', squares],
    ['meanAbsoluteError', sizes],
    [
      losses.huber({ delta: 0.4 }),
      sum(huber(data.images, data.targets, count, length, 0.4).losses) / count,
    ],
    [
      'binaryCrossentropy',
      sum(binaryCrossEntropy(data.images, data.targets, count, length).losses) / count,
    ],
  ])('give the loss and the mean errors, in any batches: %j', (loss, expected) => {
    const model = createModel(backend(), mirror(length));
    for (const batchSize of [1, 7, 100]) {
      const result = model.evaluate(data, { loss: loss ?? 'huber', batchSize });
      expect(result.loss).toBeCloseTo(expected, 5);
      if (loss !== 'binaryCrossentropy') {
        expect(result.meanSquaredError).toBeCloseTo(squares, 6);
        expect(result.meanAbsoluteError).toBeCloseTo(sizes, 6);
        expect(Object.keys(result).sort()).toEqual([
          'loss',
          'meanAbsoluteError',
          'meanSquaredError',
        ]);
      }
    }
  });
});

describe('the loss of an evaluation', () => {
  const data = strokes(30);
  it('is the one that is named, else of the last fit, else of the model, else cross-entropy', async () => {
    const smooth = losses.categoricalCrossentropy({ labelSmoothing: 0.3 });
    const plain = createModel(backend(), spec).evaluate(data).loss;
    const smoothed = createModel(backend(), spec).evaluate(data, { loss: smooth }).loss;
    expect(smoothed).not.toBeCloseTo(plain, 3);
    const model = createModel(backend(), spec, { loss: smooth });
    expect(model.evaluate(data).loss).toBe(smoothed);
    await model.fit(data, { loss: 'categoricalCrossentropy' });
    expect(model.evaluate(data).loss).toBe(
      model.evaluate(data, { loss: losses.categoricalCrossentropy() }).loss,
    );
    expect(model.evaluate(data).loss).not.toBe(model.evaluate(data, { loss: smooth }).loss);
  });

  it('is refused if the data do not suit it', () => {
    const model = createModel(backend(), spec);
    const evaluate = (options: object) => () => model.evaluate(data, options as EvaluateOptions);
    expect(evaluate({ loss: 'huber' })).toThrow(TypeError);
    expect(evaluate({ loss: 'hubber' })).toThrow('huber');
    expect(evaluate({ metrics: ['f1'] })).toThrow('expected metrics as a list of accuracy');
    expect(evaluate({ batchSize: 0 })).toThrow(RangeError);
    expect(evaluate({ batch: 3 })).toThrow('batchSize');
  });
});
