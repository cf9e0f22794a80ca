/** Networks that use every layer and every option, for the exports; and what they make of some images. */
import {
  createBackend,
  createModel,
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
    tfjs: false,
  },
  {
    name: 'groupNorm, one group',
    spec: conv({}, [groupNorm({ groups: 1, epsilon: 0.01 })]),
    tfjs: false,
  },
  {
    name: 'groupNorm of features',
    spec: flat(dense({ units: 6 }), groupNorm({ groups: 2 })),
    tfjs: false,
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
    const isDrawn = data.some((value) => value !== data[0]);
    const values = isDrawn ? data : uniform(random, data.length).map((value) => value + 1.5);
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
