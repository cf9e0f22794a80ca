/**
 * Random networks with branches: prediction, loss, gradients and running statistics are those of the naive network in double
 * precision, fused and unfused; and any number of threads trains to the same bytes.
 */
import { type Backend, createModel, type Dataset, layers, optimizers, type Tensor } from 'convlet';
import { softmaxForward } from 'convlet/reference';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { asked } from '../fuzz/asked.ts';
import { expectClose } from '../support/closeness.ts';
import { useBackends } from '../support/network.ts';
import { oracleLogits, oracleStep } from '../support/oracle.ts';
import { testRandom, uniform } from '../support/random.ts';
import { CLASSES, INPUT, moves, networkOf } from '../support/randomNetworks.ts';

/** More by `npm run fuzz -- --target oracle --runs N`. */
const RUNS = asked?.runs ?? 60;
const IMAGES = 11;

const backends = useBackends([1, 2, 3]);

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
    { seed: asked?.seed ?? 23, numRuns: RUNS },
  );
  expect([...types].sort()).toEqual(Object.keys(layers).sort());
  expect(hasFused).toBeGreaterThan(RUNS / 2);
  expect(branches).toBeGreaterThan(RUNS / 2);
  expect(gradients).toBeGreaterThan(1000);
});
