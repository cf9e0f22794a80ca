/** The drawing of the growth study: a panel a series, both axes logarithmic, and a dashed line for growth by the work alone. */
import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';

const COLUMNS = 3;
const WIDTH = 300;
const HEIGHT = 230;

/** @returns an SVG document. */
export function chart(series) {
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const panels = series.map((one, i) => {
    const svg = panel(document, one);
    svg.setAttribute('x', String((i % COLUMNS) * WIDTH));
    svg.setAttribute('y', String(Math.floor(i / COLUMNS) * HEIGHT));
    return svg.outerHTML;
  });
  const width = COLUMNS * WIDTH;
  const height = Math.ceil(series.length / COLUMNS) * HEIGHT;
  const size = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`;
  const ground = '<rect width="100%" height="100%" fill="white"/>';
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size}>${ground}${panels.join('')}</svg>\n`;
}

function panel(document, { xLabel, unit, power, points }) {
  const [first] = points;
  const last = points.at(-1);
  const ratio = (last.x / first.x) ** power;
  const values = points.map(({ y }) => y);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return Plot.plot({
    document,
    width: WIDTH,
    height: HEIGHT,
    marginLeft: 55,
    marginRight: 20,
    marginTop: 30,
    marginBottom: 40,
    style: { background: 'white', color: 'black', fontSize: '12px' },
    x: { type: 'log', label: xLabel, ticks: 4, tickFormat: '~s' },
    y: {
      type: 'log',
      label: unit,
      domain: [least / 1.5, most * 1.5],
      ticks: 4,
      tickFormat: '~s',
      grid: true,
      clamp: true,
    },
    marks: [
      Plot.line(
        [first, { x: last.x, y: first.y * ratio }].filter(() => most > first.y * 1.2),
        { x: 'x', y: 'y', stroke: '#999', strokeDasharray: '3 3', clip: true },
      ),
      Plot.line(points, { x: 'x', y: 'y', stroke: '#1b6ca8' }),
      Plot.dot(points, { x: 'x', y: 'y', fill: '#1b6ca8', r: 3 }),
    ],
  });
}
