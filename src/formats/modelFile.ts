/**
 * A trained model as one safetensors file: the weights under the names a torch `Sequential` gives them, and in the
 * metadata the spec they belong to and how the pixels were prepared.
 * @module
 */
import { describe, FormatError } from '../errors.ts';
import type { Model } from '../model.ts';
import { checkSpec, type ModelSpec } from '../spec.ts';
import type { Tensor } from '../types.ts';
import { decodeSafetensors, encodeSafetensors } from './safetensors.ts';

/** What a model file holds. */
export interface ModelFile {
  readonly spec: ModelSpec;
  /** The seed the model was made with. */
  readonly seed: number;
  readonly weights: ReadonlyMap<string, Tensor>;
}

/** The file of a model. */
export function encodeModel(model: Model): Uint8Array<ArrayBuffer> {
  return encodeSafetensors(model.weights(), {
    'convlet.spec': JSON.stringify(model.spec),
    'convlet.seed': String(model.seed),
    'convlet.preprocessing': JSON.stringify({ pixel: 'byte / 255', layout: 'NCHW' }),
  });
}

/**
 * Reads the file of a model; `where` names it in messages.
 * @throws {FormatError} where it is no safetensors file, or holds no model of ours.
 */
export function decodeModel(bytes: Uint8Array, where: string): ModelFile {
  const { tensors, metadata } = decodeSafetensors(bytes, where);
  const spec = metadata['convlet.spec'];
  if (spec === undefined) {
    throw new FormatError(
      `${where}: expected a model's spec under 'convlet.spec' in the metadata, got none. Use a file that convlet wrote.`,
      8,
    );
  }
  const seed = Number(metadata['convlet.seed'] ?? 1);
  return { spec: parseSpec(spec, where), seed, weights: tensors };
}

/** A spec from its JSON text. */
export function parseSpec(text: string, where: string): ModelSpec {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new FormatError(
      `${where}: expected a model as JSON, got ${describe(text.slice(0, 40))} (${(cause as Error).message}).`,
      0,
    );
  }
  return checkSpec(value);
}
