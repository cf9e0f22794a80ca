/**
 * Makes examples/embed/vectors/: inputs, calls and outputs for each file of kernels, checked against the oracle if there
 * is one; and recipe.json, the results of training by docs/abi.md.
 *
 *   npm run docs:vectors              writes them
 *   node scripts/vectors.js --check   compares what it would write with the files; exit code 1 if they differ
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { activations } from './vectors/activations.js';
import { convolutions } from './vectors/convolutions.js';
import { elements } from './vectors/elements.js';
import { losses } from './vectors/losses.js';
import { matrices } from './vectors/matrices.js';
import { normalization } from './vectors/normalization.js';
import { optimizers } from './vectors/optimizers.js';
import { pooling } from './vectors/pooling.js';
import { recipe } from './vectors/recipe.js';
import { regularization } from './vectors/regularization.js';
import { rows } from './vectors/rows.js';
import { record } from './vectors/run.js';
import { shapes } from './vectors/shapes.js';

const folder = new URL('../examples/embed/vectors/', import.meta.url);
const isCheck = process.argv.includes('--check');
const module = new WebAssembly.Module(
  readFileSync(new URL('../dist/kernels.wasm', import.meta.url)),
);
const abi = new WebAssembly.Instance(module, {
  env: { memory: new WebAssembly.Memory({ initial: 1 }) },
}).exports.abiVersion();

/** JSON with lists of plain values, however long, on one line. */
function format(value) {
  const text = JSON.stringify(value, null, 2);
  return `${text.replaceAll(/\[[^[\]{}]*\]/g, (list) => list.replaceAll(/\s+/g, ' ').replaceAll(/\[ | \]/g, (bracket) => bracket.trim()))}\n`;
}

function keep(name, value) {
  const path = new URL(`${name}.json`, folder);
  const text = format(value);
  if (!isCheck) writeFileSync(path, text);
  else if (readFileSync(path, 'utf8') !== text) {
    console.error(
      `vectors: expected ${name}.json as it is made, got another. Run npm run docs:vectors.`,
    );
    process.exitCode = 1;
  }
}

for (const [file, cases] of Object.entries({
  ...convolutions,
  ...matrices,
  ...rows,
  ...pooling,
  ...normalization,
  ...regularization,
  ...activations,
  ...elements,
  ...losses,
  ...optimizers,
  ...shapes,
})) {
  keep(file, { abi, cases: cases.map((entry) => record(module, entry)) });
}
keep('recipe', { abi, ...(await recipe()) });
