/** The files that a training run leaves in its folder. @module */
import { rm } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import type { Evaluation } from '../base/types.ts';
import { encodeModel } from '../formats/convlet/modelFile.ts';
import { writeFileAtomic } from '../node/files.ts';
import { createReport } from '../node/report/report.ts';
import type { RunReport } from '../node/report/runReport.ts';
import { formatOptimizer } from './optimizer.ts';
import type { Run } from './run.ts';
import { formatCount, formatSeconds, formatThreads } from './style.ts';

/** Writes model, history and report. @returns a message for each file that could not be made. */
export async function saveRun(run: Run): Promise<string[]> {
  const { model, testSet, out } = run;
  const evaluation = model.evaluate(testSet);
  await writeFileAtomic(join(out, 'model.safetensors'), encodeModel(model));
  await writeFileAtomic(join(out, 'history.json'), historyJson(run, evaluation));
  try {
    const html = await createReport(reportOf(run, evaluation));
    await writeFileAtomic(join(out, 'report.html'), html);
    return [];
  } catch (error) {
    return [await removeReport(out, error as Error)]; // the model is safe, so this is no failure
  }
}

/** If a report could not be made, removes the report of an earlier run. @returns a message. */
export async function removeReport(out: string, { message }: Error): Promise<string> {
  await rm(join(out, 'report.html'), { force: true });
  return `report.html was not written: ${message}`;
}

function historyJson(
  { options, optimizer, testSet, trainSet, epochs, seconds }: Run,
  evaluation: Evaluation,
): string {
  const { model, init, epochs: planned, batchSize, seed, shuffle, threads } = options;
  const settings = { model, init, epochs: planned, batchSize, optimizer, seed, shuffle, threads };
  const data = { train: trainSet.name, test: testSet.name };
  return `${JSON.stringify({ settings, data, seconds, epochs, evaluation }, null, 2)}\n`;
}

function reportOf(run: Run, evaluation: Evaluation): RunReport {
  const { options, model, testSet, initialWeights, epochs } = run;
  return {
    title: `${options.model} network`,
    settings: settingsOf(run),
    layers: model.layers.map(({ type, output, parameters }) => ({
      name: type,
      output,
      parameters,
    })),
    history: epochs,
    evaluation,
    testSet,
    probabilities: model.predict(testSet.images),
    initialWeights,
    weights: model.weights(),
  };
}

function settingsOf(run: Run): [string, string][] {
  const { options, threads, optimizer, trainSet, testSet, epochs, seconds } = run;
  return [
    [
      'Training images',
      `${formatCount(trainSet.labels.length)} of ${trainSet.name ?? options.data}`,
    ],
    ['Test images', `${formatCount(testSet.labels.length)} of ${testSet.name ?? options.data}`],
    ['Epochs', `${epochs.length} of ${options.epochs}`],
    ['Batch size', String(options.batchSize)],
    ['Optimizer', formatOptimizer(optimizer)],
    ['Loss', 'categorical cross-entropy'],
    ['First weights', options.init ?? `He-normal, seed ${options.seed}`],
    ['Order', options.shuffle ? 'shuffled every epoch' : 'as in the data'],
    ['Seed', String(options.seed)],
    ['Threads', formatThreads(options.threads, threads)],
    ['Time', `${formatSeconds(seconds)}, validation included`],
    ['Machine', `${cpus()[0]?.model ?? 'unknown processor'}, Node ${process.versions.node}`],
  ];
}
