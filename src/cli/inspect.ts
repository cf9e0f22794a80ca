/** `convlet inspect FILE`: what a network is made of, and what it will take, before anything is trained. @module */
import type { Command } from 'commander';
import { createBackend } from '../createBackend.ts';
import { parseSpec } from '../formats/content.ts';
import { createModel, type Model } from '../model.ts';
import { readInput } from '../node/files.ts';
import { formatShape } from '../shape.ts';
import { type ModelSpec, namedModels } from '../spec.ts';
import { readModelFile } from './load.ts';
import { formatCount, styler } from './style.ts';

interface InspectOptions {
  readonly json?: boolean;
}

/** What a named model is made for: the digits of MNIST. */
const NAMED_INPUT = [1, 28, 28];
const NAMED_CLASSES = 10;

/** Adds the command. */
export function addInspect(program: Command): void {
  const names = Object.keys(namedModels).join(', ');
  program
    .command('inspect')
    .description(
      'show a network: its layers, their outputs and parameters, which run as one step, and the memory that training takes',
    )
    .argument('<FILE>', `a model.safetensors, a spec as .json, or ${names} (for MNIST)`)
    .option('--json', 'print one JSON object')
    .action(inspect);
}

async function inspect(file: string, { json = false }: InspectOptions): Promise<void> {
  const spec = await readSpec(file);
  const model = createModelOf(file, spec, await createBackend());
  process.stdout.write(`${json ? jsonLine(model) : describeModel(model)}\n`);
}

/** The spec of a named model, of a JSON file, or of a trained model. */
async function readSpec(file: string): Promise<ModelSpec> {
  const named = Object.hasOwn(namedModels, file) ? namedModels[file] : undefined;
  if (named !== undefined) return named(NAMED_INPUT, NAMED_CLASSES);
  if (!file.endsWith('.json')) return (await readModelFile(file)).spec;
  return parseSpec(new TextDecoder().decode(await readInput(file)), file);
}

/** A model of the spec. @throws {Error} that names the file, where a layer does not fit. */
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

function jsonLine({ spec, layers, steps, parameterCount, memoryBytes }: Model): string {
  return JSON.stringify({
    event: 'inspection',
    inputShape: spec.inputShape,
    layers,
    steps,
    parameters: parameterCount,
    memoryBytes,
  });
}

function describeModel(model: Model): string {
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
  ].join('\n');
}

/** `conv2d + relu + maxPool2d (0–2)`: the steps of several layers, with the places of these. */
function fusedSteps(steps: readonly string[]): string[] {
  let next = 0;
  return steps.flatMap((step) => {
    const first = next;
    next += step.split(' + ').length;
    return next - first > 1 ? [`${step} (${first}–${next - 1})`] : [];
  });
}

/** `filters 12, kernelSize 3×3`: the options that a layer was given. */
function formatOptions(spec: object): string {
  return Object.entries(spec)
    .filter(([name]) => name !== 'type')
    .map(([name, value]) => `${name} ${Array.isArray(value) ? value.join('×') : value}`)
    .join(', ');
}

/** Rows as lines: names to the left, the first and the last column to the right. */
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
