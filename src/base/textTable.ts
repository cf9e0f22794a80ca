/** Tables for terminals: columns if they fit, or else a list. @module */

export interface TextColumn {
  readonly heading: string;
  /** True for texts, which are flush left; figures are flush right. */
  readonly isText?: true;
  /** Of a cell in a list. @default the heading, then the cell */
  readonly inList?: (cell: string) => string;
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

/** `class 3: precision 0.667, recall 1.000`. Empty cells are left out; a cell without a heading follows the one before it. */
function listLine(columns: readonly TextColumn[], row: readonly string[]): string {
  const [name = '', ...parts] = columns.flatMap(({ heading, inList }, column) => {
    const cell = row[column] ?? '';
    if (cell === '' && column > 0) return [];
    if (heading === '' && column > 0) return [` ${cell}`];
    return [(column > 0 ? ', ' : '') + (inList?.(cell) ?? `${heading} ${cell}`.trim())];
  });
  const rest = parts.join('').replace(/^,? /, '');
  return rest === '' ? name : `${name}: ${rest}`;
}

/** How many characters of a text are shown. Noncharacters, which mark styles, are not. */
export function widthOf(text: string): number {
  return [...text.replaceAll(/[\uFDD0-\uFDEF]/g, '')].length;
}
