/** Node, Bun or Deno: `process.js DIGITS JOB [wide]` prints what came of it as JSON, and who it was. */
import { readFileSync } from 'node:fs';
import process from 'node:process';
import * as convlet from 'convlet';
import { train } from './train.js';

const [digits, job, wide] = process.argv.slice(2);
const options = { ...JSON.parse(job), ...(wide && { wide: true }) };
const outcome = await train(convlet, new Uint8Array(readFileSync(digits)), options);
const version = `${whoAmI()}${outcome.wide ? ' wide' : ''}`;
console.log(JSON.stringify({ version, ...outcome }));

/** Bun and Deno answer to `process.versions.node` too. */
function whoAmI() {
  if (globalThis.Bun) return `Bun ${globalThis.Bun.version}`;
  if (globalThis.Deno) return `Deno ${globalThis.Deno.version.deno}`;
  return `Node ${process.versions.node}`;
}
