/**
 * Links the program of assembly/ with the kernels over one memory.
 *
 *   npx asc --config examples/embed/assemblyscript/asconfig.json
 *   node examples/embed/assemblyscript/run.js [PROGRAM.wasm]       (default: build/segments.wasm beside this file)
 */
import { readFile } from 'node:fs/promises';

const here = (path) => new URL(path, import.meta.url);
const [program = here('build/segments.wasm')] = process.argv.slice(2);

const memory = new WebAssembly.Memory({ initial: 1 });
const wasm = await readFile(here('../../../dist/kernels.wasm'));
const kernels = await WebAssembly.instantiate(wasm, { env: { memory } });
const { instance } = await WebAssembly.instantiate(await readFile(program), {
  env: { memory, abort },
  kernels: kernels.instance.exports,
});
const { train, read } = instance.exports;

/** The compiled program calls this if an index or an assertion fails. */
function abort(_message, _file, line, column) {
  throw new Error(`segments.wasm: aborted at ${line}:${column}`);
}

console.log(`loss ${train(1, 1)} before, ${train(500, 1)} after`);
const lit = [0x3f, 0x06, 0x5b, 0x4f, 0x66, 0x6d, 0x7d, 0x07, 0x7f, 0x6f];
console.log(`read ${lit.map((segments) => read(segments)).join(' ')}`);
