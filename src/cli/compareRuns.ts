/** `convlet compare-runs DIR…`: finished runs in one table, the best first, and in one plot. @module */
import { dirname } from 'node:path';
import type { Command } from 'commander';
import { writeFileAtomic } from '../node/files.ts';
import { makeFolder } from '../node/folders.ts';
import { createRunsReport, runRows } from '../node/report/runs.ts';
import { bestFirst, readFinishedRun } from '../node/runs.ts';
import { showTable } from './evaluation.ts';
import { expectFree } from './expectFree.ts';
import { columnsOf, print, show, styler } from './terminal.ts';

interface CompareOptions {
  readonly json?: boolean;
  readonly out?: string;
  readonly overwrite?: boolean;
}

/** Adds the command. */
export function addCompareRuns(program: Command): void {
  program
    .command('compare-runs')
    .description(
      'finished runs in one table, the best first: the settings that differ, and the figures of the test set',
    )
    .argument('<DIR...>', 'folders of runs of convlet train')
    .option('--out <FILE.html>', 'write the table and a plot of all epochs as a page')
    .option('--overwrite', 'replace a file of that name')
    .option('--json', 'print one JSON object a run')
    .action(compareRuns);
}

async function compareRuns(
  folders: readonly string[],
  { json = false, out, overwrite = false }: CompareOptions,
): Promise<void> {
  const runs = bestFirst(await Promise.all(folders.map(readFinishedRun)));
  if (out !== undefined) {
    if (!overwrite) await expectFree(out);
    await makeFolder(dirname(out));
    await writeFileAtomic(out, await createRunsReport(runs));
  }
  if (json) {
    for (const { folder, settings, figures, epochs, seconds } of runs) {
      const values = figures.map(({ key, value }) => [key, value]);
      print(
        JSON.stringify({
          event: 'run',
          folder,
          settings,
          ...Object.fromEntries(values),
          epochs: epochs.length,
          seconds,
        }),
      );
    }
    return;
  }
  const { head, rows } = runRows(runs);
  const texts = head.indexOf(runs[0]?.figures[0]?.name ?? 'epochs done');
  const columns = head.map((heading, index) =>
    index < texts ? { heading, isText: true as const } : { heading },
  );
  show(...showTable(columns, rows, styler(process.stdout), columnsOf(process.stdout)));
}
