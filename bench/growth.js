/**
 * `npm run bench:growth`: how time and memory of training grow with images, batch, filters, image size, parameters and epochs, on one
 * thread. Prints the figures and draws docs/growth.svg. Takes four minutes.
 *
 *   --tiny         tries all of it in seconds; the figures mean nothing
 *   --out DIR      draws elsewhere
 *   --save FILE    keeps the figures
 *   --from FILE    takes kept figures and measures nothing
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { optionsOf } from '../scripts/options.js';
import { chart } from './growth/chart.js';
import { measure } from './growth/measure.js';

const values = optionsOf({
  tiny: { type: 'boolean', default: false },
  out: { type: 'string', default: 'docs' },
  save: { type: 'string' },
  from: { type: 'string' },
});
const series = values.from
  ? JSON.parse(readFileSync(values.from, 'utf8'))
  : await measure(values.tiny);
if (values.save) writeFileSync(values.save, `${JSON.stringify(series, null, 2)}\n`);
console.log(`${cpus()[0]?.model}, Node ${process.versions.node}`);
for (const { xLabel, unit, points } of series) {
  console.log(`\n${xLabel}`);
  for (const { x, y } of points) {
    console.log(`${x.toLocaleString('en').padStart(12)}  ${y.toPrecision(3)} ${unit}`);
  }
}
writeFileSync(join(values.out, 'growth.svg'), chart(series));
