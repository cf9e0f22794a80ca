/** Node, Bun or Deno: `process.js DIGITS THREADS EPOCHS` prints what came of it as JSON, and who it was. */
import { readFileSync } from 'node:fs';
import process from 'node:process';
import * as convlet from 'convlet';
import { train } from './train.js';

const [digits, threads, epochs] = process.argv.slice(2);
const bytes = new Uint8Array(readFileSync(digits));
const outcome = await train(convlet, bytes, Number(threads), Number(epochs));
console.log(JSON.stringify({ version: whoAmI(), ...outcome }));

/** Bun and Deno answer to `process.versions.node` too. */
function whoAmI() {
  if (globalThis.Bun) return `Bun ${globalThis.Bun.version}`;
  if (globalThis.Deno) return `Deno ${globalThis.Deno.version.deno}`;
  return `Node ${process.versions.node}`;
}
