/** `convlet inspect FILE`: the parts of a network, and the memory that its training will take. @module */
import type { Command } from 'commander';
import { formatShape } from '../base/shape.ts';
import { namedModels } from '../compile/named.ts';
import type { ModelSpec } from '../compile/spec.ts';
import { decodeCheckpoint, isCheckpoint } from '../formats/convlet/checkpointFile.ts';
import { parseSpec } from '../formats/convlet/content.ts';
import { decodeModel } from '../formats/convlet/modelFile.ts';
import type { ModelFile } from '../formats/convlet/source.ts';
import { readMetadata } from '../formats/safetensors/safetensors.ts';
import type { Checkpoint } from '../model/checkpoint.ts';
import { createBackend } from '../model/createBackend.ts';
import { createModel, type Model } from '../model/model.ts';
import { readInput } from '../node/files.ts';
import { printable } from './describeData.ts';
import { formatOptimizer } from './optimizer.ts';
import { counted, formatCount, styler } from './style.ts';

interface InspectOptions {
  readonly json?: boolean;
}

/** The input and classes of a named model: the digits of MNIST. */
const NAMED_INPUT = [1, 28, 28];
const NAMED_CLASSES = 10;

/** Adds the command. */
export function addInspect(program: Command): void {
  const names = Object.keys(namedModels).join(', ');
  program
    .command('inspect')
    .description(
      'show a network: its layers, their outputs and parameters, which layers run as one step, and the memory that training takes',
    )
    .argument(
      '<FILE>',
      `a model.safetensors, a checkpoint.convlet, a spec as .json, or ${names} (for MNIST)`,
    )
    .option('--json', 'print one JSON object')
    .action(inspect);
}

async function inspect(file: string, { json = false }: InspectOptions): Promise<void> {
  const subject = await readSubject(file);
  const model = createModelOf(file, subject.spec, await createBackend());
  process.stdout.write(`${json ? jsonLine(model, subject) : describeModel(model, subject)}\n`);
}

/** What is inspected: a network, or the checkpoint of a training run. */
type Subject = ({ readonly spec: ModelSpec } & Partial<ModelFile>) | Checkpoint;

/** Reads a named model, a spec from a JSON file, a trained model, or a checkpoint. */
async function readSubject(file: string): Promise<Subject> {
  const named = Object.hasOwn(namedModels, file) ? namedModels[file] : undefined;
  if (named !== undefined) return { spec: named(NAMED_INPUT, NAMED_CLASSES) };
  const bytes = await readInput(file);
  if (file.endsWith('.json')) return { spec: parseSpec(new TextDecoder().decode(bytes), file) };
  return isCheckpoint(readMetadata(bytes, file))
    ? decodeCheckpoint(bytes, file)
    : decodeModel(bytes, file);
}

/** Makes a model of the spec. @throws {Error} that names the file, if a layer does not fit. */
function createModelOf(
  file: string,
  spec: ModelSpec,
  backend: Parameters<typeof createModel>[0],
): Model {
  try {
    return createModel(backend, spec);
  } catch (cause) {
    throw new Error(`${file}: ${(cause as Error).message}`, { cause });
  }
}

function jsonLine(
  { spec, layers, steps, parameterCount, memoryBytes }: Model,
  subject: Subject,
): string {
  return JSON.stringify({
    event: 'inspection',
    inputShape: spec.inputShape,
    layers,
    steps,
    parameters: parameterCount,
    memoryBytes,
    classNames: subject.classNames,
    preparation: subject.preparation,
    ...('history' in subject && {
      training: {
        epochs: subject.history.length,
        step: subject.begun.step,
        batchSize: subject.batchSize,
        optimizer: subject.optimizer,
        seed: subject.seed,
      },
    }),
  });
}

function describeModel(model: Model, subject: Subject): string {
  const style = styler(process.stdout);
  const [head = '', ...rows] = alignColumns([
    ['', 'layer', 'output', 'parameters'],
    ['', 'input', formatShape(model.spec.inputShape), ''],
    ...model.layers.map(({ type, output, parameters }, index) => [
      String(index),
      `${type} ${formatOptions(model.spec.layers[index] ?? {})}`.trimEnd(),
      formatShape(output),
      formatCount(parameters),
    ]),
  ]);
  const fused = fusedSteps(model.steps);
  return [
    style('dim', head),
    ...rows,
    '',
    `as one step: ${fused.length === 0 ? 'none, every layer runs by itself' : fused.join('; ')}`,
    `parameters: ${style('bold', formatCount(model.parameterCount))}`,
    `memory: ${formatCount(model.memoryBytes / 1024)} KiB to train by SGD on one thread, batches of 128, without the data set`,
    ...(subject.classNames ? [`classes: ${subject.classNames.map(printable).join(', ')}`] : []),
    ...('history' in subject ? [describeTraining(subject)] : []),
  ].join('\n');
}

/** `training: 3 epochs and 14 steps done, batch 128, seed 1; Adam, learning rate 0.001, …` */
function describeTraining({ history, begun, batchSize, seed, optimizer }: Checkpoint): string {
  const steps = begun.step === 0 ? '' : ` and ${counted(begun.step, 'step')}`;
  return `training: ${counted(history.length, 'epoch')}${steps} done, batch ${batchSize}, seed ${seed}; ${formatOptimizer(optimizer)}`;
}

/** `conv2d + relu + maxPool2d (0–2)`: the steps of several layers, with the indices of the layers. */
function fusedSteps(steps: readonly string[]): string[] {
  let next = 0;
  return steps.flatMap((step) => {
    const first = next;
    next += step.split(' + ').length;
    return next - first > 1 ? [`${step} (${first}–${next - 1})`] : [];
  });
}

/** Sizes as `3×3`, names as `[a, b]`. */
function formatList(list: readonly unknown[]): string {
  return list.every((item) => typeof item === 'number') ? list.join('×') : `[${list.join(', ')}]`;
}

/** `filters 12, kernelSize 3×3`: the options that a layer was given. */
function formatOptions(spec: object): string {
  return Object.entries(spec)
    .filter(([name]) => name !== 'type')
    .map(([name, value]) => `${name} ${Array.isArray(value) ? formatList(value) : value}`)
    .join(', ');
}

/** Rows as lines. The first and the last column are aligned to the right, the others to the left. */
function alignColumns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        const isNumber = column === 0 || column === row.length - 1;
        return isNumber ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd(),
  );
}
