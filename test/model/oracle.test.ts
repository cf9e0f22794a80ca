/**
 * Random networks with branches: prediction, loss, gradients and running statistics are those of the naive network in double
 * precision, fused and unfused; and any number of threads trains to the same bytes.
 */
import {
  type Backend,
  createBackend,
  createModel,
  type Dataset,
  type LayerSpec,
  layers,
  type ModelSpec,
  optimizers,
  type Tensor,
} from 'convlet';
import { softmaxForward } from 'convlet/reference';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Shape } from '../../src/base/types.ts';
import type { Shapes } from '../../src/layers/layer.ts';
import { definitionOf } from '../../src/layers/registry.ts';
import { expectClose } from '../support/closeness.ts';
import { oracleLogits, oracleStep } from '../support/oracle.ts';
import { testRandom, uniform } from '../support/random.ts';

const RUNS = 60;
const IMAGES = 11;
const CLASSES = 4;
const INPUT: Shape = [2, 8, 7];

const backends: Backend[] = [];
beforeAll(async () => {
  for (const threads of [1, 2, 3]) backends.push(await createBackend({ threads }));
});
afterAll(() => {
  for (const backend of backends) backend.dispose();
});

/** A layer that may be put after a value, or a chain of them; what does not fit is left out. */
interface Move {
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

const moves: fc.Arbitrary<readonly Move[]> = fc.array(
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
function networkOf(moves: readonly Move[]): ModelSpec {
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

function dataOf(random: () => number): Dataset & { readonly images: Float32Array } {
  const images = uniform(random, IMAGES * INPUT.reduce((product, length) => product * length, 1));
  const labels = Uint8Array.from({ length: IMAGES }, () => Math.floor(random() * CLASSES));
  return { images, labels, shape: INPUT, classes: CLASSES };
}

/** All parameters at random: weights and biases that are not those of a beginning, positive variances. */
function drawn(weights: ReadonlyMap<string, Tensor>, random: () => number): Map<string, Tensor> {
  const entries = [...weights].map(([name, { shape, data }]): [string, Tensor] => {
    const isPositive = name.endsWith('running_var') || shape.length === 1;
    const fanIn = shape.slice(1).reduce((product, length) => product * length, 1);
    const spread = uniform(random, data.length).map((value) => value / Math.sqrt(fanIn));
    return [name, { shape, data: isPositive ? spread.map((value) => 0.9 + value / 2) : spread }];
  });
  return new Map(entries);
}

it('random networks predict and step as the oracle does, and train to the same bytes', async () => {
  let [hasFused, branches, gradients] = [0, 0, 0];
  const types = new Set<string>();
  await fc.assert(
    fc.asyncProperty(moves, fc.integer({ min: 1, max: 2 ** 31 }), async (moves, seed) => {
      const spec = networkOf(moves);
      const random = testRandom(seed);
      for (let i = 0; i < 20; i++) random(); // small seeds begin alike
      const data = dataOf(random);
      const weights = drawn(createModel(backends[0] as Backend, spec).weights(), random);
      const exact = oracleStep(spec, weights, data.images, data.labels);
      const logits = oracleLogits(spec, weights, data.images);
      const shares = softmaxForward(logits, IMAGES, CLASSES);
      for (const fuse of [true, false]) {
        const hashes: string[] = [];
        for (const backend of backends) {
          const model = createModel(backend, spec, { fuse });
          model.setWeights(weights);
          expectClose(model.predict(data.images).data, shares, 1e-5);
          const optimizer = optimizers.sgd({ learningRate: 1 }); // the step is the gradient
          const { epochs } = await model.fit(data, {
            optimizer,
            batchSize: IMAGES,
            shuffle: false,
          });
          expect(Math.abs((epochs[0]?.loss ?? Number.NaN) - exact.loss)).toBeLessThan(1e-5);
          for (const [name, { data }] of model.weights()) {
            const before = weights.get(name)?.data ?? [];
            const running = exact.running.get(name);
            const step = Array.from(data, (value, i) => (before[i] ?? Number.NaN) - value);
            if (running !== undefined) expectClose(data, running, 1e-5);
            else expectClose(step, exact.gradients.get(name) ?? [], 1e-4);
            gradients += step.length;
          }
          await model.fit(data, { epochs: 2, batchSize: 4, optimizer: optimizers.momentum() });
          hashes.push(await model.weightsSha256());
          if (model.steps.some((name) => name.includes(' + '))) hasFused++;
          model.dispose();
        }
        expect(hashes).toEqual([hashes[0], hashes[0], hashes[0]]);
      }
      for (const { type } of spec.layers) types.add(type);
      const read = spec.layers.flatMap(({ inputs = [] }) => inputs);
      if (new Set(read).size < read.length) branches++;
    }),
    { seed: 23, numRuns: RUNS },
  );
  expect([...types].sort()).toEqual(Object.keys(layers).sort());
  expect(hasFused).toBeGreaterThan(RUNS / 2);
  expect(branches).toBeGreaterThan(RUNS / 2);
  expect(gradients).toBeGreaterThan(1000);
}, 300_000);
