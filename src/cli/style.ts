/** How figures are written for people, and a dash of colour where a terminal is. @module */
import type { WriteStream } from 'node:tty';
import { styleText } from 'node:util';
import type { OptimizerSpec, OptimizerType } from '../optimizers/index.ts';

/** Optimizers as papers write them. */
const OPTIMIZER_NAMES: Readonly<Record<OptimizerType, string>> = {
  sgd: 'SGD',
  momentum: 'momentum',
  nesterov: 'Nesterov momentum',
  adam: 'Adam',
  adamw: 'AdamW',
  rmsprop: 'RMSprop',
};

type Format = Parameters<typeof styleText>[0];

/** Colours text for a stream that shows colours; NO_COLOR is honoured. */
export function styler(stream: NodeJS.WriteStream): (format: Format, text: string) => string {
  const isColoured = stream.isTTY && (stream as unknown as WriteStream).hasColors();
  return (format, text) => (isColoured ? styleText(format, text) : text);
}

/** `83,012` */
export function formatCount(value: number): string {
  return Math.round(value).toLocaleString('en');
}

/** `0.916` */
export function formatAccuracy(value: number): string {
  return value.toFixed(3);
}

/** `0.2951` */
export function formatLoss(value: number): string {
  return value.toFixed(4);
}

/** `Adam, learning rate 0.001, beta1 0.9, …` */
export function formatOptimizer({ type, ...options }: OptimizerSpec): string {
  const settings = Object.entries(options).map(
    ([name, value]) => `${name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)} ${value}`,
  );
  return [OPTIMIZER_NAMES[type], ...settings].join(', ');
}

/** `0.12 s`, `2 min 5 s` */
export function formatSeconds(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(2)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}
