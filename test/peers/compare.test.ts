/** The comparison with TensorFlow.js, in small. `npm run compare` is the whole comparison. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';

const script = fileURLToPath(new URL('../../bench/peers/compare.js', import.meta.url));
const out = mkdtempSync(join(tmpdir(), 'convlet-compare-'));
afterAll(() => rmSync(out, { recursive: true }));

it('both curves lie within 1e-3 of each other', () => {
  execFileSync(process.execPath, [
    script,
    '--epochs',
    '2',
    '--train-samples',
    '1000',
    '--out',
    out,
  ]);
  const { rows, lossDifference, weightDifference } = JSON.parse(
    readFileSync(join(out, 'compare.json'), 'utf8'),
  );
  expect(rows).toHaveLength(2);
  expect(rows[1].tfjs.loss).toBeLessThan(rows[0].tfjs.loss);
  expect(lossDifference).toBeLessThanOrEqual(1e-3);
  expect(weightDifference).toBeLessThanOrEqual(1e-3);
});
