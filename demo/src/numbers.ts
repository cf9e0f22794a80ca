/** Numbers as people read them. @module */

const MINUS = '−';

const SUPERSCRIPTS: Readonly<Record<string, string>> = {
  '-': '⁻',
  '0': '⁰',
  '1': '¹',
  '2': '²',
  '3': '³',
  '4': '⁴',
  '5': '⁵',
  '6': '⁶',
  '7': '⁷',
  '8': '⁸',
  '9': '⁹',
};

/** `−0.42`, always so many digits after the point. */
export function signed(value: number, digits: number): string {
  const text = Math.abs(value).toFixed(digits);
  return value < 0 && Number(text) !== 0 ? MINUS + text : text;
}

/** `−0.0002134`: so many digits that mean something, never a power of ten for people to read. */
export function significant(value: number, digits = 4): string {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const before = Math.floor(Math.log10(Math.abs(value))) + 1;
  return signed(value, Math.min(Math.max(digits - before, 0), 12));
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

/** `2·10⁻⁸` */
export function scientific(value: number): string {
  const [mantissa = '', exponent = '0'] = value.toExponential(0).split('e');
  const raised = Array.from(String(Number(exponent)), (sign) => SUPERSCRIPTS[sign] ?? sign);
  return `${mantissa}·10${raised.join('')}`;
}
