/**
 * Networks of layers with names and branches, optimizers with all they take, and schedules, against PyTorch in double
 * precision, where the golden vectors are at hand.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import {
  type Backend,
  createBackend,
  createModel,
  type FitOptions,
  learningRateAt,
  type Model,
  optimizers,
  type Schedule,
  schedules,
} from 'convlet';
import { softmaxForward } from 'convlet/reference';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { sharedPath } from './support/shared.ts';
import {
  type Block,
  decode,
  decodeAll,
  distance,
  type Encoded,
  expectNear,
  isAutoencoder,
  type Node,
  readVector,
  specOf,
  type Tolerance,
  unknownTypes,
} from './support/vectors.ts';

const folder = sharedPath('vectors/library');
const files = folder === undefined ? [] : readdirSync(folder).sort();
const filesOf = (kind: string) => files.filter((file) => file.startsWith(`${kind}_`));
const read = <Vector>(file: string) => readVector<Vector>(`${folder}/${file}`);

/** Ends a test that asks for what is not in the API, with the reason printed: which vectors do is known once they are read. */
function skip(context: TestContext, file: string, why: string): never {
  console.info(`skipped: ${file}: ${why}`);
  return context.skip(why);
}

type Weights = { readonly [step: string]: Block };

/** What network and optimizer vectors share. */
interface Training {
  readonly network: readonly Node[];
  readonly batch_size: number;
  readonly initial: Block;
  readonly loss_before_step: number[];
  readonly after_step: Weights;
}

/** Images `first` to `end` of the 320 that the vectors were made with. */
function digits(first: number, end: number) {
  const unpack = (file: string) => gunzipSync(readFileSync(`${folder}/${file}`));
  const images = Uint8Array.from(unpack('traj2-images-idx3-ubyte.gz').subarray(16));
  const labels = Uint8Array.from(unpack('traj2-labels-idx1-ubyte.gz').subarray(8));
  return {
    images: images.subarray(first * 784, end * 784),
    labels: labels.subarray(first, end),
    shape: [1, 28, 28],
    classes: 10,
  };
}

function modelOf(backend: Backend, { network, initial }: Pick<Training, 'network' | 'initial'>) {
  const model = createModel(backend, specOf(network));
  model.setWeights(decodeAll(initial)); // refuses a name that is not a parameter's
  expect([...model.weights().keys()].sort()).toEqual(Object.keys(initial).sort());
  return model;
}

/** Trains on images `first` to `end` in file order. @returns the losses before each step */
async function train(
  model: Model,
  first: number,
  end: number,
  options: FitOptions,
  isPicture = false,
): Promise<number[]> {
  const losses: number[] = [];
  const common = {
    epochs: 1,
    shuffle: false,
    ...options,
    onStepEnd: ({ loss }: { loss: number }) => void losses.push(loss),
  };
  const { images, shape, ...classes } = digits(first, end);
  if (isPicture) {
    const targets = Float32Array.from(images, (pixel) => pixel / 255);
    await model.fit({ images, shape, targets }, { ...common, loss: 'meanSquaredError' });
  } else await model.fit({ images, shape, ...classes }, common);
  return losses;
}

function expectWeights(model: Model, expected: Block, tolerance: (name: string) => number): void {
  const weights = model.weights();
  expect(Object.keys(expected).length).toBeGreaterThan(0);
  for (const [name, value] of Object.entries(expected)) {
    const got = weights.get(name)?.data ?? [];
    expect(distance(got, decode(value).data), name).toBeLessThanOrEqual(tolerance(name));
  }
}

const isRunning = (name: string) => name.includes('running');

