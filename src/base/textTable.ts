/** Tables for terminals: columns if they fit, or else a list. @module */

export interface TextColumn {
  readonly heading: string;
  /** True for texts, which are flush left; figures are flush right. */
  readonly isText?: true;
}

/** Spaces between columns; if the terminal is narrow, the second number. */
const GAPS = [2, 1];

/**
 * The lines of a table: the headings, then a line a row. If that is wider than `width`, columns stand closer; if it still is, a row is
 * a line such as `class 3: precision 0.667, recall 1.000`, which may be broken between words, and there are no headings.
 * @param width Characters of a line. @default no limit
 */
export function tableLines(
  columns: readonly TextColumn[],
  rows: readonly (readonly string[])[],
  width: number = Number.POSITIVE_INFINITY,
): { readonly head: string; readonly lines: readonly string[] } {
  const headings = columns.map(({ heading }) => heading);
  const widths = columns.map(({ heading }, column) =>
    rows.reduce((most, row) => Math.max(most, widthOf(row[column] ?? '')), heading.length),
  );
  const sum = widths.reduce((total, own) => total + own, 0);
  const gap = GAPS.find((gap) => sum + gap * (columns.length - 1) <= width);
  if (gap === undefined) return { head: '', lines: rows.map((row) => listLine(columns, row)) };
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => {
        const space = ' '.repeat((widths[column] ?? 0) - widthOf(cell));
        return columns[column]?.isText ? cell + space : space + cell;
      })
      .join(' '.repeat(gap))
      .trimEnd();
  return { head: line(headings), lines: rows.map(line) };
}

/** `class 3: precision 0.667, recall 1.000`. Empty cells are left out; one without a heading belongs to the one before it. */
function listLine(columns: readonly TextColumn[], row: readonly string[]): string {
  const parts: string[] = [];
  for (const [column, { heading }] of columns.entries()) {
    const cell = row[column] ?? '';
    if (cell === '') continue;
    const before = column > 0 && heading === '' ? parts.pop() : undefined;
    parts.push([before ?? heading, cell].filter((text) => text !== '').join(' '));
  }
  const [name = '', ...others] = parts;
  return others.length === 0 ? name : `${name}: ${others.join(', ')}`;
}

/** How many characters of a text are shown. Noncharacters, which mark styles, are not. */
export function widthOf(text: string): number {
  return [...text.replaceAll(/[\uFDD0-\uFDEF]/g, '')].length;
}
