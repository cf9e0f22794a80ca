/** Data sets out of lists, typed arrays of every kind and pictures of a canvas. */
import { ShapeError, toDataset } from 'convlet';
import { describe, expect, it } from 'vitest';

/** Two grey images of 2×3. */
const grey = [
  [
    [1, 2, 3],
    [4, 5, 6],
  ],
  [
    [7, 8, 9],
    [10, 11, 12],
  ],
];
const flat = grey.flat(2);
const labels = [1, 0];

describe('images', () => {
  it('are taken as lists in lists, grey', () => {
    const { images, shape } = toDataset({ images: grey, labels });
    expect([shape, images]).toEqual([[1, 2, 3], Float32Array.from(flat)]);
  });

  it.each([
    Uint8Array,
    Uint8ClampedArray,
    Int8Array,
    Uint16Array,
    Int32Array,
    Float32Array,
    Float64Array,
  ])('are taken as a flat %o, bytes under the range of bytes', (Kind) => {
    const images = Kind.from(flat);
    const options = { images, labels, shape: [1, 2, 3], range: [0, 255] } as const;
    expect(toDataset(options).images).toEqual(Uint8Array.from(flat));
    expect(toDataset({ ...options, images: [images.slice(0, 6), images.slice(6)] }).images).toEqual(
      Uint8Array.from(flat),
    );
  });

  it('are bytes without a range, if their array holds bytes', () => {
    const options = { labels, shape: [2, 3] };
    expect(toDataset({ ...options, images: Uint8ClampedArray.from(flat) })).toMatchObject({
      images: Uint8Array.from(flat),
      shape: [1, 2, 3],
    });
    expect(toDataset({ ...options, images: Int32Array.from(flat) }).images).toEqual(
      Float32Array.from(flat),
    );
  });

  it('are copies', () => {
    const images = Uint8Array.from(flat);
    const dataset = toDataset({ images, labels, shape: [1, 2, 3] });
    images.fill(0);
    expect(dataset.images).toEqual(Uint8Array.from(flat));
  });

  it('become floats from 0 to 1 under another range', () => {
    const options = { images: [[[-1, 0, 1]]], labels: [0] };
    expect(toDataset({ ...options, range: [-1, 1] }).images).toEqual(Float32Array.of(0, 0.5, 1));
    expect(toDataset({ ...options, range: [1, -1] }).images).toEqual(Float32Array.of(1, 0.5, 0));
    const halves = { images: [[[0.5, 255]]], labels: [0], range: [0, 255] } as const;
    expect(toDataset(halves).images).toEqual(Float32Array.of(0.5 / 255, 1));
  });

  // an image of 2×2 with three channels: the number tells the channel and the place
  const last = [
    [
      [10, 20, 30],
      [11, 21, 31],
    ],
    [
      [12, 22, 32],
      [13, 23, 33],
    ],
  ];
  const first = Float32Array.of(10, 11, 12, 13, 20, 21, 22, 23, 30, 31, 32, 33);

  it('with the channels last are turned, by their shape or the layout', () => {
    const found = { images: first, shape: [3, 2, 2] };
    expect(toDataset({ images: [last], labels: [0] })).toMatchObject(found);
    const images = Float32Array.from(last.flat(2));
    for (const shape of [
      [2, 2, 3],
      [3, 2, 2],
    ]) {
      expect(toDataset({ images, shape, layout: 'NHWC', labels: [0] })).toMatchObject(found);
    }
    expect(toDataset({ images, shape: [2, 2, 3], labels: [0] })).toMatchObject(found);
    expect(toDataset({ images: first, shape: [3, 2, 2], labels: [0] })).toMatchObject(found);
  });

  it('stay in their order under layout NCHW', () => {
    const found = toDataset({ images: [last], layout: 'NCHW', labels: [0] });
    expect(found).toMatchObject({
      images: Float32Array.from(last.flat(2)),
      shape: [2, 2, 3],
    });
  });

  it('of four channels are turned if both other axes have more', () => {
    const images = Float32Array.from({ length: 120 }, (_, i) => i);
    expect(toDataset({ images, shape: [6, 5, 4], labels: [0] })).toMatchObject({
      shape: [4, 6, 5],
    });
    for (const shape of [
      [4, 6, 5],
      [2, 15, 4],
      [15, 2, 4],
    ]) {
      expect(toDataset({ images, shape, labels: [0] })).toMatchObject({ shape, images });
    }
    expect(toDataset({ images, shape: [4, 6, 5], layout: 'NHWC', labels: [0] }).images[1]).toBe(4);
  });

  it('are a list each, of the sizes of an image or of all its numbers', () => {
    const found = { images: Float32Array.from(flat), shape: [1, 2, 3] };
    const list = grey.map((image) => image.flat());
    for (const images of [grey, list, grey.map((image) => [image]), list.map((image) => [image])]) {
      for (const shape of [
        [2, 3],
        [1, 2, 3],
      ]) {
        expect(toDataset({ images, shape, labels })).toMatchObject(found);
      }
    }
  });

  it('are taken from a canvas: RGB or grey, with transparency on white', () => {
    const picture = {
      data: Uint8ClampedArray.of(255, 0, 0, 255, 0, 0, 0, 0, 0, 0, 0, 51),
      width: 3,
      height: 1,
    };
    expect(toDataset({ images: picture, labels: [0] })).toMatchObject({
      images: Uint8Array.of(255, 255, 204, 0, 255, 204, 0, 255, 204),
      shape: [3, 1, 3],
    });
    const images = [picture, picture];
    expect(toDataset({ images, labels, shape: [1, 1, 3] })).toMatchObject({
      images: Uint8Array.of(76, 255, 204, 76, 255, 204),
      shape: [1, 1, 3],
    });
    const inverse = toDataset({ images: picture, labels: [0], shape: [1, 1, 3], range: [255, 0] });
    expect(inverse.images).toEqual(Float32Array.of(179 / 255, 0, 51 / 255));
    expect(() => toDataset({ images, labels, layout: 'NHWC' })).toThrow(
      "toDataset: expected no layout for pictures of a canvas, got 'NHWC'. Leave it out.",
    );
  });
});

