/** Images and filters as small pictures. @module */
import { isTypedArray } from '../../base/brands.ts';
import { escapeHtml } from '../../base/html.ts';
import { indexOfLargest } from '../../base/largest.ts';
import { elementCount } from '../../base/shape.ts';
import type { Dataset, Images, Tensor } from '../../base/types.ts';
import { classNamesOf } from '../../data/dataset.ts';
import { picture } from './png.ts';

const SHOWN_IMAGES = 24;
const SHOWN_FILTERS = 32;

interface Predictions {
  readonly testSet: Dataset;
  readonly probabilities: Tensor;
}

/** Indices of the first test images, or of the mistakes whose true class was thought least likely. */
export function chooseImages(
  { testSet, probabilities }: Predictions,
  which: 'first' | 'worst',
): number[] {
  const { labels, classes } = testSet;
  const indices = Array.from(labels, (_, n) => n);
  if (which === 'first') return indices.slice(0, SHOWN_IMAGES);
  const trueShare = (n: number) => probabilities.data[n * classes + (labels[n] ?? 0)] ?? 0;
  return indices
    .filter((n) => predictionOf(probabilities, classes, n) !== labels[n])
    .sort((a, b) => trueShare(a) - trueShare(b))
    .slice(0, SHOWN_IMAGES);
}

/** Pictures of the chosen images, each with its predicted and true class. */
export function imageSheet(
  { testSet, probabilities }: Predictions,
  indices: readonly number[],
): string {
  const { labels, classes } = testSet;
  const names = classNamesOf(testSet).map((name) => escapeHtml(name));
  return sheet(
    indices.map((n) => {
      const prediction = predictionOf(probabilities, classes, n);
      const share = probabilities.data[n * classes + prediction] ?? 0;
      const label = labels[n] ?? 0;
      const truth = prediction === label ? '' : `, true ${names[label]}`;
      const caption = `${names[prediction]}${truth}<br>${Math.round(share * 100)} %`;
      return figure(imagePicture(testSet, n), caption);
    }),
  );
}

/** Figures in rows. */
export function sheet(figures: readonly string[], kind: string = ''): string {
  return figures.length === 0 ? '' : `<div class="sheet${kind}">${figures.join('')}</div>`;
}

/** A picture with a caption, in HTML. */
export function figure(content: string, caption: string): string {
  return `<figure>${content}<figcaption>${caption}</figcaption></figure>`;
}

/** An image: grey of one channel or two, colours of the first three. */
export function imagePicture({ images, shape }: Images, n: number): string {
  const [channels = 1, height = 0, width = 0] = shape;
  const start = n * elementCount(shape);
  const scale = isTypedArray(images, 'Uint8Array') ? 1 : 255;
  const area = height * width;
  const colours = new Uint8ClampedArray(3 * area);
  for (let at = 0; at < area; at++) {
    for (let c = 0; c < 3; c++) {
      const channel = channels >= 3 ? c : 0;
      colours[3 * at + c] = (images[start + channel * area + at] ?? 0) * scale;
    }
  }
  return picture(width, height, colours, `image ${n}`);
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
      const colours = Array.from(values, (w) => diverging(w / largest)).flat();
      const label = `${name} filter ${plane}`;
      return figure(picture(width, height, Uint8ClampedArray.from(colours), label), String(plane));
    });
    return `<h3>${name}</h3>${sheet(figures, ' filters')}`;
  };
  return row(before, 'Before') + row(after, 'After');
}

function predictionOf({ data }: Tensor, classes: number, n: number): number {
  return indexOfLargest(data.subarray(n * classes, (n + 1) * classes));
}

/** Blue (−1), white (0), orange (1): red, green and blue. */
function diverging(value: number): number[] {
  const colour = value < 0 ? [33, 102, 172] : [217, 95, 2];
  return colour.map((channel) => 255 + (channel - 255) * Math.min(1, Math.abs(value)));
}
