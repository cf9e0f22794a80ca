/** The program that learns the same in Node: with the digits of this page, to the same bits. @module */
import type { LayerSpec, ModelSpec } from 'convlet';
import type { Settings } from './settings.ts';

/** @param trainSamples Of the digits that come with the page; undefined for the reader's own. */
export function snippetOf(
  { inputShape, layers }: ModelSpec,
  { learningRate, batchSize, optimizer, seed, epochs }: Settings,
  trainSamples: number | undefined,
): string {
  const data = trainSamples === undefined ? "data: 'DIR'" : `trainSamples: ${trainSamples}`;
  return `import {
  createBackend,
  createModel,
  layers,
  optimizers,
} from 'convlet';
import { loadMnist } from 'convlet/node';

const backend = await createBackend();
const { train, test } = await loadMnist({
  ${data},
});
const network = [
${layers.map((layer) => `  ${layerCall(layer)},`).join('\n')}
];
const inputShape = [${inputShape.join(', ')}];
const model = createModel(
  backend,
  { inputShape, layers: network },
  { seed: ${seed} },
);
await model.fit(train, {
  epochs: ${epochs},
  batchSize: ${batchSize},
  optimizer: optimizers.${optimizer}({
    learningRate: ${learningRate},
  }),
});
console.log(model.evaluate(test).accuracy);
// the same wherever it runs
console.log(await model.weightsSha256());
`;
}

/** `layers.dense({ units: 10 })` */
function layerCall({ type, ...options }: LayerSpec): string {
  const entries = Object.entries(options).map(([name, value]) => `${name}: ${literal(value)}`);
  return `layers.${type}(${entries.length === 0 ? '' : `{ ${entries.join(', ')} }`})`;
}

function literal(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  return Array.isArray(value) ? `[${value.join(', ')}]` : String(value);
}
