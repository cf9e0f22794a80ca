/** The program that learns the same in Node: with the digits of this page, to the same bits. @module */
import {
  type AugmentOptions,
  type Checkpoint,
  type EarlyStoppingOptions,
  type LayerSpec,
  type Loss,
  losses,
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
  /** How many pictures it learns from, if not from all that a loader gives. */
  readonly trainSamples: number | undefined;
  /** Whether the digits are those that come with the page. */
  readonly isBundled: boolean;
  /** What `loadDataset` is given to read the reader's own. */
  readonly path: string | undefined;
  /** What it goes on from, which may have options that the page has not. */
  readonly checkpoint: Kept | undefined;
}

type Kept = Pick<
  Checkpoint,
  'loss' | 'accumulate' | 'averageWeights' | 'validationSplit' | 'shards'
>;

/** Convlet's defaults, which a checkpoint spells out. */
const STILL: AugmentOptions = { shift: 0, rotate: 0, zoom: 0, shear: 0, fill: 0 };
const STOPPING = { monitor: 'validationLoss', minDelta: 0, restoreBest: true };

export function snippetOf(recipe: Recipe): string {
  const { spec, settings, optimizer, augment, earlyStopping, checkpoint } = recipe;
  const { inputShape, normalize, layers } = spec;
  const [loader, call] = loaderOf(recipe);
  const loss = lossOf(checkpoint);
  const { type, learningRate, ...others } = optimizer;
  const options = { learningRate, ...unusual(others, optimizers[type]({})) };
  const pixels = normalize === undefined ? '' : `const normalize = ${literal(normalize)};\n`;
  const controls = [
    ...(loss === undefined ? [] : [`  loss: ${loss},`]),
    ...(augment ? [`  augment: ${literal(unusual(augment, STILL))},`] : []),
    ...KEPT.flatMap((name) => {
      const value = checkpoint?.[name];
      return value === undefined ? [] : [`  ${name}: ${literal(value)},`];
    }),
    ...(earlyStopping
      ? [
          ...(checkpoint?.validationSplit === undefined ? ['  validationData: test,'] : []),
          `  earlyStopping: ${literal(unusual(earlyStopping, STOPPING))},`,
        ]
      : []),
  ];
  return `import {
  createBackend,
  createModel,
  layers,
${loss === undefined ? '' : '  losses,\n'}  optimizers,
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

/** Options of a checkpoint that the page cannot set. */
const KEPT = ['accumulate', 'shards', 'averageWeights', 'validationSplit'] as const;

/** Who reads the data, and how it is called. */
function loaderOf({ path, isBundled, trainSamples }: Recipe): [loader: string, call: string] {
  const samples = trainSamples === undefined ? [] : [`trainSamples: ${trainSamples}`];
  if (path !== undefined) {
    const options = [...samples, 'channels: 1'].join(', ');
    return ['loadDataset', `loadDataset(${JSON.stringify(path)}, { ${options} }`];
  }
  const lines = isBundled
    ? samples
    : ['// the four files of MNIST, by their names', "data: 'DIR'", ...samples];
  const text = lines.map((line) => `  ${line}${line.startsWith('//') ? '' : ','}\n`).join('');
  return ['loadMnist', `loadMnist({\n${text}}`];
}

/** The loss, if it is not that of Convlet by default. */
function lossOf(checkpoint: Kept | undefined): string | undefined {
  if (checkpoint === undefined) return undefined;
  const { type, ...given } = checkpoint.loss;
  const make = losses[type] as (options: object) => Loss & object;
  const options = unusual(given, make({}));
  if (Object.keys(options).length > 0) return `losses.${type}(${literal(options)})`;
  return type === 'categoricalCrossentropy' ? undefined : `losses.${type}()`;
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
