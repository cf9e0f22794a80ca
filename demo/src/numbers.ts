/** Numbers as people read them. @module */

const MINUS = '−';

/** `−0.42`, always so many digits after the point. */
export function signed(value: number, digits: number): string {
  const text = Math.abs(value).toFixed(digits);
  return value < 0 && Number(text) !== 0 ? MINUS + text : text;
}

/** `93.4 %` */
export function percent(share: number, digits = 1): string {
  return `${(share * 100).toFixed(digits)}\u2009%`;
}

/** `12,300`: three digits that mean something. */
export function rounded(value: number): string {
  return Number(value.toPrecision(3)).toLocaleString('en');
}

/** `1.24 ms` */
export function milliseconds(value: number): string {
  return `${Number(value.toPrecision(3))} ms`;
}

/** `1 batch`, `2 batches` */
export function count(value: number, one: string, many = `${one}s`): string {
  return `${value.toLocaleString('en')} ${value === 1 ? one : many}`;
}
