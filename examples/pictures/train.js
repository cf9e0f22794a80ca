/**
 * Trains on a folder with one folder of pictures for each class, and tells the class of a picture:
 *
 *   node examples/pictures/train.js my-pictures model.safetensors
 *   npx convlet predict model.safetensors my-pictures/ring/0.png
 */
import { createBackend, createModel, describeDataset, layers, optimizers } from 'convlet';
import { loadDataset, saveModel } from 'convlet/node';

const [folder = 'my-pictures', path = 'model.safetensors'] = process.argv.slice(2);
const { train, test, classNames } = await loadDataset(folder);
const { mean, deviation, count } = describeDataset(train);
console.log(`${count} images of ${classNames.join(', ')}`);

const model = createModel(await createBackend(), {
  inputShape: train.shape,
  normalize: { mean, deviation },
  layers: [
    layers.conv2d({ filters: 16, kernelSize: 3 }),
    layers.relu(),
    layers.maxPool2d({ poolSize: 2 }),
    layers.conv2d({ filters: 32, kernelSize: 3 }),
    layers.relu(),
    layers.globalMaxPool2d(),
    layers.dense({ units: classNames.length }),
    layers.softmax(),
  ],
});
await model.fit(train, {
  epochs: 30,
  batchSize: 16,
  optimizer: optimizers.adam({ learningRate: 0.003 }),
});
console.log(`accuracy ${model.evaluate(test).accuracy} on ${test.name}`);
await saveModel(model, path); // with the names of the classes
model.dispose();
