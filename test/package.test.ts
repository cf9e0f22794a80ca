/** The packed file is complete and right for its users' tools. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const require = createRequire(import.meta.url);
const folder = mkdtempSync(join(tmpdir(), 'convlet-pack-'));
afterAll(() => rmSync(folder, { recursive: true }));

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
// the build of this very run is packed: `prepare` would make another
const [packed] = JSON.parse(
  execFileSync('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }),
);
const tarball = join(folder, packed.filename);
const files: string[] = packed.files.map(({ path }: { path: string }) => path);

/** Runs a program that a development dependency installs. */
function run(packageName: string, ...args: string[]): string {
  const path = join(root, 'node_modules', packageName, 'package.json');
  const { bin } = JSON.parse(readFileSync(path, 'utf8'));
  const program = typeof bin === 'string' ? bin : Object.values<string>(bin)[0];
  return execFileSync(process.execPath, [join(dirname(path), program ?? ''), ...args], {
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  });
}

describe('the package', () => {
  it('has one runtime dependency, and exact versions everywhere', () => {
    expect(Object.keys(manifest.dependencies)).toEqual(['@assemblyscript/loader']);
    for (const block of [
      manifest.dependencies,
      manifest.optionalDependencies,
      manifest.devDependencies,
    ]) {
      for (const version of Object.values(block)) expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    }
  });

  it('ships the build, the licence and the README, and no source, test or data', () => {
    const outside = files.filter((path) => !path.startsWith('dist/'));
    expect(outside.sort()).toEqual(['LICENSE', 'README.md', 'package.json']);
    expect(
      files.filter((path) => !/\.(js|d\.ts|js\.map|wasm)$/.test(path) && path.startsWith('dist/')),
    ).toEqual(['dist/formats/onnx/LICENSE.txt']); // the encoders there come from the schema of ONNX
  });

  it('ships every file that its exports, its imports and its command name', () => {
    const targets = [manifest.exports, manifest.imports, manifest.bin].flatMap(function leaves(
      entry: unknown,
    ): string[] {
      return typeof entry === 'string' ? [entry] : Object.values(entry as object).flatMap(leaves);
    });
    expect(targets.length).toBeGreaterThan(8);
    for (const target of targets) expect(files).toContain(target.replace('./', ''));
    expect(files).toContain('dist/bench/peak.wasm'); // which convlet bench loads by its URL
  });

  it('can be required too, as it has no top-level await', () => {
    expect(Object.keys(require('convlet'))).toContain('createModel');
    expect(Object.keys(require('convlet/bench'))).toContain('runBench');
  });

  it('passes publint and attw', () => {
    expect(run('publint', tarball)).toContain('All good!');
    // attw ends with an error, and so throws here, where an import of ours resolves to the wrong types
    expect(run('@arethetypeswrong/cli', tarball, '--profile', 'esm-only')).toContain(
      '"convlet/reference"',
    );
  });
});
