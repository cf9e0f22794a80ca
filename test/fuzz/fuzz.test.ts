/**
 * Whatever reads what a stranger wrote: a value that is right, or a refusal in a sentence of ours. A few cases of each target here,
 * as many as asked for by `npm run fuzz` (scripts/fuzz.js).
 */
import { describe, expect, it } from 'vitest';
import { asked, isAsked } from './asked.ts';
import { fuzz } from './harness.ts';
import { targets } from './targets.ts';

const { runs, seed = 1, path } = asked ?? {};
const chosen = targets.filter(({ name }) => isAsked(name));

it.runIf(asked?.target !== undefined)('there is such a target', () => {
  expect([...targets.map(({ name }) => name), 'guards', 'differential']).toContain(asked?.target);
});

describe.runIf(chosen.length > 0)('every reader takes a value or refuses it', () => {
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
