/**
 * The reference network in TensorFlow.js, on its WebAssembly backend.
 *
 * That backend has no gradient of a convolution by its filters (`Conv2DBackpropFilter` is not registered); it is
 * supplied here, as a matrix product over patches. Tensors are NHWC there and NCHW here: weights are permuted.
 */
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';

const FILTERS = 12;
const KERNEL = 3;
const POOLED = 13;
const CONV = 26;

export const version = tf.version.tfjs;

export async function start() {
  const main = fileURLToPath(import.meta.resolve('@tensorflow/tfjs-backend-wasm'));
  setWasmPaths(`${dirname(main)}/`);
  await tf.setBackend('wasm');
  await tf.ready();
}

/** conv2d(x, w), its gradient by w from patches; x is data and needs none. */
const convolution = tf.customGrad((x, w, save) => {
  save([x]);
  const value = tf.conv2d(x, w, 1, 'valid');
  const gradFunc = (dy, [saved]) => {
    const patches = [];
    for (let p = 0; p < KERNEL; p++) {
      for (let q = 0; q < KERNEL; q++) {
        patches.push(tf.slice(saved, [0, p, q, 0], [saved.shape[0], CONV, CONV, 1]).reshape([-1]));
      }
    }
    const dw = tf.matMul(tf.stack(patches), dy.reshape([-1, FILTERS]));
    return [tf.zerosLike(saved), dw.reshape([KERNEL, KERNEL, 1, FILTERS])];
  };
  return { value, gradFunc };
});

/** A network that starts from the weights of a Convlet model. */
export function createNetwork(weights) {
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
  const batch = ({ images, labels }, start, count) => [
    tf.tensor4d(
      Float32Array.from(images.subarray(start * 784, (start + count) * 784), (byte) =>
        Math.fround(byte / 255),
      ),
      [count, 28, 28, 1],
    ),
    tf.tensor1d(Int32Array.from(labels.subarray(start, start + count)), 'int32'),
  ];
  return {
    /** One epoch in the order of the data: its mean loss and accuracy while training. */
    trainEpoch(data, batchSize, learningRate) {
      const optimizer = tf.train.sgd(learningRate);
      let [loss, correct] = [0, 0];
      for (let start = 0; start < data.labels.length; start += batchSize) {
        const count = Math.min(batchSize, data.labels.length - start);
        tf.tidy(() => {
          const [x, labels] = batch(data, start, count);
          let y;
          const mean = optimizer.minimize(() => {
            y = tf.keep(logits(x));
            return lossesOf(y, labels).mean();
          }, true);
          loss += mean.dataSync()[0] * count;
          correct += y.argMax(1).equal(labels).sum().dataSync()[0];
          y.dispose();
        });
      }
      return { loss: loss / data.labels.length, accuracy: correct / data.labels.length };
    },
    evaluate(data) {
      return tf.tidy(() => {
        const [x, labels] = batch(data, 0, data.labels.length);
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
