/**
 * Goes on training a model that another program wrote, for example PyTorch (examples/pytorch/train.py):
 *
 *   node examples/finetune.js model.safetensors
 */
import { readFile } from 'node:fs/promises';
import { createBackend, createModel, optimizers } from 'convlet';
import { decodeModel } from 'convlet/formats';
import { loadMnist } from 'convlet/node';

const path = process.argv[2] ?? 'model.safetensors';
const { spec, weights } = decodeModel(await readFile(path), path);
const { train, test } = await loadMnist();
const model = createModel(await createBackend(), spec);
model.setWeights(weights);
console.log(`before: accuracy ${model.evaluate(test).accuracy} on ${test.name}`);
await model.fit(train, { optimizer: optimizers.adam({ learningRate: 0.0005 }) });
console.log(`after:  accuracy ${model.evaluate(test).accuracy} on ${test.name}`);
model.dispose();
