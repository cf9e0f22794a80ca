/** The start of a `convlet train` run: options alone, the weights of `--init`, or the checkpoint of `--resume`. @module */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { describe } from '../base/errors.ts';
import { inferNetwork } from '../compile/network.ts';
import { decodeCheckpoint } from '../formats/convlet/checkpointFile.ts';
import type { Checkpoint } from '../model/checkpoint.ts';
import type { FitOptions } from '../model/fitOptions.ts';
import { checkWeights } from '../model/weights.ts';
import type { OptimizerSpec } from '../optimizers/registry.ts';
import { CHECKPOINT_FILE } from './checkpoints.ts';
import { readTensors } from './fileKind.ts';
import { controlsOf, defined, lossOf } from './fitFlags.ts';
import { checkKept, keptControls, keptOptimizer } from './kept.ts';
import { type InitialWeights, readInitialWeights } from './load.ts';
import { chooseNetwork, type SpecOf } from './network.ts';
import { createOptimizer } from './optimizer.ts';
import { flagOf } from './options.ts';
import type { TrainOptions } from './run.ts';

export interface Beginning {
  /** The options given; the others come from the checkpoint or the defaults. */
  readonly options: TrainOptions;
  /** The network for these images. */
  readonly spec: SpecOf;
  readonly optimizer: OptimizerSpec;
  /** The options of `fit` that are given beside the optimizer; the others come from the checkpoint or the defaults. */
  readonly controls: FitOptions;
  readonly init: InitialWeights | undefined;
  readonly checkpoint: Checkpoint | undefined;
  /** Seconds that the run had taken before the checkpoint. */
  readonly secondsBefore: number;
}

/** Reads what the options name. @throws {UsageError} if options contradict a checkpoint or one another. */
export async function readBeginning(given: TrainOptions, command: Command): Promise<Beginning> {
  return given.resume === undefined
    ? beginAnew(given, command)
    : goOn({ ...given, resume: await checkpointIn(given.resume) }, command);
}

/** The part of the command line that a checkpoint keeps, so that `--resume FILE` alone goes on. */
export function checkpointSettings(
  options: TrainOptions,
  seconds: number,
): Readonly<Record<string, unknown>> {
  const kept = Object.fromEntries(KEPT.map((name) => [name, options[name]]));
  return { ...kept, seconds };
}

type Kept = Partial<Pick<TrainOptions, (typeof KEPT)[number]>> & { readonly seconds?: number };

/** Options kept in a checkpoint's settings. The checkpoint has fields of its own for the others that matter. */
const KEPT = [
  'model',
  'data',
  'trainSamples',
  'testSamples',
  'size',
  'channels',
  'labelColumn',
  'testSplit',
  'skipBad',
  'stream',
  'epochs',
  'init',
] as const;
/** Their types, but for numbers. */
const KINDS: Readonly<Record<string, string>> = {
  model: 'string',
  data: 'string',
  init: 'string',
  labelColumn: 'string',
  skipBad: 'boolean',
  stream: 'boolean',
  size: 'object', // checked by loadDataset
};
/** Options whose change would make another run. The data are known by their checksum, not by their path. */
const FIXED = ['model', 'trainSamples', 'init', 'batchSize', 'seed', 'shuffle'] as const;

async function beginAnew(given: TrainOptions, command: Command): Promise<Beginning> {
  const init = given.init === undefined ? undefined : await readInitialWeights(given.init);
  const { options, spec } = await chooseNetwork(given, command, init);
  const optimizer = createOptimizer(options);
  const loss = lossOf(options);
  const controls = { ...controlsOf(options), ...defined({ loss }) };
  return { options, spec, optimizer, controls, init, checkpoint: undefined, secondsBefore: 0 };
}

/** The file, or the checkpoint in the folder of a run. */
async function checkpointIn(path: string): Promise<string> {
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false, // told when it is read
  );
  return isFolder ? join(path, CHECKPOINT_FILE) : path;
}

async function goOn(
  given: TrainOptions & { readonly resume: string },
  command: Command,
): Promise<Beginning> {
  const { resume: file } = given;
  const checkpoint = decodeCheckpoint(await readTensors(file), file);
  const { seconds, ...kept } = readSettings(checkpoint, file);
  const { batchSize, shuffle, seed } = checkpoint;
  const before = { ...kept, batchSize, shuffle, seed };
  const isGiven = (name: string) => command.getOptionValueSource(name) === 'cli';
  for (const name of FIXED) {
    if (isGiven(name)) checkKept(flag(name), before[name] ?? 'none', given[name], file);
  }
  const open = Object.entries(before).filter(
    ([name, value]) => value !== undefined && !isGiven(name),
  );
  const options: TrainOptions = { ...given, ...Object.fromEntries(open) };
  const { optimizer: _byDefault, ...others } = given;
  return {
    options,
    spec: () => checkpoint.spec,
    optimizer: keptOptimizer(isGiven('optimizer') ? given : others, checkpoint, file),
    controls: keptControls(given, checkpoint, file),
    init: options.init === undefined ? undefined : await firstWeights(options.init, checkpoint),
    checkpoint,
    secondsBefore: seconds ?? 0,
  };
}

/** The first weights in the report. If their file is gone or no longer fits, the weights of the checkpoint. */
async function firstWeights(file: string, { spec, weights }: Checkpoint): Promise<InitialWeights> {
  try {
    const first = await readInitialWeights(file);
    checkWeights(file, inferNetwork(spec), first.weights);
    return first;
  } catch {
    return { file, spec, weights };
  }
}

/**
 * The settings that this command left in a checkpoint. Another program may have left none, or others. The others are not
 * read: a file must not choose the folder that is written into.
 */
function readSettings({ settings = {} }: Checkpoint, file: string): Kept {
  const names = [...KEPT, 'seconds'] as const;
  for (const name of names) {
    const value = settings[name];
    const type = KINDS[name] ?? 'number';
    if (value === undefined || typeof value === type) continue;
    throw new Error(
      `${file}: expected settings with a ${type} as ${name}, got ${describe(value)}. Use a checkpoint that convlet train wrote.`,
    );
  }
  return Object.fromEntries(names.map((name) => [name, settings[name]])) as Kept; // each was checked above
}

function flag(name: string): string {
  return name === 'shuffle' ? '--no-shuffle' : flagOf(name);
}
