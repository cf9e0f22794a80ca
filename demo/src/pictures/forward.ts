/** One image through a network, layer by layer, every value kept: for pictures, not for speed. @module */
import type { LayerSpec, ModelSpec, Ops, Tensor, Tensors } from 'convlet';
import type { Matrix } from './matrix.ts';
import type { Overlay } from './overlay.ts';

export type Weights = ReadonlyMap<string, Tensor>;

/** A network, its weights, an image, and what every layer makes of it. */
export interface Frame {
  readonly spec: ModelSpec;
  readonly weights: Weights;
  /** `[1, C, H, W]`, from 0 to 1. */
  readonly image: Tensor;
  /** What the image is, if it is known. */
  readonly truth?: number | undefined;
  /** Names of the classes; their numbers if absent. */
  readonly names?: readonly string[] | undefined;
  /** What the filters show; their weights if absent. */
  readonly overlay?: Overlay | undefined;
  /** `[1, …]` by number: 0 is the image as the first layer reads it, i + 1 the output of layer i. */
  readonly values: readonly Tensor[];
  /** Numbers of the values that each layer reads. */
  readonly inputs: readonly (readonly number[])[];
}

/** The name of a class. */
export function nameIn({ names }: Pick<Frame, 'names'>, label: number): string {
  return names?.[label] ?? String(label);
}

/** Runs the layers one after another, each by its own kernels. */
export function runLayers(ops: Ops, spec: ModelSpec, weights: Weights, image: Tensor): Frame {
  const inputs = inputsOf(spec.layers);
  const values = [normalized(image, spec)];
  for (const [index, layer] of spec.layers.entries()) {
    const read = (inputs[index] ?? []).map((value) => valueAt(values, value));
    values.push(ops.layer(layer, read, parametersOf(weights, layer, index)).y);
  }
  return { spec, weights, image, values, inputs };
}

/** What each layer reads: the layer before it, or those that its `inputs` name. */
function inputsOf(layers: readonly LayerSpec[]): number[][] {
  const named = new Map([['input', 0]]);
  return layers.map(({ name, inputs }, index) => {
    const read = inputs?.map((input) => named.get(input) ?? -1) ?? [index];
    if (name !== undefined) named.set(name, index + 1);
    return read;
  });
}

/** The full name of a parameter of a layer: `3.weight`, or `name.weight` if the layer has a name. */
export function parameterName({ name }: LayerSpec, index: number, parameter: string): string {
  return `${name ?? index}.${parameter}`;
}

/** The parameters of a layer by their bare names: `weight` of `3.weight`, or of `name.weight` if the layer has a name. */
export function parametersOf(weights: Weights, layer: LayerSpec, index: number): Tensors {
  const prefix = parameterName(layer, index, '');
  return Object.fromEntries(
    [...weights]
      .filter(([key]) => key.startsWith(prefix) && !key.includes('.', prefix.length))
      .map(([key, tensor]) => [key.slice(prefix.length), tensor]),
  );
}

/** @throws {Error} if there is no such value: an internal error, for models are checked before they are shown. */
export function valueAt(values: readonly Tensor[], index: number): Tensor {
  const value = values[index];
  if (value === undefined) throw new Error(`internal: expected value ${index}, got none.`);
  return value;
}

/** The bytes of an image, from 0 to 1. */
export function imageTensor(pixels: Uint8Array, shape: readonly number[]): Tensor {
  return { shape: [1, ...shape], data: Float32Array.from(pixels, (pixel) => pixel / 255) };
}

/** The image as the first layer reads it: `(pixel − mean) / deviation` if the model says so. */
function normalized(image: Tensor, { normalize }: ModelSpec): Tensor {
  if (normalize === undefined) return image;
  const { shape, data } = image;
  const [, , height = 1, width = 1] = shape;
  const { mean, deviation } = normalize;
  const ofChannel = (numbers: readonly number[], i: number) =>
    numbers[Math.floor(i / (height * width)) % numbers.length] ?? 0;
  const pixels = data.map((pixel, i) => (pixel - ofChannel(mean, i)) / ofChannel(deviation, i));
  return { shape, data: pixels };
}

/** Channel `index` of a tensor `[1, C, H, W]`, a view. */
export function channelOf({ shape, data }: Tensor, index: number): Matrix {
  const [, , height = 1, width = 1] = shape;
  const values = data.subarray(index * height * width, (index + 1) * height * width);
  return { width, height, values };
}

/** What filter `index` of a weight `[OC, C, KH, KW]` does to input channel `channel`, a view. */
export function filterOf({ shape, data }: Tensor, index: number, channel = 0): Matrix {
  const [, channels = 1, height = 1, width = 1] = shape;
  const start = (index * channels + channel) * height * width;
  return { width, height, values: data.subarray(start, start + height * width) };
}
