/** The options of `convlet train` become those of `fit`; wrong ones are refused as wrong usage; a checkpoint keeps them. */
import { optimizers, schedules } from 'convlet';
import { describe, expect, it } from 'vitest';
import { controlsOf, lossOf } from '../../src/cli/fitFlags.ts';
import { checkGivenOnce } from '../../src/cli/givenOnce.ts';
import { keptControls, keptOptimizer } from '../../src/cli/kept.ts';
import { createOptimizer, formatOptimizer, parseOptimizer } from '../../src/cli/optimizer.ts';
import { parseFields, UsageError } from '../../src/cli/options.ts';
import type { Checkpoint } from '../../src/model/checkpoint.ts';

const sgd = { optimizer: { type: 'sgd' }, epochs: 10 } as const;
const FILE = 'run/checkpoint.convlet';

describe('fields', () => {
  it.each([
    ['huber', { type: 'huber' }],
    ['huber,delta=2', { type: 'huber', delta: 2 }],
    ['type=huber', { type: 'huber' }],
    ['multiStep,factor=0.5,at=5,10', { type: 'multiStep', factor: 0.5, at: [5, 10] }],
    ['multiStep,at=5', { type: 'multiStep', at: [5] }],
    ['x,min-delta=1e-3,restore-best=false', { type: 'x', minDelta: 0.001, restoreBest: false }],
    ['x,classWeights=balanced', { type: 'x', classWeights: 'balanced' }],
    ['{"type":"huber","delta":2}', { type: 'huber', delta: 2 }],
    ['x,then={"type":"linear"}', { type: 'x', then: { type: 'linear' } }],
    ['3', { type: 3 }],
    ['', { type: '' }],
  ])('of %j are %j', (text, fields) => {
    expect(parseFields('--flag', text, 'type')).toEqual(fields);
  });

  it.each([
    ['adam,beta1=.9,beta1=.8', 'type', 'beta1 once, got 0.9 and 0.8'],
    ['step,every=1,every=1', 'type', 'every once, got 1 and 1'],
    ['adam,type=sgd', 'type', 'type once, got "adam" and "sgd"'],
    ['3,patience=4', 'patience', 'patience once, got 3 and 4'],
    ['3,min-delta=.1,minDelta=.2', 'patience', 'minDelta once, got 0.1 and 0.2'],
  ])('of %j are refused: one is given twice', (text, head, what) => {
    const read = () => parseFields('--flag', text, head);
    expect(read).toThrow(UsageError);
    expect(read).toThrow(`--flag: expected ${what}. Leave one of them out.`);
  });

  it('that are no JSON are refused', () => {
    expect(() => parseFields('--loss', '{type:1}', 'type')).toThrow(
      /^--loss: expected JSON, got "\{type:1\}" \(no JSON from line 1, column 2 on\)\. Put names into double quotes, and the whole into single ones\.$/,
    );
  });
});

