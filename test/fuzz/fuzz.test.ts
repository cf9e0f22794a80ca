/**
 * Whatever reads what a stranger wrote: a value that is right, or a refusal in a sentence of ours. A few cases of each target here,
 * as many as asked for by `npm run fuzz` (scripts/fuzz.js).
 */
import { describe, expect, it } from 'vitest';
import { fuzz } from './harness.ts';
import { targets } from './targets.ts';

const { CONVLET_FUZZ: asked } = process.env;
const options: { runs?: number; target?: string; seed?: number; path?: string } =
  asked === undefined ? {} : JSON.parse(asked);
const { runs, target: only, seed = 1, path } = options;

const chosen = targets.filter(({ name }) => only === undefined || name === only);

describe('every reader takes a value or refuses it', () => {
  it('there is such a target', () => {
    expect(chosen.map(({ name }) => name)).not.toEqual([]);
  });

  it.each(chosen)(
    '$name',
    async (target) => {
      const began = performance.now();
      const count = path === undefined ? (runs ?? target.runs) : 1;
      const { taken, refused } = await fuzz(target, { seed, runs: count, path });
      if (asked !== undefined) {
        const seconds = ((performance.now() - began) / 1000).toFixed(0);
        console.info(
          `${target.name}: ${taken} taken, ${refused} refused, ${seconds} s (seed ${seed})`,
        );
      }
      if (path !== undefined) return;
      expect(taken + refused).toBe(count);
      // else the cases say nothing
      expect(taken, 'taken').toBeGreaterThan(count / 200);
      expect(refused, 'refused').toBeGreaterThan(count / 20);
    },
    Number.POSITIVE_INFINITY,
  );
});
