/**
 * Builds everything that ships: the WebAssembly modules from `assembly/`, the library from `src/`.
 * `npm run build` runs this file, and so do `npm ci` and `npm test`.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';
import { writeSignatures } from './signatures.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const require = createRequire(import.meta.url);

/** Path of the program `name` that the package `packageName` installs. */
function bin(packageName, name) {
  const manifest = require.resolve(`${packageName}/package.json`);
  return join(dirname(manifest), require(manifest).bin[name]);
}

function run(program, ...args) {
  execFileSync(process.execPath, [program, ...args], { cwd: root, stdio: 'inherit' });
}

rmSync(join(root, 'dist'), { recursive: true, force: true });
rmSync(join(root, 'build'), { recursive: true, force: true });
for (const target of ['release', 'threads', 'debug'])
  run(bin('assemblyscript', 'asc'), '--target', target);
writeSignatures(join(root, 'build/kernels.debug.d.ts'), join(root, 'src/wasm/signatures.ts'));
// the program that measures the machine for the bench is not part of the kernels
run(bin('assemblyscript', 'asc'), '--config', 'bench/assembly/asconfig.json');
for (const project of ['tsconfig.json', 'src/reference/tsconfig.json', 'src/bench/tsconfig.json']) {
  run(bin('typescript', 'tsc'), '--project', project);
}
// generated files that are not TypeScript: the compiler reads them but does not copy them
for (const file of ['messages.js', 'messages.d.ts']) {
  cpSync(join(root, 'src/formats/onnx', file), join(root, 'dist/formats/onnx', file));
}
// the licence of their schema
cpSync(join(root, 'schema/LICENSE-onnx.txt'), join(root, 'dist/formats/onnx/LICENSE.txt'));
// bundlers turn a .wasm import into its URL; without a declaration the export has no type
for (const name of ['kernels', 'kernels.threads']) {
  writeFileSync(
    join(root, `dist/${name}.wasm.d.ts`),
    'declare const url: string;\nexport default url;\n',
  );
}

// convlet/inline: the modules as text
const base64 = (name) => readFileSync(join(root, `dist/${name}.wasm`)).toString('base64');
writeFileSync(
  join(root, 'dist/wasm/inlineKernels.js'),
  `export const kernels = '${base64('kernels')}';\nexport const threads = '${base64('kernels.threads')}';\n`,
);
cpSync(join(root, 'src/wasm/inlineKernels.d.ts'), join(root, 'dist/wasm/inlineKernels.d.ts'));

// the scripts of workers in a browser, each in one file: import maps do not apply to workers, so a worker that is served
// without a bundler cannot import by name. They lie one folder deep, as src/host/ does, because its addresses are relative
for (const [name, input] of [
  ['thread', 'dist/thread.js'],
  ['trainer', 'dist/worker/script.js'],
]) {
  const file = join(root, `dist/browser/${name}.js`);
  await build({
    input: join(root, input),
    platform: 'browser',
    output: {
      file,
      codeSplitting: false,
      minify: { compress: false, mangle: true, codegen: true },
      sourcemap: true, // with its sources inside: Vite warns if the sources of a map are not where it says
      banner: '/*! convlet, MIT; with @assemblyscript/loader, Apache-2.0 */',
    },
  });
  // bundlers look for this literal in the quotes that they document; the minifier changes them
  const code = readFileSync(file, 'utf8').replaceAll(/(new URL\(|{type:)`([^`$]+)`/g, "$1'$2'");
  writeFileSync(file, code);
}
