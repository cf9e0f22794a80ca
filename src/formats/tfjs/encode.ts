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
 *   flatten without a dense layer     Permute to channels first, then Flatten
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
 * @throws {RangeError} where a max-pooling's padding is none that TensorFlow.js can express.
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
  const [channels = 0, height = 0, width = 0] = file.spec.inputShape;
  const [first, ...others] = layers;
  const batchInputShape = { batch_input_shape: [null, height, width, channels] };
  const config = {
    name: 'convlet',
    layers: [{ ...first, config: { ...batchInputShape, ...first?.config } }, ...others],
  };
  return {
    format: 'layers-model',
    generatedBy: 'Convlet',
    convertedBy: null,
    modelTopology: {
      class_name: 'Sequential',
      config,
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
