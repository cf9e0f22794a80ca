/**
 * A trained model as one safetensors file: the weights under the names a torch `Sequential` gives them, and in the
 * metadata, as text:
 *
 *   convlet.format         1, the version of this list
 *   convlet.spec           the model, JSON
 *   convlet.seed           what it was made with
 *   convlet.preprocessing  what the weights expect of pixels, JSON
 *   convlet.crc32          checksum of all the rest, so that no damage passes for weights
 *
 * All but the spec may be missing, as in a file that another program wrote.
 * @module
 */
import { describe, FormatError } from '../errors.ts';
import { inferNetwork } from '../network.ts';
import { checkSameShape } from '../shape.ts';
import { checkSpec, type ModelSpec } from '../spec.ts';
import type { Tensor } from '../types.ts';
import { crc32 } from './crc32.ts';
import { decodeSafetensors, encodeHeader, encodeSafetensors } from './safetensors.ts';
import { contentOf, type ModelFile, type ModelSource, PREPROCESSING } from './source.ts';

type Metadata = Readonly<Record<string, string>>;

const FORMAT = '1';

/** The file of a model. The same model gives the same bytes. */
export function encodeModel(source: ModelSource): Uint8Array<ArrayBuffer> {
  const { spec, seed, weights } = contentOf(source);
  const metadata = {
    'convlet.format': FORMAT,
    'convlet.spec': JSON.stringify(spec),
    'convlet.seed': String(seed),
    'convlet.preprocessing': PREPROCESSING,
  };
  return encodeSafetensors(weights, { ...metadata, 'convlet.crc32': checksum(weights, metadata) });
}

/**
 * Reads the file of a model; `where` names it in messages.
 * @throws {FormatError} where it is no safetensors file, is damaged, or its weights are not those of its model.
 */
export function decodeModel(bytes: Uint8Array, where: string): ModelFile {
  const { tensors, metadata } = decodeSafetensors(bytes, where);
  const text = metadata['convlet.spec'];
  if (text === undefined) {
    throw new FormatError(
      `${where}: expected a model's spec under 'convlet.spec' in the metadata, got none. Use a file that convlet wrote.`,
      8,
    );
  }
  checkMetadata(tensors, metadata, where);
  const spec = parseSpec(text, where);
  inFile(where, () => checkWeights(spec, tensors));
  return { spec, seed: Number(metadata['convlet.seed'] ?? 1), weights: tensors };
}

/** A spec from its JSON text. @throws {FormatError} where it is none. */
export function parseSpec(text: string, where: string): ModelSpec {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const reason = (cause as Error).message.replaceAll(/\p{Cc}/gu, ' '); // it quotes the text
    throw new FormatError(
      `${where}: expected a model as JSON, got ${describe(text)} (${reason}).`,
      0,
    );
  }
  return inFile(where, () => checkSpec(value));
}

/** Says of an error which file it comes from. */
function inFile<T>(where: string, check: () => T): T {
  try {
    return check();
  } catch (cause) {
    throw new FormatError(`${where}: ${(cause as Error).message}`, 0);
  }
}

function checksum(tensors: ReadonlyMap<string, Tensor>, metadata: Metadata): string {
  const data = Array.from(
    tensors.values(),
    ({ data: { buffer, byteOffset, byteLength } }) =>
      new Uint8Array(buffer, byteOffset, byteLength),
  );
  return crc32(encodeHeader([...tensors], metadata), ...data)
    .toString(16)
    .padStart(8, '0');
}

function checkMetadata(
  tensors: ReadonlyMap<string, Tensor>,
  { 'convlet.crc32': sum, ...metadata }: Metadata,
  where: string,
): void {
  const fail = (expected: string, got: string | undefined, advice: string) =>
    new FormatError(`${where}: expected ${expected}, got ${describe(got)}. ${advice}.`, 8);
  const {
    'convlet.format': format = FORMAT,
    'convlet.seed': seed = '1',
    'convlet.preprocessing': preprocessing = PREPROCESSING,
  } = metadata;
  if (format !== FORMAT) {
    throw fail(`a model file of version ${FORMAT}`, format, 'Use the convlet that wrote it');
  }
  if (sum !== undefined && sum !== checksum(tensors, metadata)) {
    throw fail(
      `the checksum ${checksum(tensors, metadata)}`,
      sum,
      "The file is damaged, or was changed without leaving 'convlet.crc32' out of its metadata",
    );
  }
  if (!/^\d{1,10}$/.test(seed) || Number(seed) >= 2 ** 32) {
    throw fail('a whole number below 2³² under convlet.seed', seed, 'Leave it out');
  }
  if (preprocessing !== PREPROCESSING) {
    throw fail(`preprocessing ${PREPROCESSING}`, preprocessing, 'Train it on pixels prepared so');
  }
}

/** Throws unless these are the parameters of the network, all of them finite. */
function checkWeights(spec: ModelSpec, tensors: ReadonlyMap<string, Tensor>): void {
  const parameters = inferNetwork(spec).layers.flatMap((layer) => layer.parameters);
  const keys = new Set(parameters.map(({ key }) => key));
  for (const key of tensors.keys()) {
    if (!keys.has(key)) {
      const first = [...keys].slice(0, 8).join(', ');
      throw new TypeError(
        `expected the network's ${keys.size} tensors (${first}${keys.size > 8 ? ', …' : ''}), got ${describe(key)} too.`,
      );
    }
  }
  for (const { key, shape } of parameters) {
    const tensor = tensors.get(key);
    if (tensor === undefined) throw new TypeError(`expected a tensor ${key}, got none.`);
    checkSameShape(key, shape, tensor.shape);
    if (!tensor.data.every(Number.isFinite)) {
      throw new RangeError(`${key}: expected finite numbers, got NaN or Infinity.`);
    }
  }
}
