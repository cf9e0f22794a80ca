/** TypeScript 5 with `moduleResolution: node10`, which does not read `exports`, finds the types of every entry. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolders } from '../support/folder.ts';
import { newProject, runPeer } from './project.ts';

const newFolder = temporaryFolders();

it('resolves every entry under node10', () => {
  const folder = newProject(newFolder(), 'bundlers');
  const entries = [
    '',
    '/node',
    '/formats',
    '/reference',
    '/bench',
    '/inline',
    '/worker',
    '/storage',
    '/mpi',
  ];
  const imports = [...entries, '/kernels', '/kernels.wasm', '/kernels.threads.wasm'].map(
    (entry) => `import 'convlet${entry}';\n`,
  );
  // without a type in use, TypeScript would not report an import that it cannot resolve
  const uses =
    "import { createBackend } from 'convlet/inline';\nexport const answer: string = createBackend;\n";
  writeFileSync(join(folder, 'main.ts'), imports.join('') + uses);
  const compilerOptions = {
    strict: true,
    noEmit: true,
    target: 'es2022',
    lib: ['es2022'],
    types: [],
    module: 'commonjs',
    moduleResolution: 'node10',
    noUncheckedSideEffectImports: true,
    skipLibCheck: false,
  };
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions, files: ['main.ts'] }),
  );
  let text = '';
  try {
    runPeer('typescript', ['-p', '.', '--pretty', 'false'], folder);
  } catch (error) {
    text = String((error as { stdout?: unknown }).stdout);
  }
  // the wrong use is the only error
  expect(
    text
      .trim()
      .split('\n')
      .filter((line) => line.startsWith('main') || line.includes('node_modules')),
  ).toEqual([
    expect.stringMatching(/^main\.ts\(14,14\): error TS2322: .*is not assignable to type 'string'/),
  ]);
});
