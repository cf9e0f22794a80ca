/** Powers, exponentials and cosines against those of the engine, which need not be the same on another one. */
import { describe, expect, it } from 'vitest';
import { cosineOfPi } from '../../src/base/cosine.ts';
import { exponential, integerPower, power } from '../../src/base/power.ts';
import { testRandom } from '../support/random.ts';

const random = testRandom(5);

/** Largest relative error over `count` draws; NaN if one is not a number. */
function worst(count: number, draw: () => readonly [got: number, expected: number]): number {
  let most = 0;
  for (let i = 0; i < count; i++) {
    const [got, expected] = draw();
    const error = Math.abs(got - expected) / Math.abs(expected);
    if (!(error <= most)) most = error;
  }
  return most;
}

describe('power', () => {
  it('is within 10⁻¹⁴ of Math.pow', () => {
    const error = worst(20_000, () => {
      const [base, exponent] = [random() * 3 + 1e-3, random() * 5];
      return [power(base, exponent), base ** exponent];
    });
    expect(error).toBeLessThan(1e-14);
    const small = worst(20_000, () => {
      const [base, exponent] = [0.9 + random() * 0.2, random() * 300];
      return [power(base, exponent), base ** exponent];
    });
    expect(small).toBeLessThan(1e-14);
  });

  it('is exact for whole powers of small numbers, and at 0 and 1', () => {
    expect([power(3, 5), power(0.5, 10), power(2, 0), integerPower(10, 15)]).toEqual([
      243, 0.0009765625, 1, 1e15,
    ]);
    expect([power(0, 0.5), power(0, 0), power(1, 0.3)]).toEqual([0, 1, 1]);
  });
});

describe('exponential', () => {
  it('is within 10⁻¹⁵ of Math.exp', () => {
    const error = worst(20_000, () => {
      const x = (random() - 0.5) * 1400;
      return [exponential(x), Math.exp(x)];
    });
    expect(error).toBeLessThan(1e-15);
  });

  it('is 1 at 0, 0 far below, infinite far above, NaN at NaN', () => {
    expect([exponential(0), exponential(-800), exponential(800), exponential(Number.NaN)]).toEqual([
      1,
      0,
      Number.POSITIVE_INFINITY,
      Number.NaN,
    ]);
  });
});

describe('cosineOfPi', () => {
  it('is within 2⁻⁵¹ of Math.cos', () => {
    let most = 0;
    for (let i = 0; i <= 20_000; i++) {
      const x = i / 20_000;
      const error = Math.abs(cosineOfPi(x) - Math.cos(Math.PI * x));
      if (!(error <= most)) most = error;
    }
    expect(most).toBeLessThanOrEqual(2 ** -51);
  });

  it('is exactly 1, 0 and −1 at 0, ½ and 1', () => {
    expect([cosineOfPi(0), cosineOfPi(0.5), cosineOfPi(1)]).toEqual([1, 0, -1]);
  });
});