describe('the optimizer', () => {
  it.each([
    [sgd, optimizers.sgd()],
    [
      { ...sgd, learningRate: 0.1, weightDecay: 0.001 },
      optimizers.sgd({ learningRate: 0.1, weightDecay: 0.001 }),
    ],
    [{ ...sgd, clipNorm: 1, clipValue: 2 }, optimizers.sgd({ clipNorm: 1, clipValue: 2 })],
    [{ ...sgd, optimizer: parseOptimizer('adam,beta2=0.99') }, optimizers.adam({ beta2: 0.99 })],
  ])('of %j has the defaults of the library', (flags, spec) => {
    expect(createOptimizer(flags)).toEqual(spec);
  });

  it.each([
    [
      'cosine begins at the learning rate',
      { schedule: { type: 'cosine' }, learningRate: 0.1 },
      schedules.cosine({ from: 0.1 }),
    ],
    [
      'cosine begins at the default rate',
      { schedule: { type: 'cosine' } },
      schedules.cosine({ from: 0.01 }),
    ],
    [
      'oneCycle has it as its peak',
      { schedule: { type: 'oneCycle' }, learningRate: 0.1 },
      schedules.oneCycle({ peak: 0.1 }),
    ],
    [
      'a schedule may say its own rate',
      { schedule: { type: 'step', from: 1, factor: 0.5, every: 2 } },
      schedules.step({ from: 1, factor: 0.5, every: 2 }),
    ],
    [
      'a schedule after a warm-up ends with the run',
      { schedule: { type: 'cosine' }, warmup: 2 },
      schedules.warmup({ length: 2, then: schedules.cosine({ from: 0.01, length: 8 }) }),
    ],
    [
      'a warm-up alone leads to a constant rate',
      { warmup: 2 },
      schedules.warmup({ length: 2, then: schedules.exponential({ from: 0.01, factor: 1 }) }),
    ],
  ])('%s', (_, flags, learningRate) => {
    expect(createOptimizer({ ...sgd, ...flags })).toEqual(optimizers.sgd({ learningRate }));
  });

  it('is written for people with its schedule in brackets', () => {
    const learningRate = schedules.warmup({
      length: 1,
      then: schedules.multiStep({ from: 0.1, factor: 0.5, at: [2, 3] }),
    });
    expect(formatOptimizer(optimizers.sgd({ learningRate }))).toBe(
      'SGD, learning rate (warmup, start 0, length 1, then (multi step, from 0.1, factor 0.5, at 2 3))',
    );
  });

  it.each([
    [{ schedule: { type: 'wave' } }, '--schedule: expected a schedule of type cosine, '],
    [{ schedule: { type: 'step' } }, '--schedule step: expected the option factor, got none.'],
    [
      { schedule: { type: 'cosine', from: 1 }, learningRate: 1 },
      '--learning-rate: expected none, as --schedule has from, got 1. Leave one of them out.',
    ],
    [
      {
        schedule: { type: 'cosine', from: 1 },
        optimizer: { type: 'adam', learningRate: 0.1 } as const,
      },
      '--optimizer learningRate: expected none, as --schedule has from, got 0.1. Leave one of them out.',
    ],
    [
      { schedule: { type: 'cosine' }, warmup: 10 },
      '--warmup: expected less than the epochs of the run, 10, got 10. Lower it, or train longer.',
    ],
    [{ optimizer: { type: 'sgd', beta1: 1 } as const }, '--optimizer sgd: expected options of '],
  ])('refuses %j', (flags, message) => {
    expect(() => createOptimizer({ ...sgd, ...flags })).toThrow(UsageError);
    expect(() => createOptimizer({ ...sgd, ...flags })).toThrow(message);
  });
});

describe('an option that is given by itself and within another', () => {
  it.each([
    [
      { optimizer: { type: 'adam', learningRate: 0.1 }, learningRate: 0.2 },
      '--learning-rate: expected none, as --optimizer has learningRate, got 0.2.',
    ],
    [
      { optimizer: { type: 'adamw', weightDecay: 0.1 }, weightDecay: 0.2 },
      '--weight-decay: expected none, as --optimizer has weightDecay, got 0.2.',
    ],
    [
      { optimizer: { type: 'sgd', clipNorm: 1 }, clipNorm: 2 },
      '--clip-norm: expected none, as --optimizer has clipNorm, got 2.',
    ],
    [
      { optimizer: { type: 'sgd', clipValue: 1 }, clipValue: 1 },
      '--clip-value: expected none, as --optimizer has clipValue, got 1.',
    ],
    [
      { loss: { type: 'categoricalCrossentropy', labelSmoothing: 0.1 }, labelSmoothing: 0.2 },
      '--label-smoothing: expected none, as --loss has labelSmoothing, got 0.2.',
    ],
    [
      { loss: { type: 'categoricalCrossentropy', classWeights: [1] }, classWeights: 'balanced' },
      '--class-weights: expected none, as --loss has classWeights, got "balanced".',
    ],
  ])('is refused in %j', (given, message) => {
    expect(() => checkGivenOnce(given)).toThrow(UsageError);
    expect(() => checkGivenOnce(given)).toThrow(`${message} Leave one of them out.`);
  });

  it('passes if it is given in one place', () => {
    const optimizer = { type: 'sgd', clipNorm: 1 };
    expect(() =>
      checkGivenOnce({ optimizer, weightDecay: 0.1, labelSmoothing: 0.1 }),
    ).not.toThrow();
  });
});

describe('the loss', () => {
  it('is that of the library if no option names it', () => {
    expect(lossOf({})).toBeUndefined();
  });

  it('takes smoothing and weights of classes from options of their own', () => {
    expect(lossOf({ labelSmoothing: 0.1, classWeights: 'balanced' })).toEqual({
      type: 'categoricalCrossentropy',
      labelSmoothing: 0.1,
      classWeights: 'balanced',
    });
    expect(lossOf({ loss: { type: 'huber', delta: 2 } })).toEqual({ type: 'huber', delta: 2 });
  });

  it('refuses options of another loss', () => {
    expect(() => lossOf({ loss: { type: 'huber' }, labelSmoothing: 0.1 })).toThrow(
      '--loss huber: expected options of delta, got "labelSmoothing".',
    );
    expect(() => lossOf({ classWeights: 'even' })).toThrow(UsageError);
  });
});

