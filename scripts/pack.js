/**
 * Replaces the file that `npm pack` has just written in a clone by the one that ships. `npm pack` runs this file last, as
 * `postpack`; `node scripts/pack.js FOLDER` writes the same file into a folder, from the dist/ that is there.
 *
 * What ships has no scripts (npm warns of them on every install) and no development dependencies, and the links of its
 * README lead to the repository. It is packed in a folder of its own: the package.json of the clone is never changed, so
 * there is nothing to restore if packing fails or is killed.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const { env } = process;
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const packed = `${manifest.name}-${manifest.version}.tgz`;
const [, , given] = process.argv;
// npm passes --pack-destination on as it was typed: it is meant from the folder where npm was called
const destination = given
  ? resolve(given)
  : resolve(env.INIT_CWD ?? root, env.npm_config_pack_destination || '.');

/** The manifest without what only a clone needs. */
function shippedManifest() {
  const { scripts, devDependencies, 'size-limit': limits, allowScripts, ...shipped } = manifest;
  return `${JSON.stringify(shipped, null, 2)}\n`;
}

/** The README with the addresses of its links, which are relative in the clone. */
function shippedReadme() {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const repository = manifest.homepage.replace('#readme', '');
  return readme.replaceAll(
    /(!\[[^\]]*)?\]\((?!https?:|#)([^)]+)\)/g,
    (_link, image, path) =>
      `${image ?? ''}](${repository}/${image === undefined ? 'blob' : 'raw'}/main/${path})`,
  );
}

/** Packs in the folder `stage`. @returns the path of the packed file. */
function pack(stage) {
  for (const name of ['dist', 'LICENSE']) {
    cpSync(join(root, name), join(stage, name), { recursive: true });
  }
  writeFileSync(join(stage, 'package.json'), shippedManifest());
  writeFileSync(join(stage, 'README.md'), shippedReadme());
  const [program, first] = env.npm_execpath ? [process.execPath, [env.npm_execpath]] : ['npm', []];
  execFileSync(program, [...first, 'pack', '--ignore-scripts', '--pack-destination', '.'], {
    cwd: stage,
    shell: program === 'npm' && process.platform === 'win32', // where npm is npm.cmd
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...env, npm_config_loglevel: 'error', npm_config_json: 'false' },
  });
  return join(stage, packed);
}

if (env.npm_config_dry_run !== 'true') {
  const stage = mkdtempSync(join(tmpdir(), 'convlet-'));
  const target = join(destination, packed);
  const unfinished = join(destination, `.${packed}.unfinished`);
  try {
    rmSync(target, { force: true }); // a file that still has the scripts is not left behind if this fails
    if (given === undefined && env.npm_config_json === 'true') {
      throw new Error(
        'npm pack --json: expected no --json, as npm would print the digest of the file that is replaced. Run: node scripts/pack.js FOLDER',
      );
    }
    cpSync(pack(stage), unfinished);
    renameSync(unfinished, target);
  } finally {
    for (const path of [stage, unfinished]) rmSync(path, { recursive: true, force: true });
  }
  if (env.npm_command === 'pack' && env.npm_config_loglevel !== 'silent') {
    // npm prints the digest of the file that it had written
    const digest = createHash('sha512').update(readFileSync(target)).digest('base64');
    process.stderr.write(`${packed}: replaced by the file that ships, sha512-${digest}\n`);
  }
}
