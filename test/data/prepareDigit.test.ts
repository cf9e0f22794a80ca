/** Pictures of digits are prepared as MNIST's are. */
import { createModel, type GreyImage, namedModels, optimizers, prepareDigit } from 'convlet';
import { loadMnist } from 'convlet/node';
import { describe, expect, it } from 'vitest';
import { useBackend } from '../support/network.ts';
import { SHEETS } from '../support/sheets.ts';

const backend = useBackend();

/** A picture from rows of characters: `#` is ink, everything else paper. */
function picture(rows: readonly string[], paper = 255, ink = 0): GreyImage {
  const pixels = Uint8Array.from(rows.join(''), (character) => (character === '#' ? ink : paper));
  return { width: rows[0]?.length ?? 0, height: rows.length, pixels };
}

/** Rows of a prepared digit, `#` where a pixel is brighter than half. */
function show(digit: Uint8Array): string[] {
  const text = Array.from(digit, (value) => (value > 127 ? '#' : '.')).join('');
  return Array.from({ length: 28 }, (_, row) => text.slice(row * 28, (row + 1) * 28));
}

function bounds(digit: Uint8Array): number[] {
  const inked = [...digit.keys()].filter((at) => (digit[at] ?? 0) > 0);
  const [rows, columns] = [inked.map((at) => Math.floor(at / 28)), inked.map((at) => at % 28)];
  return [Math.min(...rows), Math.max(...rows), Math.min(...columns), Math.max(...columns)];
}

function centreOfMass(digit: Uint8Array): [number, number] {
  const mass = digit.reduce((sum, value) => sum + value, 0);
  const moment = (of: (at: number) => number) =>
    digit.reduce((sum, value, at) => sum + value * of(at), 0) / mass;
  return [moment((at) => Math.floor(at / 28) + 0.5), moment((at) => (at % 28) + 0.5)];
}

