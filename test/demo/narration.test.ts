/** What the demo says of a step. */
import { optimizers, schedules } from 'convlet';
import { describe, expect, it } from 'vitest';
import { significant } from '../../demo/src/numbers.ts';
import {
  type Before,
  parameterToTell,
  rateOf,
  stagesBefore,
  steepest,
  updateStage,
} from '../../demo/src/steps/narration.ts';

const BEFORE: Before = {
  batch: 'batch 32 of 63 in epoch 1',
  images: 128,
  classes: 10,
  loss: 0.83125,
  accuracy: 0.71875,
  lossType: 'categoricalCrossentropy',
  parameters: 20410,
  weight: {
    parameter: '0.weight',
    index: 5,
    name: '0.weight[0, 0, 1, 2] (filter 1, row 2, column 3)',
  },
  gradient: -0.02134,
};

describe('the narration of a step', () => {
  it('has the numbers of the batch, stage by stage', () => {
    const [forward, loss, gradient] = stagesBefore(BEFORE);
    expect(forward?.text).toMatch(
      /^The 128 pictures of batch 32 of 63 in epoch 1 .* reads 92 of them/,
    );
    expect(loss?.text).toMatch(/right answer: 0\.8313\. Guessing among 10 has log 10 = 2\.303\.$/);
    expect(gradient?.text).toMatch(
      /20,410 numbers .* row 2, column 3\) that is −0\.02134: .* falls 0\.02134 times/,
    );
  });

  it('says so if no step changes the weights', () => {
    const [, , gradient] = stagesBefore({ ...BEFORE, gradient: 0 });
    expect(gradient?.text).toMatch(/For 0\.weight that is 0 throughout: the answer does not hang/);
  });

  it('tells the rate of a schedule in a few digits', () => {
    const optimizer = optimizers.sgd({ learningRate: schedules.oneCycle({ peak: 0.006 }) });
    const after = { from: 0.3, to: 0.31, optimizer, learningRate: 0.00104328712345678, loss: 0.82 };
    expect(updateStage(BEFORE, after).text).toContain('= 0.001043 × −0.02134 =');
  });

  it('says of plain descent that the change is the learning rate times the gradient', () => {
    const optimizer = optimizers.sgd({ learningRate: 0.01 });
    const after = { from: 0.3, to: 0.3002134, optimizer, learningRate: 0.01, loss: 0.82 };
    const { text } = updateStage(BEFORE, after);
    expect(text).toContain('minus learning rate × gradient = 0.01 × −0.02134 = −0.000213.');
    expect(text).toContain('0.weight[…] goes from 0.300000 to 0.300213');
    expect(text).toMatch(
      /the loss is 0\.8200 now, 0\.0112 less\.$|the loss is 0\.8200 now, 0\.0113 less\.$/,
    );
  });

  it('says of other optimizers what they make of it, and of a loss that it rose', () => {
    const optimizer = optimizers.adam({ learningRate: 0.001 });
    const after = { from: 0.3, to: 0.301, optimizer, learningRate: 0.001, loss: 0.9 };
    const { text } = updateStage(BEFORE, after);
    expect(text).toContain('and of the steps before, adam makes a change of 0.00100.');
    expect(text).toContain('more, for the step was too large.');
    const clipped = optimizers.sgd({ learningRate: 0.001, clipNorm: 1 });
    expect(updateStage(BEFORE, { ...after, optimizer: clipped }).text).toContain(
      'SGD with its options',
    );
  });

  it('knows the learning rate of a schedule, and when it does not', () => {
    const cosine = optimizers.sgd({ learningRate: schedules.cosine({ from: 0.2 }) });
    expect(rateOf(cosine, 0, 10, 4)).toBeCloseTo(0.2, 6);
    expect(rateOf(cosine, 20, 10, 4)).toBeCloseTo(0.1, 2);
    expect(rateOf(optimizers.sgd({ learningRate: 0.3 }), 20, 10, 4)).toBe(0.3);
    const measured = optimizers.sgd({ learningRate: schedules.reduceOnPlateau({ from: 0.1 }) });
    expect(rateOf(measured, 5, 10, 4)).toBeUndefined();
  });

  it('tells the weight of the first filters with the largest gradient', () => {
    const filters = { shape: [2, 1, 2, 2], data: Float32Array.of(0, 1, 2, 0, 0, 0, -3, 1) };
    const dense = { shape: [2, 2], data: Float32Array.of(0, 0, 0, 9) };
    expect(
      parameterToTell(
        new Map([
          ['a.bias', dense],
          ['0.weight', filters],
        ]),
      ),
    ).toBe('0.weight');
    expect(parameterToTell(new Map([['1.weight', dense]]))).toBe('1.weight');
    expect(steepest('0.weight', filters)).toEqual({
      parameter: '0.weight',
      index: 6,
      name: '0.weight[1, 0, 1, 0] (filter 2, row 2, column 1)',
    });
    expect(steepest('1.weight', dense).name).toBe('1.weight[1, 1]');
  });
});

describe('significant', () => {
  it('has so many digits that mean something, and no power of ten', () => {
    expect([0.0002134, -0.5, 12.3456, 1234.5, 0].map((value) => significant(value))).toEqual([
      '0.0002134',
      '−0.5000',
      '12.35',
      '1235',
      '0',
    ]);
    expect(significant(0.00123456, 3)).toBe('0.00123');
  });
});
