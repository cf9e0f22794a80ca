/**
 * An option that is not known is refused by name, with the nearest right one; `undefined` counts as absent.
 * One table, a row for each call that takes options; the tests follow it.
 */
import {
  createBackend,
  createModel,
  type Dataset,
  layers,
  learningRateAt,
  losses,
  optimizers,
  schedules,
  type Tensor,
  toDataset,
} from 'convlet';
import { encodeOnnx } from 'convlet/formats';
import * as inline from 'convlet/inline';
import { loadKernels } from 'convlet/kernels';
import { loadDataset, loadMnist } from 'convlet/node';
import { createWorkerBackend } from 'convlet/worker';
import { afterAll, describe, expect, it } from 'vitest';
import { strokes } from '../support/digits.ts';
import { errorOf, expectRefusal } from '../support/junk.ts';
import { spec, useBackend } from '../support/network.ts';

const backend = useBackend();
const worker = await createWorkerBackend();
const remote = await worker.createModel(spec);
afterAll(() => worker.dispose());

const model = () => createModel(backend(), spec);
const ops = () => backend().ops;
const tensor = (...shape: number[]): Tensor => ({
  shape,
  data: new Float32Array(shape.reduce((product, size) => product * size, 1)),
});
const [x, w, b, rows] = [tensor(1, 1, 5, 5), tensor(1, 1, 3, 3), tensor(1), tensor(2, 3)];

/** Options that TypeScript would not let through. */
type Loose = Record<string, unknown>;
type Row = readonly [option: string, advice: string, value?: unknown];

const LEAVE = 'Leave it out.';

