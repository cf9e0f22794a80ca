/** The results as text: a table for each network, and the target ratios. */
import { networks } from './networks.js';
import { median } from './statistics.js';

const number = (value) => Math.round(value).toLocaleString('en');

/** The rows with a figure, quickest first. */
export function sortRows(rows) {
  return rows.filter(isTimed).toSorted((a, b) => median(a.samples) - median(b.samples));
}

const HEADS = ['who', 'version', 'ms an epoch', 'spread', 'images/s', '× Convlet', 'how'];
const isText = (column) => column < 2 || column === 6;

/** @returns lines: the rows with a figure, quickest first, then the rows without one, with the reason. */
export function table(rows, images) {
  const base = medianOf(rows, 'convlet-1');
  const cells = sortRows(rows).map((row) => cellsOf(row, base, images));
  const widths = HEADS.map((head, column) =>
    Math.max(head.length, ...cells.map((texts) => texts[column].length)),
  );
  const pad = (text, column) =>
    isText(column) ? text.padEnd(widths[column]) : text.padStart(widths[column]);
  const line = (texts) => texts.map(pad).join('  ').trimEnd();
  const rule = widths.map((width) => '─'.repeat(width));
  const absent = rows.filter((row) => !isTimed(row)).map(absence);
  return [HEADS, rule, ...cells].map(line).concat(absent);
}

const isTimed = ({ samples, failed }) => samples.length > 0 && failed === undefined;

const absence = ({ name, unavailable, failed }) =>
  unavailable === undefined
    ? `${name}: fails: ${failed}`
    : `${name}: not available: ${unavailable}`;

function cellsOf(row, base, images) {
  const { name, version, samples, lossDifference } = row;
  const ms = median(samples);
  const range = `${number(Math.min(...samples))}–${number(Math.max(...samples))}`;
  const ratio = Number.isNaN(base) ? '' : (ms / base).toFixed(ms < 10 * base ? 2 : 0);
  const note = `${noteOf(row)}; losses ${lossDifference === 0 ? 'the same' : `within ${lossDifference.toExponential(0)}`}`;
  const spread = samples.length === 1 ? '' : range;
  return [name, version, number(ms), spread, number((images * 1000) / ms), ratio, note];
}

function noteOf({ samples, isScaled, stepsTimed }) {
  if (!isScaled) return `${samples.length} epochs`;
  return `scaled from ${samples.length === 1 ? '' : `${samples.length} × `}${stepsTimed} ${stepsTimed === 1 ? 'batch' : 'batches'}`;
}

function medianOf(rows, key) {
  const row = rows.find((row) => row.key === key);
  return row === undefined || !isTimed(row) ? Number.NaN : median(row.samples);
}

/** Ratios of medians and their targets. Ratios that cannot be computed here are left out. */
export function acceptance(rowsOf, efficiency) {
  const lines = [];
  const check = (what, value, target, isMet) => {
    if (Number.isFinite(value)) lines.push({ what, value, target, isMet: isMet(value) });
  };
  for (const [name, rows] of Object.entries(rowsOf)) {
    const convlet = medianOf(rows, 'convlet-1');
    const wide = medianOf(rows, 'convlet-wide');
    for (const [kind, least] of Object.entries(networks[name].targets ?? {})) {
      const setting = kind === 'wide' ? 'pytorchtuned' : kind;
      const [best] = sortRows(rows.filter(({ key }) => key.startsWith(`${setting}-`)));
      if (best === undefined) continue;
      const ratio = medianOf(rows, best.key) / (kind === 'wide' ? wide : convlet);
      const who = kind === 'wide' ? 'Convlet on Node 24, wide' : 'Convlet';
      check(`${name}: ${best.name} (its best) / ${who}`, ratio, `≥ ${least}`, (x) => x >= least);
    }
    const tfjs = medianOf(rows, 'tfjs-patched') / convlet;
    check(
      `${name}: TensorFlow.js wasm with our filter gradient / Convlet`,
      tfjs,
      '≥ 30',
      (x) => x >= 30,
    );
    for (const { key, name: native } of rows.filter(({ key }) => key.startsWith('cpp-sse4-1'))) {
      check(`${name}: Convlet / ${native}`, convlet / medianOf(rows, key), '≤ 1', (x) => x <= 1);
    }
  }
  const share = efficiency?.efficiency;
  check('two threads / two processes of one thread', share, '≥ 0.85', (x) => x >= 0.85);
  return lines;
}

export function acceptanceLines(lines) {
  return lines.map(
    ({ what, value, target, isMet }) =>
      `${isMet ? 'met    ' : 'not met'}  ${value.toFixed(2).padStart(6)} ${target.padEnd(6)}  ${what}`,
  );
}
