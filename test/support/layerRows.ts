/**
 * A row for every option of every layer: what the gradient table (test/gradients.test.ts) and the oracle table
 * (test/layers/oracle.test.ts) run.
 */
import type { LayerSpec } from 'convlet';
import type { Shape } from '../../src/base/types.ts';
import type { Shapes } from '../../src/layers/layer.ts';
import { definitionOf, type LayerType } from '../../src/layers/registry.ts';

/** A layer on inputs `[N, …]`. */
export interface LayerRow {
  readonly title: string;
  readonly spec: LayerSpec;
  readonly inputs: readonly Shape[];
  readonly mode: 'train' | 'evaluate';
}

type OptionsOf<Type extends LayerType> = Omit<
  Extract<LayerSpec, { readonly type: Type }>,
  'type' | 'name' | 'inputs'
>;

/** Options, the shapes of the inputs, and the mode, training if none is given. */
type Row<Type extends LayerType> = readonly [
  options: OptionsOf<Type>,
  inputs: readonly Shape[],
  mode?: 'evaluate',
];

/** Rows of one input shape. */
const on = <Type extends LayerType>(
  shape: Shape,
  ...options: readonly OptionsOf<Type>[]
): readonly Row<Type>[] => options.map((own) => [own, [shape]]);

const kernelSize = [3, 2] as const;

/** Options of all convolutions. */
const windows = [
  { kernelSize },
  { kernelSize: 2, trainable: false },
  { kernelSize, useBias: false },
  { kernelSize, strides: 2 },
  { kernelSize, strides: [2, 3] as const },
  { kernelSize, padding: 1 },
  { kernelSize, padding: [1, 0] as const },
  { kernelSize, padding: [1, 0, 2, 1] as const },
  { kernelSize, dilation: 2, padding: 2 },
  { kernelSize, dilation: [2, 1] as const, padding: 1 },
] as const;
const same = { kernelSize: 3, padding: 'same', strides: 2 } as const;
const multiplied = [...windows, same, { kernelSize, multiplier: 2 }] as const;

const pools = [
  { poolSize: 2 },
  { poolSize: 3, strides: 1 },
  { poolSize: 3, strides: 2, padding: 1 },
  { poolSize: 3, strides: 2, padding: 'same' },
  { poolSize: [1, 2] as const, strides: 3 },
  { poolSize: 3, padding: [2, 0, 1, 2] as const },
  { poolSize: 2, ceilMode: true },
] as const;

const image = [2, 3, 4, 5];
const features = [4, 7];
const simple = [{}, [image]] as const;