/** Calls by name, and what each is refused with. */
const calls: Readonly<Record<string, readonly [(options: Loose) => unknown, readonly Row[]]>> = {
  'optimizers.sgd': [
    (o) => optimizers.sgd(o),
    [
      ['lr', 'Use learningRate.', 0.1],
      ['learning_rate', 'Use learningRate.'],
      ['learningrate', 'Use learningRate.'],
      ['momentum', LEAVE, 0.9],
      ['nesterov', LEAVE, true],
      ['weight_decay', 'Use weightDecay.', 0.1],
      ['clipnorm', 'Use clipNorm.'],
    ],
  ],
  'optimizers.momentum': [(o) => optimizers.momentum(o), [['beta', 'Use momentum.', 0.9]]],
  'optimizers.adam': [
    (o) => optimizers.adam(o),
    [
      ['weight_decay', 'Use weightDecay.', 0.1],
      ['amsgrad', LEAVE, true],
      ['betas', 'Use beta1.', [0.9, 0.999]],
      ['beta_1', 'Use beta1.'],
      ['eps', 'Use epsilon.'],
    ],
  ],
  'optimizers.adamw': [(o) => optimizers.adamw(o), [['weight_decay', 'Use weightDecay.']]],
  'optimizers.rmsprop': [(o) => optimizers.rmsprop(o), [['alpha', 'Use rho.', 0.9]]],
  fit: [
    (o) => model().fit(strokes(10), o),
    [
      ['epoch', 'Use epochs.', 50],
      ['nEpochs', 'Use epochs.'],
      ['batch_size', 'Use batchSize.'],
      ['batchsize', 'Use batchSize.'],
      ['batch', 'Use batchSize.'],
      ['learningRate', LEAVE],
      ['lr', LEAVE],
      ['optimiser', 'Use optimizer.'],
      ['validation_split', 'Use validationSplit.', 0.1],
      ['validation', 'Use validationData.'],
      ['validation_data', 'Use validationData.'],
      ['callbacks', 'Use onEpochEnd.', []],
      ['verbose', LEAVE],
      ['onBatchEnd', 'Use onStepEnd.', () => undefined],
      ['onEpochend', 'Use onEpochEnd.', () => undefined],
      ['metric', 'Use metrics.'],
    ],
  ],
  'fit augment': [
    (o) => model().fit(strokes(10), { augment: o }),
    [
      ['rotation', 'Use rotate.'],
      ['horizontalFlip', LEAVE, true],
    ],
  ],
  'fit averageWeights': [
    (o) => model().fit(strokes(10), { averageWeights: o }),
    [['warm_up', 'Use warmup.', true]],
  ],
  'fit earlyStopping': [
    (o) => model().fit(strokes(10), { earlyStopping: { patience: 1, ...o } as never }),
    [
      ['min_delta', 'Use minDelta.'],
      ['restoreBestWeights', LEAVE, true],
    ],
  ],
  'remote fit': [
    (o) => remote.fit(strokes(10), o),
    [
      ['epoch', 'Use epochs.', 50],
      ['lr', LEAVE],
      ['onBatchEnd', 'Use onStepEnd.', () => undefined],
    ],
  ],
  evaluate: [
    (o) => model().evaluate(strokes(10), o),
    [
      ['batchsize', 'Use batchSize.'],
      ['metric', 'Use metrics.'],
      ['verbose', LEAVE],
    ],
  ],
  'remote evaluate': [(o) => remote.evaluate(strokes(10), o), [['batchsize', 'Use batchSize.']]],
  predict: [(o) => model().predict(strokes(1).images, o), [['batchSize', LEAVE]]],
  'remote predict': [(o) => remote.predict(strokes(1).images, o), [['batchSize', LEAVE]]],
  setWeights: [(o) => model().setWeights(model().weights(), o), [['partial', LEAVE]]],
  'remote setWeights': [(o) => remote.setWeights(model().weights(), o), [['partial', LEAVE]]],
  createBackend: [
    (o) => createBackend(o),
    [
      ['thread', 'Use threads.', 2],
      ['numThreads', 'Use threads.', 2],
      ['num_threads', 'Use threads.', 2],
      ['workers', 'Use threads.', 2],
    ],
  ],
  'createBackend of convlet/inline': [
    (o) => inline.createBackend(o),
    [['thread', 'Use threads.', 2]],
  ],
  'createBackend wasm': [
    (o) => createBackend({ wasm: o as never }),
    [['kernel', 'Use kernels.', new Uint8Array(1)]],
  ],
  createWorkerBackend: [(o) => createWorkerBackend(o), [['thread', 'Use threads.', 2]]],
  createModel: [
    (o) => createModel(backend(), spec, o),
    [
      ['fused', 'Use fuse.', true],
      ['randomSeed', LEAVE],
    ],
  ],
  'remote createModel': [(o) => worker.createModel(spec, o), [['fused', 'Use fuse.', true]]],
  'a spec': [
    (o) => createModel(backend(), { ...spec, ...o }),
    [
      ['input_shape', 'Use inputShape.'],
      ['layer', 'Use layers.'],
      ['optimizer', LEAVE],
    ],
  ],
  sendDataset: [
    (o) => worker.sendDataset(strokes(5), o),
    [['transferable', 'Use transfer.', true]],
  ],
  loadMnist: [
    (o) => loadMnist(o),
    [
      ['path', 'Use data.', '/nowhere'],
      ['folder', 'Use data.', '/nowhere'],
      ['trainSample', 'Use trainSamples.'],
    ],
  ],
  loadDataset: [
    (o) => loadDataset('nowhere', o),
    [
      ['sizes', 'Use size.'],
      ['class_names', 'Use classNames.'],
      ['batchSize', LEAVE],
    ],
  ],
  toDataset: [
    (o) => toDataset({ images: [[[0]]], labels: [0], ...o } as never),
    [
      ['label', 'Use labels.'],
      ['one_hot', 'Use oneHot.'],
      ['normalize', LEAVE],
    ],
  ],
  loadKernels: [
    (o) => loadKernels(o),
    [
      ['threads', LEAVE, 2],
      ['mem', LEAVE],
    ],
  ],
  encodeOnnx: [
    (o) => encodeOnnx(model(), o),
    [
      ['preprocess', 'Use preprocessing.', true],
      ['opset', LEAVE, 17],
    ],
  ],
  learningRateAt: [
    (o) =>
      learningRateAt(schedules.step({ from: 1, factor: 0.5, every: 1 }), 1, {
        stepsPerEpoch: 2,
        ...o,
      }),
    [['steps_per_epochs', 'Use stepsPerEpoch.']],
  ],
  'schedules.step': [
    (o) => schedules.step({ from: 1, factor: 0.5, every: 1, ...o }),
    [
      ['gamma', 'Use factor.'],
      ['units', 'Use unit.'],
    ],
  ],
  'losses.categoricalCrossentropy': [
    (o) => losses.categoricalCrossentropy(o),
    [['fromLogits', LEAVE, true]],
  ],
  'losses.meanSquaredError': [(o) => losses.meanSquaredError(o), [['reduction', LEAVE, 'sum']]],
  'layers.conv2d': [
    (o) => layers.conv2d({ filters: 1, kernelSize: 1, ...o }),
    [
      ['stride', 'Use strides.', 2],
      ['pad', 'Use padding.'],
      ['kernel_size', 'Use kernelSize.'],
      ['bias', 'Use useBias.', false],
      ['activation', 'Add layers.relu() after it.', 'relu'],
    ],
  ],
  'layers.dense': [
    (o) => layers.dense({ units: 1, ...o }),
    [
      ['activation', 'Add layers.relu() after it.', 'softmax'],
      ['unit', 'Use units.'],
    ],
  ],
  'layers.maxPool2d': [
    (o) => layers.maxPool2d({ poolSize: 2, ...o }),
    [
      ['stride', 'Use strides.'],
      ['ceil_mode', 'Use ceilMode.', true],
      ['size', 'Use poolSize.'],
    ],
  ],
  'layers.relu': [(o) => layers.relu(o), [['maxValue', LEAVE, 6]]],
  'layers.leakyRelu': [(o) => layers.leakyRelu(o), [['alpha', 'Use negativeSlope.', 0.2]]],
  'layers.dropout': [(o) => layers.dropout(o), [['p', 'Use rate.', 0.2]]],
  'layers.batchNorm': [(o) => layers.batchNorm(o), [['eps', 'Use epsilon.']]],
  'layers.flatten': [(o) => layers.flatten(o), [['startDim', LEAVE]]],
  'layers.softmax': [(o) => layers.softmax(o), [['axis', LEAVE, 0]]],
  'ops.conv2d': [
    (o) => ops().conv2d(x, w, b, o),
    [
      ['stride', 'Use strides.', 2],
      ['pad', 'Use padding.'],
      ['kernelSize', LEAVE, 3],
    ],
  ],
  'ops.conv2dBackward': [
    (o) => ops().conv2dBackward(tensor(1, 1, 3, 3), x, w, o),
    [['stride', 'Use strides.', 2]],
  ],
  'ops.maxPool2d': [
    (o) => ops().maxPool2d(x, { poolSize: 2, ...o }),
    [
      ['stride', 'Use strides.'],
      ['ceil_mode', 'Use ceilMode.', true],
      ['name', LEAVE, 'pool'],
    ],
  ],
  'ops.leakyRelu': [(o) => ops().leakyRelu(rows, o), [['alpha', 'Use negativeSlope.']]],
  'ops.matmul': [
    (o) => ops().matmul(tensor(2, 3), tensor(3, 2), o),
    [['transpose_a', 'Use transposeA.', true]],
  ],
  'ops.softmax': [
    (o) => (ops().softmax as (...a: unknown[]) => unknown)(rows, o),
    [['axis', LEAVE]],
  ],
  'ops.softmaxCrossEntropy': [
    (o) => (ops().softmaxCrossEntropy as (...a: unknown[]) => unknown)(rows, [0, 1], o),
    [
      ['reduction', LEAVE, 'sum'],
      ['labelSmoothing', LEAVE],
    ],
  ],
  'ops.loss': [
    (o) => (ops().loss as (...a: unknown[]) => unknown)('meanSquaredError', rows, rows, o),
    [['reduction', LEAVE, 'sum']],
  ],
  'ops.layer': [
    (o) => ops().layer({ type: 'relu' }, [rows], {}, o),
    [
      ['training', LEAVE, true],
      ['steps', 'Use step.'],
    ],
  ],
  'parameters of ops.layer': [
    (o) =>
      ops().layer({ type: 'dense', units: 1 }, [rows], { weight: tensor(1, 3), ...o } as never),
    [['weights', 'Use weight.', tensor(1, 3)]],
  ],
};

