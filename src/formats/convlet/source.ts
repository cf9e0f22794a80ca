/** What every export begins with: a network and the values of its parameters. @module */

import type { Tensor } from '../../base/types.ts';
import type { ModelSpec } from '../../compile/spec.ts';
import type { Model } from '../../model/model.ts';

/** A model's content, as a file holds it. */
export interface ModelFile {
  readonly spec: ModelSpec;
  /** The seed the model was made with. */
  readonly seed: number;
  readonly weights: ReadonlyMap<string, Tensor>;
}

/** A model in memory, or what was read of one from a file. */
export type ModelSource = Pick<Model, 'spec' | 'seed' | 'weights'> | ModelFile;

/** What the weights expect of pixels, told in every format. */
export const PIXEL = 'byte / 255';
/** The same, and our layout, as JSON. */
export const PREPROCESSING: string = JSON.stringify({ pixel: PIXEL, layout: 'NCHW' });

/** What is to be written, at this moment. */
export function contentOf(source: ModelSource): ModelFile {
  if (typeof source.weights !== 'function') return source as ModelFile;
  const { spec, seed } = source;
  return { spec, seed, weights: source.weights() };
}

/** The value of a parameter. */
export function weightOf({ weights }: ModelFile, key: string): Tensor {
  const tensor = weights.get(key);
  if (tensor === undefined) throw new TypeError(`export: expected a tensor ${key}, got none.`);
  return tensor;
}
