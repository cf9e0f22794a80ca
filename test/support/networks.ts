/** Networks that use every layer and every option, for the exports, and their outputs for some images. */
import {
  blocks,
  createBackend,
  createModel,
  type LayerSpec,
  layers,
  type Model,
  type ModelSpec,
  namedModels,
} from 'convlet';
import { testRandom, uniform } from './random.ts';

const {
  conv2d,
  conv2dTranspose,
  dense,
  depthwiseConv2d,
  flatten,
  groupNorm,
  maxPool2d,
  prelu,
  relu,
  separableConv2d,
  softmax,
} = layers;

const conv = (options: object, rest: ModelSpec['layers'] = []): ModelSpec => ({
  inputShape: [4, 9, 8],
  layers: [
    conv2d({ filters: 6, kernelSize: 3, ...options }),
    ...rest,
    flatten(),
    dense({ units: 3 }),
  ],
});
const depthwise = (options: object): ModelSpec => ({
  inputShape: [4, 9, 8],
  layers: [depthwiseConv2d({ kernelSize: 3, ...options }), flatten(), dense({ units: 3 })],
});
const separable = (options: object): ModelSpec => ({
  inputShape: [4, 9, 8],
  layers: [
    separableConv2d({ filters: 5, kernelSize: 3, ...options }),
    relu(),
    flatten(),
    dense({ units: 3 }),
  ],
});
const transpose = (options: object): ModelSpec => ({
  inputShape: [4, 5, 4],
  layers: [
    conv2dTranspose({ filters: 6, kernelSize: 3, ...options }),
    relu(),
    conv2d({ filters: 2, kernelSize: 1 }),
  ],
});
const pool = (options: object, before: ModelSpec['layers'] = []): ModelSpec => ({
  inputShape: [3, 9, 8],
  layers: [...before, maxPool2d({ poolSize: 2, ...options }), flatten(), dense({ units: 3 })],
});
const flat = (...rest: ModelSpec['layers']): ModelSpec => ({
  inputShape: [3, 4, 5],
  layers: [flatten(), ...rest],
});

/** Layers over an image of 3×9×8, the last of which may put out an image. */
const image = (...rest: ModelSpec['layers']): ModelSpec => ({
  inputShape: [3, 9, 8],
  layers: rest,
});
const average = (options: object, before: ModelSpec['layers'] = []): ModelSpec =>
  image(
    ...before,
    layers.averagePool2d({ poolSize: 2, ...options }),
    flatten(),
    dense({ units: 3 }),
  );

/** An activation of images, of features in both orders, and last. */
const activated = (activation: () => LayerSpec): ModelSpec => ({
  inputShape: [3, 5, 4],
  layers: [
    activation(),
    conv2d({ filters: 5, kernelSize: 2, kernelInitializer: { uniform: 2 } }),
    activation(),
    flatten(),
    activation(),
    dense({ units: 6 }),
    activation(),
  ],
});

function named(name: string): ModelSpec {
  const create = namedModels[name];
  if (create === undefined) throw new Error(`internal: no network ${name}`);
  return create([1, 28, 28], 10);
}

