/**
 * `npm run bench:scaling`: measures one and two ranks over shared memory and over TCP, fits a model, and writes docs/scaling.md and
 * docs/scaling.svg, measured points beside the prediction to 1,024 ranks.
 *
 *   --tiny         tries all of it in a minute; the figures mean nothing
 *   --out DIR      writes elsewhere
 *   --save FILE    keeps the figures
 *   --from FILE    takes kept figures and measures nothing
 *
 * TCP needs root, for network namespaces. A link that this machine cannot make is named as not measured.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { optionsOf } from '../scripts/options.js';
import { chart } from './scaling/chart.js';
import { measure } from './scaling/measure.js';
import { page } from './scaling/page.js';
import { study } from './scaling/study.js';

const values = optionsOf({
  tiny: { type: 'boolean', default: false },
  out: { type: 'string', default: 'docs' },
  save: { type: 'string' },
  from: { type: 'string' },
});
const figures = values.from ? JSON.parse(readFileSync(values.from, 'utf8')) : measureHere();
if (values.save) writeFileSync(values.save, `${JSON.stringify(figures, null, 2)}\n`);
const result = study(figures);
writeFileSync(join(values.out, 'scaling.md'), page(result));
writeFileSync(join(values.out, 'scaling.svg'), chart(result));
console.log(`${values.out}: scaling.md, scaling.svg`);

function measureHere() {
  const machine = `${cpus()[0]?.model}, ${cpus().length} processors, Node ${process.versions.node}`;
  return { machine, isTiny: values.tiny, ...measure(values.tiny) };
}
