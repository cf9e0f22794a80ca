/** Whether threads share a part of a step, for tests in which the time of this machine must not decide it. */
import { onTestFinished, vi } from 'vitest';

/** Until the test ends, `decide` says for the gradients of each step, and for each evaluation, whether they are shared. @returns the spy. */
export async function decideSharing(decide: () => boolean) {
  const dist = new URL('../../dist/threads/balance.js', import.meta.url).href; // the class that convlet uses
  const { Balance } = (await import(dist)) as typeof import('../../src/threads/balance.ts');
  const spy = vi.spyOn(Balance.prototype, 'isShared', 'get').mockImplementation(decide);
  onTestFinished(() => spy.mockRestore());
  return spy;
}

/** Until the test ends, sees each phase that is shared. @returns the spy. */
export async function watchSharing() {
  const dist = new URL('../../dist/threads/team.js', import.meta.url).href;
  const { Team } = (await import(dist)) as typeof import('../../src/threads/team.ts');
  const spy = vi.spyOn(Team.prototype, 'run');
  onTestFinished(() => spy.mockRestore());
  return spy;
}
