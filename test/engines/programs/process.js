/** Node, Bun or Deno: `process.js DIGITS JOB` prints what came of it as JSON, and who it was. */
import { readFileSync } from 'node:fs';
import process from 'node:process';
import * as convlet from 'convlet';
import { train } from './train.js';

const [digits, job] = process.argv.slice(2);
const outcome = await train(convlet, new Uint8Array(readFileSync(digits)), JSON.parse(job));
console.log(JSON.stringify({ version: whoAmI(), ...outcome }));

/** Bun and Deno answer to `process.versions.node` too. */
function whoAmI() {
  if (globalThis.Bun) return `Bun ${globalThis.Bun.version}`;
  if (globalThis.Deno) return `Deno ${globalThis.Deno.version.deno}`;
  return `Node ${process.versions.node}`;
}
