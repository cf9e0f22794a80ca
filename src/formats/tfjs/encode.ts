/**
 * TensorFlow.js LayersModel: `model.json`, the topology as Keras writes it, and `weights.bin`, the parameters.
 *
 * TensorFlow.js keeps channels last. The model takes `[N, H, W, C]`, kernels go from OIHW to HWIO, and a dense layer
 * after a flatten gets its columns in the order of the pixels there, `(h·W + w)·C + c`, where ours is `(c·H + h)·W + w`.
 * What has no layer there is written with others that give the same numbers:
 *
 *   padding on sides of one's own     ZeroPadding2D before a layer without padding
 *   groups                            one convolution, its other weights 0
 *   dilation and strides together     the kernel spread out, zeros between
 *   dilation of other convolutions    the same
 *   padding of a transposed one       Cropping2D after it
 *   output padding                    zeros after the last row and column of the kernel
 *   flatten without a dense layer     Permute to channels first, then Flatten
 *
 * A model whose layers read one another in order is a `Sequential`, one with branches a functional `Model`.
 * @module
 */
import { elementCount } from '../../base/shape.ts';
import { contentOf, type ModelFile, type ModelSource, PIXEL } from '../convlet/source.ts';
import { type KerasLayer, kerasLayers, type NamedTensor } from './layers.ts';

/** The two files, which belong into one folder. */
export interface TfjsFiles {
  readonly 'model.json': Uint8Array<ArrayBuffer>;
  readonly 'weights.bin': Uint8Array<ArrayBuffer>;
}

/**
 * The model for `tf.loadLayersModel`.
 * @throws {RangeError} if TensorFlow.js cannot express a max-pooling's padding or a group normalisation.
 */
export function encodeTfjs(source: ModelSource): TfjsFiles {
  const file = contentOf(source);
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
      'convlet.preprocessing': { pixel: PIXEL, layout: 'NHWC' },
    },
  };
}

/** One layer after another if each reads the one before it, else a graph. */
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
