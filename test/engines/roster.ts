/** The engines and where they are found: those that `test/peers` installs, and the machine's browsers. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BrowserKind, findBrowser } from '../support/browser.ts';
import { browserEngine } from './browserEngine.ts';
import type { Engine, MissingEngine } from './engine.ts';
import { processEngine } from './processEngine.ts';

const peers = fileURLToPath(new URL('../peers/node_modules', import.meta.url));
const { platform, arch } = process;

/** Nothing but what the program needs; nothing fetched, nothing written beside it. */
const BUN_ARGUMENTS = ['run', '--no-install'];
const DENO_ARGUMENTS = [
  'run',
  '--no-prompt',
  '--no-lock',
  '--cached-only',
  '--node-modules-dir=manual',
  '--allow-read',
  '--allow-env',
];

/** The programs that `npm ci` puts there: each package's install script moves its own, unless it did not run. */
const PROGRAMS = {
  node: ['node/bin/node'],
  bun: [`@oven/bun-${platform}-${arch === 'arm64' ? 'aarch64' : arch}/bin/bun`, 'bun/bin/bun.exe'],
  deno: [`@deno/${platform}-${arch}${platform === 'linux' ? '-glibc' : ''}/deno`, 'deno/deno'],
} as const;

/** Ways to start an engine, by the name of its rows. */
const ENGINES: Readonly<
  Record<
    string,
    (name: string, digits: string) => Engine | MissingEngine | Promise<Engine | MissingEngine>
  >
> = {
  Node: (name, digits) => processEngine(name, [runningNode()], digits),
  'Node 24': program('node', []),
  'Node 24 wide': wideNode,
  Chromium: browser('chromium'),
  Firefox: browser('firefox'),
  Bun: program('bun', BUN_ARGUMENTS),
  Deno: program('deno', DENO_ARGUMENTS),
};

/** Starts the engines that are here. Close them when done. @param digits Path of the file. */
export function startEngines(
  digits: string,
  only: RegExp = /./,
): Promise<(Engine | MissingEngine)[]> {
  const chosen = Object.entries(ENGINES).filter(([name]) => only.test(name));
  return Promise.all(chosen.map(([name, start]) => start(name, digits)));
}

/** The Node that npm runs on: the script itself needs a newer one, which reads TypeScript. */
function runningNode(): string {
  return process.env.npm_node_execpath ?? process.execPath;
}

/** With vectors of 256 bits, which only x64 has. */
function wideNode(name: string, digits: string): Engine | MissingEngine {
  if (arch !== 'x64') return { name, missing: 'a processor of x64' };
  return program('node', [], true)(name, digits);
}

function program(key: keyof typeof PROGRAMS, args: readonly string[], isWide: boolean = false) {
  return (name: string, digits: string): Engine | MissingEngine => {
    const found = PROGRAMS[key].map((path) => join(peers, path)).find((path) => existsSync(path));
    if (found === undefined) return { name, missing: 'npm ci --prefix test/peers' };
    return processEngine(name, [found, ...args], digits, isWide);
  };
}

function browser(kind: BrowserKind) {
  return async (name: string, digits: string): Promise<Engine | MissingEngine> => {
    const path = findBrowser(kind);
    if (path !== undefined) return browserEngine(name, kind, path, digits);
    return { name, missing: `install it, or set ${kind.toUpperCase()}_PATH` };
  };
}
