/**
 * Makes docs/abi.md from the comments in assembly/, the text around them in scripts/abi/page.md, and the hashes in
 * examples/embed/vectors/recipe.json. Makes docs/abi-sizes.md from the built modules.
 *
 *   npm run docs:abi                      writes both
 *   npm run docs:abi -- --bench FILE      with the times of a bench.json of npm run bench
 *   node scripts/abi.js --print           prints docs/abi.md
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { exportsOf, functionOf, headOf, sizesOf } from './abi/comments.js';
import { renderFile, renderSizes } from './abi/render.js';
import { renderSizes as renderSizesPage } from './abi/sizes.js';

const read = (path) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
const write = (path, text) => writeFileSync(new URL(`../${path}`, import.meta.url), text);

/** The whole page. */
function renderPage() {
  const index = read('assembly/index.ts');
  const sizes = sizesOf(index);
  const files = exportsOf(index).map(([file, names]) => {
    const source = read(`assembly/${file}.ts`);
    const isOfFunction = /^\/\*\*(?:(?!\*\/)[\s\S])*\*\/\nexport function/.test(source);
    const head = isOfFunction ? '' : headOf(source);
    return renderFile(
      file,
      head,
      names.map((name) => functionOf(source, name)).sort((a, b) => a.start - b.start),
      sizes,
    );
  });
  const recipe = JSON.parse(read('examples/embed/vectors/recipe.json'));
  const values = {
    kernels: files.join('\n\n'),
    sizes: renderSizes(sizes),
    abiVersion: /return (\d+);/.exec(read('assembly/lib/abi.ts'))[1],
    ...flatten(recipe),
  };
  return read('scripts/abi/page.md').replaceAll(/\{\{([\w.]+)\}\}/g, (_, name) => {
    if (!(name in values)) throw new Error(`abi: expected a value for {{${name}}}, got none.`);
    return values[name];
  });
}

/** `{ a: { b: 1 } }` → `{ 'a.b': 1 }`, lists joined. */
function flatten(object, prefix = '') {
  return Object.fromEntries(
    Object.entries(object).flatMap(([key, value]) => {
      if (Array.isArray(value)) return [[prefix + key, value.join(', ')]];
      return typeof value === 'object'
        ? Object.entries(flatten(value, `${prefix}${key}.`))
        : [[prefix + key, value]];
    }),
  );
}

const { values: options } = parseArgs({
  options: { print: { type: 'boolean' }, bench: { type: 'string' } },
});
if (options.print) process.stdout.write(renderPage());
else {
  write('docs/abi.md', renderPage());
  write('docs/abi-sizes.md', renderSizesPage(options.bench));
}
