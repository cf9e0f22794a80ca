/** What each layer is in whole numbers. Layers that are not here are refused by name. @module */
import { elementCount } from '../../base/shape.ts';
import type { Shape } from '../../base/types.ts';
import { averagePoolSizes, convSizes, fourSides, poolSizes } from '../../base/window.ts';
import type { Network, NetworkLayer } from '../../compile/network.ts';
import { layerName } from '../../compile/spec.ts';
import type { LayerSpec } from '../../layers/registry.ts';
import type { Operation } from './operations.ts';
import type { IntegerWeight } from './quantization.ts';
import { factorOf, saturated, summandOf } from './rounding.ts';

/** What a number of a value stands for: `scale·(q − zero)`. */
export interface Grid {
  readonly scale: number;
  readonly zero: number;
}

/** A layer with its whole numbers. */
export interface Content<Spec> extends Omit<NetworkLayer, 'spec'> {
  readonly spec: Spec;
  readonly x: number;
  readonly y: number;
  readonly xGrid: Grid;
  readonly yGrid: Grid;
  gridOf(value: number): Grid;
  readonly weight: IntegerWeight | undefined;
  readonly bias: Int32Array | undefined;
}

/** @param isOutput True for the dense layer whose sums become floats. */
type Row<Spec> = (content: Content<Spec>, isOutput: boolean) => readonly Operation[];

type SpecOf<Type extends LayerSpec['type']> = Extract<LayerSpec, { readonly type: Type }>;

/** The layers that are served. */
export type IntegerLayer = SpecOf<
  | 'add'
  | 'averagePool2d'
  | 'concat'
  | 'conv2d'
  | 'crop2d'
  | 'dense'
  | 'depthwiseConv2d'
  | 'dropout'
  | 'flatten'
  | 'globalAveragePool2d'
  | 'globalMaxPool2d'
  | 'hardSigmoid'
  | 'hardSwish'
  | 'identity'
  | 'leakyRelu'
  | 'maxPool2d'
  | 'relu'
  | 'relu6'
  | 'reshape'
  | 'zeroPad2d'
>;

/** Pixels of the largest window that is averaged: it needs a multiplier for each count. */
const MOST_WINDOW = 4096;

/** A function of one number as a table. */
const lookup =
  <Spec extends IntegerLayer>(f: (value: number, spec: Spec) => number): Row<Spec> =>
  ({ spec, x, y, xGrid, yGrid, index, output }) => {
    const table = Int8Array.from({ length: 256 }, (_, i) => {
      const value = f(xGrid.scale * (i - 128 - xGrid.zero), spec);
      return saturated(Math.round(value / yGrid.scale) + yGrid.zero);
    });
    return [{ type: 'lookup', x, y, layer: index, table, length: elementCount(output) }];
  };

const view: Row<IntegerLayer> = ({ x, y }) => [{ type: 'view', x, y }];

const ramp = (value: number) => Math.min(Math.max(value + 3, 0), 6) / 6;

const rows: { readonly [Spec in IntegerLayer as Spec['type']]: Row<Spec> } = {
  add({ inputs, y, yGrid, gridOf, output }) {
    const grids = inputs.map(gridOf);
    return [
      {
        type: 'add',
        xs: inputs,
        y,
        zeros: grids.map(({ zero }) => zero),
        multipliers: grids.map(({ scale }) => summandOf(scale / yGrid.scale)),
        yZero: yGrid.zero,
        length: elementCount(output),
      },
    ];
  },
  averagePool2d({ spec, x, y, xGrid, yGrid, index, inputShapes: [input] }) {
    const [, ...sizes] = averagePoolSizes('int8', [1, ...input], spec);
    const [, , , , , kH = 1, kW = 1] = sizes;
    if (kH * kW > MOST_WINDOW) {
      throw new RangeError(
        `int8: ${layerName(index, spec)}: expected windows of at most ${MOST_WINDOW.toLocaleString('en')} pixels, got ${kH}×${kW}. Use globalAveragePool2d, or f16.`,
      );
    }
    const factors = Array.from({ length: kH * kW }, (_, n) =>
      factorOf(xGrid.scale / (yGrid.scale * (n + 1))),
    );
    return [
      {
        type: 'averagePool',
        x,
        y,
        layer: index,
        sizes,
        multipliers: Int32Array.from(factors, ({ multiplier }) => multiplier),
        shifts: Uint8Array.from(factors, ({ shift }) => shift),
        xZero: xGrid.zero,
        yZero: yGrid.zero,
      },
    ];
  },
  concat({ inputs, y, yGrid, gridOf, inputShapes }) {
    let start = 0;
    return inputs.map((x, i) => {
      const { scale, zero: xZero } = gridOf(x);
      const length = elementCount(inputShapes[i] ?? []);
      const multiplier = summandOf(scale / yGrid.scale);
      const part = { x, y, xZero, yZero: yGrid.zero, start, length, multiplier };
      start += length;
      return { type: 'append', ...part } as const;
    });
  },
  conv2d(content) {
    const { spec, inputShapes } = content;
    return convolve(content, sizesOf(inputShapes[0], spec.filters, spec.groups ?? 1, spec));
  },
  crop2d({ spec, x, y, xGrid, inputShapes: [input], output: [, outH = 0, outW = 0] }) {
    const [top, left] = fourSides(spec.cropping);
    const place = { outH, outW, down: -top, right: -left };
    return [{ type: 'frame', x, y, input, ...place, zero: xGrid.zero }];
  },
  dense(content, isOutput) {
    const { spec, x, y, index, inputShapes, xGrid } = content;
    const { weight, bias, scales } = weightsOf(content, spec.units);
    const inputs = elementCount(inputShapes[0]);
    const common = { x, y, layer: index, weight, bias, xZero: xGrid.zero };
    const sizes = { inputs, units: spec.units };
    if (isOutput) {
      const perSum = scales.map((scale) => xGrid.scale * scale);
      return [{ type: 'denseOutput', ...common, ...sizes, scales: perSum }];
    }
    return [{ type: 'dense', ...common, ...sizes, ...scalingOf(content, scales) }];
  },
  depthwiseConv2d(content) {
    const { spec, inputShapes } = content;
    const [channels = 1] = inputShapes[0];
    const filters = channels * (spec.multiplier ?? 1);
    return convolve(content, sizesOf(inputShapes[0], filters, channels, spec));
  },
  dropout: view,
  flatten: view,
  globalAveragePool2d({ x, y, xGrid, yGrid, inputShapes: [[channels = 1, ...plane]] }) {
    const pixels = elementCount(plane);
    const factor = factorOf(xGrid.scale / (yGrid.scale * pixels));
    const zeros = { xZero: xGrid.zero, yZero: yGrid.zero };
    return [{ type: 'globalAverage', x, y, channels, pixels, ...factor, ...zeros }];
  },
  globalMaxPool2d({ x, y, inputShapes: [[channels = 1, height = 1, width = 1]] }) {
    const sizes = [channels, height, width, 1, 1, height, width, 1, 1, 0, 0];
    return [{ type: 'maxPool', x, y, sizes }];
  },
  hardSigmoid: lookup(ramp),
  hardSwish: lookup((value) => value * ramp(value)),
  identity: view,
  leakyRelu: lookup<SpecOf<'leakyRelu'>>((value, { negativeSlope = 0.01 }) =>
    value > 0 ? value : value * negativeSlope,
  ),
  maxPool2d({ spec, x, y, inputShapes: [input] }) {
    const [, ...sizes] = poolSizes('int8', [1, ...input], spec);
    return [{ type: 'maxPool', x, y, sizes }];
  },
  relu: lookup((value) => Math.max(value, 0)),
  relu6: lookup((value) => Math.min(Math.max(value, 0), 6)),
  reshape: view,
  zeroPad2d({ spec, x, y, xGrid, inputShapes: [input], output: [, outH = 0, outW = 0] }) {
    const [top, left] = fourSides(spec.padding);
    const place = { outH, outW, down: top, right: left };
    return [{ type: 'frame', x, y, input, ...place, zero: xGrid.zero }];
  },
};