describe('classes', () => {
  const images = grey;

  it('are indices, as many as the largest says', () => {
    expect(toDataset({ images, labels: [4, 0] })).toMatchObject({
      labels: Uint8Array.of(4, 0),
      classes: 5,
    });
    expect(toDataset({ images, labels: BigInt64Array.of(1n, 0n) as never }).classes).toBe(2);
    expect(toDataset({ images, labels, classes: 3 }).classes).toBe(3);
    expect(toDataset({ images, labels: [300, 0] }).labels).toEqual(Uint16Array.of(300, 0));
  });

  it('are not cut to 32 bits', () => {
    expect(() => toDataset({ images, labels: [2 ** 32 + 1, 0], classes: 2 })).toThrow(
      'toDataset: expected labels below 2, got 4294967297 at image 0. Use more classes, or other labels.',
    );
  });

  it('are names, sorted, or in the order that is given', () => {
    const names = ['dog', 'cat'];
    expect(toDataset({ images, labels: names })).toMatchObject({
      labels: Uint8Array.of(1, 0),
      classes: 2,
      classNames: ['cat', 'dog'],
    });
    expect(toDataset({ images, labels: names, classNames: ['owl', 'dog', 'cat'] })).toMatchObject({
      labels: Uint8Array.of(1, 2),
      classes: 3,
    });
    expect(() => toDataset({ images, labels: names, classes: 5 })).toThrow(
      'toDataset: expected 5 classes, got 2 different labels. Give classNames, all of them, and leave out classes.',
    );
    expect(toDataset({ images, labels, classNames: names })).toMatchObject({
      classes: 2,
      classNames: names,
    });
  });

  it('are rows with one 1', () => {
    const expected = { labels: Uint8Array.of(2, 0), classes: 3 };
    const rows = [
      [0, 0, 1],
      [1, 0, 0],
    ];
    expect(toDataset({ images, oneHot: rows })).toMatchObject(expected);
    expect(toDataset({ images, oneHot: Float32Array.from(rows.flat()) })).toMatchObject(expected);
  });

  it('are absent if there are values', () => {
    const dataset = toDataset({
      images,
      targets: [
        [0.5, 1],
        [2, 3],
      ],
    });
    expect(dataset.targets).toEqual(Float32Array.of(0.5, 1, 2, 3));
    expect('classes' in dataset).toBe(false);
  });
});

