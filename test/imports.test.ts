/** Which file may import which: doors and floors, no cycles, hosts kept apart. docs/architecture.md tells why. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const src = join(root, 'src');

/** Rooms by floor, from the ground up. */
const FLOORS: readonly (readonly string[])[] = [
  ['base'],
  ['host', 'reference'],
  ['wasm', 'threads'],
  ['layers', 'losses', 'optimizers', 'schedules', 'metrics', 'data'],
  ['compile'],
  ['model'],
  ['formats'],
  ['worker', 'storage', 'bench'],
  ['node', 'mpi'],
  ['cli'],
];
const NODE_ONLY = /^(host\/node|node\/|mpi(\/|\.ts)|cli\/)/;
/** The charts are given the library that draws them; only its types are known. */
const TYPES_ONLY = '@observablehq/plot';

/** Made by scripts/onnxMessages.js and scripts/build.js; they import nothing of ours. */
const GENERATED = [
  'formats/onnx/messages',
  'wasm/inlineKernels',
  'host/nodeThreadScript',
  'host/browserThreadScript',
];
const isGenerated = (file: string) => GENERATED.some((path) => file.startsWith(path));

const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.ts') && !isGenerated(file),
);
const isDoor = (file: string) => !file.includes('/');
const doors = files.filter(isDoor);
const inRooms = files.filter((file) => !isDoor(file));

/** The folder that a file is in: `layers` of `layers/relu.ts`. */
function room(file: string): string {
  return file.split('/')[0] ?? '';
}

function floor(file: string): number {
  return FLOORS.findIndex((rooms) => rooms.includes(room(file)));
}

function codeOf(file: string): string {
  return readFileSync(join(src, file), 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
}

function importsOf(file: string): string[] {
  return [...codeOf(file).matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(
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
    expect(inRooms.length).toBeGreaterThan(100);
    expect(files.flatMap(ownImports).length).toBeGreaterThan(300);
  });

  it.each(doors)(
    'the door %s re-exports or starts what is in the rooms, and holds no logic',
    (door) => {
      const rest = codeOf(door)
        .replaceAll(/^(import|export) [^;]*from '[^']+';/gm, '')
        .replaceAll(/^#!.*$/gm, '')
        .trim();
      expect(rest.split('\n').length, rest).toBeLessThanOrEqual(8);
      expect(rest).not.toMatch(/\b(if|for|while|class|function|throw)\b/);
    },
  );

  it.each(inRooms)('%s imports from lower floors or its own room, and no door', (file) => {
    expect(floor(file), 'a room on no floor').toBeGreaterThanOrEqual(0);
    for (const target of ownImports(file)) {
      expect(isDoor(target), `${file} imports the door ${target}`).toBe(false);
      const isAllowed = room(target) === room(file) || floor(target) < floor(file);
      expect(isAllowed && floor(target) >= 0, `${file} imports ${target}`).toBe(true);
    }
  });

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

  it.each(files.filter((file) => !NODE_ONLY.test(file)))('%s uses nothing of Node', (file) => {
    expect(importsOf(file).filter((specifier) => specifier.startsWith('node:'))).toEqual([]);
    expect(codeOf(file)).not.toMatch(/\bprocess\.|\bBuffer\b|\bdocument\./);
  });

  it.each(files)('%s uses only arithmetic that is the same everywhere', (file) => {
    expect(codeOf(file)).not.toMatch(/Math\.random/);
    // the oracle, the report and the bench may use them: none reaches a weight
    if (!/^(reference|node|cli|bench)\//.test(file)) {
      expect(codeOf(file)).not.toMatch(
        /Math\.(exp|log|log2|log10|expm1|log1p|sin|cos|tan|tanh|pow)\b/,
      );
    }
  });

  it('uses only the loader as a dependency of the core', () => {
    const outside = files
      .filter((file) => !NODE_ONLY.test(file))
      .flatMap(importsOf)
      .filter((specifier) => !specifier.startsWith('.') && !specifier.startsWith('#host'));
    // what a format or the bench needs beside it is optional, and imported when that is asked for
    const optional = ['csv-parse/browser/esm/sync', 'fflate', 'tinybench'];
    const known = ['@assemblyscript/loader', TYPES_ONLY, ...optional];
    expect([...new Set(outside)].sort()).toEqual(known.sort());
    for (const file of files.filter((name) => /^(formats|bench)\//.test(name))) {
      const code = readFileSync(join(src, file), 'utf8');
      expect(code).not.toMatch(
        /^import (?!type)[^;]*'(csv-parse[^']*|fflate|tinybench|\.\/messages\.js)'/m,
      );
      expect(code.replaceAll(`typeof import('${TYPES_ONLY}')`, '')).not.toContain(TYPES_ONLY);
    }
  });
});
