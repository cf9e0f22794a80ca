/** The report of a run shows the learning rate, the chosen figures, each class by its name, and the errors of values. */
import type { Dataset, Tensor } from 'convlet';
import { createBackend, createModel, layers, optimizers, schedules } from 'convlet';
import { createReport, type RunReport } from 'convlet/node';
import { affineMap, affineSample } from 'convlet/reference';
import sharp from 'sharp';
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

  it('has each figure under its name, also if epochs were measured by different metrics', async () => {
    const run = await runOf();
    const history = [
      { epoch: 1, loss: 0.5, accuracy: 0.25, seconds: 1, imagesPerSecond: 9 },
      { epoch: 2, loss: 0.375, macroF1: 0.125, seconds: 1, imagesPerSecond: 9 },
    ];
    const html = await createReport({ ...run, history });
    const rows = [...html.matchAll(/<tr>(.*?)<\/tr>/gs)].map(([, row = '']) =>
      [...row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/gs)].map(([, cell]) => cell),
    );
    const at = rows.findIndex(([first]) => first === 'epoch');
    expect(rows.slice(at, at + 3)).toEqual([
      ['epoch', 'loss', 'accuracy', 'macro F1', 'seconds'],
      ['1', '0.5000', '0.2500', '', '1.000'],
      ['2', '0.3750', '', '0.1250', '1.000'],
    ]);
  });

  it('numbers few enough of many epochs that the numbers do not overlap', async () => {
    const run = await runOf();
    const [first] = run.history;
    if (first === undefined) throw new Error('expected an epoch');
    const history = Array.from({ length: 78 }, (_, i) => ({ ...first, epoch: i + 1 }));
    const html = await createReport({ ...run, history });
    const [axis = ''] = /"x-axis tick label".*?<\/g>/s.exec(html) ?? [];
    const numbers = [...axis.matchAll(/>(\d+)</g)].map(([, text]) => Number(text));
    expect(numbers).toEqual(Array.from({ length: 15 }, (_, i) => 5 * (i + 1)));
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

  it('shows some images of each class that trained, with how many there are', async () => {
    const labels = Uint8Array.from({ length: count }, (_, n) => (n < count - 1 ? 0 : 2));
    const html = await createReport(await runOf({ trainSet: { ...dataset, labels } }));
    expect(html).toContain('<h2>Training images</h2>');
    const rows = [...html.matchAll(/<th scope="row">([^<]+)<\/th><td>(\d+)<\/td><td>(.*?)<\/td>/g)];
    const shown = rows.map(([, name, number, sheet = '']) => {
      const images = [...sheet.matchAll(/aria-label="image (\d+)"/g)].map(([, n]) => Number(n));
      return [name, number, images];
    });
    expect(shown).toEqual([
      ['cat', '11', [0, 1, 2, 4, 5, 6, 8, 9]],
      ['dog &lt;b&gt;', '0', []],
      ['owl', '1', [11]],
    ]);
    expect(html).not.toContain('Augmented images');
  });

  it.each(['bytes', 'floats'])(
    'shows %s as augmentation moved them, by seed and epoch',
    async (kind) => {
      const floats = Float32Array.from(images, (pixel) => pixel / 255);
      const trainSet = { ...dataset, images: kind === 'bytes' ? images : floats };
      const augment = { shift: 1.5, rotate: 40, flip: 'horizontal', fill: 0.5 } as const;
      const html = await createReport(await runOf({ trainSet, augment, seed: 9 }));
      const [, section = ''] = /<h2>Augmented images<\/h2>(.*?)<\/section>/s.exec(html) ?? [];
      const figures = [...section.matchAll(/base64,([^"]+)".*?<figcaption>([^<]+)</g)];
      expect(figures).toHaveLength(4 * 8);
      const ranges = { ...augment, zoom: 0, shear: 0, flips: 1 };
      for (const [place, [, png = '', caption = '']] of figures.entries()) {
        const { data, info } = await sharp(Buffer.from(png, 'base64'))
          .raw()
          .toBuffer({ resolveWithObject: true });
        expect([info.width, info.height, info.channels]).toEqual([4, 4, 3]);
        const image = Math.floor(place / 8) * 3; // four of twelve
        const epoch = place % 8;
        expect(caption).toBe(epoch === 0 ? 'as it is' : `epoch ${epoch}`);
        const map = affineMap({ seed: 9, epoch, image }, [4, 4], ranges);
        const pixels = floats.subarray(16 * image, 16 * image + 16);
        const moved = epoch === 0 ? pixels : affineSample(pixels, [map], [1, 4, 4], 0.5);
        for (const [at, value] of Array.from(moved).entries()) {
          expect(Math.abs((data[3 * at] ?? 0) - 255 * value)).toBeLessThanOrEqual(0.51);
        }
      }
    },
  );

  it.each([
    [{ augment: { shift: 1 } }, 'createReport: expected trainSet beside augment, got none.'],
    [
      { trainSet: { ...dataset, shape: [1, 2, 8] } },
      'createReport: trainSet: images: expected shape 1×4×4, got 1×2×8.',
    ],
    [{ augment: { shift: -1 }, trainSet: dataset }, 'createReport: augment: expected shift to be'],
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

  const tensor = (...shape: number[]): Tensor => ({
    shape,
    data: new Float32Array(shape.reduce((product, size) => product * size, 1)),
  });
  const values = (targets: number) => ({
    images,
    shape: [1, 4, 4],
    targets: new Float32Array(targets),
  });
  const layer = { name: 'flatten', output: [16], parameters: 0 };
  const evaluation = { loss: 1, accuracy: 1, confusionMatrix: [], perClass: [] };
  it.each<[string, Partial<Record<keyof RunReport, unknown>>, string]>([
    [
      'no list',
      { settings: {} },
      'expected settings to be a list of [name, value], got an object.',
    ],
    ['a setting alone', { settings: ['a'] }, 'expected settings to be [name, value], got "a".'],
    ['a number as a setting', { settings: [['a', 1]] }, 'expected settings to be a text, got 1.'],
    ['a layer that is none', { layers: [1] }, 'layers: expected an object, got 1.'],
    [
      'a layer without a name',
      { layers: [{ ...layer, name: 1 }] },
      'layers: expected name to be a text, got 1.',
    ],
    [
      'a layer without a shape',
      { layers: [{ ...layer, output: 16 }] },
      'layers: expected output to be a shape, got 16.',
    ],
    [
      'parameters below 0',
      { layers: [{ ...layer, parameters: -1 }] },
      'layers: expected parameters to be a whole number from 0',
    ],
    ['weights by no name', { weights: {} }, 'expected weights to be a Map of tensors by name'],
    [
      'weights by a number',
      { weights: new Map([[1, tensor(1)]]) },
      'expected each name in weights to be a text, got 1.',
    ],
    ['a weight that is none', { weights: new Map([['a', 1]]) }, 'weights: a: expected'],
    ['labels too few', { testSet: { ...dataset, labels: new Uint8Array(1) } }, 'testSet: expected'],
    [
      'probabilities of other images',
      { probabilities: tensor(1, 3) },
      'probabilities: expected shape 12×3, got 1×3.',
    ],
    [
      'outputs of other images',
      { probabilities: tensor(1, 3), testSet: values(36) },
      'probabilities: expected shape 12×3, got 1×3.',
    ],
    ['values of another length', { testSet: values(24) }, 'testSet: expected'],
    ['values of another length to train', { trainSet: values(24) }, 'trainSet: expected'],
    [
      'a loss below 0',
      { evaluation: { ...evaluation, loss: -1 } },
      'evaluation: expected loss to be a finite number of at least 0, got -1.',
    ],
    [
      'a count below 0',
      { evaluation: { ...evaluation, confusionMatrix: [[-1]] } },
      'evaluation: expected confusionMatrix to be a finite number of at least 0, got -1.',
    ],
    [
      'a class without figures',
      { evaluation: { ...evaluation, perClass: [1] } },
      'evaluation: perClass: expected an object, got 1.',
    ],
    [
      'a precision below 0',
      { evaluation: { ...evaluation, perClass: [{ precision: -1 }] } },
      'evaluation: perClass: expected precision to be a finite number of at least 0, got -1.',
    ],
    ['a rate that is none', { rates: [1] }, 'rates: expected an object, got 1.'],
    [
      'a rate before the beginning',
      { rates: [{ epoch: -1, rate: 1 }] },
      'rates: expected epoch to be a finite number of at least 0, got -1.',
    ],
  ])('refuses %s', async (_, wrong, message) => {
    const run = await runOf(wrong as Partial<RunReport>);
    await expect(createReport(run)).rejects.toThrow(`createReport: ${message}`);
  });
});
