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
import { errorCode } from '../node/fileErrors.ts';
import { readInput } from '../node/files.ts';
import { JSON_TEXT, kindOf, type ModelFormat } from './fileKind.ts';

/** A model, and the name of the format that it came in. */
export interface FoundModel {
  readonly format: ModelFormat;
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
  if (isFolder && (await isMissing(file))) {
    throw new Error(`${path}: expected ${KINDS}, got a folder without model.json. ${REMEDY}.`);
  }
  const bytes = await readInput(file);
  const kind = kindOf(bytes);
  if (kind?.format === 'safetensors') {
    return { format: kind.format, model: fromSafetensors(bytes, spec, file) };
  }
  if (kind?.format === 'tfjs' || kind === JSON_TEXT) {
    refuseSpec(file, spec, 'a LayersModel');
    return { format: 'tfjs', model: await layersModel(file, bytes) };
  }
  if (kind?.format === 'npz') {
    return { format: kind.format, model: await decodeNpzModel(bytes, spec, file) };
  }
  if (kind !== undefined && kind.format === undefined) {
    throw new Error(`${file}: expected ${KINDS}, got ${kind.what}. ${kind.remedy ?? REMEDY}.`);
  }
  refuseSpec(file, spec, 'an ONNX file');
  return { format: 'onnx', model: await decodeOnnx(bytes, file) };
}

const KINDS = 'an .onnx, a model.json or its folder, a .safetensors, or an .npz';
const REMEDY = 'Use one of these';

function isMissing(file: string): Promise<boolean> {
  return stat(file).then(
    () => false,
    (cause: unknown) => errorCode(cause) === 'ENOENT',
  );
}

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
