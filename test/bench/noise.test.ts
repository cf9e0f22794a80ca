/** A figure is shown only if it can be trusted. */
import {
  type CaseResult,
  doubtOf,
  figuresOf,
  machineNoise,
  ratioToPlain,
  showRatio,
  showRun,
  speedUp,
  type TrainingResult,
} from 'convlet/bench';
import { describe, expect, it } from 'vitest';
import { sampleRun } from '../support/benchRun.ts';

const { cases, peak, training } = sampleRun(0.1);
const [product, block] = cases as readonly [CaseResult, CaseResult];
const steady = { spread: 0.01, samples: 50, batch: 1 };

describe('a time', () => {
  it.each([
    [0.1, 5, undefined],
    [0.1001, 5, 'too noisy (±10 %)'],
    [0.14, 50, 'too noisy (±14 %)'],
    [Number.NaN, 50, 'too noisy (±NaN %)'],
    [0, 4, 'too noisy (4 samples)'],
    [0, 1, 'too noisy (1 sample)'],
  ])('is judged: spread %d over %d samples gives %s', (spread, samples, doubt) => {
    expect(doubtOf({ spread, samples })).toBe(doubt);
  });
});

describe('a ratio to plain JavaScript', () => {
  it('is shown if both times are steady', () => {
    const ratio = ratioToPlain(product);
    expect(ratio).toEqual({ value: 20, doubt: undefined });
    expect(showRatio(ratio, (value) => `${value}×`)).toBe('20×');
  });

  it('is replaced by the spread if one time is not steady', () => {
    const ratio = ratioToPlain({ ...product, plain: { ...steady, milliseconds: 2, spread: 0.2 } });
    expect(showRatio(ratio, String)).toBe('–, too noisy (JS ±20 %)');
    const few = ratioToPlain({ ...product, timing: { ...steady, milliseconds: 1, samples: 2 } });
    expect(showRatio(few, String)).toBe('–, too noisy (2 samples)');
  });

  it('is withheld if long samples waited for a core, and only then', () => {
    expect(ratioToPlain({ ...product, processor: 0.5 }).doubt).toBe('busy (50 % of a core)');
    expect(ratioToPlain({ ...product, processor: 0.95 }).doubt).toBeUndefined();
    const short = { ...product, plain: { ...steady, milliseconds: 0.2 } };
    expect(ratioToPlain({ ...short, processor: 0.5 }).doubt).toBeUndefined();
  });

  it('does not need a steady peak, as both sides met the same', () => {
    const beside = { ...product, peakBeside: 30 };
    expect(ratioToPlain(beside).doubt).toBeUndefined();
    expect(figuresOf(beside, peak).share.doubt).toBe('busy (60 % of the peak)');
  });
});

describe('a share of the limit', () => {
  it('is relative to the peak, or to the bandwidth just before and after', () => {
    expect(figuresOf(product, peak)).toMatchObject({ rate: 20, unit: 'GFLOP/s' });
    expect(figuresOf(product, peak).share).toEqual({ value: 0.4, doubt: undefined });
    expect(figuresOf(block, peak)).toMatchObject({ unit: 'GB/s', share: { value: 0.5 } });
  });

  it('is withheld if the limit is not steady', () => {
    expect(figuresOf(product, { ...peak, spread: 0.2 }).share.doubt).toBe(
      'too noisy (limit ±20 %)',
    );
  });
});

describe('a gain by threads', () => {
  const [one] = training as readonly [TrainingResult];
  const two = { ...one, threads: 2, milliseconds: 110 };

  it('is relative to the same network on one thread', () => {
    expect(speedUp(two, [one, two])?.value).toBeCloseTo(200 / 110);
    expect(speedUp(one, [one, two])).toBeUndefined();
    expect(speedUp(two, [two])).toBeUndefined();
    const noisy = { ...one, spread: 0.3 };
    expect(speedUp(two, [noisy, two])?.doubt).toBe('too noisy (1 thread ±30 %)');
    expect(speedUp({ ...two, cores: 1.9 }, [one, two])?.doubt).toBeUndefined();
    expect(speedUp({ ...two, cores: 1.5 }, [one, two])?.doubt).toBe('busy (1.5 of 2 cores)');
    const slow = { ...one, cores: 0.6 };
    expect(speedUp(two, [slow, two])?.doubt).toBe('busy (0.6 of 1 core)');
  });
});

describe('a machine', () => {
  it('is noisy if many figures are withheld, or its peak moves', () => {
    const quiet = { ...sampleRun(0.1), cases: [product, product, product, product, product] };
    expect(machineNoise(quiet)).toBeUndefined();
    const doubtful = { ...product, peakBeside: 30 };
    expect(machineNoise({ ...quiet, cases: [...quiet.cases, doubtful] })).toBeUndefined();
    const noisy = { ...quiet, cases: [product, product, doubtful, doubtful] };
    expect(machineNoise(noisy)).toMatch(/^This machine was noisy: 2 of 4 cases/);
    expect(showRun(noisy).split('\n').at(-1)).toBe(machineNoise(noisy));
    expect(machineNoise({ ...quiet, peak: { ...peak, spread: 0.2 } })).toContain('±20 %');
  });
});
