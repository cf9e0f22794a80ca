/** One image through a network, layer by layer, every output kept: for pictures, not for speed. @module */
import type { LayerSpec, ModelSpec, Ops, Tensor } from 'convlet';
import type { Matrix } from './paint.ts';

export type Weights = ReadonlyMap<string, Tensor>;

/** A network, its weights, an image, and what every layer makes of it. */
export interface Frame {
  readonly spec: ModelSpec;
  readonly weights: Weights;
  /** `[1, C, H, W]`, from 0 to 1. */
  readonly image: Tensor;
  /** Of layer i, `[1, …]`. */
  readonly outputs: readonly Tensor[];
}

/** Runs the layers, each by its own kernel. @throws {Error} on a layer that this page does not know. */
export function runLayers(ops: Ops, spec: ModelSpec, weights: Weights, image: Tensor): Frame {
  const outputs: Tensor[] = [];
  let x = image;
  for (const [index, layer] of spec.layers.entries()) {
    x = apply(ops, layer, x, weights.get(`${index}.weight`), weights.get(`${index}.bias`) ?? null);
    outputs.push(x);
  }
  return { spec, weights, image, outputs };
}

function apply(
  ops: Ops,
  layer: LayerSpec,
  x: Tensor,
  w: Tensor | undefined,
  b: Tensor | null,
): Tensor {
  switch (layer.type) {
    case 'conv2d': {
      const { strides, padding, dilation, groups } = layer;
      return ops.conv2d(x, weightOf(w), b, {
        ...(strides !== undefined && { strides }),
        ...(padding !== undefined && { padding }),
        ...(dilation !== undefined && { dilation }),
        ...(groups !== undefined && { groups }),
      });
    }
    case 'maxPool2d': {
      const { type: _, ...options } = layer;
      return ops.maxPool2d(x, options);
    }
    case 'relu':
      return ops.relu(x);
    case 'flatten':
      return { shape: [1, x.data.length], data: x.data };
    case 'dense':
      return ops.dense(x, weightOf(w), b);
    case 'softmax':
      return ops.softmax(x);
    default:
      throw new Error(`pictures: expected a layer that this page knows, got ${describe(layer)}.`);
  }
}

function describe(layer: never): string {
  return (layer as LayerSpec).type;
}

function weightOf(w: Tensor | undefined): Tensor {
  if (w === undefined) throw new Error('internal: expected the weight of a layer, got none.');
  return w;
}

/** The bytes of an image as the network takes them. */
export function imageTensor(pixels: Uint8Array, shape: readonly number[]): Tensor {
  return { shape: [1, ...shape], data: Float32Array.from(pixels, (pixel) => pixel / 255) };
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
