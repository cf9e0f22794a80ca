/** The files that a training run leaves in its folder. @module */
import { cpus } from 'node:os';
import type { EpochEvent } from '../base/types.ts';
import { DEFAULT_SHARDS } from '../compile/plan.ts';
import { imageCount } from '../data/dataset.ts';
import { encodeModel } from '../formats/convlet/modelFile.ts';
import { csvLine } from '../node/csvLine.ts';
import { createReport } from '../node/report/report.ts';
import type { RunReport } from '../node/report/runReport.ts';
import { formatFields, formatOptimizer } from './optimizer.ts';
import { probabilitiesOf } from './probabilities.ts';
import { sampleRates } from './rates.ts';
import { recipeJson } from './recipe.ts';
import type { Run } from './run.ts';
import { REPORT_FILE, type Saved, saveFiles } from './saveFiles.ts';
import { formatCount, formatRanks, formatSeconds, formatThreads } from './style.ts';

/** Writes model, recipe, history and report. */
export function saveRun(run: Run): Promise<Saved> {
  return saveFiles(run.out, {
    'model.safetensors': () => encodeModel(run.model),
    'recipe.json': () => recipeJson(run),
    'history.json': () => historyJson(run),
    'history.csv': () => historyCsv(run.epochs),
    [REPORT_FILE]: () => createReport(reportOf(run)),
  });
}

function historyJson(run: Run): string {
  const { options, testSet, trainSet, epochs, bestEpoch, seconds, evaluation } = run;
  const { model, init, seed, threads } = options;
  const { maxSteps, checkpointEvery, resume, ranks, ...plan } = run.settings;
  const { distributed } = options;
  const shared = distributed && { distributed, ranks: ranks.size, reduce: ranks.reduce };
  const settings = { model, init, seed, threads, ...shared, ...plan };
  const data = { train: trainSet.name, test: testSet.name };
  const { classNames } = testSet;
  return `${JSON.stringify({ settings, data, classNames, seconds, bestEpoch, epochs, evaluation }, null, 2)}\n`;
}

/** A row an epoch, under the keys of its event. Epochs before a checkpoint may lack some. */
function historyCsv(epochs: readonly EpochEvent[]): string {
  const keys = new Set(['epoch', ...epochs.flatMap(Object.keys)]);
  const rows = epochs.map((event) => {
    const values = event as unknown as Readonly<Record<string, number>>;
    return Array.from(keys, (key) => values[key]);
  });
  return [[...keys], ...rows].map((row) => `${csvLine(row)}\n`).join('');
}

function reportOf(run: Run): RunReport {
  const { options, model, testSet, trainData, initialWeights, epochs, evaluation, settings } = run;
  return {
    title: `${options.model} network`,
    settings: settingsOf(run),
    layers: model.layers.map(({ type, name, output, parameters }) => ({
      name: name === undefined ? type : `${type} ${name}`,
      output,
      parameters,
    })),
    history: epochs,
    evaluation,
    testSet,
    probabilities: probabilitiesOf(model, testSet),
    initialWeights,
    weights: model.weights(),
    rates: sampleRates(run),
    ...(trainData && { trainSet: trainData, seed: model.seed }),
    ...(trainData && settings.augment && { augment: settings.augment }),
    ...(settings.validationSplit !== undefined && { validation: 'images held out' }),
  };
}

function settingsOf(run: Run): [string, string][] {
  const { options, threads, settings, trained, trainSet, testSet, epochs, bestEpoch } = run;
  const { validationSplit, augment, earlyStopping, averageWeights, accumulate, shards } = settings;
  const held = imageCount(trainSet) - trained;
  const rows: [string, string | undefined | false][] = [
    [
      'Training images',
      `${formatCount(trained)} of ${trainSet.name ?? options.data}${options.stream ? ', read while training' : ''}`,
    ],
    [
      'Validation images',
      validationSplit !== undefined && `${formatCount(held)} held out of these`,
    ],
    ['Test images', `${formatCount(imageCount(testSet))} of ${testSet.name ?? options.data}`],
    ['Augmentation', augment && formatFields(augment)],
    ['Epochs', `${epochs.length} of ${settings.epochs}`],
    ['Early stopping', earlyStopping && formatFields(earlyStopping)],
    ['Best epoch', bestEpoch ? String(bestEpoch) : undefined],
    ['Batch size', String(settings.batchSize)],
    ['Batches of an update', accumulate > 1 && String(accumulate)],
    ['Parts of a batch', shards !== DEFAULT_SHARDS && String(shards)],
    ['Optimizer', formatOptimizer(settings.optimizer)],
    ['Average of weights', averageWeights && formatFields(averageWeights)],
    ['Loss', formatFields(settings.loss)],
    ['First weights', options.init ?? `drawn, seed ${options.seed}`],
    ['Order', settings.shuffle ? 'shuffled every epoch' : 'as in the data'],
    ['Seed', String(options.seed)],
    ['Threads', formatThreads(options.threads, threads)],
    ['Ranks', settings.ranks.size > 1 && formatRanks(settings.ranks)],
    ['Time', `${formatSeconds(run.seconds)}, validation included`],
    ['Machine', `${cpus()[0]?.model ?? 'unknown processor'}, Node ${process.versions.node}`],
  ];
  return rows.filter((row): row is [string, string] => typeof row[1] === 'string');
}
