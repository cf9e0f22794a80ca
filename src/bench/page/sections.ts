/** A run as sections of HTML, for the report of the command and the page of the demo. @module */
import { escapeHtml } from '../../base/html.ts';
import { comparisonChart } from '../charts/comparison.ts';
import { rooflineChart } from '../charts/roofline.ts';
import {
  type ChartOptions,
  families,
  familyColours,
  familyOf,
  familySymbols,
  symbolPaths,
} from '../charts/style.ts';
import { figuresOf, machineNoise } from '../figures.ts';
import { type BenchRun, vectorBits } from '../result.ts';
import { machineLines } from '../show.ts';
import { type Column, kernelTable, NOISE_RULE, type Table, trainingTable } from '../table.ts';
import { digits, formatTime, percent } from '../text.ts';

/** A part of the report, as HTML. */
export interface Section {
  readonly heading: string;
  /** Free of scripts; every text that is not ours is escaped. */
  readonly html: string;
}

type Charts = Omit<ChartOptions, 'width'>;

/** Widths in pixels. Every chart is drawn twice, for a desk and for a phone; the style shows the one that fits. */
const [WIDE, NARROW] = [920, 340];

/** The sections of a run, in order. Empty sections are left out. */
export function runSections(run: BenchRun, charts: Charts): Section[] {
  const sections: Section[] = [
    { heading: 'Wrong, and therefore not timed', html: wrongList(run) },
    { heading: 'Roofline', html: roofline(run, charts) },
    { heading: 'Beside plain JavaScript', html: comparison(run, charts) },
    { heading: 'Kernels', html: explainedTable(kernelTable(run)) },
    { heading: 'Training', html: explainedTable(trainingTable(run)) },
    { heading: 'Machine', html: machineList(run) },
  ];
  return sections.filter(({ html }) => html !== '');
}

/** The main facts of a run. */
export function runFacts(run: BenchRun): string {
  const { cases, training, peak } = run;
  const shares = cases.flatMap((result) => {
    const { share } = figuresOf(result, peak);
    const isTold = result.work.limit === 'compute' && share.doubt === undefined;
    return isTold ? [{ value: share.value, kernel: result.kernel }] : [];
  });
  const best = shares.toSorted((a, b) => b.value - a.value)[0];
  const fit = training.find(({ network }) => network === 'reference');
  const facts: [value: string, name: string][] = [
    [
      digits(peak.rate),
      `GFLOP/s, multiply-add peak at ${vectorBits(run)} bits, ±${percent(peak.spread)}`,
    ],
  ];
  if (best !== undefined) {
    const counted = best.value > 1 ? ', counted as the direct sum' : '';
    facts.push([percent(best.value), `of the peak at best: ${best.kernel}${counted}`]);
  }
  if (fit !== undefined) {
    const rate = Math.round(1e7 / fit.milliseconds).toLocaleString('en');
    facts.push([rate, `images a second, reference network, one thread, ±${percent(fit.spread)}`]);
  }
  facts.push([formatTime(run.timerResolution), 'a step of the clock']);
  const items = facts.map(
    ([value, name]) => `<div><dd>${escapeHtml(value)}</dd><dt>${escapeHtml(name)}</dt></div>`,
  );
  return `<dl class="facts">${items.join('')}</dl>`;
}

/** A notice for a noisy machine; empty for a quiet one. */
export function noiseNotice(run: BenchRun): string {
  const noise = machineNoise(run);
  return noise === undefined ? '' : `<p class="notice">${escapeHtml(noise)}</p>`;
}

function wrongList({ wrong }: BenchRun): string {
  const items = wrong.map(
    ({ kernel, shape, reason }) => `<li>${escapeHtml(`${kernel} ${shape}: ${reason}`)}</li>`,
  );
  return items.length === 0 ? '' : `<ul>${items.join('')}</ul>`;
}

