/**
 * A run that is killed at random moments and resumed ends with the bytes of an undisturbed one.
 *
 * `npm test` kills each run 17 times, on small images; `npm run test:kills` kills it 50 times, on the npm digits.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { strokes } from '../support/digits.ts';
import { temporaryFolders } from '../support/folder.ts';
import { idx } from '../support/idx.ts';
import { runToEnd, runWithKills } from '../support/kills.ts';

const isLong = process.env.CONVLET_KILLS === 'long';
const kills = isLong ? 50 : 17;
const newFolder = temporaryFolders();

/** A folder of IDX files: 1,000 strokes to train on, so that a run of 20 epochs takes a moment. */
function writeStrokes(): string {
  const folder = newFolder();
  for (const [part, count] of [
    ['train', 1000],
    ['t10k', 50],
  ] as const) {
    const { images, labels } = strokes(count);
    writeFileSync(
      join(folder, `${part}-images-idx3-ubyte`),
      idx([0x803, count, 12, 12], images as Uint8Array),
    );
    writeFileSync(
      join(folder, `${part}-labels-idx1-ubyte`),
      idx([0x801, count], labels as Uint8Array),
    );
  }
  return folder;
}

it.each([['sgd'], ['momentum'], ['adam']])(
  `ends with the same bytes after ${kills} random kills in 20 epochs: %s`,
  async (optimizer) => {
    const data = isLong ? ['--data', 'mnist'] : ['--data', writeStrokes(), '--batch-size', '16'];
    const args = ['train', ...data, '--optimizer', optimizer, '--checkpoint-every', '7', '--json'];
    const undisturbed = await runToEnd([...args, '--out', newFolder()]);
    const out = join(newFolder(), 'run');
    mkdirSync(out);
    const killed = await runWithKills([...args, '--out', out], out, kills, 1);
    if (isLong) process.stderr.write(`${optimizer}: ${JSON.stringify(killed)}\n`);
    expect(killed.kills).toBe(kills);
    expect(killed.weightsSha256).toBe(undisturbed.weightsSha256);
  },
);
