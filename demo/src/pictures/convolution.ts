/** All numbers that lead to one pixel of a convolution: the patch it looks at, the kernel, their products, the bias. @module */
import type { LayerSpec, Tensor } from 'convlet';
import { channelOf, type Frame, filterOf, parametersOf, valueAt } from './forward.ts';
import { largest, type Matrix } from './paint.ts';
import type { Place } from './place.ts';
import { type Window, windowOf } from './window.ts';

type Conv2d = Extract<LayerSpec, { type: 'conv2d' }>;

/** Of several input channels the one that adds most, either way, and the others by their sum. */
export interface Sum {
  readonly window: Window;
  readonly channel: number;
  /** The first channel that the filter reads: above 0 if the layer has groups. */
  readonly firstInput: number;
  readonly patch: Matrix;
  readonly kernel: Matrix;
  readonly products: Matrix;
  /** Of the channel shown; of all others. */
  readonly own: number;
  readonly others: number;
  readonly channels: number;
  /** Undefined if the layer has none. */
  readonly bias: number | undefined;
  /** The largest weight of the layer, either way. */
  readonly most: number;
}

/** The sum at a place of the layer's maps. */
export function sumAt(frame: Frame, layer: Conv2d, { stage, channel, row, column }: Place): Sum {
  const [first] = stage.layers;
  const input = valueAt(frame.values, frame.inputs[first]?.[0] ?? 0);
  const { weight, bias } = parametersOf(frame.weights, layer, first);
  if (weight === undefined) throw new Error('internal: expected the weight of a convolution.');
  const [filters = 1, channels = 1, height = 1, width = 1] = weight.shape;
  const { strides = 1, padding = 'valid', dilation = 1, groups = 1 } = layer;
  const extent = ({ shape }: Tensor) => [shape[2] ?? 1, shape[3] ?? 1] as const;
  const options = { size: [height, width] as const, strides, padding, dilation };
  const window = windowOf(options, extent(input), extent(valueAt(frame.values, first + 1)), [
    row,
    column,
  ]);
  const firstInput = Math.floor((channel * groups) / filters) * channels;
  const parts = Array.from({ length: channels }, (_, c) => {
    const kernel = filterOf(weight, channel, c);
    const patch = cut(channelOf(input, firstInput + c), window);
    const values = Array.from(patch.values, (value, i) => value * (kernel.values[i] ?? 0));
    const own = values.reduce((total, value) => total + value, 0);
    return { channel: firstInput + c, kernel, patch, products: { ...kernel, values }, own };
  });
  const all = parts.reduce((total, { own }) => total + own, 0);
  const [most] = parts.toSorted((a, b) => Math.abs(b.own) - Math.abs(a.own));
  if (most === undefined) throw new Error('internal: expected an input channel.');
  return {
    ...most,
    firstInput,
    window,
    others: all - most.own,
    channels,
    bias: bias?.data[channel],
    most: largest(weight.data),
  };
}

/** The pixels of a matrix under a window, 0 outside. */
export function cut({ width, height, values }: Matrix, window: Window): Matrix {
  const [spreadY, spreadX] = window.dilation;
  const cells = Array.from({ length: window.height * window.width }, (_, i) => {
    const y = window.top + Math.floor(i / window.width) * spreadY;
    const x = window.left + (i % window.width) * spreadX;
    const isInside = y >= 0 && y < height && x >= 0 && x < width;
    return isInside ? (values[y * width + x] ?? 0) : 0;
  });
  return { width: window.width, height: window.height, values: cells };
}
