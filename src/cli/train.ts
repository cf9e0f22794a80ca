/** `convlet train`: trains, prints the progress, and writes a model, a history and a report. @module */
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { LostRankError } from '../base/communicator.ts';
import { describe } from '../base/errors.ts';
import type { Dataset } from '../base/types.ts';
import { namedModels } from '../compile/named.ts';
import { inferNetwork } from '../compile/network.ts';
import { imageCount } from '../data/dataset.ts';
import { isSource } from '../data/source.ts';
import { allMetrics } from '../metrics/registry.ts';
import { identify } from '../model/checkpoint.ts';
import { createBackend } from '../model/createBackend.ts';
import {
  checkSameData,
  type FitOptions,
  type FitSettings,
  fitSettings,
} from '../model/fitOptions.ts';
import { createModel, type Model } from '../model/model.ts';
import { recipes } from '../model/recipes.ts';
import { type ImageSet, isBinary, readTask, type Task } from '../model/task.ts';
import { prepareOut } from '../node/files.ts';
import { absolute } from '../node/folders.ts';
import * as optimizers from '../optimizers/index.ts';
import { MOST_THREADS } from '../threads/tasks.ts';
import { AVERAGE_SHIFTS, evaluateOn } from './averageShifts.ts';
import { checkpointSettings, readBeginning } from './beginning.ts';
import { CheckpointKeeper } from './checkpoints.ts';
import { addDataOptions, loadData } from './data.ts';
import { describeData } from './describeData.ts';
import { addFitFlags } from './fitFlags.ts';
import { checkGivenOnce } from './givenOnce.ts';
import { checkKept } from './kept.ts';
import { applyInitialWeights } from './load.ts';
import { describeRates, parseOptimizer } from './optimizer.ts';
import { positiveNumber, threadCount, UsageError, wholeNumber } from './options.ts';
import { addRankFlags, joinRanks } from './ranks.ts';
import { applyRecipe } from './recipe.ts';
import type { Run, RunSetup, TrainOptions } from './run.ts';
import { saveRun } from './saveRun.ts';
import { leaveSignals, StopSignals } from './signals.ts';
import { quoted, timestamp } from './style.ts';
import { endWith } from './terminal.ts';
import { createTrainOutput } from './trainOutput.ts';
import { checkWide } from './wide.ts';

/** Adds the command. */
export function addTrain(program: Command): void {
  const command = program
    .command('train')
    .description('train a network; the defaults are the reference experiment')
    .option(
      '--recipe <NAME|FILE.json>',
      `model and training at once: ${Object.keys(recipes).join(', ')}, or the recipe.json of a run; other options win`,
    )
    .option(
      '--model <NAME|FILE.json>',
      `${Object.keys(namedModels).join(', ')}, or a spec as JSON`,
      'reference',
    );
  addDataOptions(command)
    .option(
      '--train-samples <N>',
      'use the first N training images; of class folders a drawn sample',
      wholeNumber('--train-samples', 1),
    )
    .option('--epochs <N>', 'passes over the training images', wholeNumber('--epochs', 1), 20)
    .option('--batch-size <N>', 'images per step', wholeNumber('--batch-size', 1), 128)
    .addOption(
      command
        .createOption('--optimizer <NAME[,OPTION=VALUE...]>', Object.keys(optimizers).join(', '))
        .default({ type: 'sgd' }, '"sgd"')
        .argParser(parseOptimizer),
    )
    .option(
      '--learning-rate <RATE>',
      `step size (default: ${describeRates()})`,
      positiveNumber('--learning-rate'),
    );
  addRankFlags(addFitFlags(command))
    .option(
      '--stream',
      'read training images while training, from class folders or raw IDX files that may be larger than the memory; the weights are the same',
    )
    .option(
      '--seed <N>',
      'seed of the weights, the order and the split',
      wholeNumber('--seed', 0, 2 ** 32 - 1),
      1,
    )
    .option(
      '--threads <N|auto>',
      `threads that share each step, up to ${MOST_THREADS}; any number gives the same weights`,
      threadCount('--threads', MOST_THREADS),
      1,
    )
    .option(
      '--wide',
      'use vectors of 256 bits, under Node 24 or newer on x64; the weights are the same',
    )
    .option(
      '--init <FILE.safetensors>',
      'begin with these weights, and with their network if the file names it and --model is not given',
    )
    .option(
      '--checkpoint-every <STEPS>',
      'write a checkpoint every STEPS steps too, not only after each epoch',
      wholeNumber('--checkpoint-every', 1),
    )
    .option(
      '--resume <FILE|DIR>',
      'go on from a checkpoint.convlet, or the one in a folder, with its options and into its folder; --epochs stays the total',
    )
    .option('--no-shuffle', 'keep the order of the images in every epoch')
    .option('--average-shifts', AVERAGE_SHIFTS)
    .option('--out <DIR>', 'folder for the results (default: runs/<date-time>)')
    .option('--overwrite', 'write into a folder that already holds a run')
    .option('--json', 'print one JSON object per line')
    .option('--quiet', 'print only the summary')
    .action(train);
}

