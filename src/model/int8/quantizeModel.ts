/** The entry: a model in whole numbers of a trained one. @module */
import { isTypedArray } from '../../base/brands.ts';
import { describe } from '../../base/errors.ts';
import type { Tensor } from '../../base/types.ts';
import { foldBatchNorm } from '../../compile/fold.ts';
import { inferNetwork } from '../../compile/network.ts';
import { checkPixels } from '../../data/dataset.ts';
import { Model } from '../model.ts';
import { Runtime } from '../runtime.ts';
import { calibrate } from './calibrate.ts';
import { Int8Model } from './int8Model.ts';
import { checkServed } from './rows.ts';

/**
 * A model that computes in whole numbers of eight bits, calibrated on images: a few hundred, as those it will see. The scale of
 * each value follows from its smallest and largest number over them. Batch normalisation becomes a part of the layer before it.
 *
 * @param images Bytes (pixel / 255), floats from 0 to 1, or a tensor `[N, C, H, W]` of them.
 * @returns a model with memory of its own; `model` stays as it is.
 * @throws {TypeError | ShapeError} if an argument does not fit. @throws {RangeError} if pixels are not in 0 … 1, or naming a
 * layer that is not served.
 */
export function quantizeModel(
  backend: Runtime,
  model: Model,
  images: Uint8Array | Float32Array | Tensor,
): Int8Model {
  const where = 'quantizeModel';
  if (!Runtime.isRuntime(backend)) {
    throw new TypeError(
      `${where}: expected a backend, got ${describe(backend)}. Await createBackend().`,
    );
  }
  if (!(model instanceof Model) || model instanceof Int8Model) {
    const got = model instanceof Int8Model ? 'one in int8' : describe(model);
    throw new TypeError(
      `${where}: expected a model in single precision, got ${got}. Use createModel or loadModel.`,
    );
  }
  const pixels = floatsOf(where, checkPixels(where, images, model.spec.inputShape));
  const { spec, weights } = foldBatchNorm({ spec: model.spec, weights: model.weights() });
  const network = inferNetwork(spec);
  checkServed(network);
  const quantization = calibrate(backend.arena(where), network, weights, pixels);
  const { seed, loss, classNames, preparation } = model;
  return new Int8Model(backend, {
    spec,
    quantization,
    seed,
    ...(loss && { loss }),
    ...(classNames && { classNames }),
    ...(preparation && { preparation }),
  });
}

/** @throws {RangeError} if floats are not from 0 to 1: there would be no bytes for them. */
function floatsOf(where: string, pixels: Uint8Array | Float32Array): Float32Array {
  if (isTypedArray(pixels, 'Uint8Array')) return Float32Array.from(pixels, (byte) => byte / 255);
  const outside = pixels.find((pixel) => !(pixel >= 0 && pixel <= 1));
  if (outside === undefined) return pixels;
  throw new RangeError(
    `${where}: expected pixels from 0 to 1, got ${outside}. Use such pixels; normalize of the model moves and scales them.`,
  );
}