export function rowOf({ type }: LayerSpec): Row<IntegerLayer> {
  return rows[type as IntegerLayer['type']] as Row<IntegerLayer>; // as checkServed has seen, the row of its own type
}

/** Throws unless every layer has a row; a last softmax or sigmoid needs none. @throws {RangeError} naming the first. */
export function checkServed({ layers }: Network): void {
  for (const { index, spec } of layers) {
    const isLast = index === layers.length - 1 && ['softmax', 'sigmoid'].includes(spec.type);
    if (isLast || Object.hasOwn(rows, spec.type)) continue;
    const served = Object.keys(rows).join(', ');
    throw new RangeError(
      `int8: ${layerName(index, spec)}: expected layers of ${served}, batchNorm after a convolution or a dense layer, and softmax or sigmoid at the end, got ${spec.type}. Use f16, or another layer.`,
    );
  }
}

const sizesOf = (
  input: Shape,
  outC: number,
  groups: number,
  spec: SpecOf<'conv2d' | 'depthwiseConv2d'>,
): readonly number[] => convSizes('int8', [1, ...input], outC, groups, spec).slice(1);

function convolve(
  content: Content<SpecOf<'conv2d' | 'depthwiseConv2d'>>,
  sizes: readonly number[],
): readonly Operation[] {
  const { x, y, index, xGrid, output } = content;
  const { weight, bias, scales } = weightsOf(content, output[0] ?? 1);
  const common = { x, y, layer: index, weight, bias, xZero: xGrid.zero };
  return [{ type: 'convolve', ...common, sizes, ...scalingOf(content, scales) }];
}

/** Largest difference of a number from its zero. */
const MOST_INPUT = 255;

/** The weights of a layer, whose sums fit 32 bits whatever is put in. @throws {RangeError} if they do not. */
function weightsOf(
  { weight, bias, spec, index }: Content<IntegerLayer>,
  outputs: number,
): { readonly weight: Int8Array; readonly bias: Int32Array; readonly scales: Float32Array } {
  if (weight === undefined) throw new Error(`internal: no weights of layer ${index}`);
  const { data, scales } = weight;
  const biases = bias ?? new Int32Array(outputs);
  const perOutput = data.length / outputs;
  for (let o = 0; o < outputs; o++) {
    let most = Math.abs(biases[o] ?? 0);
    for (let i = 0; i < perOutput; i++) most += MOST_INPUT * Math.abs(data[o * perOutput + i] ?? 0);
    if (most < 2 ** 31) continue;
    throw new RangeError(
      `int8: ${layerName(index, spec)}: expected sums below 2³¹, got up to ${most.toLocaleString('en')} in output ${o}. Use fewer inputs, or f16.`,
    );
  }
  return { weight: data, bias: biases, scales };
}

/** What takes the sums of each output to the grid of the output. */
function scalingOf(
  { xGrid, yGrid }: Content<IntegerLayer>,
  scales: Float32Array,
): { readonly multipliers: Int32Array; readonly shifts: Uint8Array; readonly yZero: number } {
  const factors = Array.from(scales, (scale) => factorOf((xGrid.scale * scale) / yGrid.scale));
  return {
    multipliers: Int32Array.from(factors, ({ multiplier }) => multiplier),
    shifts: Uint8Array.from(factors, ({ shift }) => shift),
    yZero: yGrid.zero,
  };
}
