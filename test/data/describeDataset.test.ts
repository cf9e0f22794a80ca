/** Figures of a data set against sums in double precision. */
import { describeDataset } from 'convlet';
import { expect, it } from 'vitest';

it('counts classes, also those without an image, and measures each channel', () => {
  const images = Uint8Array.of(0, 51, 255, 255, 102, 51, 0, 255); // two images of two channels, 1×2
  const labels = Uint8Array.of(2, 2);
  const classNames = ['a', 'b', 'c'];
  const figures = describeDataset({ images, labels, shape: [2, 1, 2], classes: 3, classNames });
  expect(figures).toMatchObject({
    count: 2,
    shape: [2, 1, 2],
    classes: [
      { name: 'a', count: 0 },
      { name: 'b', count: 0 },
      { name: 'c', count: 2 },
    ],
    range: [0, 1],
  });
  expect(figures.mean).toEqual([0.2, 0.75].map((mean) => expect.closeTo(mean, 12)));
  const deviation = Math.sqrt((0.04 + 0 + 0.04 + 0) / 4);
  expect(figures.deviation[0]).toBeCloseTo(deviation, 12);
});

it('measures floats as they are, and bytes in 0…1 the same', () => {
  const bytes = Uint8Array.from({ length: 3 * 35 * 4 }, (_, i) => (i * 37) % 256);
  const base = { labels: new Uint8Array(4), shape: [3, 5, 7], classes: 1 };
  const ofBytes = describeDataset({ ...base, images: bytes });
  const ofFloats = describeDataset({ ...base, images: Float32Array.from(bytes, (b) => b / 255) });
  for (const name of ['mean', 'deviation', 'range'] as const) {
    expect(ofFloats[name]).toEqual(ofBytes[name].map((value) => expect.closeTo(value, 6)));
  }
  expect(describeDataset({ ...base, images: new Float32Array(420).fill(-3) })).toMatchObject({
    range: [-3, -3],
    mean: [-3, -3, -3],
    deviation: [0, 0, 0],
  });
});

it('has no classes if the images have values', () => {
  const dataset = { images: new Uint8Array(8), targets: new Float32Array(4), shape: [1, 2, 2] };
  expect(describeDataset(dataset)).toMatchObject({ count: 2, mean: [0] });
  expect(describeDataset(dataset)).not.toHaveProperty('classes');
});

it('refuses what is no data set', () => {
  expect(() => describeDataset(undefined as never)).toThrow(TypeError);
  expect(() => describeDataset({} as never)).toThrow('describeDataset: expected a data set');
});
