/** The images that a model from a file is measured or calibrated on. @module */
import type { Images } from '../base/types.ts';
import { isSource, placesOf } from '../data/source.ts';
import type { ModelFile } from '../formats/convlet/source.ts';
import type { LoadedDataset, StreamedDataset } from '../formats/dataset/divide.ts';
import { type DataOptions, loadData } from './data.ts';

/** Images that int8 is calibrated on. */
const CALIBRATION_IMAGES = 500;

/** Loads the images that the options name, prepared for a model. */
export function loadModelData<Options extends DataOptions>(
  model: ModelFile,
  options: Options,
  seed: number = model.seed,
): Promise<LoadedDataset | StreamedDataset> {
  return loadData(optionsFor(model, options), seed, model.classNames);
}

/** A model that says how its pictures were prepared takes pictures of any size. */
function optionsFor<Options extends DataOptions>(
  { spec, preparation }: ModelFile,
  options: Options,
): Options {
  const [channels = 1, height = 1, width = 1] = spec.inputShape;
  if (preparation === undefined || !(channels === 1 || channels === 3)) return options;
  return { size: [height, width], channels, ...options };
}

/** Some of the training images, evenly spread. */
export async function calibrationImages({
  train,
}: LoadedDataset | StreamedDataset): Promise<Images['images']> {
  if (isSource(train)) {
    return (await train.read(placesOf(train.count, CALIBRATION_IMAGES))).images;
  }
  const { images, shape } = train;
  const pixels = shape.reduce((product, size) => product * size, 1);
  const places = placesOf(images.length / pixels, CALIBRATION_IMAGES);
  const sample = images.slice(0, places.length * pixels);
  for (const [n, place] of places.entries()) {
    sample.set(images.subarray(place * pixels, (place + 1) * pixels), n * pixels);
  }
  return sample;
}
