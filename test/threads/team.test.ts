/** A team of which a worker answers late, or never, and teams that want the same workers. The rest is tested through backends. */
import { expect, it, onTestFinished, vi } from 'vitest';
import type { WorkerHandle } from '../../src/host/handle.ts';
import { reportDone, sentOff } from '../../src/threads/barrier.ts';
import type { TeamMessage } from '../../src/threads/message.ts';
import { ThreadPool } from '../../src/threads/pool.ts';
import { CONTROL_BYTES } from '../../src/threads/tasks.ts';
import { Team } from '../../src/threads/team.ts';

const module = new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));

/** A pool of one worker, which this thread plays: it answers at once whenever it is woken, while `isAwake`. */
async function playedWorker() {
  const ends: ((reason: string) => void)[] = [];
  const posted: TeamMessage[] = [];
  const handle: WorkerHandle = {
    ready: Promise.resolve(),
    post: (message) => void posted.push(message as TeamMessage),
    onMessage: () => {},
    onEnd: (listener) => void ends.push(listener),
    hold: () => {},
    terminate: () => {},
  };
  const worker = { isAwake: true, end: () => ends.map((tell) => tell('gone')) };
  const pool = await ThreadPool.start(2, () => handle);
  const spy = vi.spyOn(Atomics, 'notify').mockImplementation((control, word) => {
    if (word === 0 && worker.isAwake && control instanceof Int32Array) reportDone(control);
    return 0;
  });
  onTestFinished(() => spy.mockRestore());
  const newTeam = () => {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
    const team = new Team(pool, module, memory, 0);
    const control = new Int32Array(memory.buffer, 0, CONTROL_BYTES / Int32Array.BYTES_PER_ELEMENT);
    return { team, control };
  };
  return { worker, newTeam, types: () => posted.splice(0).map(({ type }) => type) };
}

it('a team calls its workers again only when all have answered that they left', async () => {
  const { worker, newTeam, types } = await playedWorker();
  const { team, control } = newTeam();
  team.enter();
  worker.isAwake = false;
  team.leave();
  expect(types()).toEqual(['attach', 'enter']);
  team.enter();
  expect(team.isEntered).toBe(false);
  reportDone(control);
  team.enter();
  expect(team.isEntered).toBe(true);
  expect(types()).toEqual(['enter']);
});

it('a team that leaves while a worker is late waits for both of its answers', async () => {
  const { worker, newTeam } = await playedWorker();
  const { team, control } = newTeam();
  team.enter();
  worker.isAwake = false;
  expect(team.run(0, [])).toBe(false);
  team.leave();
  reportDone(control); // to the task
  team.enter();
  expect(team.isEntered).toBe(false);
  reportDone(control); // to LEAVE
  team.enter();
  expect(team.isEntered).toBe(true);
});

it('a team gets the workers when the one that has them leaves, and not before', async () => {
  const { newTeam, types } = await playedWorker();
  const [first, second, third] = [newTeam(), newTeam(), newTeam()];
  first.team.enter();
  second.team.enter();
  second.team.leave(); // it has none to send away
  expect(sentOff(second.control)).toBe(0);
  third.team.enter();
  expect([first, second, third].map(({ team }) => team.isEntered)).toEqual([true, false, false]);
  first.team.leave();
  third.team.enter();
  expect(third.team.isEntered).toBe(true);
  expect(types()).toEqual(['attach', 'attach', 'attach', 'enter', 'enter']);
});

it('a detached team tells whether its memory is free', async () => {
  const { worker, newTeam, types } = await playedWorker();
  const [unused, idle, failed] = [newTeam(), newTeam(), newTeam()];
  const [late, deaf] = [newTeam(), newTeam()];
  expect(unused.team.detach()).toBe(true);
  idle.team.enter();
  expect(idle.team.run(0, [])).toBe(true);
  expect(idle.team.detach()).toBe(true);
  failed.team.enter();
  const trap = () => {
    throw new WebAssembly.RuntimeError('unreachable');
  };
  expect(() => failed.team.run(0, [[trap]])).toThrow('unreachable');
  expect(failed.team.detach()).toBe(true); // the worker has answered to the task and to LEAVE
  late.team.enter();
  worker.isAwake = false;
  expect(late.team.run(0, [])).toBe(false);
  worker.isAwake = true; // its first answer is that of the task
  expect(late.team.detach()).toBe(false);
  deaf.team.enter();
  worker.isAwake = false;
  expect(deaf.team.detach()).toBe(false);
  expect(types().filter((type) => type === 'detach')).toHaveLength(5);
});

it('a late worker is waited for until it answers or has ended', async () => {
  const { worker, newTeam } = await playedWorker();
  const { team, control } = newTeam();
  team.enter();
  worker.isAwake = false;
  expect(team.run(0, [])).toBe(false);
  const settled = team.settle();
  reportDone(control);
  await settled;
  expect(team.insist()).toBe(true);
  expect(team.run(1, [])).toBe(false);
  const lost = team.settle();
  worker.end();
  await expect(lost).rejects.toThrow('but a worker ended (gone)');
  expect(team.isEntered).toBe(false); // nobody can be sent away
  expect(() => team.insist()).toThrow('but a worker ended (gone)');
  expect(() => team.enter()).toThrow('but a worker ended (gone)');
});
