/** The model of a file of another program, whose kind is found by looking. @module */
import { stat } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { isRecord } from '../base/brands.ts';
import { quote } from '../base/errors.ts';
import type { ModelSpec } from '../compile/spec.ts';
import { parseJson } from '../formats/convlet/content.ts';
import { decodeModel } from '../formats/convlet/modelFile.ts';
import type { ModelFile } from '../formats/convlet/source.ts';
import type { ImportedModel } from '../formats/network/imported.ts';
import { decodeNpzModel } from '../formats/npz.ts';
import { decodeOnnx } from '../formats/onnx/decode.ts';
import { readMetadata } from '../formats/safetensors/safetensors.ts';
import { decodeStateDict } from '../formats/safetensors/stateDict.ts';
import { decodeTfjs } from '../formats/tfjs/decode.ts';
import { pathsOf } from '../formats/tfjs/read/weights.ts';
import { readInput } from '../node/files.ts';

/** A model, and the name of the format that it came in. */
export interface FoundModel {
  readonly format: 'onnx' | 'tfjs' | 'npz' | 'safetensors';
  readonly model: ImportedModel | ModelFile;
}

/**
 * Reads a file, or the folder of a LayersModel.
 * @param spec The network of files that hold tensors alone.
 * @throws {Error} in one line, if it is of no such kind, or not understood.
 */
export async function importFile(path: string, spec: ModelSpec | undefined): Promise<FoundModel> {
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false, // told when it is read
  );
  const file = isFolder ? join(path, 'model.json') : path;
  const bytes = await readInput(file);
  const start = String.fromCharCode(...bytes.subarray(0, 9));
  if (isSafetensors(start)) {
    // first: its length may look like the beginning of any other kind
    return { format: 'safetensors', model: fromSafetensors(bytes, spec, file) };
  }
  for (const [magic, what, remedy] of FOREIGN) {
    if (!start.startsWith(magic)) continue;
    throw new Error(`${file}: expected ${KINDS}, got ${what}. ${remedy}.`);
  }
  if (/^\s*\{/.test(start)) {
    refuseSpec(file, spec, 'a LayersModel');
    return { format: 'tfjs', model: await layersModel(file, bytes) };
  }
  if (start.startsWith('PK')) {
    return { format: 'npz', model: await decodeNpzModel(bytes, spec, file) };
  }
  refuseSpec(file, spec, 'an ONNX file');
  return { format: 'onnx', model: await decodeOnnx(bytes, file) };
}

/** A length below 2²⁴ in 8 bytes, least byte first, then JSON. */
function isSafetensors(start: string): boolean {
  return start.slice(3, 8) === '\0'.repeat(5) && start[8] === '{';
}

const KINDS = 'an ONNX file, a LayersModel, .safetensors or .npz';

/** How files begin whose programs can save them otherwise. */
const FOREIGN = [
  [
    '\x89HDF',
    'an HDF5 file of Keras',
    'Convert it with tensorflowjs_converter --input_format keras',
  ],
  ['\x80\x02', 'a pickle', 'Save the state dict with safetensors.torch.save_file'],
  ['\x1f\x8b', 'a gzip file', 'Unpack it'],
] as const;

function refuseSpec(file: string, spec: ModelSpec | undefined, what: string): void {
  if (spec === undefined) return;
  throw new Error(`${file}: expected no --model (${what} has its network), got one. Leave it out.`);
}

/** A model of ours, or a state dict of PyTorch. */
function fromSafetensors(
  bytes: Uint8Array,
  spec: ModelSpec | undefined,
  file: string,
): ImportedModel | ModelFile {
  if (spec !== undefined) return decodeStateDict(bytes, spec, file);
  if (!Object.hasOwn(readMetadata(bytes, file), 'convlet.spec')) {
    throw new Error(
      `${file}: expected a network for these tensors, got none. Give it with --model FILE.json.`,
    );
  }
  return decodeModel(bytes, file);
}

/** The model of a `model.json` and of the files beside it. */
async function layersModel(file: string, json: Uint8Array): Promise<ImportedModel> {
  const value = parseJson(new TextDecoder().decode(json), 'a LayersModel as JSON', file);
  const manifest =
    isRecord(value) && Array.isArray(value.weightsManifest) ? value.weightsManifest : [];
  const paths = manifest.flatMap(pathsOf);
  const files = new Map<string, Uint8Array>();
  for (const path of paths) {
    if (isAbsolute(path) || path.split(/[\\/]/).includes('..')) {
      throw new Error(
        `${file}: expected weights in its own folder, got ${quote(path)}. Move them beside it.`,
      );
    }
    if (!files.has(path)) files.set(path, await readInput(join(dirname(file), path)));
  }
  try {
    return await decodeTfjs(value, files);
  } catch (cause) {
    throw new Error(`${file}: ${(cause as Error).message.replace(/^decodeTfjs: /, '')}`, { cause });
  }
}
