/** The source of every export: a network and the values of its parameters. @module */

import { isMap, isPromise } from '../../base/brands.ts';
import { checkInteger } from '../../base/checks.ts';
import { describe } from '../../base/errors.ts';
import type { Tensor } from '../../base/types.ts';
import { inferNetwork } from '../../compile/network.ts';
import { checkSpec, type ModelSpec } from '../../compile/spec.ts';
import { type Origin, readOrigin } from '../../data/origin.ts';
import { type LossSpec, readLoss } from '../../losses/registry.ts';
import { checkQuantization } from '../../model/int8/check.ts';
import type { Quantization } from '../../model/int8/quantization.ts';
import type { Model } from '../../model/model.ts';
import { checkWeights } from '../../model/weights.ts';

/** A model's content, as a file holds it. */
export interface ModelFile extends Origin {
  readonly spec: ModelSpec;
  /** The seed the model was made with. */
  readonly seed: number;
  readonly weights: ReadonlyMap<string, Tensor>;
  /** The loss that the model was trained on; absent if it was not trained, or the loss is not known. */
  readonly loss?: LossSpec;
  /** The whole numbers of a model in int8, which `weights` stand for; absent from any other. */
  readonly quantization?: Quantization;
}

/** A model in memory, or a model's content read from a file; that of another program has no seed: it is 1 then. */
export type ModelSource = Partial<
  Pick<Model, 'loss' | 'classNames' | 'preparation' | 'seed'> & Pick<ModelFile, 'quantization'>
> &
  (Pick<Model, 'spec' | 'weights'> | Pick<ModelFile, 'spec' | 'weights'>);

/** How the weights expect pixels. Every format states it. */
export const PIXEL = 'byte / 255';
/** `PIXEL` and our layout, as JSON. */
export const PREPROCESSING: string = JSON.stringify({ pixel: PIXEL, layout: 'NCHW' });

/**
 * The content to write, as it is at this moment. `where` begins the messages.
 * @throws {TypeError | RangeError | ShapeError} if it is no model, so that no file is written that cannot be read.
 */
export function contentOf(where: string, source: ModelSource): ModelFile {
  const fields: Partial<Record<keyof ModelFile, unknown>> = Object(source);
  const { spec, seed = 1, weights, loss, quantization } = fields;
  const values: unknown = typeof weights === 'function' ? weights.call(source) : weights;
  if (typeof spec !== 'object' || !isMap(values)) {
    throw new TypeError(
      `${where}: expected a model, or { spec, seed, weights: Map } as decodeModel returns it, got ${describe(source)}. ${isPromise(values) ? 'Await its weights().' : 'Use one of these.'}`,
    );
  }
  checkInteger(where, 'seed', seed, 0, 2 ** 32 - 1);
  const checked = checkSpec(spec);
  const network = inferNetwork(checked);
  checkWeights(where, network, values);
  return {
    spec: checked,
    seed,
    weights: values,
    ...(loss !== undefined && { loss: readLoss(where, loss) }),
    ...(quantization !== undefined && {
      quantization: checkQuantization(where, network, quantization),
    }),
    ...readOrigin(where, fields),
  };
}

/** The entries `convlet.classNames`, JSON, and `convlet.preparation` of metadata; only what is known. */
export function originEntries({ classNames, preparation }: Origin): Record<string, string> {
  return {
    ...(classNames !== undefined && { 'convlet.classNames': JSON.stringify(classNames) }),
    ...(preparation !== undefined && { 'convlet.preparation': preparation }),
  };
}

/** The value of a parameter, which is there. */
export function weightOf({ weights }: ModelFile, key: string): Tensor {
  const tensor = weights.get(key);
  if (tensor === undefined) throw new Error(`internal: no tensor ${key}`);
  return tensor;
}
