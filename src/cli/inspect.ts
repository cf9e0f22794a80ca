/** `convlet inspect FILE`: the parts of a network, and the memory that its training will take. @module */
import { stat } from 'node:fs/promises';
import type { Command } from 'commander';
import { nearest } from '../base/options.ts';
import { formatShape } from '../base/shape.ts';
import { fuse } from '../compile/fuse.ts';
import { namedModels } from '../compile/named.ts';
import { inferNetwork } from '../compile/network.ts';
import type { ModelSpec } from '../compile/spec.ts';
import { decodeCheckpoint, isCheckpoint } from '../formats/convlet/checkpointFile.ts';
import { decodeModel } from '../formats/convlet/modelFile.ts';
import type { ModelFile } from '../formats/convlet/source.ts';
import { readMetadata } from '../formats/safetensors/safetensors.ts';
import type { Checkpoint } from '../model/checkpoint.ts';
import { createBackend } from '../model/createBackend.ts';
import { createModel, type LayerSummary, type Model } from '../model/model.ts';
import { errorCode } from '../node/fileErrors.ts';
import { showTable } from './evaluation.ts';
import { readSpecFile, readTensors } from './fileKind.ts';
import { formatOptimizer } from './optimizer.ts';
import { counted, formatCount } from './style.ts';
import { columnsOf, print, show, styler } from './terminal.ts';

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
  if (json) print(jsonLine(model, subject));
  else show(...describeModel(model, subject));
}

/** What is inspected: a network, or the checkpoint of a training run. */
type Subject = ({ readonly spec: ModelSpec } & Partial<ModelFile>) | Checkpoint;

/** Reads a named model, a spec from a JSON file, a trained model, or a checkpoint. */
async function readSubject(file: string): Promise<Subject> {
  const named = Object.hasOwn(namedModels, file) ? namedModels[file] : undefined;
  if (named !== undefined) return { spec: named(NAMED_INPUT, NAMED_CLASSES) };
  await checkThere(file);
  if (file.endsWith('.json')) return { spec: await readSpecFile(file) };
  const bytes = await readTensors(file);
  return isCheckpoint(readMetadata(bytes, file))
    ? decodeCheckpoint(bytes, file)
    : decodeModel(bytes, file);
}

