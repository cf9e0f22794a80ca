/**
 * Targets: models and recipes as JSON, arguments of the command line, and options of `fit` as JavaScript passes them. One file, as
 * all draw from the same values, right and wrong; a target for each way in.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { createBackend, createModel, type FitOptions, layers, namedModels } from 'convlet';
import fc from 'fast-check';
import { readBeginning } from '../../src/cli/beginning.ts';
import { addEvaluate } from '../../src/cli/evaluate.ts';
import { addExport } from '../../src/cli/export.ts';
import { addInspect } from '../../src/cli/inspect.ts';
import { UsageError } from '../../src/cli/options.ts';
import { addPredict } from '../../src/cli/predict.ts';
import { applyRecipe } from '../../src/cli/recipe.ts';
import type { TrainOptions } from '../../src/cli/run.ts';
import { addTrain } from '../../src/cli/train.ts';
import { inferNetwork } from '../../src/compile/network.ts';
import { checkSpec, type ModelSpec } from '../../src/compile/spec.ts';
import { parseSpec } from '../../src/formats/convlet/content.ts';
import { fitSettings } from '../../src/model/fitOptions.ts';
import { recipes } from '../../src/model/recipes.ts';
import { cases } from '../support/controls.ts';
import { junk } from '../support/junk.ts';
import { networks } from '../support/networks.ts';
import { NUMBERS } from './bytes.ts';
import { expectSame } from './files.ts';
import { expectPlainText, expectRefusal, type Target } from './harness.ts';
import { type HostileText, hasRepeatedKey, hostileJson, showText } from './json.ts';

const backend = await createBackend();

/** Networks that are run once they were taken: no more numbers than these. */
const MOST_PARAMETERS = 20_000;
const MOST_VALUES = 50_000;

const specs = [
  ...networks.map(({ spec }) => spec),
  ...Object.values(namedModels).map((named) => named([1, 28, 28], 10)),
];

/** Throws unless a spec says what the text says: every field of the text is in it, with its value. */
function checkMeaning(spec: ModelSpec, text: string): void {
  const given = JSON.parse(text) as { layers: Record<string, unknown>[]; inputShape: unknown };
  expectSame(spec.inputShape, given.inputShape, 'inputShape');
  for (const [i, layer] of given.layers.entries()) {
    const taken = spec.layers[i] as unknown as Record<string, unknown>;
    const fields = typeof layer === 'string' ? { type: layer } : layer;
    for (const [name, value] of Object.entries(fields)) {
      expectSame(taken[name], value, `layers[${i}].${name}`);
    }
  }
}

const specTarget: Target<HostileText, ModelSpec> = {
  name: 'specs',
  runs: 1000,
  inputs: hostileJson(specs),
  size: ({ text }) => text.length,
  show: showText,
  read({ text }) {
    const spec = parseSpec(text, 'f');
    inferNetwork(spec);
    return spec;
  },
  check(spec, { text }) {
    if (hasRepeatedKey(text)) throw new Error('wrongly taken: a key that is repeated');
    checkMeaning(spec, text);
    const again = checkSpec(JSON.parse(JSON.stringify(spec)));
    expectSame(JSON.stringify(again), JSON.stringify(spec), 'what is read again');
    const { layers, blockLength } = inferNetwork(spec);
    const values = [spec.inputShape, ...layers.map(({ output }) => output)].reduce(
      (sum, shape) => sum + shape.reduce((product, size) => product * size, 1),
      0,
    );
    if (blockLength > MOST_PARAMETERS || values > MOST_VALUES) return;
    const model = createModel(backend, spec);
    const length = spec.inputShape.reduce((product, size) => product * size, 1);
    const { data } = model.predict({
      shape: [1, ...spec.inputShape],
      data: Float32Array.from({ length }, (_, i) => (i % 7) / 7),
    });
    model.dispose();
    const last = layers.at(-1)?.output ?? [];
    expectSame(
      data.length,
      last.reduce((product, size) => product * size, 1),
      'outputs',
    );
  },
};

