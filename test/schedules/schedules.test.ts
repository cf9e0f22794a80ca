/** Learning rates as functions of the step: the rules of lengths and units (test/library.test.ts has PyTorch's rates). */
import { learningRateAt, type Schedule, schedules } from 'convlet';
import { describe, expect, it } from 'vitest';

const { cosine, exponential, linear, multiStep, oneCycle, polynomial, reduceOnPlateau } = schedules;
const { step, warmup } = schedules;
const unit = 'step';

/** The rates of the first steps. */
function rates(schedule: Schedule, count: number, stepsPerEpoch?: number): number[] {
  const options = stepsPerEpoch === undefined ? {} : { stepsPerEpoch };
  return Array.from({ length: count }, (_, k) => learningRateAt(schedule, k, options));
}

describe('a schedule', () => {
  it('in epochs moves with every update, by fractions', () => {
    expect(rates(linear({ from: 0, to: 1, length: 2 }), 10, 4)).toEqual([
      0, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1, 1,
    ]);
    expect(rates(step({ from: 1, factor: 0.5, every: 0.3 }), 10, 10)).toEqual([
      1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.125,
    ]);
    const at = [0.7, 0.3, 0.3];
    expect(rates(multiStep({ from: 1, factor: 0.5, at }), 10, 10)).toEqual([
      1, 1, 1, 0.25, 0.25, 0.25, 0.25, 0.125, 0.125, 0.125,
    ]);
    expect(learningRateAt(exponential({ from: 2, factor: 0.25 }), 5, { stepsPerEpoch: 10 })).toBe(
      1,
    );
  });

  it('ends exactly at its last rate, which stays', () => {
    const from = 0.1;
    for (const schedule of [
      linear({ from, to: 0.03, length: 7, unit }),
      polynomial({ from, to: 0.03, power: 0.9, length: 7, unit }),
      cosine({ from, to: 0.03, length: 7, unit }),
      warmup({ length: 3, then: cosine({ from, to: 0.03, length: 4 }), unit }),
    ]) {
      expect(learningRateAt(schedule, 7)).toBe(0.03);
      expect(learningRateAt(schedule, 10_000)).toBe(0.03);
    }
    expect(learningRateAt(cosine({ from, length: 7, unit }), 7)).toBe(0);
  });

  it('of one cycle reaches its last rate with the last update, in epochs too', () => {
    const cycle = { peak: 1, rise: 0.25, start: 10, end: 100 };
    const inSteps = rates(oneCycle({ ...cycle, length: 12, unit }), 14);
    expect(inSteps.indexOf(1)).toBe(2); // a quarter of 12, less one
    expect([inSteps[0], inSteps[11], inSteps[13]]).toEqual([0.1, 0.001, 0.001]);
    expect(rates(oneCycle({ ...cycle, length: 3 }), 14, 4)).toEqual(inSteps);
    const extremes = [
      [0, 1],
      [1, 1],
      [0.3, 1],
      [0.5, 2],
    ] as const;
    for (const [rise, length] of extremes) {
      const all = rates(oneCycle({ peak: 1, rise, length, unit }), 4);
      expect(all.every((rate) => rate > 0 && rate <= 1)).toBe(true);
    }
  });

  it('after a warm-up begins with its own time 0, in a unit of its own if it has one', () => {
    const mixed = warmup({
      length: 4,
      then: step({ from: 1, factor: 0.5, every: 1, unit: 'epoch' }),
      unit,
    });
    expect(rates(mixed, 12, 3)).toEqual([0, 0.25, 0.5, 0.75, 1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25]);
    const twice = warmup({
      length: 1,
      start: 0.5,
      then: warmup({ length: 1, then: linear({ from: 1, to: 0, length: 1 }), start: 0.5 }),
    });
    expect(rates(twice, 7, 2)).toEqual([0.25, 0.375, 0.5, 0.75, 1, 0.5, 0]);
  });

  it('is plain JSON with its defaults', () => {
    expect(JSON.parse(JSON.stringify(oneCycle({ peak: 1 })))).toEqual({
      type: 'oneCycle',
      peak: 1,
      rise: 0.3,
      start: 25,
      end: 1e4,
    });
  });
});

describe('learningRateAt', () => {
  it.each<[string, () => unknown, string]>([
    [
      'a schedule that follows what is measured',
      () => learningRateAt(reduceOnPlateau({ from: 1 }), 0),
      'learningRateAt: expected a schedule that follows from the step alone, got reduceOnPlateau',
    ],
    [
      'one inside a warm-up',
      () => learningRateAt(warmup({ length: 1, then: reduceOnPlateau({ from: 1 }), unit }), 0),
      'got reduceOnPlateau',
    ],
    [
      'epochs of which it does not know the updates',
      () => learningRateAt(cosine({ from: 1, length: 3 }), 0),
      "learningRateAt: expected stepsPerEpoch for cosine in epochs, got none. Give { stepsPerEpoch }, or the schedule unit: 'step'.",
    ],
    [
      'a length that would be that of a run',
      () => learningRateAt(cosine({ from: 1 }), 0, { stepsPerEpoch: 5 }),
      'learningRateAt: expected a length in cosine, got none. Give it one: here is no run whose epochs it could be.',
    ],
    ['a step that is none', () => learningRateAt(cosine({ from: 1, length: 3, unit }), -1), 'step'],
    [
      'a unit that is none',
      () => cosine({ from: 1, unit: 'minute' as never }),
      "'epoch' or 'step'",
    ],
    [
      'a plateau with a unit',
      () => reduceOnPlateau({ from: 1, unit } as never),
      'schedules.reduceOnPlateau: expected options of from, factor, patience',
    ],
    [
      'a warm-up to a number',
      () => warmup({ length: 1, then: 0.1 as never }),
      'schedules.warmup: expected then to be one of schedules, got 0.1.',
    ],
    [
      'a warm-up to something else',
      () => learningRateAt(warmup({ length: 1, then: { type: 'cosine' }, unit }), 0),
      'learningRateAt warmup: then cosine: expected the option from, got none.',
    ],
    ['a factor of 1', () => reduceOnPlateau({ from: 1, factor: 1 }), 'above 0 and below 1, got 1.'],
    [
      'times that are no list',
      () => multiStep({ from: 1, factor: 1, at: 5 as never }),
      'a list of',
    ],
  ])('refuses %s', (_name, attempt, message) => {
    expect(attempt).toThrow(message);
  });
});

it('answers the option names of PyTorch with its own', () => {
  expect(() => oneCycle({ max_lr: 1 } as never)).toThrow('got "max_lr". Use peak.');
  expect(() => step({ gamma: 1 } as never)).toThrow('got "gamma". Use factor.');
  expect(() => reduceOnPlateau({ min_lr: 1 } as never)).toThrow('got "min_lr". Use least.');
  expect(() => cosine({ T_max: 1 } as never)).toThrow('got "T_max". Use length.');
});
