/** The source of every export: a network and the values of its parameters. @module */

import { describe } from '../../base/errors.ts';
import type { Preparation, Tensor } from '../../base/types.ts';
import { checkSpec, type ModelSpec } from '../../compile/spec.ts';
import type { LossSpec } from '../../losses/registry.ts';
import type { Model } from '../../model/model.ts';

/** A model's content, as a file holds it. */
export interface ModelFile {
  readonly spec: ModelSpec;
  /** The seed the model was made with. */
  readonly seed: number;
  readonly weights: ReadonlyMap<string, Tensor>;
  /** The loss that the model was trained on; absent if it was not trained, or the loss is not known. */
  readonly loss?: LossSpec;
  /** Names of the classes, if the training data had some. */
  readonly classNames?: readonly string[];
  /** How pictures became the images that it was trained on, if the data said so. */
  readonly preparation?: Preparation;
}

/** A model in memory, or a model's content read from a file. */
export type ModelSource =
  | (Pick<Model, 'spec' | 'seed' | 'weights'> &
      Partial<Pick<Model, 'loss' | 'classNames' | 'preparation'>>)
  | ModelFile;

/** How the weights expect pixels. Every format states it. */
export const PIXEL = 'byte / 255';
/** `PIXEL` and our layout, as JSON. */
export const PREPROCESSING: string = JSON.stringify({ pixel: PIXEL, layout: 'NCHW' });

/** The content to write, as it is at this moment. */
export function contentOf(source: ModelSource): ModelFile {
  const fields: Partial<Record<keyof ModelFile, unknown>> = Object(source);
  const { spec, seed, weights, loss, classNames, preparation } = fields;
  const values: unknown = typeof weights === 'function' ? weights.call(source) : weights;
  if (typeof spec !== 'object' || Object.prototype.toString.call(values) !== '[object Map]') {
    throw new TypeError(
      `export: expected a model, or { spec, seed, weights: Map } as decodeModel returns it, got ${describe(source)}.`,
    );
  }
  return {
    spec: checkSpec(spec),
    seed: Number(seed ?? 1),
    weights: values as ModelFile['weights'],
    ...(loss !== undefined && { loss: loss as LossSpec }),
    ...(classNames !== undefined && { classNames: classNames as readonly string[] }),
    ...(preparation !== undefined && { preparation: preparation as Preparation }),
  };
}

/** The entries `convlet.classNames`, JSON, and `convlet.preparation` of metadata; only what is known. */
export function originEntries({ classNames, preparation }: ModelFile): Record<string, string> {
  return {
    ...(classNames !== undefined && { 'convlet.classNames': JSON.stringify(classNames) }),
    ...(preparation !== undefined && { 'convlet.preparation': preparation }),
  };
}

/** The value of a parameter. */
export function weightOf({ weights }: ModelFile, key: string): Tensor {
  const tensor = weights.get(key);
  if (tensor === undefined) throw new TypeError(`export: expected a tensor ${key}, got none.`);
  return tensor;
}