async function train(flags: TrainOptions, command: Command): Promise<void> {
  checkGivenOnce(flags);
  checkWide(flags);
  const ranks = await joinRanks(flags);
  const isFirst = (ranks?.rank ?? 0) === 0;
  const beginning = await readBeginning(await applyRecipe(flags, command), command);
  const { options, init, checkpoint } = beginning;
  const { train: given, test: testSet } = await loadData(options, options.seed);
  const backend = await createBackend({ threads: options.threads, wide: options.wide === true });
  const model = createModel(backend, beginning.spec(given), { seed: options.seed });
  const trainSet = isSource(given)
    ? await backend.openStream('fit: training data', given, given.classes)
    : given;
  if (init !== undefined) applyInitialWeights(model, init);
  const plan: FitOptions = {
    epochs: options.epochs,
    batchSize: options.batchSize,
    optimizer: beginning.optimizer,
    shuffle: options.shuffle,
    ...beginning.controls,
    ...(options.checkpointEvery && { checkpointEvery: options.checkpointEvery }),
    resume: checkpoint,
    ...(ranks && { distributed: ranks }),
    ...(options.reduce && { reduce: options.reduce }),
  };
  // these calls find what does not fit before anything is written
  const asked = fitSettings(plan);
  if (checkpoint !== undefined) checkSameData(checkpoint.data, identify(trainSet));
  const validationData = asked.validationSplit === undefined ? testSet : undefined;
  const task = readTaskOf(model, trainSet, asked, validationData, options.resume);
  checkMetrics(options, task);
  leaveSignals();
  if (!isFirst)
    return trainAlong(model, given, { ...plan, ...(validationData && { validationData }) }, ranks);
  model.evaluate(testSet, { loss: asked.loss });
  const out = await prepareFolder(options);

  const { threads, wide } = backend;
  const settings = { ...task.settings, metrics: task.names };
  const trained = imageCount(task.data);
  const setup: RunSetup = {
    options,
    threads,
    wide,
    settings,
    model,
    trainSet,
    trainData: 'images' in task.data ? task.data : undefined,
    trained,
    testSet,
    checkpoint,
  };
  const output = await createTrainOutput(setup);
  if (!(options.json || options.quiet)) output.message(...(await describeData(given)));
  const stop = new StopSignals((name) => {
    if (ranks === undefined)
      output.message(`${name}: ending after this step. Once more ends at once.`);
  });
  const initialWeights = model.weights();
  const start = performance.now();
  const elapsed = () => beginning.secondsBefore + (performance.now() - start) / 1000;
  const keeper = new CheckpointKeeper(
    out,
    () => checkpointSettings(options, elapsed()),
    output.message,
  );
  const history = await model
    .fit(given, {
      ...plan,
      ...(validationData && { validationData }),
      onWarning: (text) => output.message(`warning: ${text}`),
      onStepEnd: output.onStepEnd,
      onEpochEnd: output.onEpochEnd,
      signal: stop.signal,
      onCheckpoint: keeper.keep,
    })
    .catch((error: unknown) => {
      throw error instanceof LostRankError ? withCheckpoint(error, out, keeper.written) : error;
    })
    .finally(output.close);
  const seconds = elapsed();
  const evaluation = evaluateOn(model, testSet, options);
  const run: Run = { ...setup, ...history, initialWeights, evaluation, seconds, out };
  const saved = await saveRun(run);
  for (const failure of saved.failures) output.message(failure);
  output.done(run, await model.weightsSha256(), [...saved.written, ...keeper.written]);
  endWith(stop.exitCode ?? (saved.hasFailed || keeper.hasFailed ? 1 : 0));
  stop.release();
  ranks?.leave();
}

