/** What a model trained on: a few images of each class, and a few as augmentation moved them. @module */
import { isTypedArray } from '../../base/brands.ts';
import { escapeHtml } from '../../base/html.ts';
import { elementCount } from '../../base/shape.ts';
import type { Dataset, Images, ValueDataset } from '../../base/types.ts';
import { type Augment, type AugmentOptions, rangesOf, readAugment } from '../../data/augment.ts';
import { imageCount } from '../../data/dataset.ts';
import { describeDataset } from '../../data/describeDataset.ts';
import { loadKernels } from '../../wasm/loadKernels.ts';
import { figure, imagePicture, sheet } from './pictures.ts';

/** Classes that have a row of images; of more than these only the first are shown. */
const MOST_CLASSES = 64;
const IMAGES_OF_CLASS = 8;
/** Images that are shown as they were moved, and in how many epochs. */
const MOVED_IMAGES = 4;
const MOVED_EPOCHS = 7;

/** A row for each class: its name, how many images it has, and some of them, evenly spaced. */
export function classSamples(trainSet: Dataset): string {
  const { classes = [] } = describeDataset(trainSet);
  const chosen = classes.map((): string[] => []);
  const seen = new Array<number>(classes.length).fill(0);
  for (const [n, label] of trainSet.labels.entries()) {
    const own = chosen[label] ?? [];
    const count = Math.max(classes[label]?.count ?? 0, IMAGES_OF_CLASS);
    const place = seen[label] ?? 0;
    seen[label] = place + 1;
    if (label >= MOST_CLASSES || place < Math.floor((own.length * count) / IMAGES_OF_CLASS))
      continue;
    own.push(`<figure>${imagePicture(trainSet, n)}</figure>`);
  }
  const rows = classes.slice(0, MOST_CLASSES).map(({ name, count }, label) => {
    const images = sheet(chosen[label] ?? []);
    return `<tr><th scope="row">${escapeHtml(name)}</th><td>${count.toLocaleString('en')}</td><td>${images}</td></tr>`;
  });
  const more = classes.length - rows.length;
  const rest = more > 0 ? `<p>and ${more.toLocaleString('en')} more classes</p>` : '';
  return `<table class="samples"><thead><tr><th>class</th><th>images</th><th></th></tr></thead><tbody>${rows.join('')}</tbody></table>${rest}`;
}

/** Some images, evenly spaced, as they are and as the first epochs of a model of this seed had them: by the kernels of training. */
export async function movedSheet(
  trainSet: Dataset | ValueDataset,
  options: AugmentOptions,
  seed: number,
): Promise<string> {
  const count = imageCount(trainSet);
  const shown = Math.min(MOVED_IMAGES, count);
  const indices = Array.from({ length: shown }, (_, k) => Math.floor((k * count) / shown));
  const augment = readAugment('createReport: augment', options);
  const epochs = Array.from({ length: MOVED_EPOCHS }, (_, n) => n + 1);
  const moved = await moveImages(trainSet, indices, augment, epochs, seed);
  const rows = indices.map((index, n) =>
    sheet([
      figure(imagePicture(trainSet, index), 'as it is'),
      ...moved.map((images, k) => figure(imagePicture(images, n), `epoch ${epochs[k]}`)),
    ]),
  );
  return rows.join('');
}

/** The images at `indices` in each of the epochs, as pixels from 0 to 1. */
async function moveImages(
  { images, shape }: Images,
  indices: readonly number[],
  augment: Augment,
  epochs: readonly number[],
  seed: number,
): Promise<Images[]> {
  const kernels = await loadKernels();
  const { arena } = kernels;
  const [channels = 0, height = 0, width = 0] = shape;
  const count = indices.length;
  const length = elementCount(shape);
  const [x, from] = [arena.alloc(4 * count * length), arena.alloc(4 * count * length)];
  const [maps, clock] = [arena.alloc(24 * count), arena.alloc(12)];
  const [known, places] = [arena.alloc(4 * count), arena.alloc(4 * count)];
  const scratch = arena.alloc(kernels.affineScratchBytes(height, width));
  const isBytes = isTypedArray(images, 'Uint8Array');
  const view = isBytes ? arena.u8(from, count * length) : arena.f32(from, count * length);
  for (const [n, index] of indices.entries()) {
    view.set(images.subarray(index * length, (index + 1) * length), n * length);
  }
  arena.i32(known, count).set(indices); // what the maps are drawn from
  arena.i32(places, count).set(indices.map((_, n) => n)); // where the images are
  const sample = isBytes ? kernels.affineU8 : kernels.affineF32;
  return epochs.map((epoch) => {
    arena.u32(clock, 3).set([seed, epoch, 0]);
    kernels.affineMaps(maps, clock, known, count, height, width, ...rangesOf(augment));
    sample(x, from, places, maps, scratch, count, channels, height, width, augment.fill);
    return { images: arena.f32(x, count * length).slice(), shape };
  });
}
