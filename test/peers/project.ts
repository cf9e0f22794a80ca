/** Somebody's project, with Convlet installed as it ships, and the programs that the peers install. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
export const peers: string = fileURLToPath(new URL('.', import.meta.url));

/**
 * Fills a folder with a project.
 * @param folder An empty folder. @param files Name of a folder beside this file, which is copied.
 */
export function newProject(folder: string, files: string): string {
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, '@assemblyscript'), { recursive: true });
  execFileSync(process.execPath, [join(root, 'scripts/pack.js'), folder]);
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  execFileSync('tar', ['-xf', `convlet-${version}.tgz`], { cwd: folder });
  renameSync(join(folder, 'package'), join(modules, 'convlet'));
  const loader = dirname(createRequire(import.meta.url).resolve('@assemblyscript/loader'));
  cpSync(dirname(loader), join(modules, '@assemblyscript/loader'), { recursive: true });
  cpSync(join(peers, files), folder, { recursive: true });
  mkdirSync(join(folder, 'public'), { recursive: true });
  writeFileSync(join(folder, 'public/icon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
  writeFileSync(join(folder, 'package.json'), '{ "type": "module", "private": true }');
  return folder;
}

/** Path of the program that a package of the peers installs. */
export function peerProgram(name: string, program: string = name): string {
  const folder = join(peers, 'node_modules', name);
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return join(folder, typeof bin === 'string' ? bin : bin[program]);
}

/** Runs that program. @returns what it prints. @throws {Error} with what it prints, if it fails. */
export function runPeer(name: string, args: readonly string[], cwd: string): string {
  const program = name === 'typescript' ? 'tsc' : name;
  return execFileSync(process.execPath, [peerProgram(name, program), ...args], {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'production' },
  });
}
