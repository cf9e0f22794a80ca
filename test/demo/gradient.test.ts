/** The gradients that the demo shows: against central differences of the loss, and against what training does with them. */
import {
  type Checkpoint,
  createBackend,
  createModel,
  type Dataset,
  type FitOptions,
  layers,
  type ModelSpec,
  optimizers,
} from 'convlet';
import { describe, expect, it } from 'vitest';
import { measureStep, replay, type Standing } from '../../demo/src/steps/gradient.ts';

const SPEC: ModelSpec = {
  inputShape: [1, 6, 6],
  layers: [
    layers.conv2d({ filters: 3, kernelSize: 3 }),
    layers.tanh(),
    layers.flatten(),
    layers.dense({ units: 4 }),
    layers.softmax(),
  ],
};
const SEED = 3;

/** Pictures by a recurrence: the numbers do not matter, but that they are always the same. */
function picturesOf(count: number): Dataset {
  let state = 1;
  const next = () => {
    state = (state * 48271) % 2147483647;
    return state;
  };
  const images = Uint8Array.from({ length: count * 36 }, () => next() % 256);
  const labels = Uint8Array.from({ length: count }, () => next() % 4);
  return { images, labels, shape: [1, 6, 6], classes: 4 };
}

/** Steps of a run, each with where it began. */
async function stepsOf(train: Dataset, options: FitOptions, spec = SPEC) {
  const backend = await createBackend();
  const model = createModel(backend, spec, { seed: SEED });
  const standings: Standing[] = [
    { weights: model.weights(), epochsDone: 0, step: 0, checkpoint: undefined },
  ];
  const losses: number[] = [];
  await model.fit(train, {
    ...options,
    checkpointEvery: 1,
    onStepEnd: ({ loss }) => void losses.push(loss),
    onCheckpoint: (checkpoint: Checkpoint) => {
      const { weights, history, begun } = checkpoint;
      standings.push({ weights, epochsDone: history.length, step: begun.step, checkpoint });
    },
  });
  return { backend, standings, losses, fresh: () => createModel(backend, spec, { seed: SEED }) };
}

describe('measureStep', () => {
  it('gives the gradient of the loss, as central differences have it', async () => {
    const train = picturesOf(12);
    const { standings, fresh } = await stepsOf(train, { batchSize: 12, epochs: 2 });
    const [, standing] = standings;
    if (standing === undefined) throw new Error('expected a step');
    const run = { train, batchSize: 12, augment: undefined };
    const figures = await measureStep(fresh(), run, standing);
    const model = fresh();
    const lossAt = (name: string, index: number, change: number) => {
      const weights = new Map(standing.weights);
      const { shape, data } = weights.get(name) ?? { shape: [], data: new Float32Array() };
      const moved = Float32Array.from(data);
      moved[index] = (moved[index] ?? 0) + change;
      model.setWeights(weights.set(name, { shape, data: moved }));
      return model.evaluate(train).loss;
    };
    let compared = 0;
    const h = 0.01;
    for (const name of ['0.weight', '0.bias', '3.weight', '3.bias']) {
      const gradient = figures.gradientOf(name)?.data ?? new Float32Array();
      for (let index = 0; index < gradient.length; index += 5) {
        const numeric = (lossAt(name, index, h) - lossAt(name, index, -h)) / (2 * h);
        expect(Math.abs((gradient[index] ?? Number.NaN) - numeric)).toBeLessThan(1e-3);
        compared++;
      }
    }
    expect(compared).toBeGreaterThan(40);
    model.setWeights(standing.weights);
    expect(figures.loss).toBeCloseTo(model.evaluate(train).loss, 5);
    expect(figures.accuracy).toBeCloseTo(model.evaluate(train).accuracy, 6);
  });

  it.each([
    ['shuffled batches', {}, SPEC],
    ['moved pictures', { augment: { shift: 2, rotate: 10 } }, SPEC],
    [
      'dropout',
      {},
      {
        ...SPEC,
        layers: [
          ...SPEC.layers.slice(0, 3),
          layers.dropout({ rate: 0.5 }),
          ...SPEC.layers.slice(3),
        ],
      },
    ],
  ])(
    'is what every step of plain descent moves by the learning rate: %s',
    async (_title, more, spec) => {
      const train = picturesOf(25);
      const learningRate = 0.5;
      const optimizer = optimizers.sgd({ learningRate });
      const options = { batchSize: 10, epochs: 2, optimizer, ...more };
      const { standings, losses, fresh } = await stepsOf(train, options, spec);
      expect(losses).toHaveLength(6);
      const run = { train, batchSize: 10, augment: undefined, ...more };
      for (const [index, loss] of losses.entries()) {
        const [before, after] = [standings[index], standings[index + 1]];
        if (before === undefined || after === undefined) throw new Error('expected a step');
        const figures = await measureStep(fresh(), run, before);
        expect(figures.loss).toBe(loss);
        for (const [name, { data }] of before.weights) {
          const gradient = figures.gradientOf(name)?.data ?? [];
          const moved = after.weights.get(name)?.data ?? [];
          for (const [i, value] of data.entries()) {
            const change = (moved[i] ?? Number.NaN) - value;
            expect(Math.abs(change + learningRate * (gradient[i] ?? Number.NaN))).toBeLessThan(
              3e-7,
            );
          }
        }
      }
    },
  );

  it('gives the same gradient of a step whatever the optimizer, and of an epoch that is long past', async () => {
    const train = picturesOf(25);
    const optimizer = optimizers.adam({ learningRate: 0.01 });
    const { standings, fresh } = await stepsOf(train, { batchSize: 10, epochs: 3, optimizer });
    const run = { train, batchSize: 10, augment: undefined };
    const [before] = standings.filter(({ epochsDone, step }) => epochsDone === 1 && step === 0);
    const last = standings.at(-1)?.checkpoint;
    if (before === undefined) throw new Error('expected an epoch');
    const direct = await measureStep(fresh(), run, before);
    const late = await measureStep(fresh(), run, { ...before, checkpoint: last });
    expect(late.loss).toBe(direct.loss);
    expect(late.gradientOf('0.weight')).toEqual(direct.gradientOf('0.weight'));
  });
});

describe('replay', () => {
  it('comes to where training was between two looks, with an optimizer that remembers', async () => {
    const train = picturesOf(45);
    const optimizer = optimizers.adam({ learningRate: 0.01 });
    const { standings, fresh } = await stepsOf(train, { batchSize: 10, epochs: 2, optimizer });
    const run = { train, batchSize: 10, augment: undefined };
    const course = { optimizer, epochs: 2 };
    for (const from of [0, 6]) {
      const [begin, end] = [standings[from], standings[from + 3]];
      if (begin === undefined) throw new Error('expected a step');
      const reached = await replay(fresh(), run, begin, course, 3);
      expect(reached.weights).toEqual(end?.weights);
      expect([reached.epochsDone, reached.step]).toEqual([end?.epochsDone, end?.step]);
    }
    const [begin] = standings;
    if (begin === undefined) throw new Error('expected a beginning');
    expect(await replay(fresh(), run, begin, course, 0)).toBe(begin);
  });
});
