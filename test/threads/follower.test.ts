/** What a thread does with the messages of its teams: none of a team that it has left, and no phase but those it was sent off on. */
import { expect, it, onTestFinished, vi } from 'vitest';
import { lead, sentOff } from '../../src/threads/barrier.ts';
import { type BindTask, followTeams } from '../../src/threads/follower.ts';
import { LEAVE, type TeamMessage } from '../../src/threads/message.ts';

const module = new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
const define: TeamMessage = { type: 'define', team: 0, key: 5, tasks: [[]] };

/** A thread in team 0, which this thread plays: as soon as it would sleep, it is sent away. */
function attached(bind: BindTask) {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  const hearing: ((message: TeamMessage) => void)[] = [];
  followTeams(
    (onMessage) => hearing.push(onMessage),
    () => bind,
  );
  const hear = (message: TeamMessage) => hearing[0]?.(message);
  hear({ type: 'attach', team: 0, module, memory, control: 0, thread: 1, threads: 2 });
  const control = new Int32Array(memory.buffer);
  const spy = vi.spyOn(Atomics, 'wait').mockImplementation(() => {
    lead(control, LEAVE);
    return 'ok';
  });
  onTestFinished(() => spy.mockRestore());
  return { hear, control };
}

it('a team that was detached is forgotten', () => {
  const bind = vi.fn(() => []);
  const { hear, control } = attached(bind);
  hear(define);
  expect(bind).toHaveBeenCalledTimes(1);
  hear({ type: 'detach', team: 0 });
  hear(define);
  hear({ type: 'enter', team: 0, seen: 0, spin: 0 });
  expect(bind).toHaveBeenCalledTimes(1);
  expect(sentOff(control)).toBe(0); // it did not wait there
});

it('a phase that was not defined ends the thread, which does not say that it is done', () => {
  const { hear, control } = attached(() => []);
  hear(define);
  lead(control, 6);
  const before = control.slice();
  expect(() => hear({ type: 'enter', team: 0, seen: 0, spin: 0 })).toThrow(
    'internal: sent off on 6, which was not defined',
  );
  expect(control).toEqual(before);
});

it('a phase is done once, also when the count of phases starts again from below', () => {
  const task = vi.fn();
  const { hear, control } = attached(() => [task]);
  hear(define);
  const seen = 2 ** 31 - 1;
  control[0] = seen;
  lead(control, 5);
  const notify = vi.spyOn(Atomics, 'notify').mockImplementation(() => {
    if (notify.mock.calls.length > 3) throw new Error('reported again');
    return 0;
  });
  onTestFinished(() => notify.mockRestore());
  hear({ type: 'enter', team: 0, seen, spin: 0 });
  expect(task).toHaveBeenCalledTimes(1);
  expect(notify).toHaveBeenCalledTimes(3); // done; sent away; gone
});