describe('refuses', () => {
  const images = grey;
  const rows: [title: string, options: object, error: new () => Error, message: string][] = [
    ['nothing to learn', { images }, TypeError, 'one of labels, oneHot and targets, got none.'],
    ['two things', { images, labels, oneHot: [[1]] }, TypeError, 'got labels and oneHot.'],
    ['no images', { labels }, TypeError, 'expected the option images'],
    ['a text', { images: 'a', labels }, TypeError, 'images as lists in lists or as a typed array'],
    ['texts in lists', { images: [[['a']]], labels }, TypeError, 'images of numbers, got "a"'],
    [
      'lists of two lengths',
      { images: [[[1, 2], [3]]], labels },
      ShapeError,
      'got 1 and 2 on axis 2',
    ],
    ['two axes', { images: [[1, 2]], labels }, ShapeError, 'lists of 2 axes. Give shape'],
    ['a flat list', { images: Uint8Array.of(1, 2), labels }, ShapeError, 'Give shape'],
    [
      'half an image',
      { images: Uint8Array.of(1, 2, 3), shape: [1, 1, 2], labels },
      ShapeError,
      'multiple of 2 numbers',
    ],
    [
      'more numbers in a list than an image has',
      { images: grey.map((image) => [...image.flat(), 1, 2]), shape: [2, 2], labels: [0, 1, 0, 1] },
      ShapeError,
      'expected lists of 1×2×2 or of 4 numbers for each image, got 8. Give the shape of the lists.',
    ],
    [
      'lists of other sizes than the shape',
      { images: grey, shape: [3, 2], labels },
      ShapeError,
      'expected lists of 1×3×2 or of 6 numbers for each image, got 2×3. Give',
    ],
    [
      'lists with the channels last beside a shape with the channels first',
      {
        images: [
          [
            [
              [1, 2, 3],
              [4, 5, 6],
            ],
          ],
        ],
        shape: [3, 1, 2],
        labels: [0],
      },
      ShapeError,
      'expected lists of 3×1×2 or of 6 numbers for each image, got 1×2×3.',
    ],
    [
      'fewer rows of targets than images',
      { images: [...grey, ...grey], targets: [labels, labels] },
      ShapeError,
      'expected a row of targets for each of 4 images, got 2 rows. Use as many rows as images.',
    ],
    [
      'more rows of targets than images',
      {
        images,
        targets: [
          [1, 2],
          [3, 4],
          [5, 6],
          [7, 8],
        ],
      },
      ShapeError,
      'expected a row of targets for each of 2 images, got 4 rows.',
    ],
    [
      'fewer rows of oneHot than images',
      {
        images: [...grey, ...grey],
        oneHot: [
          [1, 0, 1, 0],
          [0, 1, 0, 1],
        ],
      },
      ShapeError,
      'expected a row of oneHot for each of 4 images, got 2 rows.',
    ],
    ['a label too few', { images, labels: [0] }, ShapeError, 'a label for each of 2 images, got 1'],
    ['a label of 1.5', { images, labels: [1.5, 0] }, TypeError, 'got 1.5'],
    ['a label of −1', { images, labels: [0, -1] }, TypeError, 'got -1'],
    [
      'a label above the classes',
      { images, labels: [0, 2], classes: 2 },
      RangeError,
      'below 2, got 2',
    ],
    [
      'two 1s',
      {
        images,
        oneHot: [
          [1, 1],
          [0, 1],
        ],
      },
      RangeError,
      'got 1 at class 1 of image 0',
    ],
    [
      'zeros alone',
      {
        images,
        oneHot: [
          [1, 0],
          [0, 0],
        ],
      },
      RangeError,
      'zeros alone at image 1',
    ],
    [
      'a name that is not known',
      { images, labels: ['a', 'b'], classNames: ['a', 'c'] },
      RangeError,
      'got "b"',
    ],
    ['NaN', { images: [[[Number.NaN]]], labels: [0] }, RangeError, 'finite pixels, got NaN'],
    ['an option of another name', { images, labels, label: 1 }, TypeError, 'Use labels.'],
    ['a layout of another name', { images, labels, layout: 'HWC' }, TypeError, "'NCHW' or 'NHWC'"],
    ['a range of one number', { images, labels, range: 255 }, TypeError, 'such as [0, 255]'],
    [
      'a canvas of another size',
      {
        images: [
          { data: new Uint8ClampedArray(4), width: 1, height: 1 },
          { data: new Uint8ClampedArray(8), width: 2, height: 1 },
        ],
        labels,
      },
      ShapeError,
      'got 1×2 at image 1',
    ],
  ];
  it.each(rows)('%s', (_title, options, error, message) => {
    const make = () => toDataset(options as never);
    expect(make).toThrow(error);
    expect(make).toThrow(message);
  });
});
