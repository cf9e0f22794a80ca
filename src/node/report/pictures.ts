/** Digits and filters as small vector pictures. @module */
import { isTypedArray } from '../../base/brands.ts';
import { elementCount } from '../../base/shape.ts';
import type { Dataset, Tensor } from '../../base/types.ts';

const SHOWN_DIGITS = 24;
const SHOWN_FILTERS = 32;

interface Predictions {
  readonly testSet: Dataset;
  readonly probabilities: Tensor;
}

/** Indices of the first test images, or of the mistakes whose true class was thought least likely. */
export function chooseDigits(
  { testSet, probabilities }: Predictions,
  which: 'first' | 'worst',
): number[] {
  const { labels, classes } = testSet;
  const indices = Array.from(labels, (_, n) => n);
  if (which === 'first') return indices.slice(0, SHOWN_DIGITS);
  const trueShare = (n: number) => probabilities.data[n * classes + (labels[n] ?? 0)] ?? 0;
  return indices
    .filter((n) => predictionOf(probabilities, classes, n) !== labels[n])
    .sort((a, b) => trueShare(a) - trueShare(b))
    .slice(0, SHOWN_DIGITS);
}

/** Pictures of the chosen images, each with its predicted and true class. */
export function digitSheet(
  { testSet, probabilities }: Predictions,
  indices: readonly number[],
): string {
  const { images, labels, shape, classes } = testSet;
  const [channels = 1, height = 0, width = 0] = shape;
  const scale = isTypedArray(images, 'Uint8Array') ? 1 : 255;
  const figures = indices.map((n) => {
    const start = n * elementCount(shape);
    const pixel = (c: number, i: number) =>
      Math.round((images[start + c * height * width + i] ?? 0) * scale);
    const colours = Array.from({ length: height * width }, (_, i) => {
      const [red, green, blue] =
        channels >= 3
          ? [pixel(0, i), pixel(1, i), pixel(2, i)]
          : [pixel(0, i), pixel(0, i), pixel(0, i)];
      return `rgb(${red},${green},${blue})`;
    });
    const prediction = predictionOf(probabilities, classes, n);
    const share = probabilities.data[n * classes + prediction] ?? 0;
    const truth = prediction === labels[n] ? '' : `, true ${labels[n]}`;
    return `<figure>${picture(width, height, colours, `image ${n}`)}<figcaption>${prediction}${truth}<br>${Math.round(share * 100)} %</figcaption></figure>`;
  });
  return figures.length === 0 ? '' : `<div class="sheet">${figures.join('')}</div>`;
}

/** The filters of the first convolution, before and after training. Blue is negative, orange is positive. */
export function filterSheet(
  before: ReadonlyMap<string, Tensor>,
  after: ReadonlyMap<string, Tensor>,
): string {
  const [key] = [...after].find(([, { shape }]) => shape.length === 4) ?? [];
  if (key === undefined) return '';
  const row = (weights: ReadonlyMap<string, Tensor>, name: string) => {
    const { shape, data } = weights.get(key) ?? { shape: [], data: new Float32Array() };
    const [filters = 0, channels = 0, height = 0, width = 0] = shape;
    const planes = Math.min(filters * channels, SHOWN_FILTERS);
    const largest = data.reduce((most, w) => Math.max(most, Math.abs(w)), 0) || 1;
    const figures = Array.from({ length: planes }, (_, plane) => {
      const values = data.subarray(plane * height * width, (plane + 1) * height * width);
      const colours = Array.from(values, (w) => diverging(w / largest));
      return `<figure>${picture(width, height, colours, `${name} filter ${plane}`)}<figcaption>${plane}</figcaption></figure>`;
    });
    return `<h3>${name}</h3><div class="sheet filters">${figures.join('')}</div>`;
  };
  return row(before, 'Before') + row(after, 'After');
}

function predictionOf({ data }: Tensor, classes: number, n: number): number {
  const row = data.subarray(n * classes, (n + 1) * classes);
  return row.indexOf(Math.max(...row));
}

/** Blue (−1), white (0), orange (1). */
function diverging(value: number): string {
  const [red, green, blue] = value < 0 ? [33, 102, 172] : [217, 95, 2];
  const mix = (channel: number) => Math.round(255 + (channel - 255) * Math.min(1, Math.abs(value)));
  return `rgb(${mix(red)},${mix(green)},${mix(blue)})`;
}

/** One square per pixel; equal neighbours in a row are joined. */
function picture(width: number, height: number, colours: readonly string[], label: string): string {
  const squares: string[] = [];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; ) {
      const colour = colours[y * width + x];
      let end = x + 1;
      while (end < width && colours[y * width + end] === colour) end++;
      if (colour !== 'rgb(0,0,0)')
        squares.push(`<path fill="${colour}" d="M${x} ${y}h${end - x}v1h${x - end}z"/>`);
      x = end;
    }
  }
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}" shape-rendering="crispEdges"><rect width="${width}" height="${height}"/>${squares.join('')}</svg>`;
}
