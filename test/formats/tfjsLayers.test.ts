/** What a LayersModel says and no layer does is refused by the name of its layer: each refusal of the readers has a row. */
import { FormatError } from 'convlet';
import { decodeTfjs } from 'convlet/formats';
import { describe, expect, it } from 'vitest';

type Sizes = Readonly<Record<string, readonly number[]>>;

/** A model of one layer after its image, and its weights, all zeros. */
function modelOf(
  type: string,
  config: object,
  weights: Sizes = {},
  image: readonly number[] = [5, 4, 2],
) {
  const layers = [
    { class_name: 'InputLayer', config: { name: 'in', batch_input_shape: [null, ...image] } },
    { class_name: type, config: { name: 'own', ...config } },
  ];
  return manifest(
    { class_name: 'Sequential', config: { layers } },
    Object.entries(weights).map(([name, shape]) => ({
      name: `own/${name}`,
      shape,
      dtype: 'float32',
    })),
  );
}

function manifest(modelTopology: object, weights: readonly object[] = []) {
  return { modelTopology, weightsManifest: [{ paths: ['w.bin'], weights }] };
}

/** Enough zeros for each of the weights. */
function zeros(weights: Sizes = {}): Uint8Array {
  const counts = Object.values(weights).map((shape) => shape.reduce((a, b) => a * b, 1));
  return new Uint8Array(4 * counts.reduce((a, b) => a + b, 0));
}

describe('a layer', () => {
  it.each<
    [what: string, type: string, config: object, message: string, weights?: Sizes, image?: number[]]
  >([
    [
      'softmax over rows',
      'Softmax',
      { axis: 1 },
      'Softmax "own": expected axis to be -1, got 1. Save it so.',
    ],
    [
      'softmax over the batch',
      'Softmax',
      { axis: 0 },
      'Softmax "own": expected axis to be an axis from 1 to 3, got 0. Save it so.',
    ],
    [
      'relu above a threshold',
      'ReLU',
      { threshold: 1 },
      'ReLU "own": expected threshold to be 0, got 1. Save it so.',
    ],
    [
      'relu up to another number than 6',
      'ReLU',
      { max_value: 5 },
      'ReLU "own": expected max_value to be 6 without a negative_slope, or null, got 5. Save it so.',
    ],
    [
      'slope for each pixel',
      'PReLU',
      {},
      'PReLU "own": expected alpha to be a slope a channel of 5×4×2, got [5, 4, 2]. Save it so.',
      { alpha: [5, 4, 2] },
    ],
    [
      'slope that is missing',
      'PReLU',
      {},
      'PReLU "own": expected alpha to be a slope a channel of 5×4×2, got undefined. Save it so.',
    ],
    [
      'flatten with channels first',
      'Flatten',
      { data_format: 'channels_first' },
      'Flatten "own": expected data_format to be channels_last, got "channels_first". Save it so.',
    ],
    [
      'upsampling between pixels',
      'UpSampling2D',
      { interpolation: 'bilinear' },
      'UpSampling2D "own": expected interpolation to be nearest, got "bilinear". Save it so.',
    ],
    [
      'shape of other numbers',
      'Reshape',
      { target_shape: [-1, 7] },
      'Reshape "own": expected target_shape of 40 numbers, got [-1, 7]. Use a whole file.',
    ],
    [
      'scale for three channels of two',
      'Rescaling',
      { scale: [1, 2, 3] },
      'Rescaling "own": expected scale to be a number, or one a channel, got [1, 2, 3]. Save it so.',
    ],
    [
      'normalisation without its mean',
      'Normalization',
      { variance: 1 },
      'Normalization "own": expected mean to be a number a channel, got undefined. Save it so.',
    ],
    [
      'normalisation the other way round',
      'Normalization',
      { mean: 0, variance: 1, invert: true },
      'Normalization "own": expected invert to be false, got true. Save it so.',
    ],
    [
      'normalisation of each row',
      'Normalization',
      { mean: [1, 2], variance: [1, 1], axis: 1 },
      'Normalization "own": expected axis to be that of the channels, got 1. Save it so.',
      {},
      [2, 4, 2],
    ],
    [
      'layer normalisation without its mean',
      'LayerNormalization',
      { axis: [1], rms_scaling: true },
      'LayerNormalization "own": expected rms_scaling to be false, got true. Save it so.',
      {},
      [4],
    ],
    [
      'batch normalisation over rows',
      'BatchNormalization',
      { axis: 1 },
      'BatchNormalization "own": expected axis to be that of the channels, got 1. Save it so.',
      { gamma: [2], beta: [2], moving_mean: [2], moving_variance: [2] },
    ],
    [
      'group normalisation over rows',
      'GroupNormalization',
      { axis: 1, groups: 1 },
      'GroupNormalization "own": expected axis to be that of the channels, got 1. Save it so.',
      { gamma: [2], beta: [2] },
    ],
    [
      'layer normalisation of an image',
      'LayerNormalization',
      { axis: [-1] },
      'LayerNormalization "own": expected axis to be that of features, got [2] of 5×4×2. Save it so.',
      { gamma: [2], beta: [2] },
    ],
    [
      'number that is a text',
      'Dropout',
      { rate: 'x' },
      'Dropout "own": expected rate to be a number, got "x". Save it so.',
    ],
    [
      'flag that is a text',
      'Dense',
      { units: 1, use_bias: 'x' },
      'Dense "own": expected use_bias to be true or false, got "x". Save it so.',
      { kernel: [2, 1], bias: [1] },
    ],
    [
      'text that is a number',
      'MaxPooling2D',
      { padding: 3 },
      'MaxPooling2D "own": expected padding to be a text, got 3. Save it so.',
    ],
    [
      'border below 0',
      'ZeroPadding2D',
      { padding: -1 },
      'ZeroPadding2D "own": expected padding to be pixels of four sides, got -1. Save it so.',
    ],
    [
      'list that is a text',
      'Permute',
      { dims: 'x' },
      'Permute "own": expected dims to be whole numbers, got "x". Save it so.',
    ],
    [
      'weight that is missing',
      'Conv2D',
      { filters: 1, kernel_size: 2 },
      'Conv2D "own": expected a weight kernel of 4 axes, got bias. Use whole files.',
      { bias: [1] },
    ],
    [
      'weight of other axes',
      'Conv2D',
      { filters: 1, kernel_size: 2 },
      'Conv2D "own": expected a weight kernel of 4 axes, got 2. Use whole files.',
      { kernel: [2, 1], bias: [1] },
    ],
  ])('is refused by its name: %s', async (_what, type, config, message, weights, image) => {
    const error = new FormatError(`decodeTfjs: ${message}`, 0);
    await expect(decodeTfjs(modelOf(type, config, weights, image), zeros(weights))).rejects.toThrow(
      error,
    );
  });
});

