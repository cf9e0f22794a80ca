/** `convlet train`: trains, tells how it goes, and leaves a model, a history and a report. @module */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { createBackend } from '../backend.ts';
import { parseSpec } from '../formats/modelFile.ts';
import { createModel } from '../model.ts';
import { prepareOut } from '../node/files.ts';
import { loadMnist } from '../node/mnist.ts';
import { isOptimizerType, type OptimizerType, optimizers } from '../optimizers/index.ts';
import { type ModelSpec, namedModels } from '../spec.ts';
import type { Dataset } from '../types.ts';
import { addDataOptions } from './data.ts';
import { positiveNumber, UsageError, wholeNumber } from './options.ts';
import type { Run, TrainOptions } from './run.ts';
import { saveRun } from './saveRun.ts';
import { StopSignals } from './signals.ts';
import { createTrainOutput } from './trainOutput.ts';

/** Adds the command. */
export function addTrain(program: Command): void {
  const command = program
    .command('train')
    .description('train a network; the defaults are the reference experiment')
    .option(
      '--model <NAME|FILE.json>',
      `${Object.keys(namedModels).join(', ')}, or a spec as JSON`,
      'reference',
    );
  addDataOptions(command)
    .option(
      '--train-samples <N>',
      'use the first N training images',
      wholeNumber('--train-samples', 1),
    )
    .option('--epochs <N>', 'passes over the training images', wholeNumber('--epochs', 1), 20)
    .option('--batch-size <N>', 'images of one step', wholeNumber('--batch-size', 1), 128)
    .option('--optimizer <NAME>', Object.keys(optimizers).join(', '), optimizerType, 'sgd')
    .option(
      '--learning-rate <RATE>',
      `step size (default: ${describeRates()})`,
      positiveNumber('--learning-rate'),
    )
    .option(
      '--seed <N>',
      'of the weights, the order and the split',
      wholeNumber('--seed', 0, 2 ** 32 - 1),
      1,
    )
    .option('--no-shuffle', 'keep the order of the images in every epoch')
    .option('--out <DIR>', 'where the results go (default: runs/<date-time>)')
    .option('--overwrite', 'write into a folder that already holds a run')
    .option('--json', 'print one JSON object a line')
    .option('--quiet', 'print the summary alone')
    .action(train);
}

async function train(options: TrainOptions): Promise<void> {
  const spec = await readSpec(options.model);
  const { train: trainSet, test: testSet } = await loadMnist(options);
  const model = createModel(await createBackend(), spec(trainSet), { seed: options.seed });
  model.evaluate(testSet); // finds what does not fit before anything is written
  const out = options.out ?? join('runs', timestamp(new Date()));
  await prepareOut(out, { overwrite: options.overwrite === true });

  const { learningRate } = options;
  const optimizer = optimizers[options.optimizer](
    learningRate === undefined ? {} : { learningRate },
  );
  const output = await createTrainOutput(options, optimizer, model, trainSet, testSet);
  const stop = new StopSignals((name) =>
    output.message(`${name}: ending after this step. Once more ends at once.`),
  );
  const initialWeights = model.weights();
  const start = performance.now();
  const { epochs } = await model
    .fit(trainSet, {
      epochs: options.epochs,
      batchSize: options.batchSize,
      optimizer,
      shuffle: options.shuffle,
      validationData: testSet,
      onStepEnd: output.onStepEnd,
      onEpochEnd: output.onEpochEnd,
      signal: stop.signal,
    })
    .finally(output.close);
  const seconds = (performance.now() - start) / 1000;
  const run: Run = {
    options,
    optimizer,
    model,
    trainSet,
    testSet,
    initialWeights,
    epochs,
    seconds,
    out,
  };
  for (const skipped of await saveRun(run)) output.message(skipped);
  output.done(run, await model.weightsSha256());
  process.exitCode = stop.exitCode ?? 0;
  stop.release();
}

function optimizerType(name: string): OptimizerType {
  if (isOptimizerType(name)) return name;
  throw new UsageError(
    `--optimizer: expected ${Object.keys(optimizers).join(', ')}, got ${JSON.stringify(name)}.`,
  );
}

/** The learning rates that the optimizers have of themselves: `0.01 for sgd, momentum; 0.001 for adam`. */
function describeRates(): string {
  const specs = Object.values(optimizers).map((create) => create());
  const rates = [...new Set(specs.map(({ learningRate }) => learningRate))];
  return rates
    .map((rate) => {
      const names = specs.filter(({ learningRate }) => learningRate === rate);
      return `${rate} for ${names.map(({ type }) => type).join(', ')}`;
    })
    .join('; ');
}

/** A spec by name, which fits itself to the images, or from a file. */
async function readSpec(name: string): Promise<(images: Dataset) => ModelSpec> {
  const named = Object.hasOwn(namedModels, name) ? namedModels[name] : undefined;
  if (named !== undefined) return ({ shape, classes }) => named(shape, classes);
  if (!name.endsWith('.json')) {
    throw new UsageError(
      `--model: expected ${Object.keys(namedModels).join(', ')} or a .json file, got ${JSON.stringify(name)}.`,
    );
  }
  const text = await readFile(name, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new Error(`--model: expected a spec in ${name}, could not read it (${cause.code}).`, {
      cause,
    });
  });
  const spec = parseSpec(text, name);
  return () => spec;
}

/** `2026-11-23T18-04-09.123`: local time, safe in every file system, one folder a run. */
function timestamp(now: Date): string {
  const local = new Date(now.getTime() - now.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 23).replaceAll(':', '-');
}
