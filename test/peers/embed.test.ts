/** examples/embed/node reaches the documented bytes in Bun and Deno too, with only kernels.wasm and docs/abi.md. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const peers = join(root, 'test/peers/node_modules');
const example = join(root, 'examples/embed/node/train.js');
const { segments } = JSON.parse(
  readFileSync(join(root, 'examples/embed/vectors/recipe.json'), 'utf8'),
);
const { platform, arch } = process;

/** The programs that the packages install, and what each is told so that it fetches nothing. */
const RUNTIMES = [
  {
    name: 'Node 24',
    places: ['node/bin/node'],
    args: [],
    version: /^v24\./,
  },
  {
    name: 'Bun',
    places: [
      `@oven/bun-${platform}-${arch === 'arm64' ? 'aarch64' : arch}/bin/bun`,
      'bun/bin/bun.exe',
    ],
    args: ['run', '--no-install'],
    version: /^1\./,
  },
  {
    name: 'Deno',
    places: [`@deno/${platform}-${arch}${platform === 'linux' ? '-glibc' : ''}/deno`, 'deno/deno'],
    args: ['run', '--no-prompt', '--no-lock', '--cached-only', '--allow-read'],
    version: /^deno 2\./,
  },
] as const;

describe.each(RUNTIMES)('$name', ({ name, places, args, version }) => {
  const program = places.map((place) => join(peers, place)).find((path) => existsSync(path)) ?? '';
  const run = (...args: string[]) => execFileSync(program, args, { cwd: root, encoding: 'utf8' });

  it('is the engine that the title names', () => {
    expect(program, `no ${name}: npm ci --prefix test/peers`).not.toBe('');
    expect(run('--version')).toMatch(version);
  });

  it('trains the reference network to the documented bytes', () => {
    const lines = run(...args, example)
      .trim()
      .split('\n');
    expect(lines).toHaveLength(segments.epochs + 1);
    expect(lines[0]).toBe(`initial ${segments.initialSha256}`);
    expect(lines[1]).toMatch(new RegExp(` weights ${segments.epoch1Sha256}$`));
    expect(lines.at(-1)).toMatch(new RegExp(` weights ${segments.lastSha256}$`));
  });
});
