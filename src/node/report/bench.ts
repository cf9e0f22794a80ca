/** The report of a bench: one HTML file that needs no other file, made without a browser. @module */

import { escapeHtml } from '../../base/html.ts';
import { noiseNotice, runFacts, runSections } from '../../bench/page/sections.ts';
import { runStyle } from '../../bench/page/style.ts';
import type { BenchRun } from '../../bench/result.ts';
import { loadCharts } from './charts.ts';
import { style } from './style.ts';

/** Room for tables of thirteen columns. */
const wider = 'main { max-width: 1120px; }';

/**
 * Makes the report.
 * @returns an HTML document without scripts or references.
 * @throws {Error} in one line, if the optional packages of the charts are absent.
 */
export async function createBenchReport(run: BenchRun): Promise<string> {
  const { plot, document } = await loadCharts();
  const sections = runSections(run, { plot, document }).map(
    ({ heading, html }) => `<section><h2>${heading}</h2>${html}</section>`,
  );
  const { machine, date } = run;
  const machineLine = `${machine.cpu}, ${machine.runtime}, ${date.slice(0, 10)}`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Convlet bench: ${escapeHtml(machineLine)}</title><style>${style}${runStyle}${wider}</style></head>
<body><main><h1>Convlet bench</h1>
<p class="soft">${escapeHtml(machineLine)}</p>
${runFacts(run)}${noiseNotice(run)}
${sections.join('\n')}
</main></body></html>
`;
}