describe.skipIf(folder === undefined)('PyTorch', () => {
  const backends: Backend[] = [];
  beforeAll(async () => {
    for (const threads of [1, 2]) backends.push(await createBackend({ threads }));
  });
  afterAll(() => {
    for (const backend of backends) backend.dispose();
  });

  interface Network extends Training {
    readonly optimizer: { readonly lr: number; readonly momentum: number };
    readonly eval: { readonly output: Encoded };
    readonly tol: { readonly [what: string]: number };
  }

  it.for(filesOf('network'))(
    'trains as it does, to the same bytes on two threads: %s',
    async (file, context) => {
      const vector = read<Network>(file);
      const unknown = unknownTypes(vector.network);
      if (unknown.length > 0)
        return skip(context, file, `it has layers of type ${unknown.join(', ')}`);
      const { tol, batch_size: batchSize } = vector;
      const isPicture = isAutoencoder(vector.network);
      const { lr: learningRate, momentum } = vector.optimizer;
      const options = { batchSize, optimizer: optimizers.momentum({ learningRate, momentum }) };
      const hashes: string[] = [];
      for (const backend of backends) {
        const model = modelOf(backend, vector);
        const losses: number[] = [];
        for (const [step, first] of [
          [1, 0],
          [10, 1],
        ] as const) {
          const range = [first * batchSize, step * batchSize] as const;
          losses.push(...(await train(model, ...range, options, isPicture)));
          const allowed = (name: string) =>
            tol[`${isRunning(name) ? 'running' : 'weights'}_${step}`];
          expectWeights(model, vector.after_step[step] ?? {}, (name) => allowed(name) ?? 0);
        }
        expect(distance(losses, vector.loss_before_step)).toBeLessThanOrEqual(tol.loss ?? 0);
        const { data, shape } = model.predict(digits(0, 4).images);
        const output = decode(vector.eval.output).data;
        const exact = isPicture ? output : softmaxForward(output, 4, shape[1] ?? 0);
        expect(distance(data, exact)).toBeLessThanOrEqual(tol.eval ?? 0);
        hashes.push(await model.weightsSha256());
      }
      expect(hashes).toHaveLength(2);
      expect(hashes[1]).toBe(hashes[0]);
    },
  );

  interface Gradient {
    readonly network: string;
    readonly first_image: number;
    readonly count: number;
    readonly loss: number;
    readonly grads: Block;
    readonly running_after: Block;
    readonly tol: Tolerance;
  }

  it.for(filesOf('netgrad2'))('has the gradients of a training pass: %s', async (file, context) => {
    const vector = read<Gradient>(file);
    const network = read<Network>(`network_${vector.network}.json`);
    const unknown = unknownTypes(network.network);
    if (unknown.length > 0)
      return skip(context, file, `it has layers of type ${unknown.join(', ')}`);
    const [backend] = backends as [Backend];
    const model = modelOf(backend, network);
    const { first_image: first, count } = vector;
    const before = model.weights();
    // with a rate of 1 the step is the gradient, rounded as the weights are
    const options = { batchSize: count, optimizer: optimizers.sgd({ learningRate: 1 }) };
    const [loss] = await train(model, first, first + count, options);
    const after = model.weights();
    expect(distance([loss ?? Number.NaN], [vector.loss])).toBeLessThanOrEqual(1e-5);
    for (const [name, value] of Object.entries(vector.grads)) {
      const { shape, data } = decode(value);
      const [old, now] = [before.get(name)?.data, after.get(name)?.data];
      const step = data.map((_, i) => (old?.[i] ?? Number.NaN) - (now?.[i] ?? Number.NaN));
      expectNear({ shape, data: step }, { shape, data }, vector.tol, name);
    }
    for (const [name, value] of decodeAll(vector.running_after)) {
      expectNear(
        after.get(name) ?? { shape: [], data: new Float32Array() },
        value,
        vector.tol,
        name,
      );
    }
  });

  /** The hyper-parameters of all optimizers, in PyTorch's words. */
  interface Rule {
    readonly lr: number;
    readonly momentum: number;
    readonly betas: [beta1: number, beta2: number];
    readonly alpha: number;
    readonly rho: number;
    readonly initial_accumulator: number;
    readonly eps: number;
    readonly weight_decay: number;
    readonly max_norm: number;
    readonly clip_value: number;
  }

  /** Our optimizers by the names of the vectors. */
  const optimizerOf: { readonly [name: string]: (rule: Rule) => FitOptions['optimizer'] } = {
    adam_clip_norm: ({ lr, max_norm: clipNorm }) => optimizers.adam({ learningRate: lr, clipNorm }),
    adamw_weights_only: ({ lr, weight_decay: weightDecay }) =>
      optimizers.adamw({ learningRate: lr, weightDecay, decayBiases: false }),
    nesterov: ({ lr, momentum }) => optimizers.nesterov({ learningRate: lr, momentum }),
    rmsprop: ({ lr, alpha, eps }) =>
      optimizers.rmsprop({ learningRate: lr, rho: alpha, epsilon: eps }),
    rmsprop_momentum: ({ lr, alpha, eps, momentum }) =>
      optimizers.rmsprop({ learningRate: lr, rho: alpha, epsilon: eps, momentum }),
    adagrad: ({ lr, initial_accumulator: initialAccumulator, eps }) =>
      optimizers.adagrad({ learningRate: lr, initialAccumulator, epsilon: eps }),
    adadelta: ({ lr, rho, eps }) => optimizers.adadelta({ learningRate: lr, rho, epsilon: eps }),
    sgd_clip_norm: ({ lr, max_norm: clipNorm }) => optimizers.sgd({ learningRate: lr, clipNorm }),
    sgd_clip_norm_sometimes: ({ lr, max_norm: clipNorm }) =>
      optimizers.sgd({ learningRate: lr, clipNorm }),
    sgd_clip_value: ({ lr, momentum, clip_value: clipValue }) =>
      optimizers.momentum({ learningRate: lr, momentum, clipValue }),
    sgd_ema: ({ lr, momentum }) => optimizers.momentum({ learningRate: lr, momentum }),
    sgd_momentum_weight_decay: ({ lr, momentum, weight_decay: weightDecay }) =>
      optimizers.momentum({ learningRate: lr, momentum, weightDecay }),
    sgd_weight_decay: ({ lr, weight_decay: weightDecay }) =>
      optimizers.sgd({ learningRate: lr, weightDecay }),
  };

  interface Optimizer extends Training {
    readonly optimizer: Rule;
    readonly tol: { readonly loss: number; readonly weights: number; readonly running: number };
    readonly ema?: {
      readonly decay: number;
      readonly after_step: { readonly [step: string]: { readonly [variant: string]: Block } };
    };
  }

  it.for(filesOf('optimizer'))('takes the same ten steps: %s', async (file, context) => {
    const vector = read<Optimizer>(file);
    const optimizer = optimizerOf[file.replace(/^optimizer_|\.json$/g, '')]?.(vector.optimizer);
    if (optimizer === undefined) return skip(context, file, 'this optimizer is not in the API');
    const { tol, batch_size: batchSize } = vector;
    const [backend] = backends as [Backend];
    const model = modelOf(backend, vector);
    const losses = await train(model, 0, 10 * batchSize, { batchSize, optimizer });
    expect(distance(losses, vector.loss_before_step)).toBeLessThanOrEqual(tol.loss);
    const allowed = (name: string) => (isRunning(name) ? tol.running : tol.weights);
    expectWeights(model, vector.after_step[10] ?? {}, allowed);
  });

  it.each([
    ['plain', false],
    ['warmup', true],
  ])('has the same %s average of the weights after ten steps', async (variant, warmup) => {
    const vector = read<Optimizer>('optimizer_sgd_ema.json');
    const { ema, batch_size: batchSize, tol } = vector;
    const [backend] = backends as [Backend];
    const model = modelOf(backend, vector);
    const { lr: learningRate, momentum } = vector.optimizer;
    const optimizer = optimizers.momentum({ learningRate, momentum });
    const averageWeights = { decay: ema?.decay ?? 0, warmup };
    await train(model, 0, 10 * batchSize, { batchSize, optimizer, averageWeights });
    const average = Object.entries(ema?.after_step[10]?.[variant] ?? {});
    const parameters = average.filter(([name]) => !isRunning(name));
    expectWeights(model, Object.fromEntries(parameters), () => tol.weights);
  });

  /** The options of all schedules, in PyTorch's words. */
  interface Attributes {
    readonly kind: string;
    readonly base_lr: number;
    readonly gamma: number;
    readonly step_size: number;
    readonly milestones: readonly number[];
    readonly start_factor: number;
    readonly end_factor: number;
    readonly total_iters: number;
    readonly power: number;
    readonly T_max: number;
    readonly eta_min: number;
    readonly max_lr: number;
    readonly total_steps: number;
    readonly pct_start: number;
    readonly div_factor: number;
    readonly final_div_factor: number;
    readonly warmup_steps: number;
  }

  const unit = 'step';

  /** Our schedules by the kinds of the vectors. */
  const scheduleOf: { readonly [kind: string]: (attributes: Attributes) => Schedule } = {
    StepLR: ({ base_lr: from, gamma: factor, step_size: every }) =>
      schedules.step({ from, factor, every, unit }),
    MultiStepLR: ({ base_lr: from, gamma: factor, milestones: at }) =>
      schedules.multiStep({ from, factor, at, unit }),
    ExponentialLR: ({ base_lr: from, gamma: factor }) =>
      schedules.exponential({ from, factor, unit }),
    LinearLR: ({ base_lr: base, start_factor: start, end_factor: end, total_iters: length }) =>
      schedules.linear({ from: base * start, to: base * end, length, unit }),
    PolynomialLR: ({ base_lr: from, power, total_iters: length }) =>
      schedules.polynomial({ from, to: 0, power, length, unit }),
    CosineAnnealingLR: ({ base_lr: from, eta_min: to, T_max: length }) =>
      schedules.cosine({ from, to, length, unit }),
    OneCycleLR: ({ max_lr: peak, total_steps: length, pct_start: rise, ...a }) => {
      const { div_factor: start, final_div_factor: end } = a;
      return schedules.oneCycle({ peak, length, rise, start, end, unit });
    },
    'SequentialLR(LinearLR, CosineAnnealingLR)': (a) => {
      const { base_lr: from, eta_min: to, total_steps, warmup_steps, start_factor: start } = a;
      const then = schedules.cosine({ from, to, length: total_steps - warmup_steps });
      return schedules.warmup({ length: warmup_steps, then, start, unit });
    },
  };

  const plain = filesOf('schedule').filter((file) => !/plateau|plus1/.test(file));
  it.for(plain)('has the same rate at each step: %s', (file, context) => {
    const vector = read<{ attrs: Attributes; lr: number[]; normative_steps?: number }>(file);
    const { attrs, lr, normative_steps: steps = lr.length } = vector;
    const schedule = scheduleOf[attrs.kind]?.(attrs);
    if (schedule === undefined) return skip(context, file, `${attrs.kind} is not in the API`);
    expect(lr.length).toBeGreaterThan(100);
    for (const [step, rate] of lr.slice(0, steps).entries()) {
      const error = Math.abs(learningRateAt(schedule, step) - rate);
      expect(error, `${step}`).toBeLessThanOrEqual(1e-12 * Math.max(rate, 1e-3));
    }
  });
});

it('finds all vectors, or none', () => {
  expect(folder === undefined || files.length > 100).toBe(true);
});
