/**
 * Trains on a CSV with a label and the pixels of an image in each row, as Kaggle's `train.csv` of the digit recognizer:
 *
 *   node examples/csv/train.js train.csv
 */
import { createBackend, createModel, namedModels, optimizers } from 'convlet';
import { loadDataset } from 'convlet/node';

const [path = 'train.csv'] = process.argv.slice(2);
const { train, test, classNames, skipped } = await loadDataset(path, { skipBad: true });
for (const line of skipped) console.log(`passed over ${line}`);

const model = createModel(await createBackend(), namedModels.reference(train.shape, train.classes));
await model.fit(train, { epochs: 5, batchSize: 32, optimizer: optimizers.adam() });
const { accuracy, perClass } = model.evaluate(test);
console.log(`accuracy ${accuracy} on ${test.name}`);
for (const [label, { recall, support }] of perClass.entries()) {
  console.log(`${classNames[label]}: ${recall} of ${support}`);
}
model.dispose();
