/** `convlet evaluate FILE`: how good a model is, on images it was not trained on. @module */
import type { Command } from 'commander';
import type { Evaluation } from '../base/types.ts';
import { classNamesOf } from '../data/dataset.ts';
import type { ModelFile } from '../formats/convlet/source.ts';
import { addDataOptions, type DataOptions, loadData } from './data.ts';
import { printable } from './describeData.ts';
import { loadModel, readModelFile } from './load.ts';
import { wholeNumber } from './options.ts';
import { formatAccuracy, formatLoss, styler } from './style.ts';

/** Longer names of classes stand beside the table instead of above its columns. */
const LONGEST_NAME = 6;

interface EvaluateOptions extends DataOptions {
  readonly seed?: number;
  readonly json?: boolean;
}

/** Adds the command. */
export function addEvaluate(program: Command): void {
  const command = program
    .command('evaluate')
    .description(
      'measure a trained model: loss, accuracy, accuracy of each class, confusion matrix',
    )
    .argument('<FILE>', 'a model.safetensors or checkpoint.convlet of convlet train');
  addDataOptions(command)
    .option(
      '--seed <N>',
      "seed of the split of the npm digits (default: the model's)",
      wholeNumber('--seed', 0, 2 ** 32 - 1),
    )
    .option('--json', 'print one JSON object')
    .action(evaluate);
}

async function evaluate(file: string, options: EvaluateOptions): Promise<void> {
  const content = await readModelFile(file);
  const { test } = await loadData(
    optionsFor(content, options),
    options.seed ?? content.seed,
    content.classNames,
  );
  const model = await loadModel(content);
  const evaluation = model.evaluate(test);
  const testSet = test.name ?? options.data;
  const text = options.json
    ? JSON.stringify({
        event: 'evaluation',
        testSet,
        classNames: test.classNames,
        ...evaluation,
        classAccuracy: classAccuracy(evaluation),
      })
    : describeEvaluation(evaluation, testSet, classNamesOf(test));
  process.stdout.write(`${text}\n`);
}

/** A model of pictures takes pictures of any size. */
function optionsFor({ spec, preparation }: ModelFile, options: EvaluateOptions): EvaluateOptions {
  const [channels = 1, height = 1, width = 1] = spec.inputShape;
  if (preparation !== 'picture' || !(channels === 1 || channels === 3)) return options;
  return { size: [height, width], channels, ...options };
}

/** For each class, the share of its images that were recognised; null for a class without images. */
function classAccuracy({ confusionMatrix }: Evaluation): (number | null)[] {
  return confusionMatrix.map((row, label) => {
    const count = row.reduce((total, value) => total + value, 0);
    return count === 0 ? null : (row[label] ?? 0) / count;
  });
}

function describeEvaluation(
  evaluation: Evaluation,
  testSet: string,
  classNames: readonly string[],
): string {
  const style = styler(process.stdout);
  const { loss, accuracy, confusionMatrix } = evaluation;
  const widest = Math.max(...confusionMatrix.flat());
  const names = classNames.map((name) => printable(name));
  const longest = Math.max(...names.map(({ length }) => length));
  const isShort = longest <= LONGEST_NAME;
  const width =
    Math.max(String(widest).length, isShort ? longest : String(names.length).length) + 2;
  const cell = (value: number | string) => String(value).padStart(width);
  const nameOf = (label: number) => (isShort ? (names[label] ?? label) : label);
  const perClass = classAccuracy(evaluation);
  const rows = confusionMatrix.map((row, label) => {
    const counts = row.map((value, column) =>
      column === label
        ? style('bold', cell(value))
        : value === 0
          ? style('dim', cell('·'))
          : cell(value),
    );
    const share = perClass[label];
    const figure = share === null || share === undefined ? '    –' : formatAccuracy(share);
    return `${cell(nameOf(label))} ${counts.join('')}   ${figure}${isShort ? '' : `  ${names[label]}`}`;
  });
  return [
    `${testSet}: loss ${formatLoss(loss)}, accuracy ${style('bold', formatAccuracy(accuracy))}`,
    '',
    style(
      'dim',
      `${cell('true')} ${confusionMatrix.map((_, label) => cell(nameOf(label))).join('')}   accuracy (columns: predicted)`,
    ),
    ...rows,
  ].join('\n');
}
