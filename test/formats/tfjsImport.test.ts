/** Models that came from LayersModels predict as those that were written. Files of other programs are in test/peers. */
import { createModel, FormatError, layers } from 'convlet';
import { decodeTfjs, encodeTfjs, type ImportedModel } from 'convlet/formats';
import { describe, expect, it } from 'vitest';
import { expectClose } from '../support/closeness.ts';
import { backend, imagesFor, modelOf, networks } from '../support/networks.ts';

function predictions({ spec, weights }: ImportedModel, images: Float32Array) {
  const model = createModel(backend, spec);
  model.setWeights(weights);
  const y = model.predict(images);
  model.dispose();
  return y;
}

describe.each(networks.filter(({ tfjs }) => tfjs !== false))('$name', ({ name, spec }) => {
  it('predicts the same', async () => {
    const model = modelOf(name);
    const images = imagesFor(spec, 3);
    const expected = model.predict(images);
    const files = encodeTfjs(model);
    const y = predictions(await decodeTfjs(files['model.json'], files), images);
    expect(y.shape).toEqual(expected.shape);
    expectClose(y.data, expected.data, 1e-5);
  });
});

const spec = {
  inputShape: [1, 4, 4],
  layers: [
    layers.conv2d({ filters: 2, kernelSize: 2 }),
    layers.flatten(),
    layers.dense({ units: 2 }),
  ],
};
const own = createModel(backend, spec);
const files = encodeTfjs(own);
const text = new TextDecoder().decode(files['model.json']);
const weights = files['weights.bin'];

describe('weight files', () => {
  it.each<[form: string, given: Parameters<typeof decodeTfjs>[1]]>([
    ['the only one', weights],
    ['a list', [weights]],
    ['a map by path', new Map([['weights.bin', weights]])],
    ['an object by path', { 'weights.bin': weights }],
  ])('may be %s', async (_form, given) => {
    for (const json of [text, files['model.json'], JSON.parse(text)]) {
      expect((await decodeTfjs(json, given)).weights.get('dense_2.bias')?.shape).toEqual([2]);
    }
  });

  it('of a group are one after another', async () => {
    const json = JSON.parse(text);
    json.weightsManifest[0].paths = ['a', 'b'];
    const parts = [weights.slice(0, 10), weights.slice(10)];
    const { weights: joined } = await decodeTfjs(json, parts);
    expect([...joined.values()]).toEqual([...(await decodeTfjs(text, weights)).weights.values()]);
  });

  it('may be quantised', async () => {
    const json = JSON.parse(text);
    const [group] = json.weightsManifest;
    const [kernel, bias] = group.weights;
    kernel.quantization = { dtype: 'uint8', scale: 0.5, min: -1 };
    bias.quantization = { dtype: 'float16', original_dtype: 'float32' };
    const packed = Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 7, 0, 0x3c, 0, 0xc0); // 1 and −2 as halves
    const { weights: read } = await decodeTfjs(json, joinedBytes(packed, weights.slice(40)));
    expect(read.get('conv2d_0.bias')?.data).toEqual(Float32Array.of(1, -2));
    const expected = [-1, 0, 1, 2, -0.5, 0.5, 1.5, 2.5]; // [o][h][w]
    expect([...(read.get('conv2d_0.weight')?.data ?? [])]).toEqual(expected);
  });

  it.each<[what: string, given: unknown, message: string]>([
    [
      'cut',
      weights.slice(0, -4),
      'decodeTfjs: weights: expected 2 numbers of "dense_2/bias", got fewer. Use whole files.',
    ],
    [
      'too long',
      joinedBytes(weights, Uint8Array.of(1)),
      'decodeTfjs: weights: expected 192 bytes, as the manifest says, got 193. Use whole files.',
    ],
    [
      'of another name',
      { 'w.bin': weights },
      'decodeTfjs: weights: expected a file "weights.bin", got "w.bin". Give all that the manifest names.',
    ],
    [
      'missing',
      [],
      'decodeTfjs: weights: expected a file "weights.bin", got none. Give all that the manifest names.',
    ],
  ])('that are %s are refused', async (_what, given, message) => {
    await expect(decodeTfjs(text, given as Uint8Array)).rejects.toThrow(
      new FormatError(message, 0),
    );
  });

  it.each([[['x']], [{ 'weights.bin': 'x' }], [new Map([['weights.bin', 'x']])]])(
    'that are no bytes are refused as a wrong argument: %j',
    async (given) => {
      const message =
        'decodeTfjs: weight files: expected bytes as a Uint8Array, got "x". Use new Uint8Array(buffer).';
      await expect(decodeTfjs(text, given as never)).rejects.toThrow(new TypeError(message));
    },
  );
});