const folder = mkdtempSync(join(tmpdir(), 'convlet-fuzz-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

/** What a command line comes to, as far as it can be told before anything is loaded. */
interface Parsed {
  readonly command: string;
  readonly options: Record<string, unknown>;
  readonly arguments: readonly unknown[];
}

/** Runs `convlet ARGUMENTS` up to the point at which it would load, train or write. */
async function parse(args: readonly string[]): Promise<Parsed> {
  const program = new Command('convlet').exitOverride();
  for (const add of [addTrain, addEvaluate, addPredict, addExport, addInspect]) add(program);
  let parsed: Parsed | undefined;
  for (const command of program.commands) {
    command.exitOverride().configureOutput({ writeErr: () => {}, writeOut: () => {} });
    command.action(async (...given: unknown[]) => {
      const own = given.at(-1) as Command;
      const options = own.opts();
      if (own.name() === 'train') {
        const beginning = await readBeginning(await applyRecipe(options as TrainOptions, own), own);
        inferNetwork(checkSpec(beginning.spec({ shape: [1, 28, 28], classes: 10 })));
        const { epochs, batchSize, shuffle } = beginning.options;
        fitSettings({
          epochs,
          batchSize,
          shuffle,
          optimizer: beginning.optimizer,
          ...beginning.controls,
        });
      }
      parsed = { command: own.name(), options: own.opts(), arguments: given.slice(0, -2) };
    });
  }
  program.configureOutput({ writeErr: () => {}, writeOut: () => {} });
  await program.parseAsync(['node', 'convlet', ...args]);
  if (parsed === undefined) throw new Error('internal: no command ran');
  return parsed;
}

/** What the command prints, if it refuses: one line of ours, or of commander about its usage. */
function commandRefusal(error: Error): void {
  if (
    error.constructor.name === 'CommanderError' ||
    error.constructor.name === 'InvalidArgumentError'
  )
    return;
  if (!(error instanceof UsageError)) expectRefusal(error);
  else if (!/^[^\n]+: expected [^\n]+, got [^\n]+/.test(error.message)) {
    throw new Error(`refused in another form: ${error.message}`, { cause: error });
  }
  expectPlainText(error);
}

const whole = JSON.stringify(networks[0]?.spec);
const specFile = join(folder, 'spec.json');
writeFileSync(specFile, whole);
const LINES = [
  `train --model ${specFile} --epochs 3 --batch-size 32 --optimizer adam,beta1=0.8 --learning-rate 0.01 --seed 5`,
  'train --schedule multiStep,factor=0.5,at=5,10 --warmup 0.5 --weight-decay 0.01 --clip-norm 1 --clip-value 0.5',
  'train --loss categoricalCrossentropy --label-smoothing 0.1 --class-weights balanced --metrics accuracy,top5',
  'train --validation-split 0.2 --early-stopping 3,min-delta=0.1,restore-best=false --average-weights --accumulate 2 --shards 4',
  'train --recipe reference --threads 2 --no-shuffle --data mnist --train-samples 100 --test-samples 50 --json --quiet',
  'train --loss huber,delta=0.5 --schedule {"type":"cosine","to":0.1} --optimizer momentum,nesterov=1 --size 32x32 --channels 3',
  'evaluate model.safetensors --data mnist --test-samples 10 --json',
  'predict model.safetensors a.png b.png --csv --skip-bad',
  'export model.safetensors --format onnx --out x --preprocessing',
  `inspect ${specFile} --json`,
].map((line) => line.split(' '));
const FLAGS = [...new Set(LINES.flat().filter((word) => word.startsWith('--')))];
const WORDS = [
  ...NUMBERS,
  ...FLAGS,
  ...FLAGS.map((flag) => `${flag}=`),
  ...FLAGS.map((flag) => `${flag}=1`),
  '--',
  '-',
  '-j',
  '--epoch',
  '--jsom',
  'x',
  '{',
  '{}',
  '[]',
  '{"type":"sgd","type":"adam"}',
  '{"__proto__":{"polluted":1}}',
  '__proto__=1',
  'sgd,__proto__=1',
  'constructor',
  'toString',
  'adam,beta1=',
  'adam,beta1=0.5,beta1=0.9',
  'sgd,learning-rate=0.1',
  'step,factor=0.5,every=2,unit=step',
  'warmup',
  'reduceOnPlateau,patience=1',
  'oneCycle',
  '1,2,3',
  'balanced',
  'accuracy',
  'top5,top5',
  '\u001b[31mred',
  '\u009b31m',
  '\u202etxt',
  '\ud800',
  '32x',
  '0x32',
  'auto',
  'npz',
  '/dev/null',
  folder,
  join(folder, 'nothing.json'),
];

type LineEdit = { readonly at: number } & (
  | { readonly word: string }
  | { readonly insert: string }
  | { readonly drop: true }
  | { readonly from: number }
);
const word = fc.oneof(fc.constantFrom(...WORDS), fc.constantFrom(...WORDS), fc.string());
const lineEdit: fc.Arbitrary<LineEdit> = fc.oneof(
  fc.record({ at: fc.nat(20), word }),
  fc.record({ at: fc.nat(20), insert: word }),
  fc.record({ at: fc.nat(20), drop: fc.constant(true as const) }),
  fc.record({ at: fc.nat(20), from: fc.nat(LINES.length - 1) }),
);
const lines: fc.Arbitrary<readonly string[]> = fc
  .record({
    line: fc.nat(LINES.length - 1),
    edits: fc.oneof(
      fc.constant([]),
      fc.array(lineEdit, { minLength: 1, maxLength: 3 }),
      fc.array(lineEdit, { minLength: 1, maxLength: 3 }),
    ),
  })
  .map(({ line, edits }) => {
    const words = [...(LINES[line] ?? [])];
    for (const edit of edits) {
      const at = edit.at % (words.length + 1);
      if ('word' in edit) words[at] = edit.word;
      else if ('insert' in edit) words.splice(at, 0, edit.insert);
      else if ('drop' in edit) words.splice(at, 1);
      else words.splice(at, 0, ...(LINES[edit.from] ?? []).slice(1));
    }
    return words;
  });

const argumentTarget: Target<readonly string[], Parsed> = {
  name: 'arguments',
  runs: 600,
  inputs: lines,
  size: (words) => words.join().length,
  show: (words) => JSON.stringify(words),
  refusal: commandRefusal,
  read: parse,
  check({ command, options }, words) {
    expectSame(
      command,
      words.find((word) => !word.startsWith('-')),
      'command',
    );
    // what was written is there, with a value of its own
    for (const [i, word] of words.entries()) {
      const [, flag, value = words[i + 1]] = /^--([a-z-]+)(?:=(.*))?$/s.exec(word) ?? [];
      const name = flag?.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
      if (name === undefined || !['epochs', 'seed', 'batchSize', 'trainSamples'].includes(name))
        continue;
      if (
        words.lastIndexOf(word) !== i ||
        words.filter((other) => other.startsWith(`--${flag}`)).length > 1
      )
        continue;
      expectSame(options[name], Number(value), `--${flag}`);
    }
  },
};

const recipeTexts = hostileJson([
  ...Object.values(recipes).map((recipe) => JSON.parse(JSON.stringify(recipe))),
  {
    model: networks[0]?.spec,
    metrics: ['accuracy', 'top5'],
    earlyStopping: { patience: 2 },
    validationSplit: 0.1,
    accumulate: 2,
    shards: 3,
    shuffle: false,
  },
]);
const recipeFile = join(folder, 'recipe.json');

const recipeTarget: Target<HostileText, Parsed> = {
  name: 'recipes',
  runs: 600,
  inputs: recipeTexts,
  size: ({ text }) => text.length,
  show: showText,
  refusal: commandRefusal,
  read({ text }) {
    writeFileSync(recipeFile, text);
    return parse(['train', '--recipe', recipeFile]);
  },
  check({ options }, { text }) {
    if (hasRepeatedKey(text)) throw new Error('wrongly taken: a key that is repeated');
    const given: Record<string, unknown> = JSON.parse(text);
    for (const name of [
      'epochs',
      'batchSize',
      'shuffle',
      'accumulate',
      'shards',
      'validationSplit',
    ]) {
      if (given[name] !== undefined) expectSame(options[name], given[name], name);
    }
  },
};

/** A tree of options in which something was replaced, added or left out. */
interface HostileOptions {
  readonly options: FitOptions;
  readonly what: string;
}

const values: Readonly<Record<string, unknown>> = {
  ...junk,
  '-0': -0,
  '2 ** 31': 2 ** 31,
  '1e-46': 1e-46,
  '1e39': 1e39,
  '-Infinity': Number.NEGATIVE_INFINITY,
  "'__proto__'": '__proto__',
  'a lone surrogate': '\ud800',
  'an escape': '\u009b31m',
  'a sparse list': new Array(3),
  'a long list': new Array(100_000).fill(1),
};
const small = {
  inputShape: [1, 4, 4],
  layers: [layers.flatten(), layers.dense({ units: 3 })],
};
const images = Float32Array.from({ length: 12 * 16 }, (_, i) => (i % 7) / 7);
const data = {
  images,
  labels: Uint8Array.from({ length: 12 }, (_, i) => i % 3),
  shape: [1, 4, 4],
  classes: 3,
};
const targets = {
  images,
  targets: Float32Array.from({ length: 36 }, (_, i) => (i % 5) / 5),
  shape: [1, 4, 4],
};

/** Replaces a part of a tree of plain objects, by the number of the part. */
function replaced(
  tree: unknown,
  part: { left: number },
  edit: (value: unknown) => unknown,
): unknown {
  if (part.left-- === 0) return edit(tree);
  if (Array.isArray(tree)) return tree.map((value) => replaced(value, part, edit));
  if (typeof tree !== 'object' || tree === null || Object.getPrototypeOf(tree) !== Object.prototype)
    return tree;
  return Object.fromEntries(
    Object.entries(tree).map(([name, value]) => [name, replaced(value, part, edit)]),
  );
}

const fitOptions: fc.Arbitrary<HostileOptions> = fc
  .record({
    given: cases,
    edits: fc.array(
      fc.record({
        part: fc.nat(25),
        value: fc.constantFrom(...Object.keys(values)),
        key: fc.option(
          fc.constantFrom('lr', 'epoch', 'type', '__proto__', 'from', 'patience', 'unit'),
          { nil: undefined },
        ),
      }),
      { maxLength: 2 },
    ),
  })
  .map(({ given, edits }) => {
    const { validationData, ...rest } = given.options;
    const isValued = 'targets' in given.task.data;
    let options: unknown = {
      ...rest,
      ...(validationData && { validationData: isValued ? targets : data }),
      ...(JSON.stringify(rest.loss ?? '').includes('classWeights":[') && {
        loss: 'categoricalCrossentropy',
      }),
    };
    for (const { part, value, key } of edits) {
      options = replaced(options, { left: part }, (old) =>
        key === undefined || typeof old !== 'object' || old === null
          ? values[value]
          : Object.defineProperty({ ...old }, key, { value: values[value], enumerable: true }),
      );
    }
    return {
      options: options as FitOptions,
      what: edits.map(({ part, value, key }) => `${part} ${key ?? ''}=${value}`).join('; '),
    };
  });

const fitTarget: Target<HostileOptions, Float32Array> = {
  name: 'fit-options',
  runs: 500,
  inputs: fitOptions,
  size: () => 1000,
  show: ({ options, what }) => {
    try {
      return `${what}: ${JSON.stringify(options, (_, value) => (ArrayBuffer.isView(value) ? 'array' : typeof value === 'bigint' ? `${value}n` : value)).slice(0, 1000)}`;
    } catch {
      return what;
    }
  },
  async read({ options }) {
    const model = createModel(backend, small);
    const isObject = typeof options === 'object' && options !== null;
    const { loss } = isObject ? (options as FitOptions) : {};
    const type =
      typeof loss === 'object' && loss !== null ? (loss as { type?: unknown }).type : loss;
    const isValued = type !== undefined && type !== 'categoricalCrossentropy';
    try {
      const epochs = isObject ? (options as FitOptions).epochs : undefined;
      const few = typeof epochs === 'number' && epochs > 3 ? { epochs: 3 } : {};
      await model.fit(isValued ? targets : data, isObject ? { ...options, ...few } : options);
      return [...model.weights().values()].map(({ data }) => data)[0] ?? new Float32Array();
    } finally {
      model.dispose();
    }
  },
  check(weights) {
    if (!weights.every(Number.isFinite))
      throw new Error('wrongly taken: weights that are not finite');
  },
};

export const options: readonly Target[] = [
  specTarget,
  recipeTarget,
  argumentTarget,
  fitTarget,
] as readonly Target[];
