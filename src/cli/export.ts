/** `convlet export FILE`: a trained model for other programs. @module */

import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { describe } from '../base/errors.ts';
import { encodeModel } from '../formats/convlet/modelFile.ts';
import type { ModelFile } from '../formats/convlet/source.ts';
import { encodeNpz } from '../formats/npz.ts';
import { encodeOnnx, type OnnxOptions } from '../formats/onnx/encode.ts';
import { encodeTfjs } from '../formats/tfjs/encode.ts';
import { errorCode, writeFileAtomic } from '../node/files.ts';
import { readModelFile } from './load.ts';
import { UsageError } from './options.ts';

interface ExportOptions extends OnnxOptions {
  readonly format: string;
  readonly out: string;
  readonly overwrite?: boolean;
  readonly json?: boolean;
}

/** The content of the files to write, by name. */
type Files = Readonly<Record<string, Uint8Array>>;
type Encode = (model: ModelFile, options: OnnxOptions) => Files | Promise<Files>;

const formats: Readonly<Record<string, Encode>> = {
  onnx: async (model, options) => ({ 'model.onnx': await encodeOnnx(model, options) }),
  safetensors: (model) => ({ 'model.safetensors': encodeModel(model) }),
  npz: async (model) => ({ 'model.npz': await encodeNpz(model) }),
  tfjs: (model) => ({ ...encodeTfjs(model) }),
};

/** Adds the command. */
export function addExport(program: Command): void {
  program
    .command('export')
    .description(
      'write a trained model for other programs: ONNX, safetensors (PyTorch), npz (NumPy), TensorFlow.js LayersModel',
    )
    .argument('<FILE>', 'a model.safetensors or checkpoint.convlet of convlet train')
    .requiredOption('--format <NAME>', Object.keys(formats).join(', '), formatName)
    .requiredOption('--out <DIR>', 'folder for the files')
    .option('--preprocessing', 'ONNX: take bytes, and divide them by 255 in the graph')
    .option('--overwrite', 'replace files of the same names')
    .option('--json', 'print one JSON object')
    .action(exportModel);
}

async function exportModel(file: string, options: ExportOptions): Promise<void> {
  const { format, out, preprocessing = false, overwrite = false } = options;
  if (preprocessing && format !== 'onnx') {
    throw new UsageError(
      `--preprocessing: expected --format onnx, got --format ${format}. Leave it out.`,
    );
  }
  const encode = formats[format];
  if (encode === undefined) throw new Error(`internal: format ${format}`);
  const files = await encode(await readModelFile(file), { preprocessing });
  const names = Object.keys(files);
  await prepareFolder(out, overwrite ? [] : names);
  for (const [name, bytes] of Object.entries(files)) await writeFileAtomic(join(out, name), bytes);
  const paths = names.map((name) => join(out, name));
  const text = options.json
    ? JSON.stringify({ event: 'export', format, files: paths })
    : paths.join('\n');
  process.stdout.write(`${text}\n`);
}

function formatName(name: string): string {
  if (Object.hasOwn(formats, name)) return name;
  throw new UsageError(
    `--format: expected ${Object.keys(formats).join(', ')}, got ${describe(name)}.`,
  );
}

/** Makes the folder if there is none. @throws {Error} if one of the names is taken. */
async function prepareFolder(out: string, names: readonly string[]): Promise<void> {
  const found = await mkdir(out, { recursive: true })
    .then(() => readdir(out))
    .catch((cause: unknown) => {
      throw new Error(
        `${out}: expected a folder that can be written, got ${errorCode(cause)}. Use another --out.`,
        { cause },
      );
    });
  const taken = names.filter((name) => found.includes(name));
  if (taken.length === 0) return;
  throw new Error(
    `${out}: expected a folder without ${taken.join(', ')}, got one with it. Use another --out, or --overwrite.`,
  );
}