/** A rank after the first one: it trains, and writes and tells nothing. */
async function trainAlong(
  model: Model,
  given: Parameters<Model['fit']>[0],
  plan: FitOptions,
  ranks: { leave(): void } | undefined,
): Promise<void> {
  const stop = new StopSignals(() => {});
  await model.fit(given, { ...plan, signal: stop.signal });
  endWith(stop.exitCode ?? 0);
  stop.release();
  ranks?.leave();
}

/** The same error, with the command that goes on. */
function withCheckpoint(error: LostRankError, out: string, written: readonly string[]): Error {
  if (written.length === 0) return error;
  const command = `convlet train --resume ${quoted(out)}`;
  return new LostRankError(
    error.reason,
    `Run: mpirun … ${command} --distributed mpi, or ${command}`,
  );
}

/** Options of `fit` in the messages of its checks, and the flags that they come from. */
const FLAGS = { 'fit: earlyStopping': '--early-stopping', 'fit: learningRate': '--schedule' };

/** What `fit` will find: all that does not fit together is refused. */
function readTaskOf(
  model: Model,
  trainSet: ImageSet,
  asked: FitSettings,
  validationData: Dataset | undefined,
  resume: string | undefined,
): Task {
  try {
    return readTask(inferNetwork(model.spec), model.seed, trainSet, asked, validationData);
  } catch (error) {
    const { message } = error as Error;
    if (resume !== undefined && message.startsWith('fit: expected loss ')) {
      // all else of a loss was compared before its weights were counted
      const kept: Readonly<Record<string, unknown>> = { ...asked.resume?.loss };
      checkKept('--class-weights', kept.classWeights, 'balanced', resume);
    }
    const [where, flag] = Object.entries(FLAGS).find(([begin]) => message.startsWith(begin)) ?? [];
    if (where === undefined || flag === undefined) throw error;
    throw new UsageError(message.replace(where, flag), { cause: error });
  }
}

/** Throws if a metric that is asked for does not go with the data: `fit` leaves it out. */
function checkMetrics({ metrics = [] }: TrainOptions, { targets, settings }: Task): void {
  const known = allMetrics(targets, isBinary(settings.loss));
  const wrong = metrics.find((name) => !known.includes(name));
  if (wrong === undefined) return;
  throw new UsageError(
    `--metrics: expected metrics of ${targets} (${known.join(', ')}), got ${describe(wrong)}. Leave it out.`,
  );
}

/** Prepares the folder of the run. The folder of the checkpoint may hold the run that goes on. */
async function prepareFolder({ out, resume, overwrite = false }: TrainOptions): Promise<string> {
  const own = resume === undefined ? undefined : dirname(resume);
  const folder = out ?? own ?? join('runs', timestamp(new Date()));
  const isOwn = own !== undefined && absolute(folder) === absolute(own);
  await prepareOut(folder, { overwrite: overwrite || isOwn });
  return folder;
}
