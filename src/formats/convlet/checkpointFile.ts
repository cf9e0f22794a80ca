/**
 * A checkpoint as one safetensors file: the weights, named as in a torch `Sequential`, then
 *
 *   average/NAME …  the average of the trained parameters, if one is kept
 *   best/NAME …     the parameters of the best epoch, if they are to come back
 *   group           f32[parameters]: the gradient of a group of batches that has begun
 *   optimizer.0 …   f32[parameters]: what the optimizer remembers, block by block
 *   history         f64[epochs, columns]: the figures of each epoch (NaN: not measured)
 *
 * The metadata hold the spec and the seed as in a model's file. Under `convlet.checkpoint` they hold as JSON: the loss, the
 * metrics, the names of the columns, the optimizer, its scalars, the batch size, the order, the identity of the data, the
 * epochs before, the sums of the epoch begun, and the caller's settings. A number that JavaScript writes as JSON is read
 * back exactly.
 *
 * The checksum is required here: training must not go on from a damaged file. A program that knows none of this still
 * finds the weights.
 * @module
 */

import { isTypedArray } from '../../base/brands.ts';
import { describe, FormatError } from '../../base/errors.ts';
import type { Tensor } from '../../base/types.ts';
import { inferNetwork } from '../../compile/network.ts';
import type { ModelSpec } from '../../compile/spec.ts';
import { type Checkpoint, readBlocks, readCheckpoint } from '../../model/checkpoint.ts';
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
  metricsIn,
} from './checkpointDetails.ts';
import {
  checkPreprocessing,
  checkVersion,
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

/** What the names of tensors beside the weights begin with. */
const AVERAGE = 'average/';
const BEST = 'best/';

/**
 * The file of a checkpoint. The same checkpoint gives the same bytes.
 * @throws {TypeError | RangeError | ShapeError} if it is no checkpoint.
 */
export function encodeCheckpoint(checkpoint: Checkpoint): Uint8Array<ArrayBuffer> {
  const read = readCheckpoint(WHERE, checkpoint);
  const { spec, seed, weights, average, best, group, state, history, ...run } = read;
  const columns = columnsOf(metricsIn(history, run.metrics));
  const entries: Entry[] = [
    ...weights,
    ...under(AVERAGE, average),
    ...under(BEST, best),
    ...(group === undefined ? [] : [['group', { shape: [group.length], data: group }] as const]),
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
 * @throws {FormatError} if it is no checkpoint, is damaged, has another version, or its parts do not fit together.
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

/** JSON of the details. All but the caller's settings are known to be plain data. */
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
  const { length } = optimizerOf(details.optimizer).initialState(details.optimizer);
  const singles = new Map<string, Tensor>();
  for (const [name, tensor] of tensors) {
    if (name === 'history') continue;
    if (isDouble(tensor)) throw wrongType('f32', name, tensor);
    singles.set(name, tensor);
  }
  const blocks = Array.from({ length }, (_, i) => {
    const name = `optimizer.${i}`;
    const { data } = singles.get(name) ?? {};
    if (data === undefined) throw wrongType('f32', name, undefined);
    singles.delete(name);
    return data;
  });
  const average = take(singles, AVERAGE);
  const best = take(singles, BEST);
  const group = singles.get('group')?.data;
  singles.delete('group');
  const given = {
    weights: singles,
    average: average.size > 0 ? average : undefined,
    best: best.size > 0 ? best : undefined,
    group,
    state: { blocks, scalars },
  };
  return {
    ...details,
    ...readBlocks('checkpoint', inferNetwork(spec), details, given),
    history: decodeHistory(history, columns),
  };
}

/** Tensors under names with a beginning. */
function under(beginning: string, tensors: ReadonlyMap<string, Tensor> = new Map()): Entry[] {
  return Array.from(tensors, ([name, tensor]) => [`${beginning}${name}`, tensor]);
}

/** Takes the tensors whose names begin so out of a map, under the rest of their names. */
function take(tensors: Map<string, Tensor>, beginning: string): Map<string, Tensor> {
  const taken = new Map<string, Tensor>();
  for (const [name, tensor] of [...tensors]) {
    if (!name.startsWith(beginning)) continue;
    taken.set(name.slice(beginning.length), tensor);
    tensors.delete(name);
  }
  return taken;
}

function isDouble(tensor: Tensor | DoubleTensor | undefined): tensor is DoubleTensor {
  return isTypedArray(tensor?.data, 'Float64Array');
}

function wrongType(expected: string, name: string, got: unknown): TypeError {
  return new TypeError(
    `expected ${expected} for ${describe(name)}, got ${got === undefined ? 'none' : 'another type'}. Use a whole file.`,
  );
}