const all = Object.entries(calls).flatMap(([call, [run, options]]) =>
  options.map(([option, advice, value = 1]) => ({ call, run, option, advice, value })),
);

describe('an unknown option', () => {
  it.each(all)(
    '$call refuses $option and says: $advice',
    async ({ run, option, advice, value }) => {
      const error = await errorOf(() => run({ [option]: value }));
      expectRefusal(error, ['TypeError']);
      const { message } = error as Error;
      expect(message).toMatch(
        new RegExp(`: expected (no )?options.*, got ("${option}"|wasm\\.).*`),
      );
      expect(message.endsWith(`, got "${option}". ${advice}`), message).toBe(true);
    },
  );

  it.each(all)('$call takes $option if it is undefined', async ({ run, option }) => {
    const error = (await errorOf(() => run({ [option]: undefined }))) as Error | undefined;
    // a call may lack what it needs, but never for the sake of an absent option
    expect(error?.message ?? '').not.toContain(`"${option}"`);
  });

  it('is refused in raw JSON as in a factory, with the place named', () => {
    const layer = { type: 'conv2d', filters: 1, kernelSize: 1, stride: 2 } as never;
    expect(() => createModel(backend(), { inputShape: [1, 4, 4], layers: [layer] })).toThrow(
      'layers[0] conv2d: expected options of filters, kernelSize, strides, padding, dilation, groups, useBias, kernelInitializer, biasInitializer, trainable, name, inputs, got "stride". Use strides.',
    );
  });

  it('is refused in the optimizer, the schedule and the loss that fit is given as JSON', async () => {
    const fit = (options: object) => errorOf(() => model().fit(strokes(10), options));
    expect(await fit({ optimizer: { type: 'sgd', lr: 1 } })).toMatchObject({
      message:
        'fit sgd: expected options of learningRate, clipNorm, clipValue, weightDecay, decayBiases, got "lr". Use learningRate.',
    });
    const learningRate = { type: 'step', from: 1, factor: 1, every: 1, gamma: 1 };
    expect(await fit({ optimizer: { type: 'sgd', learningRate } })).toMatchObject({
      message:
        'fit sgd: learningRate step: expected options of from, factor, every, unit, got "gamma". Use factor.',
    });
    expect(await fit({ loss: { type: 'meanSquaredError', delta: 1 } })).toMatchObject({
      message: 'fit meanSquaredError: expected no options, got "delta". Leave it out.',
    });
  });

  it('of a long name, or one that objects inherit, is refused too', () => {
    for (const name of ['constructor', 'toString', '__proto__', 'x'.repeat(1e6)]) {
      const options = JSON.parse(`{ ${JSON.stringify(name)}: 1 }`);
      expect(() => optimizers.sgd(options)).toThrow('Leave it out.');
    }
  });
});

