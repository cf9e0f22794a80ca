/** The parameters of a model by name: read, checked, written, drawn and hashed. @module */
import { isMap, isPromise } from '../base/brands.ts';
import { describe } from '../base/errors.ts';
import { createRandom, INITIALISATION } from '../base/random.ts';
import { checkSameShape, checkTensor } from '../base/shape.ts';
import type { Shape, Tensor } from '../base/types.ts';
import type { Network } from '../compile/network.ts';
import type { Arena } from '../wasm/memory.ts';

/** Copies of all parameters, in the order of the block. */
export function readWeights({ parameters }: Network, block: Float32Array): Map<string, Tensor> {
  return new Map(
    parameters.map(({ key, shape, offset, length }) => [
      key,
      { shape: [...shape], data: block.slice(offset, offset + length) },
    ]),
  );
}

/**
 * The block that `weights` make.
 * @param rest What parameters keep that are not among them; none: all must be.
 * @throws {TypeError} if it is no map, a name is missing or unknown. @throws {ShapeError} if a shape differs.
 * @throws {RangeError} if a value is not a finite number.
 */
export function blockOf(
  where: string,
  { parameters, blockLength }: Network,
  weights: ReadonlyMap<string, Tensor>,
  rest?: Float32Array,
): Float32Array {
  checkWeights(where, { parameters }, weights, rest !== undefined);
  const block = rest?.slice() ?? new Float32Array(blockLength);
  for (const { key, offset } of parameters) {
    const tensor = weights.get(key);
    if (tensor !== undefined) block.set(tensor.data, offset);
  }
  return block;
}

/**
 * Throws unless these are the values of the parameters, all of them finite. @param isPart Whether some may be missing.
 * @throws as `blockOf` does.
 */
export function checkWeights(
  where: string,
  { parameters }: Pick<Network, 'parameters'>,
  weights: unknown,
  isPart: boolean = false,
): asserts weights is ReadonlyMap<string, Tensor> {
  checkMap(where, weights);
  const keys = parameters.map(({ key }) => key);
  for (const key of weights.keys()) {
    if (keys.some((known) => known === key)) continue;
    const first = keys.slice(0, 8).join(', ');
    throw new TypeError(
      `${where}: expected the network's ${keys.length} tensors (${first}${keys.length > 8 ? ', …' : ''}), got ${describe(key)} too. Use these names.`,
    );
  }
  for (const { key, shape } of parameters) {
    const tensor = weights.get(key);
    if (tensor !== undefined) checkWeight(`${where}: ${key}`, shape, tensor);
    else if (!isPart) {
      throw new TypeError(`${where}: expected a tensor ${key}, got none. Give all of them.`);
    }
  }
}

/** Those that fit a parameter by name and shape. @throws {TypeError} if `weights` is no map. */
export function fittingOf(
  where: string,
  { parameters }: Network,
  weights: ReadonlyMap<string, Tensor>,
): ReadonlyMap<string, Tensor> {
  checkMap(where, weights);
  const shapes = new Map(parameters.map(({ key, shape }) => [key, String(shape)]));
  return new Map(
    [...weights].filter(([name, tensor]) => shapes.get(name) === String(tensor?.shape)),
  );
}

function checkMap(
  where: string,
  weights: unknown,
): asserts weights is ReadonlyMap<unknown, unknown> {
  if (isMap(weights)) return;
  throw new TypeError(
    `${where}: expected a Map of tensors by name, as weights() returns it, got ${describe(weights)}. ${isPromise(weights) ? 'Await it.' : 'Use new Map(entries).'}`,
  );
}

function checkWeight(where: string, shape: Shape, tensor: unknown): void {
  checkTensor(where, tensor as Tensor);
  const { shape: given, data } = tensor as Tensor; // as just checked
  checkSameShape(where, shape, given);
  if (data.every(Number.isFinite)) return;
  throw new RangeError(
    `${where}: expected finite numbers, got NaN or Infinity. Use other weights.`,
  );
}

/**
 * The block before training: each parameter drawn from a stream of its own, of the seed and its place among all.
 * @param arena Memory for one parameter at a time, from its start.
 */
export function initialBlock(
  { parameters, blockLength }: Network,
  seed: number,
  arena: Arena,
): Float32Array {
  const block = new Float32Array(blockLength);
  for (const [index, { initial, offset, length }] of parameters.entries()) {
    const values = block.subarray(offset, offset + length);
    if ('constant' in initial) values.fill(initial.constant);
    else if ('uniform' in initial) drawUniform(values, seed, index, initial.uniform);
    else values.set(drawNormal(arena, seed, index, length, initial.normal));
  }
  return block;
}

/** Uniform numbers from −limit to limit, each from an integer of its own: exact arithmetic, rounded once. */
function drawUniform(values: Float32Array, seed: number, stream: number, limit: number): void {
  const bits = new Uint32Array(values.length);
  createRandom(seed, INITIALISATION, stream).fill(bits);
  for (const [i, word] of bits.entries()) values[i] = limit * ((word + 0.5) / 2 ** 31 - 1);
}

/** Address 0 means "none". */
const DRAWN = 64;

/** `length` normal numbers of mean 0: a view. */
function drawNormal(
  arena: Arena,
  seed: number,
  stream: number,
  length: number,
  standardDeviation: number,
): Float32Array {
  arena.ensure(DRAWN + length * Float32Array.BYTES_PER_ELEMENT);
  createRandom(seed, INITIALISATION, stream).fill(arena.u32(DRAWN, length));
  arena.kernels.randomNormal(DRAWN, DRAWN, length, standardDeviation);
  return arena.f32(DRAWN, length);
}

/**
 * SHA-256 of a block as little-endian f32: 64 hexadecimal digits.
 * @throws {Error} in a page that is neither of https nor of localhost: it has no cryptography.
 */
export async function sha256Of(block: Float32Array): Promise<string> {
  if (crypto.subtle === undefined) {
    throw new Error(
      'weightsSha256: expected a secure context, got a page without. Serve it by https, or from localhost.',
    );
  }
  const digest = await crypto.subtle.digest('SHA-256', block.slice());
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** A network of the trained parameters alone, as blocks of them are. */
export function trainedOf(network: Network): Network {
  const { parameters, trainedCount } = network;
  const trained = parameters.filter(({ role }) => role === 'trained');
  return { ...network, parameters: trained, blockLength: trainedCount };
}
