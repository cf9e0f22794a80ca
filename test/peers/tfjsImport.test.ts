/** LayersModels that TensorFlow.js builds and saves predict here what they predict there. */
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { decodeTfjs } from '../../dist/formats.js';
import { createBackend, createModel } from '../../dist/index.js';
import { expectClose } from '../support/closeness.ts';
import { testRandom, uniform } from '../support/random.ts';

const backend = await createBackend();
const { layers } = tf;

beforeAll(async () => {
  await tf.setBackend('cpu');
});

/** Batch normalisation, depthwise convolutions, residual adds, a squeeze-and-excitation gate: functional. */
function mobile(): tf.LayersModel {
  const input = tf.input({ shape: [16, 14, 3] });
  const norm = (x: tf.SymbolicTensor) => layers.batchNormalization({ momentum: 0.9 }).apply(x);
  const relu6 = (x: unknown) =>
    layers.reLU({ maxValue: 6 }).apply(x as tf.SymbolicTensor) as tf.SymbolicTensor;
  const conv = (x: tf.SymbolicTensor, filters: number, options = {}) =>
    layers
      .conv2d({ filters, kernelSize: 1, useBias: false, padding: 'same', ...options })
      .apply(x) as tf.SymbolicTensor;
  let x = relu6(norm(conv(input, 8, { kernelSize: 3, strides: 2 })));
  for (const strides of [1, 2]) {
    let y = relu6(norm(conv(x, 16)));
    if (strides === 2) {
      const padding = [
        [0, 1],
        [0, 1],
      ] as [[number, number], [number, number]];
      y = layers.zeroPadding2d({ padding }).apply(y) as tf.SymbolicTensor;
    }
    const depthwise = layers.depthwiseConv2d({
      kernelSize: 3,
      strides,
      padding: strides === 1 ? 'same' : 'valid',
      useBias: false,
    });
    y = relu6(norm(depthwise.apply(y) as tf.SymbolicTensor));
    y = norm(conv(y, 8)) as tf.SymbolicTensor;
    x = strides === 1 ? (layers.add().apply([x, y]) as tf.SymbolicTensor) : y;
  }
  let gate = layers.globalAveragePooling2d({}).apply(x) as tf.SymbolicTensor;
  gate = layers.reshape({ targetShape: [1, 1, 8] }).apply(gate) as tf.SymbolicTensor;
  gate = conv(gate, 4, { activation: 'relu', useBias: true });
  gate = conv(gate, 8, { activation: 'hardSigmoid', useBias: true });
  x = layers.multiply().apply([x, gate]) as tf.SymbolicTensor;
  x = layers.dropout({ rate: 0.3 }).apply(x) as tf.SymbolicTensor;
  x = layers.flatten().apply(x) as tf.SymbolicTensor;
  return tf.model({
    inputs: input,
    outputs: layers.dense({ units: 5, activation: 'softmax' }).apply(x) as tf.SymbolicTensor,
  });
}

/** Branches that are joined as images and as rows of pixels with their channels last. */
function branches(): tf.LayersModel {
  const input = tf.input({ shape: [9, 8, 2] });
  const conv = (options: object) =>
    layers.conv2d({ filters: 3, kernelSize: 3, activation: 'elu', ...options });
  const a = conv({ padding: 'same' }).apply(input) as tf.SymbolicTensor;
  const b = layers.separableConv2d({ filters: 4, kernelSize: 2, padding: 'same' }).apply(input);
  const joined = layers.concatenate().apply([a, b as tf.SymbolicTensor]) as tf.SymbolicTensor;
  const pooled = layers.maxPooling2d({ poolSize: 2 }).apply(joined) as tf.SymbolicTensor;
  const average = layers
    .averagePooling2d({ poolSize: 3, strides: 2, padding: 'same' })
    .apply(a) as tf.SymbolicTensor;
  const rows = [pooled, average].map((x) => layers.flatten().apply(x) as tf.SymbolicTensor);
  const most = layers.globalMaxPooling2d({}).apply(joined) as tf.SymbolicTensor;
  const all = layers.concatenate().apply([...rows, most]) as tf.SymbolicTensor;
  const normal = layers.batchNormalization({}).apply(all) as tf.SymbolicTensor;
  const leaky = layers.leakyReLU({ alpha: 0.2 }).apply(normal) as tf.SymbolicTensor;
  const output = layers.dense({ units: 4 }).apply(leaky) as tf.SymbolicTensor;
  return tf.model({ inputs: input, outputs: output });
}

