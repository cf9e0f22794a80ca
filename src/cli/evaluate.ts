/** `convlet evaluate FILE`: how good a model is, on images it was not trained on. @module */
import type { Command } from 'commander';
import { AVERAGE_SHIFTS, evaluateOn } from './averageShifts.ts';
import { addDataOptions, type DataOptions } from './data.ts';
import { classAccuracy, describeEvaluation } from './evaluation.ts';
import { loadModel, readModelFile } from './load.ts';
import { loadModelData } from './modelData.ts';
import { wholeNumber } from './options.ts';
import { leaveSignals } from './signals.ts';
import { columnsOf, print, show, styler } from './terminal.ts';

interface EvaluateOptions extends DataOptions {
  readonly seed?: number;
  readonly averageShifts?: boolean;
  readonly json?: boolean;
}

/** Adds the command. */
export function addEvaluate(program: Command): void {
  const command = program
    .command('evaluate')
    .description(
      'measure a trained model: loss, accuracy, precision, recall and F1 of each class, confusion matrix; of values the mean errors',
    )
    .argument('<FILE>', 'a model.safetensors or checkpoint.convlet of convlet train');
  addDataOptions(command)
    .option(
      '--seed <N>',
      "seed of the images that are drawn: held out, or samples of folders (default: the model's)",
      wholeNumber('--seed', 0, 2 ** 32 - 1),
    )
    .option('--average-shifts', AVERAGE_SHIFTS)
    .option('--json', 'print one JSON object')
    .action(evaluate);
}

async function evaluate(file: string, options: EvaluateOptions): Promise<void> {
  const content = await readModelFile(file);
  const { test } = await loadModelData(content, options, options.seed);
  const model = await loadModel(content);
  leaveSignals();
  const evaluation = evaluateOn(model, test, options);
  const testSet = test.name ?? options.data;
  if (options.json) {
    const { classNames } = test;
    const facts = { testSet, classNames, ...evaluation, classAccuracy: classAccuracy(evaluation) };
    print(JSON.stringify({ event: 'evaluation', ...facts }));
    return;
  }
  const { stdout } = process;
  show(...describeEvaluation(evaluation, test, testSet, styler(stdout), columnsOf(stdout)));
}
