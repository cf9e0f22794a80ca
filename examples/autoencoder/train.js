/**
 * An autoencoder: learns to say each digit in 32 numbers and to draw it again from them.
 *
 *   node examples/autoencoder/train.js [digits.png] [epochs]
 *
 * The picture has ten test digits above, and below them what the network made of each.
 */
import { createBackend, createModel, layers, losses, optimizers } from 'convlet';
import { loadMnist } from 'convlet/node';
import sharp from 'sharp';

const SHOWN = 10;
const [path = 'digits.png', epochs = '10'] = process.argv.slice(2);

/** The digits with themselves as targets, from 0 to 1. */
function ofThemselves({ images, shape }) {
  return { images, shape, targets: Float32Array.from(images, (pixel) => pixel / 255) };
}

const digits = await loadMnist();
const [train, test] = [ofThemselves(digits.train), ofThemselves(digits.test)];
const model = createModel(await createBackend(), {
  inputShape: train.shape,
  layers: [
    layers.conv2d({ filters: 8, kernelSize: 3, strides: 2, padding: 1 }), // [8, 14, 14]
    layers.relu(),
    layers.conv2d({ filters: 16, kernelSize: 3, strides: 2, padding: 1 }), // [16, 7, 7]
    layers.relu(),
    layers.flatten(),
    layers.dense({ units: 32, name: 'code' }),
    layers.dense({ units: 16 * 7 * 7 }),
    layers.relu(),
    layers.reshape({ shape: [16, 7, 7] }),
    layers.conv2dTranspose({ filters: 8, kernelSize: 2, strides: 2 }), // [8, 14, 14]
    layers.relu(),
    layers.conv2dTranspose({ filters: 1, kernelSize: 2, strides: 2 }), // [1, 28, 28]
    layers.sigmoid(),
  ],
});
await model.fit(train, {
  epochs: Number(epochs),
  batchSize: 64,
  loss: losses.binaryCrossentropy(), // each pixel is a share of white
  optimizer: optimizers.adam({ learningRate: 0.002 }),
  onEpochEnd: ({ epoch, loss }) => console.log(`epoch ${epoch}: loss ${loss.toFixed(4)}`),
});
const { meanAbsoluteError } = model.evaluate(test, { metrics: ['meanAbsoluteError'] });
console.log(
  `pixels are off by ${(255 * meanAbsoluteError).toFixed(1)} of 255 on ${digits.test.name}`,
);

const [channels, height, width] = test.shape;
const first = test.images.subarray(0, SHOWN * height * width);
const { data, outputs } = model.predict(first, { outputs: ['code'] });
const [, length] = outputs.code.shape;
const code = Array.from(outputs.code.data.subarray(0, length), (number) => number.toFixed(1));
console.log(`the first one in ${length} numbers: ${code.join(' ')}`);

const picture = new Uint8Array(2 * SHOWN * height * width);
for (let n = 0; n < SHOWN; n++) {
  for (let i = 0; i < height * width; i++) {
    const place = Math.floor(i / width) * SHOWN * width + n * width + (i % width);
    picture[place] = first[n * height * width + i];
    picture[SHOWN * height * width + place] = Math.round(255 * data[n * height * width + i]);
  }
}
const raw = { width: SHOWN * width, height: 2 * height, channels };
await sharp(picture, { raw }).toFile(path);
model.dispose();
