/** ReLU as a small drawing: y = max(x, 0), and the pixel at hand on it. @module */
import { signed } from '../numbers.ts';

const WIDTH = 76;
const HEIGHT = 58;
/** Where x = 0 and y = 0 are. */
const ORIGIN = { x: 38, y: 46 };
/** Pixels to either side of the origin. */
const REACH = 34;

/** @param most The largest value of the map, either way: the end of the axis. */
export function reluPlot(value: number, most: number): HTMLElement {
  const at = Math.max(-1, Math.min(1, value / most)) * REACH;
  const [x, y] = [ORIGIN.x + at, ORIGIN.y - Math.max(0, at)];
  const { x: left, y: ground } = ORIGIN;
  const svg = draw('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, width: WIDTH, height: HEIGHT });
  svg.setAttribute('role', 'img');
  svg.setAttribute(
    'aria-label',
    `ReLU: ${signed(value, 3)} becomes ${signed(Math.max(0, value), 3)}`,
  );
  svg.append(
    draw('path', { class: 'axis', d: `M4 ${ground}H${WIDTH - 4}M${left} 4V${HEIGHT - 6}` }),
    draw('path', { class: 'hinge', d: `M4 ${ground}H${left}L${left + REACH} ${ground - REACH}` }),
    draw('path', { class: 'fall', d: `M${x} ${ground}V${y}` }),
    draw('circle', { class: value > 0 ? 'passed' : 'cut', cx: x, cy: y, r: 4 }),
  );
  const figure = document.createElement('figure');
  figure.className = 'relu';
  const caption = document.createElement('figcaption');
  caption.textContent = value > 0 ? 'ReLU: passes' : 'ReLU: now 0';
  figure.append(svg, caption);
  return figure;
}

function draw(tag: string, attributes: Readonly<Record<string, string | number>>): SVGElement {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  return element;
}
