/**
 * TensorFlow.js LayersModel: `model.json`, the topology as Keras writes it, and `weights.bin`, the parameters.
 *
 * TensorFlow.js keeps channels last. The model takes `[N, H, W, C]`, kernels go from OIHW to HWIO, and a dense layer
 * after a flatten gets its columns in TensorFlow's order of pixels, `(h·W + w)·C + c`; our order is `(c·H + h)·W + w`.
 * What TensorFlow.js has no layer for is written with other layers that give the same numbers:
 *
 *   padding of chosen sides           ZeroPadding2D before a layer without padding
 *   groups                            one convolution, its other weights 0
 *   dilation and strides together     the kernel spread out, with zeros between
 *   dilation of other convolutions    the same
 *   padding of a transposed one       Cropping2D after it
 *   output padding                    zeros after the last row and column of the kernel
 *   flatten without a dense layer     Permute to channels first, then Flatten
 *   hardSigmoid, hardSwish            Rescaling, ReLU up to 6, Rescaling; times the input
 *   elu with an alpha of its own      the sum of ReLU and ELU, each by its share
 *   padding that an average counts    ZeroPadding2D before a pooling without padding
 *   groupNorm                         LayerNormalization of the groups, then a fixed BatchNormalization
 *   reshape of images                 Permute to channels first, Reshape, Permute back
 *   features times images             Reshape to an image of one pixel, then Multiply
 *
 * A model whose layers read one another in order becomes a `Sequential`; a model with branches becomes a functional `Model`.
 * @module
 */
import { elementCount } from '../../base/shape.ts';
import { contentOf, type ModelFile, type ModelSource, PIXEL } from '../convlet/source.ts';
import { kerasLayers } from './layers.ts';
import type { KerasLayer, NamedTensor } from './topology.ts';

/** The two files, which belong in one folder. */
export interface TfjsFiles {
  readonly 'model.json': Uint8Array<ArrayBuffer>;
  readonly 'weights.bin': Uint8Array<ArrayBuffer>;
}

/**
 * The model for `tf.loadLayersModel`.
 * @throws {RangeError} if TensorFlow.js cannot express the padding of a pooling.
 */
export function encodeTfjs(source: ModelSource): TfjsFiles {
  const file = contentOf('encodeTfjs', source);
  const { layers, weights } = kerasLayers(file);
  const json = JSON.stringify(modelJson(file, layers, weights));
  return { 'model.json': new TextEncoder().encode(json), 'weights.bin': concat(weights) };
}

function modelJson(
  file: ModelFile,
  layers: readonly KerasLayer[],
  weights: readonly NamedTensor[],
): object {
  return {
    format: 'layers-model',
    generatedBy: 'Convlet',
    convertedBy: null,
    modelTopology: {
      ...topologyOf(file, layers),
      keras_version: 'tfjs-layers 4.22.0',
      backend: 'tensor_flow.js',
    },
    weightsManifest: [
      {
        paths: ['weights.bin'],
        weights: weights.map(({ name, tensor }) => ({
          name,
          shape: tensor.shape,
          dtype: 'float32',
        })),
      },
    ],
    userDefinedMetadata: {
      'convlet.spec': file.spec,
      'convlet.seed': file.seed,
      ...(file.classNames && { 'convlet.classNames': file.classNames }),
      ...(file.preparation && { 'convlet.preparation': file.preparation }),
      'convlet.preprocessing': { pixel: PIXEL, layout: 'NHWC' },
    },
  };
}

/** A list of layers if each layer reads the one before it, otherwise a graph. */
function topologyOf({ spec }: ModelFile, layers: readonly KerasLayer[]): object {
  const [channels = 0, height = 0, width = 0] = spec.inputShape;
  const input = { batch_input_shape: [null, height, width, channels] };
  const isChain = layers.every(
    ({ inputs }, i) => inputs.length === 1 && inputs[0] === layers[i - 1]?.config.name,
  );
  if (isChain) {
    const list = layers.map(({ class_name, config }, i) => ({
      class_name,
      config: i === 0 ? { ...input, ...config } : config,
    }));
    return { class_name: 'Sequential', config: { name: 'convlet', layers: list } };
  }
  const list = layers.map(({ class_name, config, inputs }) => ({
    class_name,
    name: config.name,
    config,
    inbound_nodes: [inputs.map((name) => [name ?? INPUT, 0, 0, {}])],
  }));
  const config = { ...input, dtype: 'float32', sparse: false, name: INPUT };
  const inputLayer = { class_name: 'InputLayer', name: INPUT, config, inbound_nodes: [] };
  return {
    class_name: 'Model',
    config: {
      name: 'convlet',
      layers: [inputLayer, ...list],
      input_layers: [[INPUT, 0, 0]],
      output_layers: [[layers.at(-1)?.config.name ?? INPUT, 0, 0]],
    },
  };
}

/** Name of the input of a graph. */
const INPUT = 'input';

/** Little-endian f32, as typed arrays are on every host that runs WebAssembly today. */
function concat(weights: readonly NamedTensor[]): Uint8Array<ArrayBuffer> {
  const total = weights.reduce((sum, { tensor }) => sum + elementCount(tensor.shape), 0);
  const all = new Float32Array(total);
  let offset = 0;
  for (const { tensor } of weights) {
    all.set(tensor.data, offset);
    offset += tensor.data.length;
  }
  return new Uint8Array(all.buffer);
}
