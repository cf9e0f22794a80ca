/**
 * Tells a number from an image: by how many degrees a bar is tilted.
 *
 *   node examples/regression/train.js [epochs]
 *
 * The images are drawn here: a bar of any length, width and place on noisy ground, 24×24, tilted by −60 to 60 degrees.
 */
import { createBackend, createModel, layers, losses, optimizers, schedules } from 'convlet';

const SIZE = 24;
const MOST_DEGREES = 60;
const [epochs = '20'] = process.argv.slice(2);

let state = 1;
/** Numbers from 0 to 1, the same in every run (Numerical Recipes' generator). */
function random() {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32;
}

/** Bars, and how far each is tilted: its angle as a share of `MOST_DEGREES`, from −1 to 1. */
function drawBars(count) {
  const images = new Uint8Array(count * SIZE * SIZE);
  const targets = Float32Array.from({ length: count }, () => 2 * random() - 1);
  for (const [n, tilt] of targets.entries()) {
    const angle = (tilt * MOST_DEGREES * Math.PI) / 180;
    const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
    const [left, top] = [0, 1].map(() => SIZE / 2 + 4 * (random() - 0.5));
    const [length, width] = [6 + 4 * random(), 1 + 1.5 * random()];
    for (let i = 0; i < SIZE * SIZE; i++) {
      const [x, y] = [(i % SIZE) - left, Math.floor(i / SIZE) - top];
      const [along, across] = [x * cosine + y * sine, y * cosine - x * sine];
      const isInside = Math.abs(along) < length && Math.abs(across) < width;
      images[n * SIZE * SIZE + i] = (isInside ? 150 : 0) + 100 * random();
    }
  }
  return { images, shape: [1, SIZE, SIZE], targets };
}

const [train, test] = [drawBars(2000), drawBars(500)];
const model = createModel(await createBackend(), {
  inputShape: train.shape,
  layers: [
    layers.conv2d({ filters: 8, kernelSize: 5 }),
    layers.relu(),
    layers.maxPool2d({ poolSize: 2 }),
    layers.conv2d({ filters: 16, kernelSize: 3 }),
    layers.relu(),
    layers.maxPool2d({ poolSize: 2 }),
    layers.flatten(),
    layers.dense({ units: 32 }),
    layers.relu(),
    layers.dense({ units: 1 }),
  ],
});
await model.fit(train, {
  epochs: Number(epochs),
  batchSize: 32,
  loss: losses.meanSquaredError(),
  optimizer: optimizers.adam({ learningRate: schedules.cosine({ from: 0.003 }) }),
});
const { meanAbsoluteError } = model.evaluate(test);
console.log(`off by ${(meanAbsoluteError * MOST_DEGREES).toFixed(1)} degrees on 500 new bars`);
const [said] = model.predict(test.images.subarray(0, SIZE * SIZE)).data;
const degrees = [test.targets[0], said].map((tilt) => (tilt * MOST_DEGREES).toFixed(1));
console.log(`the first one is tilted by ${degrees[0]}, and the network says ${degrees[1]}`);
model.dispose();