/** Each with a name. `tfjs: false` is what TensorFlow.js has no layer for. */
export const networks: readonly { name: string; spec: ModelSpec; tfjs?: false }[] = [
  { name: 'reference', spec: named('reference') },
  { name: 'lenet5', spec: named('lenet5') },
  { name: 'conv2d', spec: conv({}) },
  { name: 'conv2d without bias', spec: conv({ useBias: false }) },
  { name: 'conv2d, kernel 3×2', spec: conv({ kernelSize: [3, 2] }) },
  { name: 'conv2d, strides 2', spec: conv({ strides: 2 }) },
  { name: 'conv2d, strides 3×1', spec: conv({ strides: [3, 1] }) },
  { name: 'conv2d, padding 1', spec: conv({ padding: 1 }) },
  { name: 'conv2d, padding 2×0', spec: conv({ padding: [2, 0] }) },
  { name: 'conv2d, padding on four sides', spec: conv({ padding: [0, 1, 2, 3] }) },
  { name: "conv2d, padding 'same'", spec: conv({ padding: 'same' }) },
  {
    name: "conv2d, padding 'same', kernel 2, strides 2",
    spec: conv({ padding: 'same', kernelSize: 2, strides: 2 }),
  },
  {
    name: "conv2d, padding 'same', kernel 4×3, strides 2×3",
    spec: conv({ padding: 'same', kernelSize: [4, 3], strides: [2, 3] }),
  },
  {
    name: 'conv2d, padding that a stride leaves out',
    spec: conv({ padding: [0, 0, 1, 1], strides: 3, kernelSize: 2 }),
  },
  { name: 'conv2d, dilation 2', spec: conv({ dilation: 2 }) },
  {
    name: "conv2d, dilation 2×3, padding 'same'",
    spec: conv({ dilation: [2, 3], padding: 'same' }),
  },
  { name: 'conv2d, dilation 2, strides 2', spec: conv({ dilation: 2, strides: 2 }) },
  {
    name: "conv2d, dilation 2×1, strides 2, padding 'same'",
    spec: conv({ dilation: [2, 1], strides: 2, padding: 'same' }),
  },
  { name: 'conv2d, groups 2', spec: conv({ groups: 2 }) },
  { name: 'conv2d, a group a channel', spec: conv({ groups: 4, filters: 8, padding: 1 }) },
  { name: 'conv2d, 1×1', spec: conv({ kernelSize: 1 }) },
  { name: 'depthwiseConv2d', spec: depthwise({}) },
  { name: 'depthwiseConv2d, two filters a channel', spec: depthwise({ multiplier: 2 }) },
  {
    name: "depthwiseConv2d, strides 2, padding 'same'",
    spec: depthwise({ strides: 2, padding: 'same' }),
  },
  {
    name: 'depthwiseConv2d, strides 1×2, padding on four sides',
    spec: depthwise({ strides: [1, 2], padding: [0, 1, 2, 1] }),
  },
  {
    name: 'depthwiseConv2d, dilation 2×1, without bias',
    spec: depthwise({ dilation: [2, 1], useBias: false }),
  },
  {
    name: 'depthwiseConv2d, dilation 2, strides 2, padding 2',
    spec: depthwise({ dilation: 2, strides: 2, padding: 2 }),
  },
  { name: 'separableConv2d', spec: separable({}) },
  {
    name: 'separableConv2d, two filters a channel, padding 1',
    spec: separable({ multiplier: 2, padding: 1 }),
  },
  {
    name: 'separableConv2d, strides 2, without bias',
    spec: separable({ strides: 2, useBias: false }),
  },
  {
    name: "separableConv2d, dilation 2, padding 'same'",
    spec: separable({ dilation: 2, padding: 'same' }),
  },
  { name: 'conv2dTranspose', spec: transpose({}) },
  { name: 'conv2dTranspose without bias', spec: transpose({ useBias: false }) },
  { name: 'conv2dTranspose, strides 2', spec: transpose({ strides: 2 }) },
  {
    name: 'conv2dTranspose, strides 2, padding 1, outputPadding 1',
    spec: transpose({ strides: 2, padding: 1, outputPadding: 1 }),
  },
  {
    name: 'conv2dTranspose, strides 3×2, outputPadding 2×1',
    spec: transpose({ strides: [3, 2], outputPadding: [2, 1] }),
  },
  {
    name: 'conv2dTranspose, strides longer than the kernel',
    spec: transpose({ kernelSize: [2, 1], strides: 3 }),
  },
  {
    name: 'conv2dTranspose, padding on four sides',
    spec: transpose({ strides: 2, padding: [0, 1, 2, 1] }),
  },
  {
    name: 'conv2dTranspose, dilation 2×3, strides 2',
    spec: transpose({ dilation: [2, 3], strides: 2, outputPadding: 1, padding: 1 }),
  },
  {
    name: 'conv2dTranspose, outputPadding below the dilation alone',
    spec: transpose({ dilation: [2, 3], outputPadding: [1, 2], padding: 1 }),
  },
  {
    name: 'conv2dTranspose, outputPadding that padding takes back',
    spec: transpose({ dilation: 3, outputPadding: [1, 2], padding: [0, 1, 2, 2] }),
  },
  {
    name: 'conv2dTranspose, outputPadding below the dilation alone, without bias',
    spec: transpose({ dilation: 2, outputPadding: 1, useBias: false }),
  },
  { name: 'conv2dTranspose, groups 2', spec: transpose({ groups: 2, strides: 2 }) },
  {
    name: 'groupNorm',
    spec: conv({}, [groupNorm({ groups: 3 }), relu()]),
  },
  {
    name: 'groupNorm, one group',
    spec: conv({}, [groupNorm({ groups: 1, epsilon: 0.01 })]),
  },
  {
    name: 'groupNorm of features',
    spec: flat(dense({ units: 6 }), groupNorm({ groups: 2 })),
  },
  {
    name: 'groupNorm of features, one group',
    spec: flat(dense({ units: 6 }), groupNorm({ groups: 1 }), dense({ units: 4 })),
  },
  { name: 'groupNorm after flatten', spec: flat(groupNorm({ groups: 1 }), dense({ units: 4 })) },
  {
    name: 'two conv2d',
    spec: conv({ padding: 1 }, [relu(), conv2d({ filters: 5, kernelSize: [2, 3] })]),
  },
  { name: 'maxPool2d', spec: pool({}) },
  { name: 'maxPool2d, strides 1', spec: pool({ poolSize: 3, strides: 1 }) },
  { name: 'maxPool2d, 3×2, strides 2×3', spec: pool({ poolSize: [3, 2], strides: [2, 3] }) },
  { name: "maxPool2d, padding 'same'", spec: pool({ poolSize: 3, strides: 2, padding: 'same' }) },
  { name: "maxPool2d, padding 'same', windows apart", spec: pool({ padding: 'same' }) },
  {
    name: 'maxPool2d, padding 1',
    spec: pool({ poolSize: 3, strides: 3, padding: 1 }),
    tfjs: false,
  },
  {
    name: 'maxPool2d, padding 1 after relu',
    spec: pool({ poolSize: 3, strides: 3, padding: 1 }, [relu()]),
  },
  {
    name: 'maxPool2d, padding on four sides after relu',
    spec: pool({ poolSize: 3, padding: [1, 0, 2, 1] }, [
      conv2d({ filters: 4, kernelSize: 1 }),
      relu(),
      maxPool2d({ poolSize: 2, strides: 1 }),
    ]),
  },
  {
    name: 'maxPool2d, a last window past the end, after relu',
    spec: pool({ poolSize: 3, strides: 2, ceilMode: true }, [relu()]),
  },
  {
    name: 'maxPool2d, a last window past the end',
    spec: pool({ poolSize: [4, 3], strides: [3, 2], padding: [2, 1], ceilMode: true }),
    tfjs: false,
  },
  { name: 'averagePool2d', spec: average({}) },
  { name: 'averagePool2d, 3×2, strides 2×3', spec: average({ poolSize: [3, 2], strides: [2, 3] }) },
  {
    name: "averagePool2d, padding 'same'",
    spec: average({ poolSize: 3, strides: 2, padding: 'same' }),
  },
  { name: 'averagePool2d, padding 1', spec: average({ poolSize: 3, padding: 1 }), tfjs: false },
  {
    name: 'averagePool2d, padding that counts',
    spec: average({ poolSize: 3, strides: 2, padding: [1, 0, 2, 1], countIncludePad: true }),
  },
  {
    name: 'averagePool2d, a last window past the end',
    spec: average({ strides: [2, 3], ceilMode: true }),
  },
  {
    name: 'averagePool2d, a last window past padding that counts',
    spec: average({
      poolSize: [4, 3],
      strides: [3, 2],
      padding: [2, 1],
      ceilMode: true,
      countIncludePad: true,
    }),
    tfjs: false,
  },
  {
    name: 'averagePool2d, a last row of windows past padding that counts',
    spec: average({ padding: [1, 0, 0, 0], ceilMode: true, countIncludePad: true, strides: 4 }),
  },
  {
    name: 'averagePool2d, a last window that is left out',
    spec: average({ padding: [0, 0, 1, 1], ceilMode: true, countIncludePad: true, strides: 2 }),
  },
  {
    name: 'maxPool2d, padding 1 after relu and averagePool2d',
    spec: pool({ poolSize: 3, strides: 3, padding: 1 }, [
      relu(),
      layers.averagePool2d({ poolSize: 2, strides: 1 }),
    ]),
  },
  { name: 'globalAveragePool2d', spec: image(layers.globalAveragePool2d(), dense({ units: 3 })) },
  { name: 'globalMaxPool2d', spec: image(layers.globalMaxPool2d(), dense({ units: 3 })) },
  { name: 'globalMaxPool2d alone', spec: image(layers.globalMaxPool2d()) },
  {
    name: 'dropout, of numbers and of channels',
    spec: image(
      layers.dropout(),
      conv2d({ filters: 3, kernelSize: 2 }),
      layers.dropout({ perChannel: true }),
    ),
  },
  { name: 'upsample2d', spec: image(layers.upsample2d()) },
  { name: 'upsample2d, 3×1', spec: image(layers.upsample2d({ size: [3, 1] }), relu()) },
  { name: 'zeroPad2d', spec: image(layers.zeroPad2d({ padding: [1, 0, 2, 3] })) },
  {
    name: 'zeroPad2d, then maxPool2d', // its zeros are pixels, and more than padding may be
    spec: image(layers.zeroPad2d({ padding: [1, 0, 2, 3] }), maxPool2d({ poolSize: 2 })),
  },
  {
    name: 'zeroPad2d, dropout, averagePool2d whose padding counts',
    spec: image(
      layers.zeroPad2d({ padding: 1 }),
      layers.dropout(),
      layers.averagePool2d({ poolSize: 2, padding: 1, countIncludePad: true }),
    ),
  },
  { name: 'zeroPad2d of nothing', spec: image(layers.zeroPad2d({ padding: 0 })) },
  { name: 'crop2d', spec: image(layers.crop2d({ cropping: [1, 0, 2, 3] })) },
  { name: 'crop2d, a number', spec: image(layers.crop2d({ cropping: 2 }), flatten()) },
  { name: 'identity alone', spec: image(layers.identity()) },
  {
    name: 'identity of features, dense',
    spec: flat(layers.identity(), relu(), layers.identity(), dense({ units: 4 })),
  },
  { name: 'reshape, image to image', spec: image(layers.reshape({ shape: [4, 6, 9] })) },
  {
    name: 'reshape, image to features to image',
    spec: image(
      layers.reshape({ shape: [-1] }),
      layers.reshape({ shape: [2, -1, 12] }),
      conv2d({ filters: 3, kernelSize: 2 }),
      layers.reshape({ shape: [264] }),
      dense({ units: 3 }),
    ),
  },
  {
    name: 'reshape, two axes',
    spec: image(layers.reshape({ shape: [12, 18] }), prelu(), flatten(), dense({ units: 3 })),
  },
  {
    name: 'concat of images, one of them twice, and of features',
    spec: image(
      conv2d({ name: 'a', filters: 4, kernelSize: 3, padding: 1 }),
      relu({ name: 'b' }),
      layers.concat({ name: 'c', inputs: ['input', 'b', 'a', 'b'] }),
      flatten({ name: 'd' }),
      layers.globalMaxPool2d({ name: 'e', inputs: ['c'] }),
      layers.concat({ inputs: ['e', 'd'] }),
      dense({ units: 3 }),
    ),
  },
  {
    name: 'concat of tensors with two axes',
    spec: image(
      layers.reshape({ name: 'a', shape: [3, 72] }),
      conv2d({ filters: 2, kernelSize: 3, padding: 1, inputs: ['input'] }),
      layers.reshape({ name: 'b', shape: [2, -1] }),
      layers.concat({ inputs: ['a', 'b', 'a'] }),
    ),
  },
  {
    name: 'multiply: squeeze and excite, the gate first',
    spec: image(
      conv2d({ name: 'x', filters: 5, kernelSize: 3 }),
      layers.globalAveragePool2d(),
      dense({ units: 2 }),
      relu(),
      dense({ units: 5 }),
      layers.sigmoid({ name: 'gate' }),
      layers.multiply({ inputs: ['gate', 'x'] }),
    ),
  },
  {
    name: 'multiply: an image twice, and two gates',
    spec: image(
      conv2d({ name: 'x', filters: 5, kernelSize: 3 }),
      layers.globalMaxPool2d({ name: 'g' }),
      layers.multiply({ inputs: ['x', 'g', 'x', 'g'] }),
      flatten(),
      dense({ units: 3 }),
    ),
  },
  {
    name: 'multiply: features by themselves',
    spec: flat(dense({ name: 'x', units: 6 }), layers.multiply({ inputs: ['x', 'x'] })),
  },
  {
    name: 'blocks.residual, with and without a shortcut',
    spec: image(
      ...blocks.residual({
        name: 'one',
        layers: [conv2d({ filters: 3, kernelSize: 3, padding: 1 })],
      }),
      relu(),
      ...blocks.residual({
        name: 'two',
        layers: [
          conv2d({ filters: 4, kernelSize: 3, padding: 1, strides: 2 }),
          relu(),
          conv2d({ filters: 4, kernelSize: 3, padding: 1 }),
        ],
        shortcut: [
          layers.averagePool2d({ poolSize: 2, ceilMode: true }),
          conv2d({ filters: 4, kernelSize: 1 }),
        ],
      }),
      relu(),
      layers.globalAveragePool2d(),
      dense({ units: 3 }),
    ),
  },
  { name: 'flatten alone', spec: flat() },
  { name: 'flatten twice', spec: flat(flatten()) },
  { name: 'flatten and relu', spec: flat(relu()) },
  { name: 'flatten and softmax', spec: flat(softmax()) },
  { name: 'dense', spec: flat(dense({ units: 7 })) },
  { name: 'dense without bias', spec: flat(dense({ units: 7, useBias: false })) },
  { name: 'relu and softmax before dense', spec: flat(relu(), softmax(), dense({ units: 4 })) },
  {
    name: 'dense, relu, dense, softmax',
    spec: flat(dense({ units: 6 }), relu(), dense({ units: 5 }), softmax()),
  },
  ...(
    [
      ['relu6', layers.relu6],
      ['leakyRelu', layers.leakyRelu],
      ['leakyRelu, slope 0.3', () => layers.leakyRelu({ negativeSlope: 0.3 })],
      ['elu', layers.elu],
      ['elu, alpha 0.7', () => layers.elu({ alpha: 0.7 })],
      ['elu, alpha 0', () => layers.elu({ alpha: 0 })],
      ['selu', layers.selu],
      ['gelu', layers.gelu],
      ['silu', layers.silu],
      ['hardSwish', layers.hardSwish],
      ['hardSigmoid', layers.hardSigmoid],
      ['sigmoid', layers.sigmoid],
      ['tanh', layers.tanh],
      ['softplus', layers.softplus],
      ['prelu', layers.prelu],
    ] as const
  ).map(([name, activation]) => ({ name, spec: activated(() => activation()) })),
  {
    name: 'maxPool2d, padding 1 after sigmoid and relu6',
    spec: pool({ poolSize: 3, strides: 3, padding: 1 }, [layers.sigmoid(), layers.relu6()]),
  },
  {
    name: 'hardSwish in an image alone',
    spec: { inputShape: [2, 3, 4], layers: [layers.hardSwish(), prelu({ name: 'p' })] },
  },
  {
    name: 'an image out',
    spec: { inputShape: [2, 5, 6], layers: [conv2d({ filters: 3, kernelSize: 2 }), relu()] },
  },
];

