/**
 * A trained model as one safetensors file: the weights, named as in a torch `Sequential`, and in the metadata, as text:
 *
 *   convlet.format         2, the version of this list; 1 had no loss
 *   convlet.spec           the model, JSON
 *   convlet.seed           the seed of the model
 *   convlet.loss           the loss that it was trained on, JSON; absent if it was not trained
 *   convlet.classNames     names of the classes, JSON; absent if the training data had none
 *   convlet.preparation    digit or picture: how pictures became its images; absent if the training data did not say
 *   convlet.preprocessing  how the weights expect pixels, JSON
 *   convlet.crc32          checksum of all the rest, so that damage is found
 *
 * Everything except the spec may be missing, as in a file that another program wrote.
 * @module
 */
import { FormatError } from '../../base/errors.ts';
import { inferNetwork } from '../../compile/network.ts';
import { readOrigin } from '../../data/origin.ts';
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
  parseJson,
  parseLoss,
  parseSeed,
  parseSpec,
} from './content.ts';
import { breakSeal, seal } from './seal.ts';
import {
  contentOf,
  type ModelFile,
  type ModelSource,
  originEntries,
  PREPROCESSING,
} from './source.ts';

/**
 * The file of a model. The same model gives the same bytes.
 * @throws {TypeError | RangeError | ShapeError} if it is no model.
 */
export function encodeModel(source: ModelSource): Uint8Array<ArrayBuffer> {
  const content = contentOf('encodeModel', source);
  const { spec, seed, weights, loss } = content;
  const metadata = {
    'convlet.format': FORMAT,
    'convlet.spec': JSON.stringify(spec),
    'convlet.seed': String(seed),
    ...(loss !== undefined && { 'convlet.loss': JSON.stringify(loss) }),
    ...originEntries(content),
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
    const checkpoint = decodeCheckpoint(bytes, where);
    const { spec, seed, weights, average, loss } = checkpoint;
    const origin = readOrigin(where, checkpoint);
    return { spec, seed, weights: new Map([...weights, ...(average ?? [])]), loss, ...origin };
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
    'convlet.classNames': names,
    'convlet.preparation': preparation,
    'convlet.preprocessing': preprocessing = PREPROCESSING,
  } = breakSeal([...tensors], metadata, where, false);
  checkVersion('a model file', format, where);
  checkPreprocessing(preprocessing, where);
  const spec = parseSpec(text, where);
  const classNames = names === undefined ? names : parseJson(names, 'names as JSON', where);
  inFile(where, () => checkWeights('weights', inferNetwork(spec), tensors));
  return {
    spec,
    seed: parseSeed(seed, where),
    weights: tensors,
    ...(loss !== undefined && { loss: parseLoss(loss, where) }),
    ...inFile(where, () => readOrigin('metadata', { classNames, preparation })),
  };
}
