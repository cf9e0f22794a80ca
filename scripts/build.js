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

/** Bundles a file of dist/, with names and blanks shortened. */
async function bundle(input, options) {
  const { output, ...rest } = options;
  await build({
    input: join(root, input),
    ...rest,
    output: {
      codeSplitting: false,
      minify: { compress: false, mangle: true, codegen: true },
      banner: '/*! convlet, MIT; with @assemblyscript/loader, Apache-2.0 */',
      ...output,
    },
  });
}

/** Bundlers look for literal addresses in the quotes that they document; the minifier has changed the quotes. */
function quoteAddresses(file) {
  const code = readFileSync(file, 'utf8').replaceAll(/(new URL\(|{type:)`([^`$]+)`/g, "$1'$2'");
  writeFileSync(file, code);
}

// the scripts of workers in a browser, each in one file: import maps do not apply to workers, so a worker that is served
// without a bundler cannot import by name. They lie one folder deep, as src/host/ does, because its addresses are relative
for (const [name, input] of [
  ['thread', 'dist/thread.js'],
  ['trainer', 'dist/worker/script.js'],
]) {
  const file = join(root, `dist/browser/${name}.js`);
  // with its sources inside: Vite warns if the sources of a map are not where it says
  await bundle(input, { platform: 'browser', output: { file, sourcemap: true } });
  quoteAddresses(file);
}

// convlet in one file, for bundlers that know neither `exports` nor `imports` of package.json, as Parcel 2 by default
const page = { platform: 'browser', output: { file: join(root, 'dist/browser/index.js') } };
await bundle('dist/index.js', page);
quoteAddresses(page.output.file);

// the script of a thread as a text: for Node, and for convlet/inline in a page
const nodeThread = join(root, 'build/thread.cjs');
await bundle('dist/thread.js', { platform: 'node', output: { file: nodeThread, format: 'cjs' } });
for (const [host, file] of [
  ['node', nodeThread],
  ['browser', join(root, 'dist/browser/thread.js')],
]) {
  const script = readFileSync(file, 'utf8').replace(/\/\/# sourceMappingURL=.*\s*$/, '');
  const name = `${host}ThreadScript`;
  writeFileSync(
    join(root, `dist/host/${name}.js`),
    `export const threadScript = ${JSON.stringify(script)};\n`,
  );
  cpSync(join(root, `src/host/${name}.d.ts`), join(root, `dist/host/${name}.d.ts`));
}
