/** The program that learns the same in Node: with the digits of this page, to the same bits. @module */
import { type LayerSpec, type ModelSpec, type OptimizerSpec, optimizers } from 'convlet';
import type { Settings } from './settings.ts';

/** @param trainSamples Of the digits that come with the page; undefined for the reader's own. */
export function snippetOf(
  { inputShape, normalize, layers }: ModelSpec,
  { batchSize, seed, epochs }: Settings,
  optimizer: OptimizerSpec,
  trainSamples: number | undefined,
): string {
  const data = trainSamples === undefined ? "data: 'DIR'" : `trainSamples: ${trainSamples}`;
  const options = optionsOf(optimizer).map(([name, value]) => `    ${name}: ${literal(value)},`);
  const pixels = normalize === undefined ? '' : `const normalize = ${literal(normalize)};\n`;
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
const inputShape = ${literal(inputShape)};
${pixels}const model = createModel(
  backend,
  { inputShape, ${pixels && 'normalize, '}layers: network },
  { seed: ${seed} },
);
await model.fit(train, {
  epochs: ${epochs},
  batchSize: ${batchSize},
  optimizer: optimizers.${optimizer.type}({
${options.join('\n')}
  }),
});
console.log(model.evaluate(test).accuracy);
// the same wherever it runs
console.log(await model.weightsSha256());
`;
}

/** `layers.dense({ units: 10 })` */
function layerCall({ type, ...options }: LayerSpec): string {
  return `layers.${type}(${Object.keys(options).length === 0 ? '' : literal(options)})`;
}

/** The options of an optimizer that are not as by default, and its learning rate. */
function optionsOf({ type, ...options }: OptimizerSpec): [name: string, value: unknown][] {
  const usual: Readonly<Record<string, unknown>> = { ...optimizers[type]({}) };
  return Object.entries(options).filter(
    ([name, value]) => name === 'learningRate' || value !== usual[name],
  );
}

/** Plain data as TypeScript. */
function literal(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  return `{ ${Object.entries(value)
    .map(([name, part]) => `${name}: ${literal(part)}`)
    .join(', ')} }`;
}
