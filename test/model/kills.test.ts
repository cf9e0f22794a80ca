/**
 * A process that trains under a combination of controls, killed at random moments and begun again each time, ends with the
 * bytes and the figures of one that was left alone. Between them, the combinations have every control.
 */
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serialize } from 'node:v8';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Case, cases, coveringAll } from '../support/controls.ts';
import { temporaryFolders } from '../support/folder.ts';
import { programWithKills } from '../support/kills.ts';

const KILLS = 5;
const program = fileURLToPath(new URL('../support/fitInFolder.js', import.meta.url));
const newFolder = temporaryFolders();

/** Long enough to be killed; stopped early, if at all, near the end. */
const long = cases.map(({ task, options, ...rest }): Case => {
  const { earlyStopping } = options;
  const stopping = earlyStopping && { ...earlyStopping, patience: 150, minDelta: 0.001 };
  return {
    ...rest,
    task,
    options: { ...options, epochs: 200, ...(stopping && { earlyStopping: stopping }) },
  };
});

const some = fc.sample(long, { seed: 8, numRuns: 200 });
const combinations = [...coveringAll(some), ...some.slice(0, 2)];

it.each(combinations.map((given, i) => [i + 1, given] as const))(
  `ends with the same bytes after ${KILLS} random kills: combination %i`,
  async (seed, { task, options }) => {
    const [calm, out] = [newFolder(), newFolder()];
    writeFileSync(join(calm, 'run'), serialize({ task, options }));
    cpSync(join(calm, 'run'), join(out, 'run'));
    const { kills: none, ...undisturbed } = await programWithKills(
      () => [program, calm],
      calm,
      0,
      1,
    );
    expect(none).toBe(0);
    const { kills, whileWriting, ...killed } = await programWithKills(
      () => [program, out],
      out,
      KILLS,
      seed,
    );
    expect(kills).toBeGreaterThan(0);
    expect(whileWriting).toBeLessThanOrEqual(kills);
    expect({ whileWriting: 0, ...killed }).toEqual(undisturbed);
  },
);
