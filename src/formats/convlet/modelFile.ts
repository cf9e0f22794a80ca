/**
 * A trained model as one safetensors file: the weights, named as in a torch `Sequential`, and in the metadata, as text:
 *
 *   convlet.format         2, the version of this list; 1 had no loss
 *   convlet.spec           the model, JSON
 *   convlet.seed           the seed of the model
 *   convlet.loss           the loss that it was trained on, JSON; absent if it was not trained
 *   convlet.preprocessing  how the weights expect pixels, JSON
 *   convlet.crc32          checksum of all the rest, so that damage is found
 *
 * Everything except the spec may be missing, as in a file that another program wrote.
 * @module
 */
import { FormatError } from '../../base/errors.ts';
import { inferNetwork } from '../../compile/network.ts';
import { checkWeights } from '../../model/weights.ts';
import {
  checkFile,
  decodeSafetensors,
  encodeSafetensors,
  GIVEN,
  readMetadata,
} from '../safetensors/safetensors.ts';
import { decodeCheckpoint, isCheckpoint } from './checkpointFile.ts';
import {
  checkPreprocessing,
  checkVersion,
  FORMAT,
  inFile,
  parseLoss,
  parseSeed,
  parseSpec,
} from './content.ts';
import { breakSeal, seal } from './seal.ts';
import { contentOf, type ModelFile, type ModelSource, PREPROCESSING } from './source.ts';

/**
 * The file of a model. The same model gives the same bytes.
 * @throws {TypeError | RangeError | ShapeError} if it is no model.
 */
export function encodeModel(source: ModelSource): Uint8Array<ArrayBuffer> {
  const { spec, seed, weights, loss } = contentOf('encodeModel', source);
  const metadata = {
    'convlet.format': FORMAT,
    'convlet.spec': JSON.stringify(spec),
    'convlet.seed': String(seed),
    ...(loss !== undefined && { 'convlet.loss': JSON.stringify(loss) }),
    'convlet.preprocessing': PREPROCESSING,
  };
  return encodeSafetensors(weights, seal([...weights], metadata));
}

/**
 * Reads the file of a model, or the model in a checkpoint; `where` names it in messages.
 * @throws {FormatError} if it is no safetensors file, is damaged, or its weights are not the weights of its model.
 */
export function decodeModel(bytes: Uint8Array, where: string = GIVEN): ModelFile {
  checkFile('decodeModel', bytes, where);
  if (isCheckpoint(readMetadata(bytes, where))) {
    const { spec, seed, weights, average, loss } = decodeCheckpoint(bytes, where);
    return { spec, seed, weights: new Map([...weights, ...(average ?? [])]), loss };
  }
  const { tensors, metadata } = decodeSafetensors(bytes, where);
  const text = metadata['convlet.spec'];
  if (text === undefined) {
    throw new FormatError(
      `${where}: expected a model's spec under 'convlet.spec' in the metadata, got none. Use a file that convlet wrote.`,
      8,
    );
  }
  const {
    'convlet.format': format = FORMAT,
    'convlet.seed': seed = '1',
    'convlet.loss': loss,
    'convlet.preprocessing': preprocessing = PREPROCESSING,
  } = breakSeal([...tensors], metadata, where, false);
  checkVersion('a model file', format, where);
  checkPreprocessing(preprocessing, where);
  const spec = parseSpec(text, where);
  inFile(where, () => checkWeights('weights', inferNetwork(spec), tensors));
  return {
    spec,
    seed: parseSeed(seed, where),
    weights: tensors,
    ...(loss !== undefined && { loss: parseLoss(loss, where) }),
  };
}
