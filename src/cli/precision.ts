/** `convlet precision MODEL`: what fewer bits cost a model. @module */
import { join } from 'node:path';
import type { Command } from 'commander';
import { escapeHtml } from '../base/html.ts';
import { modelOf } from '../formats/convlet/loadModel.ts';
import { measurePrecisions, type PrecisionResult } from '../formats/convlet/precision.ts';
import { createBackend } from '../model/createBackend.ts';
import { figuresOf, formatFigure } from '../node/figures.ts';
import { writeFileAtomic } from '../node/files.ts';
import { makeFolder } from '../node/folders.ts';
import { createPrecisionReport } from '../node/report/precision.ts';
import { addDataOptions, type DataOptions } from './data.ts';
import { showTable } from './evaluation.ts';
import { readModelFile } from './load.ts';
import { calibrationImages, loadModelData } from './modelData.ts';
import { wholeNumber } from './options.ts';
import { leaveSignals } from './signals.ts';
import { counted, formatCount } from './style.ts';
import { columnsOf, print, show, styler, tell } from './terminal.ts';

interface PrecisionOptions extends DataOptions {
  readonly seed?: number;
  readonly out?: string;
  readonly overwrite?: boolean;
  readonly json?: boolean;
}

/** Name of the page with the table and the plot. */
const PAGE = 'precision.html';

const REMARKS = `
Weights in f16 and bf16 are rounded to 16 bits; the arithmetic stays that of f32.
int8 computes in whole numbers, as the C file of export does; it is calibrated on some
of the training images of --data. Changed answers are images that are given another
class than in f32.`;

/** Adds the command. */
export function addPrecision(program: Command): void {
  const command = program
    .command('precision')
    .description(
      'measure a trained model in f32, f16, bf16 and int8: accuracy, loss, size of the file, and the share of changed answers',
    )
    .argument('<FILE>', 'a model.safetensors or checkpoint.convlet of convlet train');
  addDataOptions(command)
    .option(
      '--seed <N>',
      "seed of the images that are drawn: held out, or samples of folders (default: the model's)",
      wholeNumber('--seed', 0, 2 ** 32 - 1),
    )
    .option('--out <DIR>', `folder for ${PAGE}, with the table and a plot (default: none)`)
    .option('--overwrite', `replace ${PAGE}`)
    .option('--json', 'print one JSON object')
    .addHelpText('after', REMARKS)
    .action(measure);
}

async function measure(file: string, options: PrecisionOptions): Promise<void> {
  const { out, overwrite = false, json = false } = options;
  const content = await readModelFile(file);
  if (content.quantization !== undefined) {
    throw new Error(
      `precision: ${file}: expected a model in single precision, got one in int8. Use the model that it was made of.`,
    );
  }
  const found = out === undefined ? [] : await makeFolder(out);
  if (!overwrite && found.includes(PAGE)) {
    throw new Error(
      `${out}: expected a folder without ${PAGE}, got one with it. Use another --out, or --overwrite.`,
    );
  }
  const data = await loadModelData(content, options, options.seed);
  const { test } = data;
  const backend = await createBackend();
  const model = modelOf(backend, content);
  const results: PrecisionResult[] = [];
  const sample = await calibrationImages(data);
  leaveSignals();
  for (const one of measurePrecisions(backend, model, test, sample)) {
    if ('reason' in one) tell(`${one.dtype} was left out: ${one.reason}`);
    else results.push(one);
  }
  const testSet = test.name ?? options.data;
  const path = out === undefined ? undefined : join(out, PAGE);
  const [head, rows] = tableOf(results);
  const images = test.images.length / test.shape.reduce((product, size) => product * size, 1);
  const title = `${testSet}, ${counted(images, 'image')}`;
  if (path !== undefined) {
    const page = await createPrecisionReport(
      escapeHtml(`${file} on ${title}`),
      head,
      rows,
      results,
    );
    await writeFileAtomic(path, page);
  }
  if (json) {
    print(JSON.stringify({ event: 'precision', testSet, images, results: results.map(factsOf) }));
    return;
  }
  const { stdout } = process;
  const columns = head.map((heading, i) =>
    i === 0 ? { heading, isText: true as const } : { heading },
  );
  show(title, '', ...showTable(columns, rows, styler(stdout), columnsOf(stdout)));
  if (path !== undefined) show('', `plot: ${path}`);
}

/** Accuracy and loss, or the errors of values. */
const SHOWN: readonly string[] = ['accuracy', 'loss', 'meanAbsoluteError', 'meanSquaredError'];

function factsOf({ dtype, bytes, evaluation, changed }: PrecisionResult): object {
  const figures = figuresOf(evaluation).filter(({ key }) => SHOWN.includes(key));
  return {
    dtype,
    bytes,
    ...Object.fromEntries(figures.map(({ key, value }) => [key, value])),
    ...(changed !== undefined && { changed }),
  };
}

/** The headings and the rows of the table. */
function tableOf(
  results: readonly PrecisionResult[],
): readonly [head: readonly string[], rows: readonly (readonly string[])[]] {
  const figures = results.map(({ evaluation }) =>
    figuresOf(evaluation).filter(({ key }) => SHOWN.includes(key)),
  );
  const hasClasses = results.every(({ changed }) => changed !== undefined);
  const head = [
    'precision',
    'file, bytes',
    ...(figures[0] ?? []).map(({ name }) => name),
    ...(hasClasses ? ['changed answers'] : []),
  ];
  const rows = results.map(({ dtype, bytes, changed }, i) => [
    dtype,
    formatCount(bytes),
    ...(figures[i] ?? []).map((figure) =>
      figure.key === 'accuracy' ? figure.value.toFixed(4) : formatFigure(figure),
    ),
    ...(hasClasses ? [`${(100 * (changed ?? 0)).toFixed(2)} %`] : []),
  ]);
  return [head, rows];
}
