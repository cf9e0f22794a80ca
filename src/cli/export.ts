/** `convlet export FILE`: a trained model for other programs. @module */
import { join } from 'node:path';
import type { Command } from 'commander';
import { describe } from '../base/errors.ts';
import { nearest } from '../base/options.ts';
import { encodeC } from '../formats/c/encode.ts';
import { type Dtype, encodeModel } from '../formats/convlet/modelFile.ts';
import type { ModelFile } from '../formats/convlet/source.ts';
import { encodeNpz } from '../formats/npz.ts';
import { encodeOnnx, type OnnxOptions } from '../formats/onnx/encode.ts';
import { encodeTfjs } from '../formats/tfjs/encode.ts';
import { removeUnfinished, writeFilesAtomic } from '../node/files.ts';
import { makeFolder } from '../node/folders.ts';
import { checkDtype, dtypeOption, modelIn } from './dtype.ts';
import { readModelFile } from './load.ts';
import { UsageError } from './options.ts';
import { leaveSignals } from './signals.ts';
import { print, show } from './terminal.ts';

interface ExportOptions extends EncodeOptions {
  readonly format: string;
  readonly out: string;
  readonly overwrite?: boolean;
  readonly json?: boolean;
}

/** The content of the files to write, by name. */
type Files = Readonly<Record<string, Uint8Array>>;
type Encode = (model: ModelFile, options: EncodeOptions) => Files | Promise<Files>;

interface EncodeOptions extends OnnxOptions {
  readonly dtype?: Dtype | undefined;
  readonly data?: string | undefined;
}

const formats: Readonly<Record<string, Encode>> = {
  onnx: async (model, { preprocessing = false }) => ({
    'model.onnx': await encodeOnnx(model, { preprocessing }),
  }),
  safetensors: async (model, { dtype, data }) => {
    const source = dtype === 'int8' ? await modelIn(model, dtype, data) : model;
    return { 'model.safetensors': encodeModel(source, dtype && { dtype }) };
  },
  npz: async (model) => ({ 'model.npz': await encodeNpz(model) }),
  tfjs: (model) => ({ ...encodeTfjs(model) }),
  c: async (model, { dtype, data }) => {
    return { 'model.c': encodeC(await modelIn(model, dtype, data)) };
  },
};

/** Adds the command. */
export function addExport(program: Command): void {
  program
    .command('export')
    .description(
      'write a trained model for other programs: ONNX, safetensors (PyTorch), npz (NumPy), TensorFlow.js LayersModel, one C file for small devices',
    )
    .argument('<FILE>', 'a model.safetensors or checkpoint.convlet of convlet train')
    .requiredOption('--format <NAME>', Object.keys(formats).join(', '), formatName)
    .requiredOption('--out <DIR>', 'folder for the files')
    .option(
      '--dtype <NAME>',
      "safetensors: f32, f16, bf16 or int8; C: f32 or int8 (default: f32, or the model's own)",
      dtypeOption,
    )
    .option(
      '--data <PATH>',
      'int8: data whose training images it is calibrated on (default: mnist)',
    )
    .option('--preprocessing', 'ONNX: take bytes, and divide them by 255 in the graph')
    .option('--overwrite', 'replace files of the same names')
    .option('--json', 'print one JSON object')
    .action(exportModel);
}

async function exportModel(file: string, options: ExportOptions): Promise<void> {
  const { format, out, preprocessing = false, overwrite = false, dtype, data } = options;
  if (preprocessing && format !== 'onnx') {
    throw new UsageError(
      `--preprocessing: expected --format onnx, got --format ${format}. Leave it out.`,
    );
  }
  checkDtype(format, dtype, data);
  const encode = formats[format];
  if (encode === undefined) throw new Error(`internal: format ${format}`);
  const content = await readModelFile(file);
  leaveSignals();
  const files = await encode(content, { preprocessing, dtype, data });
  await prepareFolder(out, overwrite ? [] : Object.keys(files));
  const entries = Object.entries(files).map(([name, bytes]) => [join(out, name), bytes] as const);
  await writeFilesAtomic(Object.fromEntries(entries));
  const paths = entries.map(([path]) => path);
  if (options.json) print(JSON.stringify({ event: 'export', format, files: paths }));
  else show(...paths);
}

function formatName(name: string): string {
  if (Object.hasOwn(formats, name)) return name;
  const names = Object.keys(formats);
  throw new UsageError(
    `--format: expected ${names.join(', ')}, got ${describe(name)}. ${nearest(name, names, 'Use one of these.')}`,
  );
}

/** Makes the folder if there is none, and removes the files of a killed writer. @throws {Error} if one of the names is taken. */
async function prepareFolder(out: string, names: readonly string[]): Promise<void> {
  const found = await makeFolder(out);
  const taken = names.filter((name) => found.includes(name));
  if (taken.length === 0) return removeUnfinished(out, found);
  throw new Error(
    `${out}: expected a folder without ${taken.join(', ')}, got one with it. Use another --out, or --overwrite.`,
  );
}
