/** The worker that reads the test images: one that does not answer is told from one that is slow. */
import { layers } from 'convlet';
import { afterEach, expect, it, vi } from 'vitest';
import { Judge } from '../../demo/src/judgement.ts';
import { strokes } from '../support/digits.ts';

vi.mock('convlet/worker', () => ({ createWorkerBackend: () => new Promise(() => {}) }));

afterEach(() => vi.useRealTimers());

it('gives up on a worker that does not answer within its patience', async () => {
  vi.useFakeTimers();
  const spec = { inputShape: [1, 12, 12], layers: [layers.flatten(), layers.dense({ units: 10 })] };
  const judge = new Judge(spec, { train: strokes(20), test: strokes(20) }, 60);
  let error: unknown;
  judge.judge(new Map()).catch((reason: unknown) => {
    error = reason;
  });
  await vi.advanceTimersByTimeAsync(59_000);
  expect(error).toBeUndefined();
  await vi.advanceTimersByTimeAsync(2000);
  expect(String(error)).toBe('Error: The worker does not answer.');
});