describe('prepareDigit', () => {
  const bar = ['......', '..##..', '..##..', '..##..', '..##..', '..##..', '......'];

  it('fits the longer side to 20 pixels, keeps proportions, and centres the digit', () => {
    const digit = prepareDigit(picture(bar));
    expect(digit).toBeInstanceOf(Uint8Array);
    expect(digit.length).toBe(784);
    expect(bounds(digit)).toEqual([4, 23, 10, 17]); // 5×2 becomes 20×8
    expect(
      show(digit).filter((row) => row === `${'.'.repeat(10)}########${'.'.repeat(10)}`),
    ).toHaveLength(20);
    expect(Math.max(...digit)).toBe(255);
  });

  it('gives the same digit for dark or light paper, and for any strength of ink', () => {
    const expected = prepareDigit(picture(bar));
    expect(prepareDigit(picture(bar, 0, 255))).toEqual(expected);
    expect(prepareDigit(picture(bar, 200, 90))).toEqual(expected);
    expect(prepareDigit(picture(bar, 20, 60))).toEqual(expected);
  });

  it('gives the same digit at any place in the picture, and with the noise of JPEG', () => {
    const expected = prepareDigit(picture(bar));
    const moved = bar.map((row) => `${'.'.repeat(31)}${row}.`);
    const far = picture([...moved, ...Array.from({ length: 40 }, () => '.'.repeat(38))]);
    expect(prepareDigit(far)).toEqual(expected);
    const noisy = far.pixels.map((value, at) => (value === 255 ? 255 - ((at * 7) % 20) : value));
    expect(show(prepareDigit({ ...far, pixels: noisy }))).toEqual(show(expected));
  });

  it('puts the centre of mass, not of the rectangle, in the middle', () => {
    const seven = [
      '##########',
      '##########',
      '#.........',
      '#.........',
      '#.........',
      '#.........',
    ];
    const framed = ['............', ...seven.map((row) => `.${row}.`), '............'];
    const digit = prepareDigit(picture(framed));
    for (const place of centreOfMass(digit))
      expect(Math.abs(place - 14.15)).toBeLessThanOrEqual(0.5);
    const [top = 0, bottom = 0] = bounds(digit);
    expect(top + bottom).not.toBe(27);
  });

  it('cuts nothing off if the mass lies at one end', () => {
    const heavy = [
      '####################',
      ...Array.from({ length: 19 }, () => `#${'.'.repeat(19)}`),
    ];
    const framed = ['.'.repeat(22), ...heavy.map((row) => `.${row}.`), '.'.repeat(22)];
    const digit = prepareDigit(picture(framed));
    const inked = digit.filter((value) => value > 0).length;
    expect(inked).toBe(39);
  });

  it('makes a pixel grey if an edge cuts it', () => {
    const wide = [
      '.'.repeat(43),
      '.'.repeat(43),
      '.'.repeat(43),
      `.${'#'.repeat(41)}.`,
      `.${'#'.repeat(21)}${'.'.repeat(21)}`,
      '.'.repeat(43),
      '.'.repeat(43),
      '.'.repeat(43),
    ];
    const digit = prepareDigit(picture(wide));
    const greys = digit.filter((value) => value > 0 && value < 255);
    expect(greys.length).toBeGreaterThan(0);
    expect(bounds(digit)[3]).toBe((bounds(digit)[2] ?? 0) + 19);
  });

  it('accepts a single pixel', () => {
    expect(bounds(prepareDigit(picture(['...', '.#.', '...'])))).toEqual([4, 23, 4, 23]);
  });

  it.each<[string, GreyImage, string]>([
    [
      'nothing drawn',
      picture(['...', '...']),
      'prepareDigit: expected a digit, got a picture of 3×2 pixels with nothing on it.',
    ],
    [
      'too few pixels',
      { width: 3, height: 3, pixels: new Uint8Array(8) },
      'prepareDigit: expected width · height grey values, got 8 for 3×3.',
    ],
    ['no size', { width: 0, height: 0, pixels: new Uint8Array(0) }, 'got 0 for 0×0'],
    ['a fraction', { width: 1.5, height: 2, pixels: new Uint8Array(3) }, 'got 3 for 1.5×2'],
    [
      'no bytes',
      { width: 1, height: 1, pixels: [1] as unknown as Uint8Array },
      'prepareDigit: expected bytes, got [1].',
    ],
  ])('refuses %s', (_name, image, message) => {
    expect(() => prepareDigit(image)).toThrow(message);
  });

  it('leaves a prepared digit as it is, and turns a dark one on light paper', async () => {
    const { test } = await loadMnist();
    const images = Uint8Array.from(test.images);
    for (let n = 0; n < test.labels.length; n++) {
      const digit = images.slice(n * 784, (n + 1) * 784);
      const image = { width: 28, height: 28, pixels: digit };
      expect(prepareDigit(image)).toEqual(digit);
      expect(prepareDigit({ ...image, pixels: digit.map((value) => 255 - value) })).toEqual(digit);
    }
  });

  it('reads a large photo, and pictures of a row', () => {
    const wide = picture([`${'.'.repeat(9)}##${'.'.repeat(9)}`]);
    expect(bounds(prepareDigit(wide))[3]).toBe(23);
    const [width, height] = [4000, 3000];
    const pixels = new Uint8Array(width * height).fill(250);
    for (let row = 800; row < 2200; row++) pixels.fill(10, row * width + 1900, row * width + 2100);
    expect(bounds(prepareDigit({ width, height, pixels })).slice(0, 2)).toEqual([4, 23]);
  });

  it('sees a thin stroke in every column of a larger picture', () => {
    for (const [size, pen] of [
      [300, 2],
      [420, 3],
      [500, 4],
    ] as const) {
      for (let left = size / 2; left < size / 2 + 2 * pen; left++) {
        const pixels = new Uint8Array(size * size).fill(255);
        for (let row = size / 5; row < (4 * size) / 5; row++)
          pixels.fill(0, row * size + left, row * size + left + pen);
        const digit = prepareDigit({ width: size, height: size, pixels });
        expect(bounds(digit).slice(0, 2), `${size}, column ${left}`).toEqual([4, 23]);
      }
    }
  });

  it('takes no pattern of specks for a digit', () => {
    const size = 300;
    const specks = Uint8Array.from({ length: size * size }, (_, at) =>
      Math.floor(at / size) % 3 === 1 && at % 3 === 1 ? 0 : 255,
    );
    specks.fill(0, 150 * size + 100, 150 * size + 120);
    const image = { width: size, height: size, pixels: specks };
    expect(() => prepareDigit(image)).toThrow('with nothing on it');
  });

  it('is not misled by an even veil', () => {
    const image = picture(bar);
    const alpha = image.pixels.map(() => 120);
    expect(prepareDigit({ ...image, alpha })).toEqual(prepareDigit(image));
  });

  it('takes for ink whatever is opaque on a transparent picture', () => {
    const { width, height, pixels } = picture(bar);
    const alpha = pixels.map((value) => 255 - value);
    const expected = prepareDigit({ width, height, pixels });
    for (const pen of [0, 128, 255]) {
      const image = { width, height, pixels: pixels.map(() => pen), alpha };
      expect(prepareDigit(image)).toEqual(expected);
    }
  });

  it('takes the transparent corners of a card for paper', () => {
    const { width, height, pixels } = picture(bar, 30, 220);
    const alpha = pixels.map((_, at) => (at === 0 || at === width - 1 ? 0 : 255));
    const image = { width, height, pixels: pixels.map((value, at) => (alpha[at] ? value : 255)) };
    expect(prepareDigit({ ...image, alpha })).toEqual(prepareDigit({ width, height, pixels }));
  });

  it('refuses alpha of another length', () => {
    const image = { ...picture(bar), alpha: new Uint8Array(3) };
    expect(() => prepareDigit(image)).toThrow(
      'prepareDigit: alpha: expected 42 bytes, one a pixel',
    );
  });

  describe.each(Object.entries(SHEETS))('a sheet %s', (_name, sheet) => {
    it('is refused if it is blank', () => {
      expect(() => prepareDigit(sheet())).toThrow('with nothing on it');
    });
  });

  it('a model recognises its digits on sheets of every kind, larger, and anywhere on them', async () => {
    const { train, test } = await loadMnist();
    const model = createModel(backend(), namedModels.reference([1, 28, 28], 10));
    await model.fit(train, { epochs: 2, optimizer: optimizers.adam() });
    const count = 200;
    const some = {
      ...test,
      images: Uint8Array.from(test.images.subarray(0, count * 784)),
      labels: test.labels.slice(0, count),
    };
    const accuracy = model.evaluate(some).accuracy;
    expect(accuracy).toBeGreaterThan(0.88);
    for (const [name, sheet] of Object.entries(SHEETS)) {
      const prepared = new Uint8Array(count * 784);
      for (let n = 0; n < count; n++) {
        const digit = some.images.subarray(n * 784, (n + 1) * 784);
        prepared.set(prepareDigit(sheet(digit)), n * 784);
      }
      expect(model.evaluate({ ...some, images: prepared }).accuracy, name).toBeGreaterThan(
        accuracy - 0.05,
      );
    }
  });
});