const sequences: Readonly<Record<string, () => tf.layers.Layer[]>> = {
  'the MNIST script of Keras': () => [
    layers.rescaling({ scale: 1 / 255, inputShape: [28, 28, 1] }),
    layers.conv2d({ filters: 6, kernelSize: 3, activation: 'relu' }),
    layers.maxPooling2d({ poolSize: [2, 2] }),
    layers.conv2d({ filters: 8, kernelSize: [3, 3], activation: 'relu' }),
    layers.maxPooling2d({ poolSize: [2, 2] }),
    layers.flatten(),
    layers.dropout({ rate: 0.5 }),
    layers.dense({ units: 10, activation: 'softmax' }),
  ],
  'images without channels': () => [
    layers.flatten({ inputShape: [12, 10] }),
    layers.dense({ units: 9, activation: 'tanh' }),
    layers.dense({ units: 4 }),
  ],
  'rows of numbers': () => [
    layers.dense({ units: 7, activation: 'selu', inputShape: [30] }),
    layers.layerNormalization({}),
    layers.dense({ units: 3, activation: 'softplus' }),
  ],
  'a decoder: units that are an image with its channels last': () => [
    layers.flatten({ inputShape: [5, 5, 1] }),
    layers.dense({ units: 4 * 3 * 6 }),
    layers.batchNormalization({}),
    layers.leakyReLU({ alpha: 0.3 }),
    layers.reshape({ targetShape: [4, 3, 6] }),
    layers.conv2dTranspose({ filters: 3, kernelSize: 4, strides: 2, padding: 'same' }),
    layers.conv2d({ filters: 2, kernelSize: 3, activation: 'sigmoid' }),
  ],
  'an image out': () => [
    layers.conv2d({
      filters: 4,
      kernelSize: 3,
      strides: 2,
      padding: 'same',
      inputShape: [9, 7, 2],
    }),
    layers.prelu({ sharedAxes: [1, 2], alphaInitializer: 'glorotNormal' }),
    layers.upSampling2d({ size: [2, 2] }),
    layers.conv2dTranspose({ filters: 3, kernelSize: 3, strides: 2, padding: 'same' }),
    layers.conv2dTranspose({ filters: 3, kernelSize: 2, strides: 3, padding: 'valid' }),
    layers.cropping2D({
      cropping: [
        [1, 2],
        [0, 3],
      ],
    }),
    layers.activation({ activation: 'swish' }),
  ],
};

const models: readonly (readonly [name: string, build: () => tf.LayersModel])[] = [
  ['mobile', mobile],
  ['branches', branches],
  ...Object.entries(sequences).map(
    ([name, list]) => [name, () => tf.sequential({ layers: list() })] as const,
  ),
];

/** Weights that differ from one another, variances above 0. */
function draw(model: tf.LayersModel): void {
  const random = testRandom(9);
  for (const layer of model.layers) {
    const names = layer.weights.map(({ originalName }) => originalName);
    const drawn = layer.getWeights().map((weight, i) => {
      const isVariance = /variance/.test(names[i] ?? '');
      const data = uniform(random, weight.size).map((v) => (isVariance ? 1 + v * 0.5 : v * 0.6));
      return tf.tensor(data, weight.shape);
    });
    layer.setWeights(drawn);
  }
}

async function saved(model: tf.LayersModel): Promise<{ json: object; bytes: Uint8Array }> {
  let artifacts: tf.io.ModelArtifacts = {};
  await model.save(
    tf.io.withSaveHandler(async (given) => {
      artifacts = given;
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    }),
  );
  const { modelTopology, weightSpecs, weightData } = artifacts;
  const weightsManifest = [{ paths: ['group1-shard1of1.bin'], weights: weightSpecs }];
  return {
    json: JSON.parse(JSON.stringify({ modelTopology, weightsManifest })),
    bytes: new Uint8Array(weightData as ArrayBuffer),
  };
}

describe('models of TensorFlow.js', () => {
  it.each(models)('%s', async (_name, build) => {
    const model = build();
    draw(model);
    const shape = (model.inputs[0]?.shape ?? []).slice(1).map(Number);
    const size = shape.reduce((product, side) => product * side, 1);
    const pixels = uniform(testRandom(3), 3 * size);
    const expected = model.predict(tf.tensor(pixels, [3, ...shape])) as tf.Tensor;
    const { json, bytes } = await saved(model);
    const { spec, weights } = await decodeTfjs(json, [bytes]);
    const ours = createModel(backend, spec);
    ours.setWeights(weights);
    const [channels = 0, height = 0, width = 0] = spec.inputShape;
    const y = ours.predict(channelsFirst(pixels, [3, height, width, channels]));
    const [n, ...rest] = expected.shape;
    const isImage = rest.length === 3;
    expect(y.shape).toEqual(isImage ? [n, rest[2], rest[0], rest[1]] : expected.shape);
    const values = Float32Array.from(expected.dataSync());
    expectClose(y.data, isImage ? channelsFirst(values, expected.shape) : values, 1e-5);
  });
});

/** `[N, H, W, C]` as `[N, C, H, W]`. */
function channelsFirst(
  data: Float32Array,
  [count = 0, height = 0, width = 0, channels = 0]: readonly number[],
): Float32Array {
  const plane = height * width;
  const all = new Float32Array(data.length);
  for (let n = 0; n < count; n++) {
    for (let pixel = 0; pixel < plane; pixel++) {
      for (let c = 0; c < channels; c++) {
        all[(n * channels + c) * plane + pixel] = data[(n * plane + pixel) * channels + c] ?? 0;
      }
    }
  }
  return all;
}
