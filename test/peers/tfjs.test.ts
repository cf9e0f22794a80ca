/** LayersModels give our outputs in TensorFlow.js. */
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { encodeTfjs, type ModelSource } from '../../dist/formats.js';
import { loadMnist } from '../../dist/node.js';
import { expectClose } from '../support/closeness.ts';
import { channelsLast, imagesFor, modelOf, networks } from '../support/networks.ts';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

/** The files as an HTTP handler would give them: `weightData` beside what model.json says of it. */
async function load(source: ModelSource): Promise<tf.LayersModel> {
  const files = encodeTfjs(source);
  const { modelTopology, weightsManifest } = JSON.parse(
    new TextDecoder().decode(files['model.json']),
  );
  expect(weightsManifest[0].paths).toEqual(['weights.bin']);
  const weightSpecs = weightsManifest.flatMap(({ weights }: { weights: object[] }) => weights);
  return tf.loadLayersModel(
    tf.io.fromMemory({ modelTopology, weightSpecs, weightData: files['weights.bin'].buffer }),
  );
}

function predict(
  model: tf.LayersModel,
  images: Float32Array,
  [c = 0, h = 0, w = 0]: readonly number[],
) {
  return tf.tidy(() => {
    const x = tf.tensor4d(channelsLast(images, [c, h, w]), [images.length / (c * h * w), h, w, c]);
    const y = model.predict(x) as tf.Tensor;
    return { shape: y.shape, data: y.dataSync() };
  });
}

describe.each(networks.filter(({ tfjs }) => tfjs !== false))('$name', ({ name, spec }) => {
  it('gives our outputs', async () => {
    const model = modelOf(name);
    const images = imagesFor(spec, 3);
    const expected = model.predict(images);
    const { shape, data } = predict(await load(model), images, spec.inputShape);
    const isImage = expected.shape.length === 4;
    const [n, ...image] = expected.shape;
    expect(shape).toEqual(isImage ? [n, image[1], image[2], image[0]] : expected.shape);
    expectClose(data, isImage ? channelsLast(expected.data, image) : expected.data, 1e-5);
  });
});

it.each(['reference', 'lenet5'])('%s gives our outputs on 1,000 digits', async (name) => {
  const { train, test } = await loadMnist();
  const model = modelOf(name);
  await model.fit(train, { batchSize: 64 });
  const floats = Float32Array.from(test.images, (byte) => byte / 255);
  const { shape, data } = predict(await load(model), floats, test.shape);
  expect(shape).toEqual([1000, 10]);
  expectClose(data, model.predict(test.images).data, 1e-5);
});