interface HandLayer {
  readonly class_name?: unknown;
  readonly name: string;
  readonly config: object;
  readonly inbound_nodes?: unknown;
}

const image: HandLayer = {
  class_name: 'InputLayer',
  name: 'in',
  config: { batch_input_shape: [null, 5, 4, 2] },
};
const layer = (name: string, ...inputs: readonly string[]): HandLayer => ({
  class_name: 'Activation',
  name,
  config: {},
  inbound_nodes: [inputs.map((input) => [input, 0, 0, {}])],
});

/** A functional model. */
function graph(layers: readonly HandLayer[], more: object = {}): object {
  const ends = { input_layers: [['in', 0, 0]], output_layers: [['out', 0, 0]] };
  return { class_name: 'Model', config: { layers, ...ends, ...more } };
}

describe('a graph', () => {
  it.each<[what: string, topology: unknown, message: string]>([
    [
      'without a topology',
      3,
      'expected the model.json of a LayersModel, with modelTopology and weightsManifest, got an object. Save it by tensorflowjs_converter or model.save.',
    ],
    [
      'without layers',
      { class_name: 'Sequential', config: { layers: 3 } },
      'model.json: expected a list of at most 5000 as layers, got 3. Use a whole file.',
    ],
    [
      'of a layer without options',
      graph([{ ...image, config: 3 as never }]),
      'model.json: expected an object as config of a layer, got 3. Use a whole file.',
    ],
    [
      'of a layer without a class',
      graph([{ ...image, class_name: 3 }]),
      'model.json: expected a text as class_name, got 3. Use a whole file.',
    ],
    [
      'of an image without a shape',
      { class_name: 'Sequential', config: { layers: [layer('out')] } },
      'model.json: expected a first layer with batch_input_shape, got "Activation \\"out\\"". Build the model first.',
    ],
    [
      'of an input without a shape',
      graph([{ ...image, config: {} }, layer('out', 'in')]),
      'model.json: expected an input layer "in" with its shape, got none. Use a whole file.',
    ],
    [
      'of two inputs',
      graph([image, layer('out', 'in')], {
        input_layers: [
          ['in', 0, 0],
          ['other', 0, 0],
        ],
      }),
      'model.json: expected one input and one output, got more or none. Save the part from the image to the result.',
    ],
    [
      'of an output that no layer gives',
      graph([image, layer('out', 'in')], { output_layers: [['q', 0, 0]] }),
      'model.json: expected a layer "q" as its output, got none. Use a whole file.',
    ],
    [
      'of a name given twice',
      graph([image, layer('out', 'in'), layer('out', 'in')]),
      'model.json: expected a name of its own for each layer, got Activation "out" twice. Use a whole file.',
    ],
    [
      'of a layer that reads nothing',
      graph([image, layer('out')]),
      'model.json: expected Activation "out" to read a layer, got none. Use a whole file.',
    ],
    [
      'of a layer that is used twice',
      graph([image, { ...layer('out'), inbound_nodes: [[], []] }]),
      'model.json: expected Activation "out" to be used once, got 2 times. Give each use a layer of its own.',
    ],
    [
      'of layers that read one another',
      graph([image, layer('a', 'out'), layer('out', 'a')]),
      'model.json: expected layers that give what Activation "a" reads, got no "out" before it. Use a whole file.',
    ],
  ])('%s is refused', async (_what, topology, message) => {
    const error = new FormatError(`decodeTfjs: ${message}`, 0);
    await expect(decodeTfjs(manifest(topology as object), new Uint8Array())).rejects.toThrow(error);
  });
});

