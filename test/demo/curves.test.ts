/** The curves of the demo, without a page. */
import { describe, expect, it } from 'vitest';
import { Curves } from '../../demo/src/curves.ts';

describe('Curves', () => {
  it('forgets what is to come again, and never runs backwards', () => {
    const curves = new Curves();
    const step = (epoch: number, number: number, loss: number) =>
      curves.addStep({ epoch, step: number, loss, accuracy: 1 - loss }, 4);
    for (const epoch of [1, 2]) {
      for (const number of [1, 2, 3, 4]) step(epoch, number, 1 / (4 * epoch + number));
      curves.addEpoch({
        epoch,
        loss: 0.5,
        accuracy: 0.5,
        validationLoss: 0.4,
        validationAccuracy: 0.6,
        seconds: 1,
        imagesPerSecond: 1,
      });
    }
    const before = curves.points('loss');
    curves.returnTo(1.5);
    expect(curves.epochs.map(({ epoch }) => epoch)).toEqual([1]);
    expect(curves.points('loss').x).toEqual(before.x.filter((x) => x <= 1.5));
    expect(curves.last('loss').train).toBe(before.train[before.x.indexOf(1.5)]);
    for (const number of [3, 4]) step(2, number, 1 / (8 + number));
    const { x, train } = curves.points('loss');
    expect(x).toEqual(x.toSorted((a, b) => a - b));
    expect(train.at(-1)).toBeCloseTo(before.train.at(-2) ?? Number.NaN, 12);
    curves.returnTo(0);
    expect(curves.points('loss').x).toEqual([]);
    expect(curves.last('loss')).toEqual({ train: undefined, test: undefined });
  });
});
