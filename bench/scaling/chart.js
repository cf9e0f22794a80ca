/** The drawing of the scaling study: networks from left to right, the images of a step from top to bottom. */
import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';

const COLOURS = ['#1b6ca8', '#c8553d', '#6a994e', '#8a7fa8'];

export function chart({ links, rows }) {
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const place = ({ network, regime, link }) => ({ fx: network, fy: regime, link });
  const lines = rows.flatMap((row) => row.predicted.map((point) => ({ ...place(row), ...point })));
  const points = rows.flatMap((row) => (row.measured ? [{ ...place(row), ...row.measured }] : []));
  const facets = { fx: 'fx', fy: 'fy' };
  const svg = Plot.plot({
    document,
    width: 900,
    height: 520,
    marginLeft: 50,
    marginRight: 130,
    marginTop: 45,
    marginBottom: 40,
    style: { background: 'white', color: 'black', fontSize: '12px' },
    x: { type: 'log', base: 2, label: 'ranks', ticks: [1, 8, 64, 1024], tickFormat: 'd' },
    y: {
      type: 'log',
      base: 2,
      label: 'times as fast as one rank',
      ticks: [1, 8, 64, 1024],
      tickFormat: 'd',
      grid: true,
    },
    fx: { label: null, domain: [...new Set(rows.map(({ network }) => network))] },
    fy: { label: null, domain: [...new Set(rows.map(({ regime }) => regime))] },
    color: { legend: false, domain: links.map(({ name }) => name), range: COLOURS },
    marks: [
      Plot.frame({ stroke: '#ccc' }),
      Plot.link([0], { x1: 1, y1: 1, x2: 1024, y2: 1024, stroke: '#bbb', strokeDasharray: '3 3' }),
      Plot.line(lines, { x: 'ranks', y: 'speedUp', stroke: 'link', ...facets }),
      Plot.dot(points, { x: 'ranks', y: 'speedUp', fill: 'link', r: 4, ...facets }),
      ...links.map(({ name }, index) =>
        Plot.text([{ ...place(rows[0]), link: name }], {
          text: 'link',
          fill: 'link',
          frameAnchor: 'bottom-right',
          textAnchor: 'end',
          dx: -8,
          dy: 15 * (index - links.length) + 8,
          ...facets,
        }),
      ),
    ],
  });
  svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  return `${svg.outerHTML}\n`;
}
