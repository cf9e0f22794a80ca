/** The results for people: a table a network, and how they stand to what was promised. */
import { median } from './statistics.js';

const number = (value) => Math.round(value).toLocaleString('en');

/** Quickest first; those without a figure last. */
export function sortRows(rows) {
  const ms = ({ samples, failed }) => (failed ? Infinity : median(samples) || Infinity);
  return rows.toSorted((a, b) => (ms(a) === ms(b) ? 0 : ms(a) - ms(b)));
}

/** @returns lines. */
export function table(rows, images) {
  const base = medianOf(rows, 'convlet-1');
  const cells = sortRows(rows)
    .filter(({ samples, failed }) => samples.length > 0 && !failed)
    .map((row) => {
      const ms = median(row.samples);
      const spread =
        row.samples.length === 1
          ? ''
          : `${number(Math.min(...row.samples))}–${number(Math.max(...row.samples))}`;
      const ratio = (ms / base).toFixed(ms < 10 * base ? 2 : 0);
      const note = `${noteOf(row)}; losses within ${row.lossDifference.toExponential(0)}`;
      return [row.name, row.version, number(ms), spread, number((images * 1000) / ms), ratio, note];
    });
  const heads = ['who', 'version', 'ms an epoch', 'spread', 'images/s', '× Convlet', 'how'];
  const widths = heads.map((head, i) =>
    Math.max(...[head, ...cells.map((c) => c[i])].map((text) => text.length)),
  );
  const isText = (i) => i < 2 || i === 6;
  const line = (texts) =>
    texts
      .map((text, i) => (isText(i) ? text.padEnd(widths[i]) : text.padStart(widths[i])))
      .join('  ')
      .trimEnd();
  const absent = rows
    .map(
      ({ name, unavailable, failed }) =>
        (unavailable !== undefined && `${name}: not installed: ${unavailable}`) ||
        (failed !== undefined && `${name}: fails: ${failed}`),
    )
    .filter(Boolean);
  return [
    line(heads),
    line(widths.map((width) => '─'.repeat(width))),
    ...cells.map(line),
    ...absent,
  ];
}

function noteOf({ samples, isScaled, stepsTimed }) {
  if (!isScaled) return `${samples.length} epochs`;
  return `scaled from ${samples.length === 1 ? '' : `${samples.length} × `}${stepsTimed} ${stepsTimed === 1 ? 'batch' : 'batches'}`;
}

function medianOf(rows, key) {
  const row = rows.find((row) => row.key === key);
  return row === undefined || row.failed ? Number.NaN : median(row.samples);
}

/** Ratios of medians and what they should be. Those that cannot be told here are left out. */
export function acceptance(networks, efficiency) {
  const lines = [];
  const check = (what, value, target, isMet) => {
    if (Number.isFinite(value)) lines.push({ what, value, target, isMet: isMet(value) });
  };
  for (const [name, rows] of Object.entries(networks)) {
    const convlet = medianOf(rows, 'convlet-1');
    const least = name === 'reference' ? 5 : 1;
    for (const prefix of ['pytorch-', 'pytorchtuned-']) {
      const [best] = sortRows(rows.filter(({ key }) => key.startsWith(prefix)));
      if (best === undefined) continue;
      const ratio = medianOf(rows, best.key) / convlet;
      check(`${name}: ${best.name} (its best) / Convlet`, ratio, `≥ ${least}`, (x) => x >= least);
    }
    const tfjs = medianOf(rows, 'tfjs-patched') / convlet;
    check(
      `${name}: TensorFlow.js wasm with our filter gradient / Convlet`,
      tfjs,
      '≥ 30',
      (x) => x >= 30,
    );
    const native = medianOf(rows, 'cpp-sse4-1');
    check(`${name}: Convlet / C++ SSE4.1`, convlet / native, '≤ 1', (x) => x <= 1);
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
