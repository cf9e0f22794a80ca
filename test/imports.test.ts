/** Who may import whom: floors, no cycles, hosts kept apart. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const src = join(root, 'src');

/** Floors from the ground up; a module stands on the floor that names it or its folder. */
const FLOORS: readonly (readonly string[])[] = [
  ['types', 'errors', 'shape', 'random', 'optional', 'html', 'reference'],
  ['memory', 'spareMemory', 'kernels', 'host', 'wasmSource', 'wasm'],
  ['layers', 'losses', 'optimizers', 'ops', 'data'],
  [
    'spec',
    'network',
    'fuse',
    'barrier',
    'work',
    'pool',
    'plan',
    'compile',
    'program',
    'backend',
    'createBackend',
    'checkpoint',
    'fitOptions',
    'model',
    'trainer',
    'metrics',
    'formats',
  ],
  ['index', 'inline', 'loadKernels', 'node', 'thread', 'worker', 'storage', 'bench'],
  ['cli'],
];
const SIBLINGS_APART = ['layers', 'losses', 'optimizers', 'ops', 'data'];
const NODE_ONLY = /^(host\/node|node\/|node\.ts|cli\/|cli\.ts)/;
/** Where the charts are given the library that draws them, only its types are known. */
const TYPES_ONLY = '@observablehq/plot';

/** Made by scripts/onnxMessages.js and scripts/build.js; they import nothing of ours. */
const GENERATED = ['formats/onnx/messages', 'inlineKernels'];
const isGenerated = (file: string) => GENERATED.some((path) => file.startsWith(path));

const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.ts') && !isGenerated(file),
);

/** First part of a path inside src: `layers` of `layers/relu.ts`, `model` of `model.ts`. */
function part(file: string): string {
  return (file.split('/')[0] ?? '').replace(/\.ts$/, '');
}

function floor(file: string): number {
  return FLOORS.findIndex((names) => names.includes(part(file)));
}

function importsOf(file: string): string[] {
  const text = readFileSync(join(src, file), 'utf8');
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(
    ([, specifier]) => specifier ?? '',
  );
}

/** Imports of our own files, as paths inside src. */
function ownImports(file: string): string[] {
  return importsOf(file)
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => relative(src, resolve(src, dirname(file), specifier)))
    .filter((path) => !isGenerated(path));
}

describe('imports', () => {
  it('finds files to check', () => {
    expect(files.length).toBeGreaterThan(30);
    expect(files.flatMap(ownImports).length).toBeGreaterThan(100);
  });

  it.each(files)('%s stands on a floor and imports from no higher one', (file) => {
    expect(floor(file), 'a file on no floor').toBeGreaterThanOrEqual(0);
    for (const target of ownImports(file)) {
      expect(floor(target), `${file} imports ${target}`).toBeGreaterThanOrEqual(0);
      expect(floor(target), `${file} imports ${target}`).toBeLessThanOrEqual(floor(file));
    }
  });

  it.each(files.filter((file) => SIBLINGS_APART.includes(part(file))))(
    '%s does not import a sibling of its floor',
    (file) => {
      for (const target of ownImports(file)) {
        const isSibling = floor(target) === floor(file) && part(target) !== part(file);
        expect(isSibling, `${file} imports ${target}`).toBe(false);
      }
    },
  );

  it('has no cycles, type imports included', () => {
    const done = new Set<string>();
    const visit = (file: string, path: readonly string[]): void => {
      expect(path, `cycle through ${file}`).not.toContain(file);
      if (done.has(file)) return;
      for (const target of ownImports(file)) visit(target, [...path, file]);
      done.add(file);
    };
    for (const file of files) visit(file, []);
    expect(done.size).toBe(files.length);
  });

  it.each(files.filter((file) => !NODE_ONLY.test(file)))('%s needs nothing of Node', (file) => {
    expect(importsOf(file).filter((specifier) => specifier.startsWith('node:'))).toEqual([]);
    const code = readFileSync(join(src, file), 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
    expect(code).not.toMatch(/\bprocess\.|\bBuffer\b|\bdocument\./);
  });

  it.each(files)('%s keeps to arithmetic that is the same everywhere', (file) => {
    const code = readFileSync(join(src, file), 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
    expect(code).not.toMatch(/Math\.random/);
    // the oracle, the report and the bench may use them: none reaches a weight
    if (!/^(reference|node|cli|bench)\//.test(file)) {
      expect(code).not.toMatch(/Math\.(exp|log|log2|log10|expm1|log1p|sin|cos|tan|tanh|pow)\b/);
    }
  });

  it('uses only the loader from outside in the core', () => {
    const outside = files
      .filter((file) => !NODE_ONLY.test(file))
      .flatMap(importsOf)
      .filter((specifier) => !specifier.startsWith('.') && !specifier.startsWith('#host'));
    // what a format or the bench needs beside it is optional, and imported when that is asked for
    const optional = ['fflate', 'tinybench'];
    const known = ['@assemblyscript/loader', TYPES_ONLY, ...optional];
    expect([...new Set(outside)].sort()).toEqual(known.sort());
    for (const file of files.filter((name) => /^(formats|bench)\//.test(name))) {
      const code = readFileSync(join(src, file), 'utf8');
      expect(code).not.toMatch(/^import (?!type)[^;]*'(fflate|tinybench|\.\/onnx\/messages\.js)'/m);
      expect(code.replaceAll(`typeof import('${TYPES_ONLY}')`, '')).not.toContain(TYPES_ONLY);
    }
  });
});
