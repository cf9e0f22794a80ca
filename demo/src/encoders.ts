/** The encoders that few readers need: loaded with the first file that asks for one. @module */
import { createBackend, type Dataset, type Model } from 'convlet';
import { encodeC, encodeModel, loadModel, type ModelFile, quantizeModel } from 'convlet/formats';
import { imageOf } from './digits.ts';
import type { Download } from './download.ts';

export { encodeNpz, encodeOnnx, encodeTfjs } from 'convlet/formats';

/** Images that the scales of whole numbers are taken from, as `convlet export` takes them. */
const CALIBRATION_IMAGES = 500;

/** One file of C99. */
export function encodeFloatC(file: ModelFile): Promise<Download['bytes']> {
  return withModel(file, (_, model) => encodeC(model));
}

/** The same in whole numbers, whose scales follow from training images. */
export function encodeInt8C(file: ModelFile, train: Dataset): Promise<Download['bytes']> {
  return withModel(file, (backend, model) => encodeC(inInt8(backend, model, train)));
}

/** safetensors in whole numbers. */
export function encodeInt8(file: ModelFile, train: Dataset): Promise<Download['bytes']> {
  return withModel(file, (backend, model) => encodeModel(inInt8(backend, model, train)));
}

type Backend = Awaited<ReturnType<typeof createBackend>>;

/** What `use` makes of a model that is in memory for as long as that takes. */
async function withModel<T>(
  file: ModelFile,
  use: (backend: Backend, model: Model) => T,
): Promise<T> {
  const backend = await createBackend();
  try {
    return use(backend, loadModel(backend, encodeModel(file)));
  } finally {
    backend.dispose();
  }
}

function inInt8(backend: Backend, model: Model, train: Dataset): Model {
  const count = Math.min(CALIBRATION_IMAGES, train.labels.length);
  const pixels = train.images.length / train.labels.length;
  const images = new Uint8Array(count * pixels);
  for (let n = 0; n < count; n++) {
    const index = Math.floor((n * train.labels.length) / count); // evenly spread
    images.set(imageOf(train, index), n * pixels);
  }
  return quantizeModel(backend, model, images);
}
