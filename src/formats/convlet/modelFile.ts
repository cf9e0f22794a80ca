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
 *
 * Weights are f32, f16 or bf16; those of fewer bits are read as the f32 that they stand for. The file of a model in int8
 * holds whole numbers (wholeNumbers.ts).
 * @module
 */
import { describe, FormatError } from '../../base/errors.ts';
import { checkOptions, type OptionChecks } from '../../base/options.ts';
import { inferNetwork } from '../../compile/network.ts';
import { readOrigin } from '../../data/origin.ts';
import { checkWeights } from '../../model/weights.ts';
import {
  checkFile,
  decodeWithSmall,
  type Entry,
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
import { narrowEntries, widened } from './narrow.ts';
import { breakSeal, seal } from './seal.ts';
import {
  contentOf,
  type ModelFile,
  type ModelSource,
  originEntries,
  PREPROCESSING,
} from './source.ts';
import { isWhole, readWhole, wholeEntries } from './wholeNumbers.ts';

export type Dtype = 'f32' | 'f16' | 'bf16' | 'int8';

export interface EncodeOptions {
  /**
   * How the weights are written: f16 and bf16 are the nearest numbers of 16 bits. A model in int8 is written as it is.
   * @default 'f32', or 'int8' for a model in int8
   */
  readonly dtype?: Dtype;
}

const DTYPES: readonly Dtype[] = ['f32', 'f16', 'bf16', 'int8'];

const checks: OptionChecks<EncodeOptions> = {
  dtype(where, name, value) {
    if (DTYPES.some((known) => known === value)) return;
    throw new RangeError(
      `${where}: expected ${name} to be ${DTYPES.join(', ')}, got ${describe(value)}. Use one of these.`,
    );
  },
};

const WHERE = 'encodeModel';

/**
 * The file of a model. The same model gives the same bytes.
 * @throws {TypeError | RangeError | ShapeError} if it is no model.
 */
export function encodeModel(
  source: ModelSource,
  options: EncodeOptions = {},
): Uint8Array<ArrayBuffer> {
  const { dtype } = checkOptions(WHERE, options, checks);
  const content = contentOf(WHERE, source);
  const { spec, seed, loss } = content;
  const entries = entriesOf(content, dtype);
  const metadata = {
    'convlet.format': FORMAT,
    'convlet.spec': JSON.stringify(spec),
    'convlet.seed': String(seed),
    ...(loss !== undefined && { 'convlet.loss': JSON.stringify(loss) }),
    ...originEntries(content),
    'convlet.preprocessing': PREPROCESSING,
  };
  return encodeSafetensors(entries, seal(entries, metadata));
}

/** @throws {RangeError} if a model is asked for in int8 that is not, or one in int8 as something else. */
function entriesOf({ weights, quantization }: ModelFile, dtype: Dtype | undefined): Entry[] {
  const isInt8 = quantization !== undefined;
  if (dtype !== undefined && (dtype === 'int8') !== isInt8) {
    throw new RangeError(
      `${WHERE}: expected dtype ${isInt8 ? 'int8' : 'f32, f16 or bf16'} of this model, got ${dtype}. ${isInt8 ? 'Use the model that it was made of.' : 'Use quantizeModel(backend, model, images) first.'}`,
    );
  }
  if (isInt8) return wholeEntries(quantization);
  if (dtype === 'f16' || dtype === 'bf16') return narrowEntries(WHERE, weights, dtype);
  return [...weights];
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
  const { tensors, metadata } = decodeWithSmall(bytes, where);
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
  const network = inFile(where, () => inferNetwork(spec));
  const numbers = inFile(where, () =>
    isWhole(tensors) ? readWhole(network, tensors) : { weights: widened(tensors) },
  );
  inFile(where, () => checkWeights('weights', network, numbers.weights));
  return {
    spec,
    seed: parseSeed(seed, where),
    ...numbers,
    ...(loss !== undefined && { loss: parseLoss(loss, where) }),
    ...inFile(where, () => readOrigin('metadata', { classNames, preparation })),
  };
}
