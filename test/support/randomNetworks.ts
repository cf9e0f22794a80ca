/** Random networks of all layers, with branches. */
import { type LayerSpec, layers, type ModelSpec } from 'convlet';
import fc from 'fast-check';
import type { Shape } from '../../src/base/types.ts';
import type { Shapes } from '../../src/layers/layer.ts';
import { definitionOf } from '../../src/layers/registry.ts';

/** Classes, and the shape of an image. */
export const CLASSES = 4;
export const INPUT: Shape = [2, 8, 7];

/** A layer that may be put after a value, or a chain of them; what does not fit is left out. */
export interface Move {
  readonly chain: readonly LayerSpec[] | Excitation;
  /** Which of the values are read, counted from the last. */
  readonly reads: readonly number[];
}

/** A squeeze-and-excitation block: it multiplies a value by a gate that follows from its pooled channels. */
interface Excitation {
  readonly pool: LayerSpec;
  readonly gate: LayerSpec;
  readonly isFirst: boolean;
}

const small = fc.integer({ min: 1, max: 3 });
const filters = fc.constantFrom(1, 2, 4, 6);
const groups = fc.constantFrom(1, 1, 2);
const window = {
  kernelSize: fc.tuple(small, small),
  strides: fc.constantFrom(1, 1, 2),
  useBias: fc.boolean(),
};
const padding = fc.constantFrom('same' as const, 'valid' as const, 1, [0, 1] as const);
const conv = fc
  .record({ ...window, filters, padding, groups })
  .map((options): LayerSpec => layers.conv2d(options));
const dilation = fc.constantFrom(1, 1, 2);
const multiplier = fc.constantFrom(1, 2);
const otherConv = fc.oneof(
  fc
    .record({ ...window, padding, dilation, multiplier })
    .map((options): LayerSpec => layers.depthwiseConv2d(options)),
  fc
    .record({ ...window, padding, dilation, multiplier, filters })
    .map((options): LayerSpec => layers.separableConv2d(options)),
  fc
    .record({
      ...window,
      padding: fc.constantFrom(0, 1, [0, 1, 1, 0] as const),
      outputPadding: fc.constantFrom(0, 0, 1, [1, 0] as const),
      dilation,
      filters,
      groups,
    })
    .filter(({ outputPadding, strides, dilation }) => outputPadding === 0 || strides * dilation > 1)
    .map((options): LayerSpec => layers.conv2dTranspose(options)),
);
const activation = fc.constantFrom<LayerSpec>(
  layers.relu(),
  layers.relu(),
  layers.relu6(),
  layers.leakyRelu({ negativeSlope: 0.2 }),
  layers.elu({ alpha: 0.7 }),
  layers.selu(),
  layers.gelu(),
  layers.silu(),
  layers.hardSwish(),
  layers.hardSigmoid(),
  layers.sigmoid(),
  layers.tanh(),
  layers.softplus(),
  layers.prelu(),
);
const pool = fc.constantFrom<LayerSpec>(
  layers.maxPool2d({ poolSize: 2 }),
  layers.maxPool2d({ poolSize: 3, strides: 2, padding: 1 }),
  layers.maxPool2d({ poolSize: [2, 3], strides: 1, padding: [1, 1], ceilMode: true }),
  layers.averagePool2d({ poolSize: 2, ceilMode: true }),
  layers.averagePool2d({ poolSize: 3, strides: 1, padding: 1, countIncludePad: true }),
);
const resize = fc.constantFrom<LayerSpec>(
  layers.upsample2d(),
  layers.upsample2d({ size: [1, 2] }),
  layers.zeroPad2d({ padding: [1, 0, 0, 1] }),
  layers.zeroPad2d({ padding: 1 }),
  layers.crop2d({ cropping: 1 }),
  layers.crop2d({ cropping: [1, 0, 0, 2] }),
  layers.reshape({ shape: [2, -1, 4] }),
  layers.identity(),
);
const chance = fc.constantFrom<LayerSpec>(
  layers.dropout({ rate: 0.3 }),
  layers.dropout({ rate: 0.4, perChannel: true }),
);
const excitation = fc.record<Excitation>({
  pool: fc.constantFrom<LayerSpec>(layers.globalAveragePool2d(), layers.globalMaxPool2d()),
  gate: fc.constantFrom<LayerSpec>(layers.sigmoid(), layers.hardSigmoid()),
  isFirst: fc.boolean(),
});
const merge = fc.constantFrom<LayerSpec>(
  layers.add({ inputs: ['input', 'input'] }),
  layers.concat({ inputs: ['input', 'input'] }),
  layers.multiply({ inputs: ['input', 'input'] }),
);
const norm = fc.constantFrom<LayerSpec>(
  layers.batchNorm(),
  layers.batchNorm({ momentum: 0.3, epsilon: 0.01 }),
  layers.groupNorm({ groups: 1 }),
  layers.groupNorm({ groups: 2, epsilon: 0.01 }),
);
/** What one kernel runs. */
const fused = fc.tuple(
  conv.map((layer): LayerSpec => ({ ...layer, groups: 1 }) as LayerSpec),
  fc.constant<LayerSpec>(layers.relu()),
  fc.constant<LayerSpec>(layers.maxPool2d({ poolSize: 2 })),
);

