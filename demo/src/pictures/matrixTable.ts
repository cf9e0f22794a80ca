/** A few numbers as a table of coloured cells, and the operators between such tables. @module */
import { make } from '../dom.ts';
import { signed } from '../numbers.ts';
import type { Matrix } from './paint.ts';
import { cssOf, level, type Palette } from './palette.ts';

/** An operator and what follows it, kept on one line. */
export function group(operator: string, table: HTMLElement): HTMLElement {
  const sign = make('span', { class: 'operator', 'aria-hidden': 'true' }, operator);
  return make('div', { class: 'group' }, sign, table);
}

/** @param styleOf The colours of a cell. */
export function matrix(
  caption: string,
  { width, height, values }: Matrix,
  styleOf: (value: number) => { background: string; text: string },
): HTMLElement {
  const rows = Array.from({ length: height }, (_, row) =>
    make(
      'tr',
      {},
      ...Array.from({ length: width }, (_, column) => {
        const value = values[row * width + column] ?? 0;
        const { background, text } = styleOf(value);
        const cell = make('td', {}, signed(value, width > 4 ? 1 : 2));
        cell.style.background = background;
        cell.style.color = text;
        return cell;
      }),
    ),
  );
  const table = make('table', { class: width > 4 ? 'matrix small' : 'matrix' });
  table.append(make('caption', {}, caption), make('tbody', {}, ...rows));
  return table;
}

/** Colours of values from 0, or if they are signed from −`most`, to `most`. */
export function shader(isSigned: boolean, most: number, { signed: both, activation }: Palette) {
  const colours = isSigned ? both : activation;
  const least = isSigned ? -most : 0;
  return (value: number): { background: string; text: string } =>
    cssOf(colours[level(value, least, most)] ?? 0);
}
