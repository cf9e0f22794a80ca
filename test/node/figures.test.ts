/** Figures of events, as people read them: every metric has a name. */
import { expect, it } from 'vitest';
import * as metrics from '../../src/metrics/index.ts';
import { figuresOf, formatFigure, validationFigures } from '../../src/node/figures.ts';

it('every metric is shown, after the loss', () => {
  const names = Object.keys(metrics);
  const event = Object.fromEntries([...names, 'loss', 'seconds'].map((name) => [name, 0.5]));
  const keys = figuresOf(event).map(({ key }) => key);
  expect(keys[0]).toBe('loss');
  expect(keys.slice(1).sort()).toEqual(names.sort());
});

it('the figures of validation data have the names of the others', () => {
  const event = { epoch: 1, loss: 2, validationLoss: 3, validationTop5: 1, seconds: 1 };
  const figures = validationFigures({ ...event, imagesPerSecond: 1 });
  expect(figures.map(({ name, value }) => [name, value])).toEqual([
    ['loss', 3],
    ['top-5 accuracy', 1],
  ]);
  expect(figures.map(formatFigure)).toEqual(['3.0000', '1.000']);
});
