/** The programs of the README and of its pages run as printed, and the files and scripts that they name exist. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
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
const training = pageOf('docs/training.md');
const browser = pageOf('docs/browser.md');
/** Pages for people, as links are relative to their folders. */
const pages = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', ...pagesIn('docs')];

function pagesIn(folder: string): string[] {
  const names = readdirSync(join(root, folder)).filter((name) => name.endsWith('.md'));
  return names.map((name) => `${folder}/${name}`);
}

/** The names by which links reach the headings of a page. */
function anchorsOf(page: string): string[] {
  return [...page.matchAll(/^#+ (.+)$/gm)].map(([, text = '']) =>
    text
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** What the block of JavaScript under a heading prints. */
const run = (heading: string) => runProgram(blockOf(sectionOf(readme, heading), 'js'));

it('has a program that prints what stands below it', () => {
  const [, program = '', printed] =
    /\n```js\n([\s\S]*?)```\n\n```\n([\s\S]*?)```\n/.exec(readme) ?? [];
  expect(runProgram(program)).toBe(printed);
});

it('is a front page, and begins its part for contributors with the commands of a clone', () => {
  expect(readme.split('\n').length).toBeLessThanOrEqual(140);
  const commands = blockOf(sectionOf(readme, 'Contributing'), 'sh');
  expect(commands).toMatch(/^npm ci && npm run train +#.*\nnpm ci && npm test +#.*\n$/);
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
    const loaded = runProgram(
      withChanges(blockOf(sectionOf(training, 'Models that were saved'), 'js'), changes),
    );
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
  const inPage = blockOf(sectionOf(browser, 'A page that trains'), 'ts');
  const data =
    "import type { Dataset } from 'convlet';\ndeclare const train: Dataset, test: Dataset;\n";
  expect(typeErrors(folder(), [data + inPage], 'page')).toBe('');
  const guides = ['docs/from-keras.md', 'docs/from-pytorch.md'].map(pageOf);
  const programs = [readme, training, ...guides].flatMap((page) => blocksOf(page, 'js'));
  expect(programs.length).toBeGreaterThan(6);
  expect(typeErrors(folder(), programs, 'node')).toBe('');
  const wrong = inPage.replace('epochs: 3', 'epoch: 3');
  expect(typeErrors(folder(), [data + wrong], 'page')).toContain("'epoch' does not exist");
});

it('has a program for the kernels that runs', () => {
  expect(run('Just the kernels')).toBe('19 22 43 50\n');
});

it.each(pages)('%s links to files and headings that exist', (path) => {
  for (const [, link = ''] of pageOf(path).matchAll(/\]\((?!https?:)([^)]+)\)/g)) {
    const [file = '', heading] = link.split('#');
    const target = file === '' ? path : join(dirname(path), file);
    expect(existsSync(join(root, target)), link).toBe(true);
    if (heading !== undefined) expect(anchorsOf(pageOf(target)), link).toContain(heading);
  }
});

it.each(pages)('%s names scripts that exist', (path) => {
  const { scripts } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'));
  for (const [, name = ''] of pageOf(path).matchAll(/npm run (?:-s )?([\w:]+)/g))
    expect(scripts, name).toHaveProperty(name);
});

it('lists every page of docs', () => {
  const index = pageOf('docs/README.md');
  for (const page of pagesIn('docs')) {
    if (page !== 'docs/README.md') expect(index).toContain(`](${basename(page)})`);
  }
});

it('names every optional package', () => {
  const { optionalDependencies } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'));
  const [, list = ''] = /trains without them:\n([^.]+)\. All/.exec(readme) ?? [];
  expect(list.split(', ').sort()).toEqual(Object.keys(optionalDependencies).sort());
});
