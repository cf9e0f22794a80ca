/**
 * The gain of a second thread: compares two threads on one batch with two processes of one thread each, which share
 * only the machine. They run in turns; the figures are medians of images per second.
 */
import { Child } from './child.js';
import { median } from './statistics.js';

/**
 * The figure of two processes is the sum of their rates while both run.
 *
 * @param one, two Rows of the roster: Convlet on one thread and on two.
 * @returns `{ twoThreads, twoProcesses, efficiency }` in images per second, or `{ unavailable }`.
 */
export async function measureEfficiency(one, two, { rounds, steps, epochs, batchSize }) {
  const children = [two, one, one].map(({ command }) => new Child(command));
  try {
    for (const child of children) {
      const { unavailable } = await child.greeting();
      if (unavailable !== undefined) return { unavailable };
      await child.ask('train', steps, 1); // compiled and warm
    }
    const rate = async (child) => {
      const { ms } = await child.ask('train', steps, epochs);
      return (steps * batchSize * 1000) / median(ms);
    };
    const [threads, ...processes] = children;
    const [twoThreads, twoProcesses] = [[], []];
    for (let round = 0; round < rounds; round++) {
      twoThreads.push(await rate(threads));
      const [a, b] = await Promise.all(processes.map(rate));
      twoProcesses.push(a + b);
    }
    const result = { twoThreads: median(twoThreads), twoProcesses: median(twoProcesses) };
    return { ...result, efficiency: result.twoThreads / result.twoProcesses };
  } catch (error) {
    return { unavailable: error.message };
  } finally {
    for (const child of children) child.close();
  }
}
