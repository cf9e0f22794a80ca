/** A model as a table of its layers, for people. @module */
import { formatShape } from '../base/shape.ts';
import type { Shape } from '../base/types.ts';

interface Row {
  readonly type: string;
  readonly name?: string;
  readonly output: Shape;
  readonly parameters: number;
}

/** `layer`, `output` and `parameters` of every layer, and the sum. */
export function summarize(inputShape: Shape, layers: readonly Row[], total: number): string {
  const rows = [
    ['', 'layer', 'output', 'parameters'],
    ['', 'input', formatShape(inputShape), ''],
    ...layers.map(({ type, name, output, parameters }, index) => [
      String(index),
      name === undefined ? type : `${type} "${name}"`,
      formatShape(output),
      formatCount(parameters),
    ]),
    ['', 'total', '', formatCount(total)],
  ];
  const widths = [0, 1, 2, 3].map((column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) => {
          const width = widths[column] ?? 0;
          return column === 0 || column === 3 ? cell.padStart(width) : cell.padEnd(width);
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** `20,410` */
function formatCount(count: number): string {
  return count.toLocaleString('en');
}
