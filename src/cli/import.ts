/** `convlet import FILE`: a model of another program as one of ours. @module */
import { dirname } from 'node:path';
import type { Command } from 'commander';
import { describe } from '../base/errors.ts';
import { nearest } from '../base/options.ts';
import { formatShape } from '../base/shape.ts';
import { namedModels } from '../compile/named.ts';
import { inferNetwork } from '../compile/network.ts';
import type { ModelSpec } from '../compile/spec.ts';
import { encodeModel } from '../formats/convlet/modelFile.ts';
import { writeFileAtomic } from '../node/files.ts';
import { makeFolder } from '../node/folders.ts';
import { expectFree } from './expectFree.ts';
import { readSpecFile } from './fileKind.ts';
import { importFile } from './importFile.ts';
import { UsageError } from './options.ts';
import { leaveSignals } from './signals.ts';
import { counted, formatCount } from './style.ts';
import { print, show } from './terminal.ts';

interface ImportOptions {
  readonly out: string;
  readonly model?: string;
  readonly overwrite?: boolean;
  readonly json?: boolean;
}

/** Adds the command. */
export function addImport(program: Command): void {
  program
    .command('import')
    .description(
      'read a model of another program: ONNX, TensorFlow.js LayersModel (Keras), safetensors (PyTorch), npz (NumPy)',
    )
    .argument('<FILE>', 'an .onnx, a model.json or its folder, a .safetensors, or an .npz')
    .requiredOption('--out <FILE>', 'the model to write, such as model.safetensors')
    .option(
      '--model <FILE.json>',
      'the network of tensors that come without one: a spec, or the name of a network for MNIST',
    )
    .option('--overwrite', 'replace a file of that name')
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nGo on training with convlet train --init FILE.')
    .action(importModel);
}

async function importModel(file: string, options: ImportOptions): Promise<void> {
  const { out, overwrite = false } = options;
  const spec = options.model === undefined ? undefined : await readSpec(options.model);
  const { format, model } = await importFile(file, spec);
  const bytes = encodeModel(model);
  if (!overwrite) await expectFree(out);
  leaveSignals();
  await makeFolder(dirname(out));
  await writeFileAtomic(out, bytes);
  const { layers, output, parameters } = inferNetwork(model.spec);
  const count = parameters.reduce((total, { length }) => total + length, 0);
  const { inputShape } = model.spec;
  if (options.json) {
    const facts = { inputShape, output, layers: layers.length, parameters: count };
    print(JSON.stringify({ event: 'import', format, file: out, ...facts }));
    return;
  }
  show(
    `${out}: ${formatShape(inputShape)} → ${formatShape(output)}, ${counted(layers.length, 'layer')}, ${formatCount(count)} numbers`,
  );
}

/** A spec by its name, or from a file. */
async function readSpec(name: string): Promise<ModelSpec> {
  const named = Object.hasOwn(namedModels, name) ? namedModels[name] : undefined;
  if (named !== undefined) return named([1, 28, 28], 10);
  if (!name.endsWith('.json')) {
    const names = Object.keys(namedModels);
    throw new UsageError(
      `--model: expected ${names.join(', ')} or a .json file, got ${describe(name)}. ${nearest(name, names, 'Use one of these.')}`,
    );
  }
  return readSpecFile(name);
}