describe('undefined counts as absent', () => {
  it('in every option of fit', async () => {
    const names = [
      ...['epochs', 'batchSize', 'optimizer', 'loss', 'metrics', 'shuffle', 'validationData'],
      ...['onStepEnd', 'onEpochEnd', 'signal', 'maxSteps', 'onCheckpoint', 'checkpointEvery'],
      'resume',
    ];
    const options = Object.fromEntries(names.map((name) => [name, undefined]));
    const [a, c] = [model(), model()];
    await a.fit(strokes(10), options);
    await c.fit(strokes(10));
    expect(await a.weightsSha256()).toBe(await c.weightsSha256());
  });

  it('in every option of every factory, which makes the spec of the defaults', () => {
    const rooms: readonly [object, object][] = [
      [layers.leakyRelu({ negativeSlope: undefined } as never), layers.leakyRelu()],
      [layers.batchNorm({ momentum: undefined, name: undefined } as never), layers.batchNorm()],
      [optimizers.adam({ beta1: undefined, clipNorm: undefined } as never), optimizers.adam()],
      [layers.dense({ units: 1, useBias: undefined } as never), layers.dense({ units: 1 })],
    ];
    for (const [given, plain] of rooms) expect(given).toStrictEqual(plain);
  });

  it('in the data: an absent name, absent targets', async () => {
    const data: Dataset = { ...strokes(10), name: undefined, targets: undefined } as never;
    await model().fit(data);
    model().evaluate(data);
  });

  it('but a missing option is one that must be given', () => {
    expect(() => layers.conv2d({ filters: undefined, kernelSize: 1 } as never)).toThrow(
      'layers.conv2d: expected the option filters, got none. Give it a value.',
    );
  });
});