/** If there is no such file, the message tells the models that have a name. */
async function checkThere(file: string): Promise<void> {
  const isMissing = await stat(file).then(
    () => false,
    (cause: unknown) => errorCode(cause) === 'ENOENT',
  );
  if (isMissing) {
    const names = Object.keys(namedModels);
    throw new Error(
      `${file}: expected a file, or ${names.join(', ')}, got neither (ENOENT). ${nearest(file, names, 'Check the path.')}`,
    );
  }
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

/** A layer, and what its definition tells beside the model's summary. */
interface InspectedLayer extends LayerSummary {
  readonly index: number;
  /** Names of the layers that it reads, if the spec says so. */
  readonly inputs: readonly string[] | undefined;
  /** Whether it reads the layer before it alone. */
  readonly isChained: boolean;
  /** Numbers that it keeps and that are not trained, such as running means. */
  readonly running: number;
}

function inspectLayers({ spec, layers }: Model): InspectedLayer[] {
  return inferNetwork(spec).layers.map(({ index, inputs, parameters, spec: own }) => ({
    ...(layers[index] as LayerSummary), // a list as long
    index,
    inputs: own.inputs,
    isChained: inputs.length === 1 && inputs[0] === index, // value i is the output of layer i − 1
    running: parameters
      .filter(({ role }) => role === 'running')
      .reduce((total, { length }) => total + length, 0),
  }));
}

function jsonLine(model: Model, subject: Subject): string {
  const { spec, steps, parameterCount, memoryBytes } = model;
  const layers = inspectLayers(model);
  const ofJson = ({ index: _, isChained, inputs, running, ...layer }: InspectedLayer) => ({
    ...layer,
    ...(inputs && { inputs }),
    ...(running > 0 && { running }),
  });
  return JSON.stringify({
    event: 'inspection',
    inputShape: spec.inputShape,
    layers: layers.map(ofJson),
    steps,
    fused: fusedSteps(model),
    parameters: parameterCount,
    running: layers.reduce((total, { running }) => total + running, 0),
    memoryBytes,
    classNames: subject.classNames,
    preparation: subject.preparation,
    ...('history' in subject && {
      training: {
        epochs: subject.history.length,
        step: subject.begun.step,
        batchSize: subject.batchSize,
        optimizer: subject.optimizer,
        loss: subject.loss,
        seed: subject.seed,
      },
    }),
  });
}

function describeModel(model: Model, subject: Subject): readonly string[] {
  const style = styler(process.stdout);
  const layers = inspectLayers(model);
  const running = layers.reduce((total, layer) => total + layer.running, 0);
  const fused = fusedSteps(model).map(({ name, layers }) => `${name} (${formatIndices(layers)})`);
  const kept = running > 0 ? `, and ${formatCount(running)} running numbers` : '';
  return [
    ...layerTable(model, layers),
    '',
    `as one step: ${fused.length === 0 ? 'none, every layer runs by itself' : fused.join('; ')}`,
    `parameters: ${style('bold', formatCount(model.parameterCount))}${kept}`,
    `memory: ${formatCount(model.memoryBytes / 1024)} KiB to train by SGD on one thread, batches of 128, without the data set`,
    ...(subject.classNames ? [`classes: ${subject.classNames.join(', ')}`] : []),
    ...('history' in subject ? [describeTraining(subject)] : []),
  ];
}

/** The layers, with the columns that some layer needs. */
function layerTable({ spec }: Model, layers: readonly InspectedLayer[]): readonly string[] {
  const count = (value: number) => (value > 0 ? formatCount(value) : '');
  const columns: [head: string, input: string, cell: (layer: InspectedLayer) => string][] = [
    ['', '', ({ index }) => String(index)],
    ['name', '', ({ name = '' }) => name],
    [
      'layer',
      'input',
      ({ index, type }) => `${type} ${formatOptions(spec.layers[index] ?? {})}`.trimEnd(),
    ],
    ['reads', '', ({ isChained, inputs = [] }) => (isChained ? '' : inputs.join(', '))],
    ['output', formatShape(spec.inputShape), ({ output }) => formatShape(output)],
    ['running', '', ({ running }) => count(running)],
    ['parameters', '', ({ parameters }) => formatCount(parameters)],
  ];
  const shown = columns.filter(
    ([head, , cell]) =>
      !['name', 'reads', 'running'].includes(head) || layers.some((layer) => cell(layer) !== ''),
  );
  const rows = [
    shown.map(([, input]) => input),
    ...layers.map((layer) => shown.map(([, , cell]) => cell(layer))),
  ];
  const headings = shown.map(([heading]) =>
    ['', 'running', 'parameters'].includes(heading)
      ? { heading }
      : { heading, isText: true as const },
  );
  const { stdout } = process;
  return showTable(headings, rows, styler(stdout), columnsOf(stdout));
}

/** `training: 3 epochs and 14 steps done, batch 128, seed 1; Adam, learning rate 0.001, …` */
function describeTraining({ history, begun, batchSize, seed, optimizer }: Checkpoint): string {
  const steps = begun.step === 0 ? '' : ` and ${counted(begun.step, 'step')}`;
  return `training: ${counted(history.length, 'epoch')}${steps} done, batch ${batchSize}, seed ${seed}; ${formatOptimizer(optimizer)}`;
}

/** The steps of several layers, with the indices of the layers. */
function fusedSteps({
  spec,
}: Model): { readonly name: string; readonly layers: readonly number[] }[] {
  return fuse(inferNetwork(spec), true)
    .filter(({ layers }) => layers.length > 1)
    .map(({ name, layers }) => ({ name, layers }));
}

/** `0–2`, or `0, 3` if others are between them. */
function formatIndices(indices: readonly number[]): string {
  const [first = 0] = indices;
  const isRow = indices.every((index, place) => index === first + place);
  return isRow ? `${first}–${indices.at(-1)}` : indices.join(', ');
}

/** Sizes as `3×3`, names as `[a, b]`. */
function formatList(list: readonly unknown[]): string {
  return list.every((item) => typeof item === 'number') ? list.join('×') : `[${list.join(', ')}]`;
}

/** `filters 12, kernelSize 3×3`: the options that a layer was given. */
function formatOptions(spec: object): string {
  return Object.entries(spec)
    .filter(([name]) => !['type', 'name', 'inputs'].includes(name))
    .map(([name, value]) => `${name} ${Array.isArray(value) ? formatList(value) : value}`)
    .join(', ');
}
