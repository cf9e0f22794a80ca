/** How figures are printed for people. @module */
import type { Ranks } from '../compile/ranks.ts';

/** `83,012` */
export function formatCount(value: number): string {
  return Math.round(value).toLocaleString('en');
}

/** `1 epoch`, `1,000 epochs`, `2 classes` */
export function counted(count: number, name: string, plural: string = `${name}s`): string {
  return `${formatCount(count)} ${count === 1 ? name : plural}`;
}

/** `0.916` */
export function formatAccuracy(value: number): string {
  return value.toFixed(3);
}

/** `0.2951` */
export function formatLoss(value: number): string {
  return value.toFixed(4);
}

/** `0.12 s`, `2 min 5 s` */
export function formatSeconds(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(2)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** `2`, or `up to 2`: with `auto` a model that is too small to gain runs on one thread. */
export function formatThreads(asked: number | 'auto', threads: number): string {
  return asked === 'auto' && threads > 1 ? `up to ${threads}` : String(threads);
}

/** `2 ranks`, and how they add up gradients if that gives other bytes. */
export function formatRanks({ size, reduce }: Ranks): string {
  return `${size} ranks${reduce === 'fast' ? ', fast sums of gradients' : ''}`;
}

/** An argument as a shell takes it: `'my runs/a'`. */
export function quoted(argument: string): string {
  if (/^[\w./:-]+$/.test(argument)) return argument;
  if (process.platform === 'win32') return `"${argument}"`;
  return `'${argument.replaceAll("'", "'\\''")}'`;
}

/** `2026-11-23T18-04-09.123`: local time, valid in every file system, different for each run. */
export function timestamp(now: Date): string {
  const local = new Date(now.getTime() - now.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 23).replaceAll(':', '-');
}