const rowsOf: { readonly [Type in LayerType]: readonly Row<Type>[] } = {
  conv2d: [
    ...on<'conv2d'>([2, 3, 5, 6], ...windows.map((window) => ({ filters: 4, ...window }))),
    ...on<'conv2d'>([2, 1, 5, 6], { filters: 2, ...same }),
    ...on<'conv2d'>([2, 4, 5, 5], { filters: 6, kernelSize: 3, groups: 2, padding: 1 }),
    ...on<'conv2d'>([1, 3, 5, 5], { filters: 3, kernelSize: 3, groups: 3 }),
    ...on<'conv2d'>([3, 5, 3, 3], { filters: 7, kernelSize: 1 }),
  ],
  depthwiseConv2d: on<'depthwiseConv2d'>([2, 3, 5, 6], ...multiplied),
  separableConv2d: [
    ...on<'separableConv2d'>([2, 3, 5, 6], ...multiplied.map((own) => ({ filters: 4, ...own }))),
    ...on<'separableConv2d'>([2, 3, 5, 6], { filters: 2, kernelSize: 1 }),
  ],
  conv2dTranspose: on<'conv2dTranspose'>(
    [2, 4, 3, 4],
    ...windows.map((window) => ({ filters: 6, ...window })),
    { filters: 6, kernelSize, strides: [3, 2], outputPadding: [2, 1] },
    { filters: 6, kernelSize, dilation: 2, outputPadding: 1 },
    { filters: 6, kernelSize, groups: 2, strides: 2 },
    { filters: 8, kernelSize, groups: 4 },
  ),
  dense: on<'dense'>(
    [5, 7],
    { units: 3 },
    { units: 4, useBias: false },
    { units: 2, trainable: false },
  ),
  maxPool2d: on<'maxPool2d'>([2, 2, 5, 7], ...pools),
  averagePool2d: on<'averagePool2d'>(
    [2, 2, 5, 7],
    ...pools,
    { poolSize: 3, strides: 2, padding: 1, countIncludePad: true },
    { poolSize: [4, 3], strides: 3, padding: 1, ceilMode: true, countIncludePad: true },
  ),
  globalAveragePool2d: [simple],
  globalMaxPool2d: [simple],
  upsample2d: on<'upsample2d'>(image, {}, { size: 3 }, { size: [1, 3] }),
  zeroPad2d: on<'zeroPad2d'>(image, { padding: 1 }, { padding: [0, 2] }, { padding: [1, 0, 2, 3] }),
  crop2d: on<'crop2d'>(image, { cropping: 1 }, { cropping: [0, 2] }, { cropping: [1, 0, 2, 3] }),
  flatten: [simple],
  reshape: on<'reshape'>(image, { shape: [6, -1] }, { shape: [60] }, { shape: [5, 3, 4] }),
  identity: [simple],
  batchNorm: [
    ...on<'batchNorm'>([3, 2, 3, 4], {}, { momentum: 0.4 }, { trainable: false }),
    ...on<'batchNorm'>([6, 4], {}),
    ...on<'batchNorm'>([2, 3, 1, 5], { epsilon: 0.5 }),
    [{}, [[3, 2, 3, 4]], 'evaluate'],
    [{ epsilon: 0.5 }, [[5, 3]], 'evaluate'],
  ],
  groupNorm: [
    ...on<'groupNorm'>([2, 4, 2, 3], { groups: 2 }, { groups: 2, trainable: false }),
    ...on<'groupNorm'>([2, 3, 3, 3], { groups: 1 }, { groups: 3 }),
    ...on<'groupNorm'>([3, 6], { groups: 2 }),
    ...on<'groupNorm'>([2, 4, 1, 5], { groups: 2, epsilon: 0.5 }),
  ],
  dropout: [
    ...on<'dropout'>([2, 5, 3, 4], {}, { rate: 0.2 }, { perChannel: true }),
    ...on<'dropout'>([3, 21], { rate: 0.3 }, { rate: 0.3, perChannel: true }),
    [{}, [features], 'evaluate'],
  ],
  relu: on<'relu'>(features, {}),
  relu6: on<'relu6'>(features, {}),
  leakyRelu: [
    ...on<'leakyRelu'>(features, {}, { negativeSlope: 0 }),
    ...on<'leakyRelu'>(image, { negativeSlope: 0.3 }),
  ],
  prelu: [
    ...on<'prelu'>(image, {}, { trainable: false }),
    ...on<'prelu'>(features, {}),
    ...on<'prelu'>([2, 3, 6], {}),
  ],
  elu: on<'elu'>(features, {}, { alpha: 0.7 }),
  selu: on<'selu'>(features, {}),
  gelu: on<'gelu'>(features, {}),
  silu: on<'silu'>(features, {}),
  hardSwish: on<'hardSwish'>(features, {}),
  hardSigmoid: on<'hardSigmoid'>(features, {}),
  sigmoid: on<'sigmoid'>(features, {}),
  tanh: on<'tanh'>(features, {}),
  softplus: on<'softplus'>(features, {}),
  softmax: on<'softmax'>(features, {}),
  add: [
    [{}, [image, image]],
    [{}, [features, features, features]],
  ],
  concat: [
    [
      {},
      [
        [2, 3, 4, 3],
        [2, 1, 4, 3],
        [2, 5, 4, 3],
      ],
    ],
    [
      {},
      [
        [3, 4],
        [3, 1],
      ],
    ],
  ],
  multiply: [
    [{}, [image, image]],
    [{}, [features, features, features]],
    [
      {},
      [
        [2, 3, 2, 5],
        [2, 3],
      ],
    ],
    [
      {},
      [
        [2, 3],
        [2, 3, 3, 2],
      ],
    ],
    [
      {},
      [
        [2, 2],
        [2, 2, 3, 3],
        [2, 2],
        [2, 2, 3, 3],
      ],
    ],
  ],
};

/** All rows. */
export const layerRows: readonly LayerRow[] = Object.entries(rowsOf).flatMap(([type, rows]) =>
  (rows as readonly Row<LayerType>[]).map(([options, inputs, mode]): LayerRow => {
    const spec = { type, ...options } as LayerSpec; // of its own type
    const title = `${JSON.stringify(spec)} of ${JSON.stringify(inputs)}, ${mode ?? 'train'}`;
    return { title, spec, inputs, mode: mode ?? 'train' };
  }),
);

/** The parameters of a row by bare names, each by what makes a tensor of a shape; running variances are made positive. */
export function parametersOf<Made extends { readonly data: Float32Array }>(
  { spec, inputs }: LayerRow,
  tensor: (shape: Shape) => Made,
): Record<string, Made> {
  const shapes = inputs.map((shape) => shape.slice(1)) as unknown as Shapes; // no row is without
  const entries = (definitionOf(spec).parameters?.(spec, shapes) ?? []).map(({ name, shape }) => {
    const made = tensor(shape);
    if (name === 'running_var') for (const [i, v] of made.data.entries()) made.data[i] = v + 1.5;
    return [name, made] as const;
  });
  return Object.fromEntries(entries);
}
