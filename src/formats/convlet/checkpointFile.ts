/**
 * A checkpoint as one safetensors file: the weights under the names a torch `Sequential` gives them, then
 *
 *   optimizer.0 …   f32[parameters]: what the optimizer remembers, block by block
 *   history         f64[epochs, columns]: the figures of each epoch (NaN: not measured)
 *
 * and in the metadata the spec and the seed as in a model's file, and as JSON under `convlet.checkpoint` the loss, the
 * metrics, the names of the columns, the optimizer, its numbers, batch size, order, identity of the data, epochs before, the
 * sums of the epoch begun, and the caller's settings. JavaScript writes a number as JSON so that the same number is read again.
 *
 * The checksum is a must here: what is damaged must not train on. A program that knows none of this still finds the
 * weights.
 * @module
 */

import { isTypedArray } from '../../base/brands.ts';
import { describe, FormatError } from '../../base/errors.ts';
import type { Tensor } from '../../base/types.ts';
import { inferNetwork } from '../../compile/network.ts';
import type { ModelSpec } from '../../compile/spec.ts';
import { type Checkpoint, checkOptimizerState, readCheckpoint } from '../../model/checkpoint.ts';
import { optimizerOf } from '../../optimizers/registry.ts';
import {
  checkFile,
  type DoubleTensor,
  decodeWithDoubles,
  type Entry,
  encodeSafetensors,
  GIVEN,
} from '../safetensors/safetensors.ts';
import {
  checkDetails,
  columnsOf,
  type Details,
  decodeHistory,
  encodeHistory,
} from './checkpointDetails.ts';
import {
  checkPreprocessing,
  checkVersion,
  checkWeights,
  FIRST,
  FORMAT,
  inFile,
  parseJson,
  parseSeed,
  parseSpec,
} from './content.ts';
import { breakSeal, seal } from './seal.ts';
import { PREPROCESSING } from './source.ts';

const KEY = 'convlet.checkpoint';
const WHERE = 'encodeCheckpoint';

/**
 * The file of a checkpoint. The same checkpoint gives the same bytes.
 * @throws {TypeError | RangeError | ShapeError} on what is none.
 */
export function encodeCheckpoint(checkpoint: Checkpoint): Uint8Array<ArrayBuffer> {
  const { spec, seed, weights, state, history, ...run } = readCheckpoint(WHERE, checkpoint);
  const columns = columnsOf(run.metrics);
  const entries: Entry[] = [
    ...weights,
    ...state.blocks.map((data, i) => [`optimizer.${i}`, { shape: [data.length], data }] as const),
    ['history', encodeHistory(history, columns)],
  ];
  const metadata = {
    'convlet.format': FORMAT,
    'convlet.spec': JSON.stringify(spec),
    'convlet.seed': String(seed),
    'convlet.preprocessing': PREPROCESSING,
    [KEY]: toJson({ ...run, columns, scalars: state.scalars }),
  };
  return encodeSafetensors(entries, seal(entries, metadata));
}

/**
 * Reads a checkpoint; `where` names it in messages.
 * @throws {FormatError} where it is no checkpoint, is damaged, of another version, or does not fit together.
 */
export function decodeCheckpoint(bytes: Uint8Array, where: string = GIVEN): Checkpoint {
  checkFile('decodeCheckpoint', bytes, where);
  const { tensors, metadata } = decodeWithDoubles(bytes, where);
  if (!isCheckpoint(metadata)) {
    throw new FormatError(
      `${where}: expected a checkpoint, got ${metadata['convlet.spec'] === undefined ? 'another safetensors file' : "a model without its training's state"}. Use a checkpoint.convlet; weights alone are for --init and setWeights.`,
      8,
    );
  }
  const {
    'convlet.format': format = '',
    'convlet.spec': spec = '',
    'convlet.seed': seed = '',
    'convlet.preprocessing': preprocessing = '',
    [KEY]: details = '',
  } = breakSeal([...tensors], metadata, where, true);
  const isFirst = checkVersion('a checkpoint', format, where) === FIRST;
  checkPreprocessing(preprocessing, where);
  const model = { spec: parseSpec(spec, where), seed: parseSeed(seed, where) };
  const value = parseJson(details, `JSON under ${KEY}`, where);
  return inFile(where, () => ({
    ...model,
    ...assemble(model.spec, checkDetails(value, isFirst), tensors),
  }));
}

/** All but the caller's settings are known to be JSON. */
function toJson(details: object): string {
  try {
    return JSON.stringify(details);
  } catch (cause) {
    throw new TypeError(
      `${WHERE}: expected settings as JSON, got values that JSON cannot hold. Use plain data.`,
      { cause },
    );
  }
}

/** Whether these are the metadata of a checkpoint. */
export function isCheckpoint(metadata: Readonly<Record<string, string>>): boolean {
  return Object.hasOwn(metadata, KEY);
}

/** Sorts the tensors of a file into weights, state and history. */
function assemble(
  spec: ModelSpec,
  { scalars, columns, ...details }: Details,
  tensors: ReadonlyMap<string, Tensor | DoubleTensor>,
): Omit<Checkpoint, 'spec' | 'seed'> {
  const history = tensors.get('history');
  if (!isDouble(history)) throw wrongType('f64', 'history', history);
  const { stateBlocks } = optimizerOf(details.optimizer);
  const singles = new Map<string, Tensor>();
  for (const [name, tensor] of tensors) {
    if (name === 'history') continue;
    if (isDouble(tensor)) throw wrongType('f32', name, tensor);
    singles.set(name, tensor);
  }
  const blocks = Array.from({ length: stateBlocks }, (_, i) => {
    const name = `optimizer.${i}`;
    const { data } = singles.get(name) ?? {};
    if (data === undefined) throw wrongType('f32', name, undefined);
    singles.delete(name);
    return data;
  });
  checkWeights(spec, singles);
  const { trainedCount } = inferNetwork(spec);
  const state: unknown = { blocks, scalars };
  checkOptimizerState('checkpoint', details.optimizer, state, trainedCount);
  return {
    ...details,
    weights: singles,
    state,
    history: decodeHistory(history, columns, details.metrics),
  };
}

function isDouble(tensor: Tensor | DoubleTensor | undefined): tensor is DoubleTensor {
  return isTypedArray(tensor?.data, 'Float64Array');
}

function wrongType(expected: string, name: string, got: unknown): TypeError {
  return new TypeError(
    `expected ${expected} for ${describe(name)}, got ${got === undefined ? 'none' : 'another type'}.`,
  );
}
