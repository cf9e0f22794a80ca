/** The results as a chart: one bar per peer, on a logarithmic scale. */
import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { median } from './statistics.js';
import { sortRows } from './table.js';

const colours = { convlet: '#3b78c2', cpp: '#7a7a7a', other: '#d9730d' };

/** @returns an SVG document. */
export function chart(rows, title) {
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const bars = sortRows(rows).map(({ key, name, samples, isScaled }) => ({
    name,
    ms: median(samples),
    label: `${Math.round(median(samples)).toLocaleString('en')} ms${isScaled ? ' (scaled)' : ''}`,
    colour: colours[key.split('-')[0]] ?? colours.other,
  }));
  const least = 10 ** Math.floor(Math.log10(Math.min(...bars.map(({ ms }) => ms)) / 1.5));
  const most = Math.max(...bars.map(({ ms }) => ms)) * 8; // room for the label
  const svg = Plot.plot({
    document,
    width: 860,
    height: 70 + 24 * bars.length,
    style: { background: 'white', color: 'black' },
    marginLeft: 270,
    x: { type: 'log', domain: [least, most], label: title, grid: true, tickFormat: ',' },
    y: { domain: bars.map(({ name }) => name), label: null },
    marks: [
      Plot.barX(bars, { x1: least, x2: 'ms', y: 'name', fill: 'colour' }),
      Plot.text(bars, { x: 'ms', y: 'name', text: 'label', textAnchor: 'start', dx: 4 }),
    ],
  });
  svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  return `${svg.outerHTML}\n`;
}
