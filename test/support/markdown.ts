/** Pages for people: their blocks of code and tables, and programs that run as they are printed. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The text of a page, by its path from the root of the repository. */
export function pageOf(path: string): string {
  return readFileSync(`${root}/${path}`, 'utf8');
}

/** What stands under a heading of the second rank, up to the next one. */
export function sectionOf(page: string, heading: string): string {
  const [, rest] = page.split(`\n## ${heading}\n`);
  if (rest === undefined) return expect.fail(`no section ${heading}`);
  return rest.split('\n## ')[0] ?? '';
}

/** All blocks of code in a language. */
export function blocksOf(text: string, language: string): string[] {
  const blocks = text.matchAll(new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``, 'g'));
  return Array.from(blocks, ([, block = '']) => block);
}

/** The first of them. */
export function blockOf(text: string, language: string): string {
  return blocksOf(text, language)[0] ?? expect.fail(`no block of ${language}`);
}

/** The cells of all rows of tables, without their heads. */
export function rowsOf(text: string): string[][] {
  const lines = text.split('\n');
  return lines
    .filter((line, n) => line.startsWith('|') && !/^\|[-|]*\|$/.test(lines[n + 1] ?? ''))
    .filter((line) => !/^\|[-|]*\|$/.test(line))
    .map((line) =>
      line
        .slice(1, -1)
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim()),
    );
}

/** The pieces of code in a text: `between backticks`. */
export function codesIn(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
}

/** The program with each of the texts replaced by another; all of them are there. */
export function withChanges(program: string, changes: Readonly<Record<string, string>>): string {
  let changed = program;
  for (const [from, to] of Object.entries(changes)) {
    expect(changed).toContain(from);
    changed = changed.replaceAll(from, to);
  }
  return changed;
}

/** What a module prints that runs in the root of the repository, without a word of complaint. */
export function runProgram(program: string): string {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--input-type=module', '--eval', program],
    { cwd: root, encoding: 'utf8' },
  );
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return stdout;
}
