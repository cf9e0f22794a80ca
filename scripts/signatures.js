/**
 * The arguments of every kernel, from what the compiler writes beside a module (`asc --bindings raw`) into
 * src/wasm/signatures.ts: the names and the order stand in assembly/ alone.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const HEAD = `/**
 * The arguments of every kernel. Made of the exports of assembly/ by scripts/signatures.js; not committed.
 * @module
 */

// a type, not an interface: the loader asks for Record<string, unknown>, which an interface does not satisfy
export type Kernels = {`;

/** Writes the type of the functions that the declarations of a module name. */
export function writeSignatures(declarations, file) {
  const functions = readFileSync(declarations, 'utf8').matchAll(
    /export function (\w+\([^)]*\): \w+);/g,
  );
  const lines = Array.from(functions, ([, signature]) => `  ${signature};`).sort();
  if (lines.length === 0) throw new Error(`signatures: expected functions in ${declarations}.`);
  writeFileSync(file, `${[HEAD, ...lines, '};'].join('\n')}\n`);
}