function joinedBytes(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

describe('what has no layer here', () => {
  const changed = (
    change: (layer: { class_name: string; config: Record<string, unknown> }) => void,
  ) => {
    const json = JSON.parse(text);
    change(json.modelTopology.config.layers[0]);
    return decodeTfjs(json, weights);
  };

  it.each<[what: string, change: Parameters<typeof changed>[0], message: string]>([
    [
      'a class',
      (layer) => {
        layer.class_name = 'ConvLSTM2D';
      },
      'decodeTfjs: ConvLSTM2D "conv2d_0": expected a layer that there is here, got "ConvLSTM2D". Save the model without it.',
    ],
    [
      'an activation',
      ({ config }) => {
        config.activation = 'mish';
      },
      'hard_sigmoid, softmax, got "mish". Save it so.',
    ],
    [
      'an order of axes',
      ({ config }) => {
        config.data_format = 'channels_first';
      },
      'decodeTfjs: Conv2D "conv2d_0": expected data_format to be channels_last, got "channels_first". Save it so.',
    ],
    [
      'a padding',
      ({ config }) => {
        config.padding = 'causal';
      },
      'decodeTfjs: Conv2D "conv2d_0": expected padding to be valid or same, got "causal". Save it so.',
    ],
    [
      'a stride',
      ({ config }) => {
        config.strides = [0, 1];
      },
      'decodeTfjs: Conv2D "conv2d_0": expected strides to be two whole numbers, got [0, 1]. Save it so.',
    ],
    [
      'a size',
      ({ config }) => {
        config.batch_input_shape = [null, null, 4, 1];
      },
      'decodeTfjs: input: expected images of known sizes [height, width, channels], got a list of 3. Save the model with an input shape.',
    ],
    [
      'a name',
      ({ config }) => {
        config.name = 'dense_2';
      },
      'decodeTfjs: model.json: expected a name of its own for each layer, got Dense "dense_2" twice. Use a whole file.',
    ],
  ])('is refused by the name of its layer: %s', async (_what, change, message) => {
    await expect(changed(change)).rejects.toThrow(message);
  });

  it.each<[json: unknown, message: string]>([
    [
      undefined,
      'decodeTfjs: expected the model.json of a LayersModel, with modelTopology and weightsManifest, got undefined.',
    ],
    [
      '[]',
      'decodeTfjs: expected the model.json of a LayersModel, with modelTopology and weightsManifest, got [].',
    ],
    [
      '{"a":1,"a":2}',
      String.raw`decodeTfjs: model.json: expected JSON, got "{\"a\":1,\"a\":2}" (the name "a" twice). Use a whole file.`,
    ],
    [
      { modelTopology: {}, weightsManifest: [] },
      'decodeTfjs: model.json: expected a Sequential or a functional Model, got undefined. Save a LayersModel.',
    ],
  ])('so is other JSON: %o', async (json, message) => {
    await expect(decodeTfjs(json, weights)).rejects.toThrow(message);
  });
});

it('reads the graphs of Keras 3, in which hard_sigmoid is another function', async () => {
  const tensor = (name: string) => ({
    class_name: '__keras_tensor__',
    config: { shape: [null, 2], keras_history: [name, 0, 0] },
  });
  const node = (class_name: string, name: string, config: object, ...args: unknown[]) => ({
    class_name,
    name,
    config: { name, ...config },
    inbound_nodes: args.length === 0 ? [] : [{ args, kwargs: {} }],
  });
  const json = {
    modelTopology: {
      keras_version: '3.5.0',
      model_config: {
        class_name: 'Functional',
        config: {
          layers: [
            node('InputLayer', 'in', { batch_shape: [null, 2, 2, 1] }),
            node('Flatten', 'rows', {}, tensor('in')),
            node('Activation', 'gate', { activation: 'hard_sigmoid' }, tensor('rows')),
            node('Add', 'sum', {}, [tensor('rows'), tensor('gate')]),
          ],
          input_layers: [['in', 0, 0]],
          output_layers: [['sum', 0, 0]],
        },
      },
    },
    weightsManifest: [],
  };
  const { spec: read } = await decodeTfjs(json, []);
  expect(read).toEqual({
    inputShape: [1, 2, 2],
    layers: [
      { type: 'flatten', name: 'flatten0' },
      { type: 'hardSigmoid', name: 'hardSigmoid1' },
      { type: 'add', inputs: ['flatten0', 'hardSigmoid1'] },
    ],
  });
});