export const backend = await createBackend();

/** The model of a network by its name; no parameter is 0, and no two are the same. */
export function modelOf(name: string): Model {
  const network = networks.find((candidate) => candidate.name === name);
  if (network === undefined) throw new Error(`internal: no network ${name}`);
  const model = createModel(backend, network.spec, { seed: 3 });
  const random = testRandom(11);
  const weights = Array.from(model.weights(), ([key, { shape, data }]) => {
    const isDrawn = key.endsWith('bias') || new Set(data).size === 1; // slopes of prelu, too
    const values = isDrawn ? uniform(random, data.length) : data;
    return [key, { shape, data: values }] as const;
  });
  model.setWeights(new Map(weights));
  return model;
}

/** Some images for it, from −1 to 1. */
export function imagesFor({ inputShape }: ModelSpec, count: number): Float32Array {
  return uniform(testRandom(17), count * inputShape.reduce((product, size) => product * size, 1));
}

/** `[N, C, H, W]` as `[N, H, W, C]`. */
export function channelsLast(
  data: Float32Array,
  [channels = 0, height = 0, width = 0]: readonly number[],
): Float32Array {
  const plane = height * width;
  return Float32Array.from(data, (_, at) => {
    const [image, inside] = [Math.floor(at / (plane * channels)), at % (plane * channels)];
    const [pixel, channel] = [Math.floor(inside / channels), inside % channels];
    return data[(image * channels + channel) * plane + pixel] ?? Number.NaN;
  });
}
