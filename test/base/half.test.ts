/** Numbers of 16 bits: all of them go there and back, and what lies between goes to the nearest. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { brainBits, fromBrainBits, fromHalfBits, halfBits } from '../../src/base/half.ts';

const all = Uint16Array.from({ length: 65_536 }, (_, bits) => bits);
const formats = [
  { name: 'f16', narrow: halfBits, widen: fromHalfBits, infinity: 0x7c00 },
  { name: 'bf16', narrow: brainBits, widen: fromBrainBits, infinity: 0x7f80 },
] as const;

describe.each(formats)('$name', ({ narrow, widen, infinity }) => {
  it('keeps each of its numbers', () => {
    const numbers = all.filter((bits) => (bits & 0x7fff) <= infinity);
    expect(numbers.length).toBeGreaterThan(60_000);
    expect(narrow(widen(numbers))).toEqual(numbers);
  });

  it('keeps what is no number', () => {
    const bits = Uint16Array.of(infinity + 1, 0x7fff, 0xffff);
    expect([...widen(bits)]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
    expect([...widen(narrow(Float32Array.of(Number.NaN)))]).toEqual([Number.NaN]);
  });

  it('goes to the nearest, and of two to the even one', () => {
    const steps = fc.integer({ min: 0, max: infinity - 2 });
    fc.assert(
      fc.property(steps, fc.double({ min: 0, max: 1, noNaN: true }), (below, share) => {
        const [low = 0, high = 0] = widen(Uint16Array.of(below, below + 1));
        const value = Math.fround(low + (high - low) * share);
        const middle = (low + high) / 2;
        const even = below % 2 === 0 ? low : high;
        const nearest = value < middle ? low : value > middle ? high : even;
        for (const sign of [1, -1]) {
          expect(widen(narrow(Float32Array.of(sign * value)))[0]).toBe(sign * nearest);
        }
      }),
      { seed: 3, numRuns: 3000 },
    );
  });

  it('takes exact middles to the even one', () => {
    for (let below = 0; below < infinity - 1; below += 97) {
      const [low = 0, high = 0] = widen(Uint16Array.of(below, below + 1));
      const middle = (low + high) / 2;
      if (Math.fround(middle) !== middle) continue;
      expect(narrow(Float32Array.of(middle))[0]).toBe(below % 2 === 0 ? below : below + 1);
    }
  });
});

describe('f16 beyond its range', () => {
  it('is infinite from 65520 on', () => {
    expect([...fromHalfBits(halfBits(Float32Array.of(65519.99, 65520, -1e9)))]).toEqual([
      65504,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
    ]);
  });
});
