/** Tasks are done once each, by whichever thread comes to them, and its own come first. */
import { describe, expect, it } from 'vitest';
import { CONTROL_BYTES, refillQueues, shareTasks } from '../../src/threads/tasks.ts';

describe('the tasks of a phase', () => {
  const control = new Int32Array(new SharedArrayBuffer(CONTROL_BYTES));
  const done: string[] = [];
  const tasksOf = (thread: number, count: number) =>
    Array.from({ length: count }, (_, task) => [() => void done.push(`${thread}:${task}`)]);

  it('are done by one thread alone: its own first, then those of the others', () => {
    done.length = 0;
    refillQueues(control, 3);
    shareTasks(control, 1, 3, tasksOf(1, 8));
    expect(done).toEqual(['1:1', '1:4', '1:7', '1:2', '1:5', '1:0', '1:3', '1:6']);
  });

  it('are done once, if another thread comes while one is at work', () => {
    done.length = 0;
    refillQueues(control, 2);
    const second = tasksOf(1, 5);
    const first = tasksOf(0, 5).map((task, index) =>
      index === 2 ? [...task, () => shareTasks(control, 1, 2, second)] : task,
    );
    shareTasks(control, 0, 2, first);
    expect(done).toEqual(['0:0', '0:2', '1:1', '1:3', '1:4']);
  });

  it('are there again once the queues are full again', () => {
    done.length = 0;
    refillQueues(control, 2);
    shareTasks(control, 0, 2, tasksOf(0, 2));
    shareTasks(control, 0, 2, tasksOf(0, 2));
    expect(done).toEqual(['0:0', '0:1']);
    refillQueues(control, 2);
    shareTasks(control, 1, 2, tasksOf(1, 2));
    expect(done).toEqual(['0:0', '0:1', '1:1', '1:0']);
  });
});
