/** The epochs that the demo keeps for a look back. */
import { describe, expect, it } from 'vitest';
import { type PastEpoch, PastEpochs } from '../../demo/src/past/epochs.ts';

const epoch = (epochsDone: number, numbers = 1): PastEpoch => ({
  epochsDone,
  step: 0,
  weights: new Map([['0.weight', { shape: [numbers], data: new Float32Array(numbers) }]]),
});
const numbersOf = ({ list }: PastEpochs) => list.map(({ epochsDone }) => epochsDone);

describe('PastEpochs', () => {
  it('keeps every epoch while there are few', () => {
    const epochs = new PastEpochs();
    epochs.begin(epoch(0));
    for (const number of [1, 2, 3]) epochs.add(epoch(number));
    expect(numbersOf(epochs)).toEqual([0, 1, 2, 3]);
  });

  it('keeps a bounded number, evenly spread, with the first and the last', () => {
    const epochs = new PastEpochs({ epochs: 10, bytes: 2 ** 20 });
    epochs.begin(epoch(0));
    for (let number = 1; number <= 1000; number++) {
      epochs.add(epoch(number));
      expect(epochs.list.length).toBeLessThanOrEqual(10);
      expect(numbersOf(epochs)[0]).toBe(0);
      expect(numbersOf(epochs).at(-1)).toBe(number);
    }
    expect(numbersOf(epochs)).toEqual([0, 128, 256, 384, 512, 640, 768, 896, 1000]);
  });

  it('keeps as many as fit into its bytes, but never less than the first and the last', () => {
    const epochs = new PastEpochs({ epochs: 64, bytes: 4000 });
    epochs.begin(epoch(0, 100));
    for (let number = 1; number <= 40; number++) {
      epochs.add(epoch(number, 100));
      expect(epochs.list.length).toBeLessThanOrEqual(10);
    }
    epochs.begin(epoch(0, 10_000));
    for (let number = 1; number <= 5; number++) epochs.add(epoch(number, 10_000));
    expect(numbersOf(epochs)).toEqual([0, 4, 5]);
  });

  it('keeps the epoch that is looked at, until it no longer is', () => {
    const epochs = new PastEpochs({ epochs: 4, bytes: 2 ** 20 });
    epochs.begin(epoch(0));
    for (const number of [1, 2, 3]) epochs.add(epoch(number));
    epochs.pin(epochs.list[3]);
    for (let number = 4; number <= 20; number++) epochs.add(epoch(number));
    expect(numbersOf(epochs)).toContain(3);
    epochs.pin(undefined);
    epochs.add(epoch(21));
    expect(numbersOf(epochs)).not.toContain(3);
  });

  it('counts from where a run began, and takes an epoch that is done again for the one before', () => {
    const epochs = new PastEpochs();
    epochs.begin({ ...epoch(2), step: 12 });
    epochs.add(epoch(3));
    const again = epoch(3);
    epochs.add(again);
    expect(numbersOf(epochs)).toEqual([2, 3]);
    expect(epochs.list[1]).toBe(again);
    epochs.begin(epoch(0));
    expect(numbersOf(epochs)).toEqual([0]);
  });
});
