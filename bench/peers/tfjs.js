/**
 * The reference network in TensorFlow.js, on its WebAssembly backend.
 *
 * That backend has no gradient of a convolution's filters (`Conv2DBackpropFilter` is not registered). The gradient is
 * supplied here, as a matrix product over patches. TensorFlow.js has NHWC and Convlet NCHW, so weights are permuted.
 */
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';

const FILTERS = 12;
const KERNEL = 3;
const POOLED = 13;

export const version = tf.version.tfjs;

/** @param backend `wasm`, or `cpu`, which is plain JavaScript. */
export async function start(backend = 'wasm') {
  const main = fileURLToPath(import.meta.resolve('@tensorflow/tfjs-backend-wasm'));
  setWasmPaths(`${dirname(main)}/`);
  await tf.setBackend(backend);
  await tf.ready();
}

/** conv2d(x, w) with the gradient of w from patches. x is data and needs no gradient. */
const patchedConvolution = tf.customGrad((x, w, save) => {
  save([x]);
  const value = tf.conv2d(x, w, 1, 'valid');
  const gradFunc = (dy, [saved]) => {
    // patches from a convolution that picks one pixel for each tap. Measured: 2 ms per batch; nine slices take 40
    const taps = KERNEL * KERNEL;
    const patches = tf.conv2d(saved, tf.eye(taps).reshape([KERNEL, KERNEL, 1, taps]), 1, 'valid');
    const dw = tf.matMul(patches.reshape([-1, taps]), dy.reshape([-1, FILTERS]), true);
    return [tf.zerosLike(saved), dw.reshape([KERNEL, KERNEL, 1, FILTERS])];
  };
  return { value, gradFunc };
});

/**
 * A network that starts from the weights of a Convlet model.
 * @param isPatched False takes the library's own gradient, which its wasm backend does not have.
 */
export function createNetwork(weights, isPatched = true) {
  const convolution = isPatched ? patchedConvolution : (x, w) => tf.conv2d(x, w, 1, 'valid');
  const get = (key) => tf.tensor(weights.get(key).data, weights.get(key).shape);
  const variables = tf.tidy(() => ({
    '0.weight': tf.variable(get('0.weight').transpose([2, 3, 1, 0])),
    '0.bias': tf.variable(get('0.bias')),
    '4.weight': tf.variable(
      get('4.weight')
        .reshape([10, FILTERS, POOLED, POOLED])
        .transpose([2, 3, 1, 0])
        .reshape([-1, 10]),
    ),
    '4.bias': tf.variable(get('4.bias')),
  }));
  const logits = (x) => {
    const conv = convolution(x, variables['0.weight']).add(variables['0.bias']);
    const pooled = tf.maxPool(conv.relu(), 2, 2, 'valid');
    return pooled.reshape([x.shape[0], -1]).matMul(variables['4.weight']).add(variables['4.bias']);
  };
  const lossesOf = (y, labels) => tf.oneHot(labels, 10).mul(tf.logSoftmax(y)).sum(1).neg();
  const pixels = ({ images }, start, count) =>
    Float32Array.from(
      images.subarray(start * 784, (start + count) * 784),
      (byte) => byte / 255, // rounded to f32 when it is stored
    );
  const tensors = (x, labels) => [
    tf.tensor4d(x, [labels.length, 28, 28, 1]),
    tf.tensor1d(Int32Array.from(labels), 'int32'),
  ];
  /** One step of descent. Returns the loss of the batch before the step, and the number of right predictions. */
  const trainStep = (pixels, targets, learningRate) =>
    tf.tidy(() => {
      const [x, labels] = tensors(pixels, targets);
      let y;
      const mean = tf.train.sgd(learningRate).minimize(() => {
        y = tf.keep(logits(x));
        return lossesOf(y, labels).mean();
      }, true);
      const [loss] = mean.dataSync();
      const [correct] = y.argMax(1).equal(labels).sum().dataSync();
      y.dispose();
      return { loss, correct };
    });
  return {
    trainStep,
    /** One epoch in the order of the data: its mean loss and accuracy while training. */
    trainEpoch(data, batchSize, learningRate) {
      let [loss, correct] = [0, 0];
      for (let start = 0; start < data.labels.length; start += batchSize) {
        const labels = data.labels.subarray(start, start + batchSize);
        const step = trainStep(pixels(data, start, labels.length), labels, learningRate);
        loss += step.loss * labels.length;
        correct += step.correct;
      }
      return { loss: loss / data.labels.length, accuracy: correct / data.labels.length };
    },
    evaluate(data) {
      return tf.tidy(() => {
        const [x, labels] = tensors(pixels(data, 0, data.labels.length), data.labels);
        const y = logits(x);
        const accuracy = y.argMax(1).equal(labels).sum().dataSync()[0] / data.labels.length;
        return { loss: lossesOf(y, labels).mean().dataSync()[0], accuracy };
      });
    },
    /** The weights in Convlet's names and layouts. */
    weights() {
      return tf.tidy(
        () =>
          new Map([
            ['0.weight', variables['0.weight'].transpose([3, 2, 0, 1]).dataSync().slice()],
            ['0.bias', variables['0.bias'].dataSync().slice()],
            [
              '4.weight',
              variables['4.weight']
                .reshape([POOLED, POOLED, FILTERS, 10])
                .transpose([3, 2, 0, 1])
                .dataSync()
                .slice(),
            ],
            ['4.bias', variables['4.bias'].dataSync().slice()],
          ]),
      );
    },
  };
}
