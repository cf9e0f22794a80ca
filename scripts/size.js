/**
 * What a page must load to train the reference network, bundled and minified as users do: `npm run size` checks it against
 * the limits in package.json. Into build/size/, `page.js` on the page's own thread, `client.js` and `trainer.js` by way of
 * convlet/worker, `inline.js` in one file by way of convlet/inline, and `storage.js`, all of convlet/storage. What reads sources (`src/data/stream.ts`) is
 * in a file of its own, which a page loads when `fit` is given one: it counts in `inline.js` alone.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';

const root = fileURLToPath(new URL('..', import.meta.url));

const SPEC = `{ inputShape: [1, 28, 28], layers: [
  layers.conv2d({ filters: 12, kernelSize: 3 }), layers.relu(), layers.maxPool2d({ poolSize: 2 }),
  layers.flatten(), layers.dense({ units: 10 }), layers.softmax(),
] }`;

/** Training on the page's own thread, by the entry that brings the kernels along or not. */
const onItsOwnThread = (entry) => `
import { createBackend, createModel, layers, optimizers } from '${entry}';
export async function train(data, validationData, onEpochEnd) {
  const model = createModel(await createBackend(), ${SPEC});
  const optimizer = optimizers.sgd({ learningRate: 0.01 });
  await model.fit(data, { epochs: 20, batchSize: 128, optimizer, validationData, onEpochEnd });
  return model.predict(validationData.images);
}`;

/** By the name of the file: as a user would write them. */
const programs = {
  page: onItsOwnThread('convlet'),
  inline: onItsOwnThread('convlet/inline'),
  storage: "export * from 'convlet/storage';",
  client: `
import { layers, optimizers } from 'convlet';
import { createWorkerBackend } from 'convlet/worker';
export async function train(data, validationData, onEpochEnd) {
  const backend = await createWorkerBackend({ threads: 'auto' });
  const model = await backend.createModel(${SPEC});
  const optimizer = optimizers.sgd({ learningRate: 0.01 });
  await model.fit(data, { epochs: 20, batchSize: 128, optimizer, validationData, onEpochEnd });
  return model.predict(validationData.images);
}`,
};

/** A module with this code inside this folder, where `convlet` resolves to this package. */
function moduleOf(name, code) {
  const id = join(root, `${name}.size.js`);
  return {
    name: 'program',
    resolveId: (source) => (source === id ? id : undefined),
    load: (source) => (source === id ? code : undefined),
    id,
  };
}

for (const [name, code] of Object.entries(programs)) {
  const program = moduleOf(name, code);
  await bundle(name, program.id, [program]);
}
for (const name of ['trainer', 'thread']) await bundle(name, join(root, `dist/browser/${name}.js`));

async function bundle(name, input, plugins = []) {
  await build({
    input,
    plugins,
    platform: 'browser',
    external: name === 'inline' ? [] : /data\/stream\.js$/,
    output: { file: join(root, `build/size/${name}.js`), codeSplitting: false, minify: true },
  });
}
