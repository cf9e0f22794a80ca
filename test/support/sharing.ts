/** Whether threads share a part of a step, for tests in which the time of this machine must not decide it. */
import { onTestFinished, vi } from 'vitest';

/** Until the test ends, `decide` says for each part of each step whether it is shared. @returns the spy. */
export async function decideSharing(decide: () => boolean) {
  const dist = new URL('../../dist/threads/balance.js', import.meta.url).href; // the class that convlet uses
  const { Balance } = (await import(dist)) as typeof import('../../src/threads/balance.ts');
  const spy = vi.spyOn(Balance.prototype, 'isShared', 'get').mockImplementation(decide);
  onTestFinished(() => spy.mockRestore());
  return spy;
}
