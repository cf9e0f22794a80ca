/** What `validationSplit` holds out: a share of every class, drawn by seed, images with all that belongs to them. */
import { createModel, type Dataset, type FitOptions, type ValueDataset } from 'convlet';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitForValidation } from '../../src/data/validationSplit.ts';
import { strokes } from '../support/digits.ts';
import { Getters } from '../support/getters.ts';
import { spec, useBackend } from '../support/network.ts';

const backend = useBackend();

/** Images that are their own number, of these labels. */
function numbered(labels: readonly number[], classes: number): Dataset {
  const images = Float32Array.from({ length: labels.length * 2 }, (_, i) => Math.floor(i / 2));
  const weights = Float32Array.from(labels, (_, i) => i / 10);
  return {
    images,
    shape: [1, 1, 2],
    labels: Uint16Array.from(labels),
    classes,
    weights,
    name: 'n',
  };
}

const numbersOf = ({ images }: { images: ArrayLike<number> }) =>
  Array.from(images).filter((_, i) => i % 2 === 0);
const countsOf = ({ labels, classes }: Dataset) =>
  Array.from({ length: classes }, (_, label) => labels.filter((other) => other === label).length);

it('is refused if no image of a part counts', async () => {
  const whole = strokes(20);
  for (const [one, what] of [
    [0, 'to train on'],
    [1, 'held out'],
  ] as const) {
    const { train, validation } = splitForValidation(
      'fit',
      numbered([...whole.labels], 10),
      0.2,
      1,
    );
    const counting = numbersOf(one === 0 ? validation : train);
    const weights = Float32Array.from({ length: 20 }, (_, i) => (counting.includes(i) ? 1 : 0));
    const model = createModel(backend(), spec, { seed: 1 });
    await expect(model.fit({ ...whole, weights }, { validationSplit: 0.2 })).rejects.toThrow(
      `fit: validationSplit: images ${what}: expected a weight above 0, got zeros alone. Use other weights.`,
    );
  }
});

describe('a validation split', () => {
  const data = fc
    .record({
      labels: fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 3, maxLength: 60 }),
      share: fc.double({ min: 0.2, max: 0.8, noNaN: true }),
      seed: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    })
    .filter(({ labels, share }) => {
      const held = Math.round(labels.length * share);
      return held > 0 && held < labels.length;
    });

  it('takes every image once, in the order of the whole, with its label and weight', () => {
    fc.assert(
      fc.property(data, ({ labels, share, seed }) => {
        const whole = numbered(labels, 5);
        const { train, validation } = splitForValidation('fit', whole, share, seed);
        expect(numbersOf(validation)).toHaveLength(Math.round(labels.length * share));
        for (const part of [train, validation]) {
          const numbers = numbersOf(part);
          expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
          expect([...part.labels]).toEqual(numbers.map((number) => labels[number]));
          expect(part.labels).toBeInstanceOf(Uint16Array);
          expect([...(part.weights ?? [])]).toEqual(numbers.map((n) => Math.fround(n / 10)));
          expect(part).toMatchObject({ shape: [1, 1, 2], classes: 5, name: 'n' });
        }
        const all = [...numbersOf(train), ...numbersOf(validation)];
        expect(all.sort((a, b) => a - b)).toEqual(numbersOf(whole));
      }),
      { seed: 1 },
    );
  });

  it('takes the share of every class, to less than one image', () => {
    fc.assert(
      fc.property(data, ({ labels, share, seed }) => {
        const whole = numbered(labels, 5);
        const { validation } = splitForValidation('fit', whole, share, seed);
        const exact = Math.round(labels.length * share) / labels.length;
        for (const [label, count] of countsOf(validation).entries()) {
          expect(Math.abs(count - exact * (countsOf(whole)[label] ?? 0))).toBeLessThan(1);
        }
      }),
      { seed: 2 },
    );
  });

  it('follows from the seed', () => {
    const whole = numbered(new Array(40).fill(0), 1);
    const held = (seed: number) =>
      numbersOf(splitForValidation('fit', whole, 0.25, seed).validation);
    expect(held(1)).toEqual(held(1));
    expect(held(1)).not.toEqual(held(2));
  });

  it('copies images with values', () => {
    const targets = Float32Array.from({ length: 30 }, (_, i) => i);
    const whole: ValueDataset = { images: new Uint8Array(20), shape: [1, 1, 2], targets };
    const { train, validation } = splitForValidation('fit', whole, 0.3, 1);
    expect([train.targets.length, validation.targets.length]).toEqual([21, 9]);
    for (const [i, value] of validation.targets.entries()) {
      expect(value % 3).toBe(i % 3); // rows stay whole
    }
    expect([...train.targets, ...validation.targets].sort((a, b) => a - b)).toEqual([...targets]);
  });
});

describe('validationSplit of fit', () => {
  const whole = strokes(70);
  const options: FitOptions = { epochs: 2, batchSize: 16 };

  it('is training on one part and validating on the other', async () => {
    const { train, validation } = splitForValidation('fit', whole, 0.3, 5);
    const [split, apart] = [0, 1].map(() => createModel(backend(), spec, { seed: 5 }));
    if (split === undefined || apart === undefined) throw new Error('internal: two models');
    const history = await split.fit(whole, { ...options, validationSplit: 0.3 });
    const expected = await apart.fit(train, { ...options, validationData: validation });
    const figures = ({ epochs }: typeof history) =>
      epochs.map(({ loss, validationLoss, validationAccuracy }) => [
        loss,
        validationLoss,
        validationAccuracy,
      ]);
    expect(figures(history)).toEqual(figures(expected));
    expect(await split.weightsSha256()).toBe(await apart.weightsSha256());
  });

  it('reads fields that are getters of a class', async () => {
    const [plain, getters] = [whole, new Getters(whole)].map(async (data) => {
      const model = createModel(backend(), spec, { seed: 5 });
      return model.fit(data, { ...options, validationSplit: 0.3 });
    });
    expect((await getters)?.epochs[1]?.validationLoss).toBe(
      (await plain)?.epochs[1]?.validationLoss,
    );
  });

  it('is refused beside validationData, out of its range, and if a part would be empty', async () => {
    const attempt = (given: FitOptions, data = whole) =>
      createModel(backend(), spec).fit(data, { ...options, ...given });
    const both = attempt({ validationSplit: 0.3, validationData: whole });
    await expect(both).rejects.toThrow(RangeError);
    await expect(both).rejects.toThrow(
      'fit: expected validationData or validationSplit, got both. Leave one out.',
    );
    for (const share of [0, 1, -0.1, Number.NaN]) {
      await expect(attempt({ validationSplit: share })).rejects.toThrow(RangeError);
    }
    await expect(attempt({ validationSplit: 0.001 })).rejects.toThrow(
      'fit: expected validationSplit to leave at least one image on either side, got 0.001 of 70 images.',
    );
    await expect(attempt({ validationSplit: 0.999 })).rejects.toThrow(RangeError);
  });
});
