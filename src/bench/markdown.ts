/** A run as Markdown, to be pasted into a page or an issue. @module */
import { machineNoise } from './figures.ts';
import type { BenchRun } from './result.ts';
import { machineLines } from './show.ts';
import { kernelTable, NOISE_RULE, type Table, trainingTable } from './table.ts';

/** The whole run: the machine, the kernels, training, and the rule of which figures are shown. */
export function runMarkdown(run: BenchRun): string {
  const noise = machineNoise(run);
  const wrong = run.wrong.map(
    ({ kernel, shape, reason }) => `- WRONG: ${kernel} ${shape}: ${reason}`,
  );
  const blocks = [
    `### Convlet bench, ${run.date.slice(0, 10)}`,
    machineLines(run)
      .map(([name, value]) => `- ${name}: ${value}`)
      .join('\n'),
    wrong.join('\n'),
    run.cases.length > 0 ? markdownTable(kernelTable(run)) : '',
    run.training.length > 0 ? markdownTable(trainingTable(run)) : '',
    NOISE_RULE.replaceAll('\n', '  \n'),
    run.notes.join('  \n'),
    noise ?? '',
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

function markdownTable({ columns, rows }: Table): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [
    line(columns.map(({ heading }) => heading)),
    line(columns.map(({ isText }) => (isText ? '---' : '---:'))),
    ...rows.map(line),
  ].join('\n');
}
