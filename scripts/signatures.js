/**
 * Writes the arguments of every kernel into src/wasm/signatures.ts, from the declarations that the compiler writes beside
 * a module (`asc --bindings raw`). So names and order are defined only in assembly/.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const HEAD = `/**
 * The arguments of every kernel. Made by scripts/signatures.js from the exports of assembly/; not committed.
 * @module
 */

// a type, not an interface: the loader asks for Record<string, unknown>, which an interface does not satisfy
/** Every kernel by its name; docs/abi.md describes each. */
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