function roofline(run: BenchRun, charts: Charts): string {
  const wide = rooflineChart(run, { ...charts, width: WIDE });
  const narrow = rooflineChart(run, { ...charts, width: NARROW });
  if (wide === undefined || narrow === undefined) return '';
  const missing =
    wide.missing.length === 0
      ? ''
      : ` Without arithmetic, and so not here: ${wide.missing.join(', ')}.`;
  return `<p class="soft">Each point is a kernel: how much arithmetic it does for each byte it must move, and how fast. Under the slanted roofs memory is the limit, under the flat roof arithmetic is; both as measured in this run. A large point is the first shape of a kernel in the table, hollow if its spread is too wide; small points are its other shapes. A point without a name has no room for it: the pointer tells what it is. dx, dw and db are the backward passes for input, weight and bias. Operations are additions, multiplications and comparisons; exp, log and a division count as one. A convolution counts as the direct sum; Winograd's algorithm needs fewer operations, so its points may lie above the roof.${escapeHtml(missing)}</p>
${familyLegend(run)}
<div class="wide">${wide.svg}</div>
<div class="narrow">${narrow.svg}<ol class="key">${narrow.key.map((name) => `<li>${escapeHtml(name)}</li>`).join('')}</ol></div>`;
}

function comparison(run: BenchRun, charts: Charts): string {
  const wide = comparisonChart(run, { ...charts, width: WIDE });
  const narrow = comparisonChart(run, { ...charts, width: NARROW });
  if (wide === undefined || narrow === undefined) return '';
  return `<p class="soft">How many times as long the same work takes in plain JavaScript, written as a good programmer writes it and run in the same engine. A bar is the median of a kernel's shapes, a dot is one shape; ratios that are too noisy are left out.</p>
${familyLegend(run)}
<div class="wide">${wide}</div><div class="narrow">${narrow}</div>`;
}

function familyLegend({ cases }: BenchRun): string {
  const present = new Set(cases.map(({ kernel }) => familyOf(kernel)));
  const items = families.map((name, index) =>
    present.has(name)
      ? `<li><svg width="12" height="12" aria-hidden="true"><path fill="${familyColours[index]}" d="${symbolPaths[familySymbols[index]]}"/></svg>${escapeHtml(name)}</li>`
      : '',
  );
  return `<ul class="legend">${items.join('')}</ul>`;
}

/** The table, and under it the meaning of its columns. */
function explainedTable({ columns, rows }: Table): string {
  if (rows.length === 0) return '';
  const cell = (text: string, column: number) => {
    const kind = columns[column].isText ? 'text' : text.startsWith('–') ? 'withheld' : '';
    const content = escapeHtml(text).replaceAll(/([a-z])(?=[A-Z])/g, '$1<wbr>');
    return `<td${kind && ` class="${kind}"`}>${content}</td>`;
  };
  const head = columns.map((_, column) => headCell(columns, column)).join('');
  const body = rows
    .map((row) => `<tr>${row.map((text, column) => cell(text, column)).join('')}</tr>`)
    .join('');
  const meanings = columns
    .filter(({ meaning }) => meaning !== '')
    .map(
      ({ heading, meaning }) => `<dt>${escapeHtml(heading)}</dt><dd>${escapeHtml(meaning)}</dd>`,
    );
  return `<div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>
<dl class="columns">${meanings.join('')}</dl><p class="soft">${NOISE_RULE.split('\n').map(escapeHtml).join('<br>')}</p>`;
}

/** A column without a heading has the units of the column before it, and shares that heading. */
function headCell(columns: readonly Column[], column: number): string {
  const { heading, isText } = columns[column];
  if (heading === '') return '';
  const span = columns[column + 1]?.heading === '' ? ' colspan="2"' : '';
  return `<th${isText ? ' class="text"' : ''}${span}>${escapeHtml(heading)}</th>`;
}

function machineList(run: BenchRun): string {
  const items = machineLines(run).map(
    ([name, value]) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd>`,
  );
  const notes = run.notes.map((note) => `<p class="soft">${escapeHtml(note)}</p>`).join('');
  return `<dl class="columns">${items.join('')}</dl>${notes}`;
}
