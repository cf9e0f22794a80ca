/** A worker that will never answer is told from one that is slow. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { answered } from '../../demo/src/watchdog.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('gives an answer within its time, and refuses to wait for longer', async () => {
  const later = new Promise((resolve) => setTimeout(() => resolve('here'), 2500));
  const slow = answered(later, 3);
  const silent = answered(new Promise(() => {}), 3).catch((error: Error) => error.message);
  await vi.advanceTimersByTimeAsync(5000);
  expect(await slow).toBe('here');
  expect(await Promise.race([silent, 'it still waits'])).toBe('The worker does not answer.');
});