export const moves: fc.Arbitrary<readonly Move[]> = fc.array(
  fc.record({
    chain: fc.oneof(
      ...[conv, otherConv, activation, pool, resize, norm, chance].map((layer) =>
        layer.map((one) => [one]),
      ),
      excitation,
      merge.map((one) => [one]),
      merge.map((one) => [one]),
      fused,
      fused,
      fc.tuple(fc.oneof(conv, otherConv), norm, activation),
    ),
    reads: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 2, maxLength: 3 }),
  }),
  { minLength: 2, maxLength: 9 },
);

/** The network of some moves. Every value is read in the end. */
export function networkOf(moves: readonly Move[]): ModelSpec {
  const list: LayerSpec[] = [];
  const values = [{ name: 'input', shape: INPUT }];
  const shapes = new Map<string, Shape>([['input', INPUT]]);
  const put = (layer: LayerSpec, inputs: readonly string[]): string | undefined => {
    const name = `v${list.length}`;
    const spec = { ...layer, name, inputs } as LayerSpec;
    try {
      const read = inputs.map((input) => shapes.get(input)) as unknown as Shapes; // all are known
      const shape = definitionOf(spec).outputShape(name, spec, read);
      if (shape.reduce((product, length) => product * length, 1) > 1500) return undefined;
      shapes.set(name, shape);
    } catch {
      return undefined; // it does not fit this shape
    }
    list.push(spec);
    return name;
  };
  const excite = (value: string, { pool, gate, isFirst }: Excitation): string | undefined => {
    const [channels = 0] = shapes.get(value) ?? [];
    let last = value;
    for (const layer of [
      pool,
      layers.flatten(),
      layers.dense({ units: 3 }),
      layers.prelu(),
      layers.dense({ units: channels }),
      gate,
    ]) {
      last = put(layer, [last]) ?? last;
    }
    const inputs = isFirst ? [last, value] : [value, last];
    return put(layers.multiply({ inputs }), inputs);
  };
  for (const { chain, reads } of moves) {
    const read = reads.map((back) => values.at(-1 - (back % values.length))?.name ?? 'input');
    if ('gate' in chain) {
      const name = excite(read[0] ?? 'input', chain);
      if (name !== undefined) values.push({ name, shape: shapes.get(name) ?? [] });
      continue;
    }
    const takesMany = chain[0] !== undefined && 'inputs' in chain[0];
    let inputs: readonly string[] = takesMany ? read : read.slice(0, 1);
    let last: string | undefined;
    for (const layer of chain) {
      last = put(layer, inputs) ?? last;
      if (last !== undefined) inputs = [last];
    }
    if (last !== undefined) values.push({ name: last, shape: shapes.get(last) ?? [] });
  }
  const isRead = new Set(list.flatMap(({ inputs = [] }) => inputs));
  const ends = values.filter(({ name }) => !isRead.has(name) && list.length > 0);
  const means = ends.flatMap(({ name }) => put(layers.globalAveragePool2d(), [name]) ?? []);
  const features = means.length > 1 ? put(layers.concat({ inputs: means }), means) : means[0];
  const last = features ?? put(layers.flatten(), ['input']) ?? '';
  list.push({ ...layers.dense({ units: CLASSES }), inputs: [last] }, layers.softmax());
  return { inputShape: INPUT, layers: list };
}
