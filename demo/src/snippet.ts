/** The program that learns the same in Node: with the digits of this page, to the same bits. @module */
import {
  type AugmentOptions,
  type EarlyStoppingOptions,
  type LayerSpec,
  type ModelSpec,
  type OptimizerSpec,
  optimizers,
} from 'convlet';
import type { Settings } from './settings.ts';

/** All that the trained weights follow from. */
export interface Recipe {
  readonly spec: ModelSpec;
  readonly settings: Settings;
  readonly optimizer: OptimizerSpec;
  readonly augment: AugmentOptions | undefined;
  readonly earlyStopping: EarlyStoppingOptions | undefined;
  /** Of the digits that come with the page; undefined for the reader's own. */
  readonly trainSamples: number | undefined;
  /** What `loadDataset` is given to read the reader's own. */
  readonly path: string | undefined;
}

/** Convlet's defaults, which a checkpoint spells out. */
const STILL: AugmentOptions = { shift: 0, rotate: 0, zoom: 0, shear: 0, fill: 0 };
const STOPPING = { monitor: 'validationLoss', minDelta: 0, restoreBest: true };

export function snippetOf(recipe: Recipe): string {
  const { spec, settings, optimizer, augment, earlyStopping, trainSamples, path } = recipe;
  const { inputShape, normalize, layers } = spec;
  const data = trainSamples === undefined ? "data: 'DIR'" : `trainSamples: ${trainSamples}`;
  const [loader, call] =
    path === undefined
      ? ['loadMnist', `loadMnist({\n  ${data},\n}`]
      : [
          'loadDataset',
          `loadDataset(${JSON.stringify(path)}, { ${samplesOf(settings)}channels: 1 }`,
        ];
  const { type, learningRate, ...others } = optimizer;
  const options = { learningRate, ...unusual(others, optimizers[type]({})) };
  const pixels = normalize === undefined ? '' : `const normalize = ${literal(normalize)};\n`;
  const controls = [
    ...(augment ? [`  augment: ${literal(unusual(augment, STILL))},`] : []),
    ...(earlyStopping
      ? [
          '  validationData: test,',
          `  earlyStopping: ${literal(unusual(earlyStopping, STOPPING))},`,
        ]
      : []),
  ];
  return `import {
  createBackend,
  createModel,
  layers,
  optimizers,
${typeof learningRate === 'number' ? '' : '  schedules,\n'}} from 'convlet';
import { ${loader} } from 'convlet/node';

const backend = await createBackend();
const { train, test } = await ${call});
const network = [
${layers.map((layer) => `  ${layerCall(layer)},`).join('\n')}
];
const inputShape = ${literal(inputShape)};
${pixels}const model = createModel(
  backend,
  { inputShape, ${pixels && 'normalize, '}layers: network },
  { seed: ${settings.seed} },
);
await model.fit(train, {
  epochs: ${settings.epochs},
  batchSize: ${settings.batchSize},
  optimizer: optimizers.${type}({
${linesOf(options)}
  }),
${controls.map((line) => `${line}\n`).join('')}});
console.log(model.evaluate(test).accuracy);
// the same wherever it runs
console.log(await model.weightsSha256());
`;
}

/** How many pictures it learns from, if not from all. */
function samplesOf({ samples }: Settings): string {
  return samples === 0 ? '' : `trainSamples: ${samples}, `;
}

/** `layers.dense({ units: 10 })` */
function layerCall({ type, ...options }: LayerSpec): string {
  return `layers.${type}(${Object.keys(options).length === 0 ? '' : literal(options)})`;
}

/** Options that are not as by default. */
function unusual(options: object, usual: object): object {
  const byDefault: Readonly<Record<string, unknown>> = { ...usual };
  return Object.fromEntries(
    Object.entries(options).filter(([name, value]) => value !== byDefault[name]),
  );
}

/** A line for each option of an optimizer. */
function linesOf(options: object): string {
  const lines = Object.entries(options).map(([name, value]) => `    ${name}: ${literal(value)},`);
  return lines.join('\n');
}

/** Plain data as TypeScript; schedules, which alone have a type there, as the calls that make them. */
function literal(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const { type, ...parts }: { readonly type?: unknown } = value;
  const text = `{ ${Object.entries(parts)
    .map(([name, part]) => `${name}: ${literal(part)}`)
    .join(', ')} }`;
  return typeof type === 'string' ? `schedules.${type}(${text})` : text;
}