describe('a manifest', () => {
  const weight = { name: 'own/bias', shape: [1], dtype: 'float32' };
  const { modelTopology } = modelOf('Flatten', {});

  it.each<[what: string, manifest: unknown, message: string]>([
    [
      'that is no list of groups',
      [3],
      'weights: expected a manifest of groups, got 3. Use a whole file.',
    ],
    [
      'with a name twice',
      [{ paths: ['w.bin'], weights: [weight, weight] }],
      'weights: expected names of their own, got "own/bias" twice. Save it again.',
    ],
    [
      'with a type that is not read',
      [{ paths: ['w.bin'], weights: [{ ...weight, dtype: 'string' }] }],
      'weights: expected a weight with a name, a type of numbers and a shape, got "own/bias" of type "string" and shape [1]. Save it again.',
    ],
    [
      'with a size below 0',
      [{ paths: ['w.bin'], weights: [{ ...weight, shape: [-1] }] }],
      'weights: expected a weight with a name, a type of numbers and a shape, got "own/bias" of type "float32" and shape [-1]. Save it again.',
    ],
    [
      'with a scale that is a text',
      [
        {
          paths: ['w.bin'],
          weights: [{ ...weight, quantization: { dtype: 'uint8', scale: 'x' } }],
        },
      ],
      'weights: expected numbers as scale and min of "own/bias", got "x". Save it again.',
    ],
  ])('%s is refused', async (_what, weightsManifest, message) => {
    const error = new FormatError(`decodeTfjs: ${message}`, 0);
    await expect(decodeTfjs({ modelTopology, weightsManifest }, new Uint8Array(8))).rejects.toThrow(
      error,
    );
  });

  it('with files that are no bytes is refused', async () => {
    const message =
      'decodeTfjs: weight files: expected bytes as a Uint8Array, got 5. Use new Uint8Array(buffer).';
    await expect(decodeTfjs(modelOf('Flatten', {}), 5 as never)).rejects.toThrow(
      new TypeError(message),
    );
  });
});

it('pixels that one branch alone rescales are rescaled there alone', async () => {
  const layer = (class_name: string, name: string, config: object, ...inputs: string[]) => ({
    class_name,
    name,
    config: { name, ...config },
    inbound_nodes: inputs.length === 0 ? [] : [inputs.map((input) => [input, 0, 0, {}])],
  });
  const image = { batch_input_shape: [null, 5, 4, 2] };
  const layers = [
    layer('InputLayer', 'in', image),
    layer('Activation', 'same', { activation: 'linear' }, 'in'),
    layer('Rescaling', 'less', { scale: 0.5, offset: 0 }, 'same'),
    layer('ReLU', 'other', {}, 'in'),
    layer('Add', 'sum', {}, 'less', 'other'),
  ];
  const config = { layers, input_layers: [['in', 0, 0]], output_layers: [['sum', 0, 0]] };
  const topology = { class_name: 'Functional', config };
  const { spec } = await decodeTfjs(manifest(topology), new Uint8Array());
  expect(spec.normalize).toBeUndefined();
  expect(spec.layers.map(({ type }) => type)).toEqual(['batchNorm', 'relu', 'add']);
});
