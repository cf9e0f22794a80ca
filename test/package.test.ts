/** The packed file is complete and right for its users' tools. */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { typeErrors } from './support/typecheck.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const require = createRequire(import.meta.url);
const folder = mkdtempSync(join(tmpdir(), 'convlet-pack-'));
afterAll(() => rmSync(folder, { recursive: true }));

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
// the build of this very run is packed: `npm pack` would make another
execFileSync(process.execPath, ['scripts/pack.js', folder], { cwd: root });
const tarball = join(folder, `convlet-${manifest.version}.tgz`);
execFileSync('tar', ['-xf', tarball, '-C', folder]);
/** The package as it is installed. */
const installed = join(folder, 'package');
const files = readdirSync(installed, { recursive: true, encoding: 'utf8' })
  .filter((path) => statSync(join(installed, path)).isFile())
  .map((path) => path.replaceAll('\\', '/'));
const read = (path: string) => readFileSync(join(installed, path), 'utf8');
const shipped = JSON.parse(read('package.json'));

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
    const { exports, imports, bin, main, module, types, typesVersions } = shipped;
    const named = [exports, imports, bin, main, module, types, typesVersions];
    const targets = named.flatMap(function leaves(entry: unknown): string[] {
      return typeof entry === 'string' ? [entry] : Object.values(entry as object).flatMap(leaves);
    });
    expect(targets.length).toBeGreaterThan(8);
    for (const target of targets) expect(files).toContain(target.replace('./', ''));
    expect(files).toContain('dist/bench/peak.wasm'); // which convlet bench loads by its URL
  });

  it('names its author, its repository, and how it is published', () => {
    expect(shipped.author).toBe('The Convlet authors');
    for (const address of [shipped.repository.url, shipped.bugs, shipped.homepage]) {
      expect(address).toContain('https://github.com/convlet/convlet');
    }
    expect(shipped.publishConfig).toEqual({ access: 'public', provenance: true });
  });

  it('has no scripts and nothing else that only a clone needs', () => {
    for (const field of ['scripts', 'devDependencies', 'size-limit', 'allowScripts']) {
      expect(manifest).toHaveProperty(field);
      expect(shipped).not.toHaveProperty(field);
    }
    expect(shipped.dependencies).toEqual(manifest.dependencies);
  });

  it('has a README whose links resolve outside the repository', () => {
    const repository: string = shipped.repository.url.slice(4, -4);
    const links = [...read('README.md').matchAll(/(!\[[^\]]*)?\]\(([^)]+)\)/g)];
    expect(links.length).toBeGreaterThan(20);
    const kinds = new Set<string>();
    for (const [, image, link = ''] of links) {
      expect(link).toMatch(/^(https:|#)/);
      if (!link.startsWith(repository)) continue;
      const kind = image === undefined ? 'blob' : 'raw'; // a page about a picture is no picture
      const [start, path = ''] = link.split(`/${kind}/main/`);
      expect(start, link).toBe(repository);
      expect(existsSync(join(root, path.replace(/#.*$/, ''))), link).toBe(true);
      kinds.add(kind);
    }
    expect([...kinds].sort()).toEqual(['blob', 'raw']);
  });

  it('has no source map that names a file which is not there, and no script without its map', () => {
    const maps = files.filter((path) => path.endsWith('.map'));
    expect(maps.length).toBeGreaterThan(0);
    for (const map of maps) {
      const sources: string[] = JSON.parse(read(map)).sources;
      for (const source of sources) {
        const path = posix.join(posix.dirname(map), source);
        // the dependency is in a package of its own
        if (!path.includes('@assemblyscript/loader')) expect(files).toContain(path);
      }
    }
    for (const path of files.filter((file) => file.endsWith('.js'))) {
      const [, map] = /^\/\/# sourceMappingURL=(.+)$/m.exec(read(path)) ?? [];
      if (map !== undefined) expect(files).toContain(posix.join(posix.dirname(path), map));
    }
  });

  it("has types that need neither a page's nor Node's, nor those of another package", () => {
    const entries = Object.keys(shipped.exports).filter((entry) => entry !== './package.json');
    expect(entries.length).toBeGreaterThan(8);
    const program = entries.map((entry) => `import '${entry.replace('.', 'convlet')}';\n`);
    for (const types of [[], ['node']]) {
      const options = { lib: ['es2022'], types, skipLibCheck: false };
      const project = mkdtempSync(join(folder, 'types-'));
      expect(typeErrors(project, [program.join('')], options, installed)).toBe('');
    }
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

describe('npm pack in a clone', () => {
  /** What is in one, before and after. */
  const CLONE = ['LICENSE', 'README.md', 'dist', 'package.json', 'scripts'];

  /** A clone whose build is known by a mark that it leaves. */
  function newClone(): string {
    const clone = mkdtempSync(join(folder, 'clone-'));
    for (const name of ['package.json', 'README.md', 'LICENSE', 'scripts']) {
      cpSync(join(root, name), join(clone, name), { recursive: true });
    }
    writeFileSync(
      join(clone, 'scripts/build.js'),
      "import { mkdirSync, writeFileSync } from 'node:fs';\nmkdirSync('dist', { recursive: true });\nwriteFileSync('dist/fresh.js', '');\n",
    );
    return clone;
  }

  const temporary = mkdtempSync(join(folder, 'temporary-'));

  function npm(clone: string, ...args: string[]) {
    return spawnSync('npm', [...args, '--registry', 'http://127.0.0.1:1'], {
      cwd: clone,
      encoding: 'utf8',
      env: { ...process.env, TMPDIR: temporary },
    });
  }

  /** No folder in which a package was put together is left over. */
  function expectTidy(): void {
    expect(readdirSync(temporary).filter((name) => name.startsWith('convlet-'))).toEqual([]);
  }

  it('packs a fresh build without scripts and changes nothing in the clone', () => {
    const clone = newClone();
    const links = '[above](#top), [site](https://example.org/)';
    writeFileSync(join(clone, 'README.md'), `${links}, [guide](docs/guide.md)`);
    const { status, stderr } = npm(clone, 'pack');
    expect(status, stderr).toBe(0);
    const name = `convlet-${manifest.version}.tgz`;
    const digest = createHash('sha512')
      .update(readFileSync(join(clone, name)))
      .digest('base64');
    expect(stderr).toContain(`${name}: replaced by the file that ships, sha512-${digest}`);
    expectTidy();
    execFileSync('tar', ['-xf', name], { cwd: clone });
    const inside = JSON.parse(readFileSync(join(clone, 'package/package.json'), 'utf8'));
    expect(inside).not.toHaveProperty('scripts');
    expect(readFileSync(join(clone, 'package/README.md'), 'utf8')).toBe(
      `${links}, [guide](https://github.com/convlet/convlet/blob/main/docs/guide.md)`,
    );
    expect(existsSync(join(clone, 'package/dist/fresh.js'))).toBe(true);
    expect(readFileSync(join(clone, 'package.json'))).toEqual(
      readFileSync(join(root, 'package.json')),
    );
    expect(readdirSync(clone).sort()).toEqual(
      ['LICENSE', 'README.md', name, 'dist', 'package', 'package.json', 'scripts'].sort(),
    );
  });

  it('leaves no packed file and the clone as it was if packing fails', () => {
    const clone = newClone();
    rmSync(join(clone, 'LICENSE')); // scripts/pack.js needs it
    expect(npm(clone, 'pack').status).not.toBe(0);
    expectTidy();
    expect(readdirSync(clone).sort()).toEqual(['README.md', 'dist', 'package.json', 'scripts']);
    expect(readFileSync(join(clone, 'package.json'))).toEqual(
      readFileSync(join(root, 'package.json')),
    );
  });

  it('writes no file in a dry run', () => {
    const clone = newClone();
    const { status, stderr } = npm(clone, 'pack', '--dry-run');
    expect(status, stderr).toBe(0);
    expect(stderr).not.toContain('replaced');
    expect(readdirSync(clone).sort()).toEqual(CLONE);
  });

  it('replaces the file in a folder that is named from another one', () => {
    const clone = newClone();
    const above = mkdtempSync(join(folder, 'above-'));
    mkdirSync(join(above, 'out'));
    const { status, stderr } = npm(above, 'pack', clone, '--pack-destination', 'out');
    expect(status, stderr).toBe(0);
    execFileSync('tar', ['-xf', `out/convlet-${manifest.version}.tgz`], { cwd: above });
    const inside = JSON.parse(readFileSync(join(above, 'package/package.json'), 'utf8'));
    expect(inside).not.toHaveProperty('scripts');
    expect(existsSync(join(clone, 'out'))).toBe(false);
  });

  it('refuses --json, whose digest would be that of another file', () => {
    const clone = newClone();
    const { status, stderr } = npm(clone, 'pack', '--json');
    expect(status).not.toBe(0);
    expect(stderr).toContain('node scripts/pack.js FOLDER');
    expect(readdirSync(clone).sort()).toEqual(CLONE);
  });

  it('refuses to publish the clone, and says what to publish', () => {
    const { status, stdout, stderr } = npm(newClone(), 'publish', '--dry-run');
    expect(status).not.toBe(0);
    expect(stdout + stderr).toMatch(
      /npm publish convlet-VERSION\.tgz in CI, or with --provenance=false/,
    );
  });
});