it('controls are those that are given, with the defaults of an average', () => {
  expect(controlsOf({})).toEqual({});
  expect(controlsOf({ averageWeights: true, accumulate: 2 })).toEqual({
    averageWeights: { decay: 0.999, warmup: true },
    accumulate: 2,
  });
});

describe('a checkpoint', () => {
  const learningRate = schedules.warmup({
    length: 1,
    then: schedules.cosine({ from: 0.1, length: 2 }),
  });
  const checkpoint: Pick<Checkpoint, 'optimizer' | 'loss' | 'accumulate' | 'averageWeights'> = {
    optimizer: optimizers.adam({ learningRate, clipNorm: 1 }),
    loss: { type: 'categoricalCrossentropy', labelSmoothing: 0.1, classWeights: [1, 2] },
    accumulate: 2,
    averageWeights: { decay: 0.9, warmup: true },
  };
  const kept = checkpoint as Checkpoint;

  it('keeps its optimizer, with or without the options that made it', () => {
    const schedule = { type: 'cosine' };
    expect(keptOptimizer({}, kept, FILE)).toEqual(kept.optimizer);
    const again = {
      schedule,
      warmup: 1,
      clipNorm: 1,
      learningRate: 0.1,
      optimizer: { type: 'adam' },
    } as const;
    expect(keptOptimizer(again, kept, FILE)).toEqual(kept.optimizer);
  });

  it('takes another learning rate if it has no schedule', () => {
    const constant = { optimizer: optimizers.sgd() } as Checkpoint;
    expect(keptOptimizer({ learningRate: 0.5 }, constant, FILE)).toEqual(
      optimizers.sgd({ learningRate: 0.5 }),
    );
  });

  it.each([
    [{ optimizer: { type: 'sgd' } as const }, '--optimizer: expected "adam"'],
    [{ optimizer: { type: 'adam', beta1: 0.5 } as const }, '--optimizer beta1: expected 0.9'],
    [{ schedule: { type: 'linear' } }, '--schedule: expected "cosine"'],
    [{ schedule: { type: 'cosine', to: 1 } }, '--schedule to: expected 0'],
    [{ warmup: 2 }, '--warmup: expected 1'],
    [{ learningRate: 0.2 }, '--learning-rate: expected 0.1'],
    [{ clipNorm: 2 }, '--clip-norm: expected 1'],
    [{ weightDecay: 0.1 }, '--weight-decay: expected "none"'],
  ])('refuses %j', (given, message) => {
    expect(() => keptOptimizer(given, kept, FILE)).toThrow(`${message}, as ${FILE} has, got`);
    expect(() => keptOptimizer(given, kept, FILE)).toThrow(UsageError);
  });

  it('keeps its loss and controls; early stopping and metrics may be others', () => {
    const earlyStopping = { patience: 1, monitor: 'loss', minDelta: 0, restoreBest: true };
    const given = {
      loss: { type: 'categoricalCrossentropy' },
      labelSmoothing: 0.1,
      accumulate: 2,
      shards: 8,
      averageWeights: { decay: 0.9, warmup: true },
      metrics: ['top5'],
      earlyStopping,
    } as const;
    expect(keptControls(given, kept, FILE)).toEqual({ metrics: ['top5'], earlyStopping });
    expect(keptControls({ classWeights: 'balanced' }, kept, FILE)).toEqual({
      loss: { ...kept.loss, classWeights: 'balanced' }, // counted by fit, which compares
    });
  });

  it.each([
    [{ loss: { type: 'huber' } }, '--loss: expected "categoricalCrossentropy"'],
    [{ labelSmoothing: 0.2 }, '--label-smoothing: expected 0.1'],
    [{ classWeights: [1, 1] }, '--class-weights: expected [1,2]'],
    [{ accumulate: 3 }, '--accumulate: expected 2'],
    [{ shards: 4 }, '--shards: expected 8'],
    [{ validationSplit: 0.5 }, '--validation-split: expected "none"'],
    [{ averageWeights: true } as const, '--average-weights: expected {"decay":0.9,"warmup":true}'],
  ])('refuses %j', (given, message) => {
    expect(() => keptControls(given, kept, FILE)).toThrow(`${message}, as ${FILE} has, got`);
  });
});
