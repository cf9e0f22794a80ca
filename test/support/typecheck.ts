/** Programs as their readers compile them: strictly, with Convlet as an installed package. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

const STRICTEST = {
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  module: 'nodenext',
  target: 'es2022',
  noEmit: true,
};

/** Which types a project has besides those of the language. */
const PLACES = {
  page: { lib: ['es2022', 'dom'], types: [] },
  node: { lib: ['es2022'], types: ['node'] },
};

/**
 * What TypeScript has to say of programs; nothing if they are right.
 * @param folder An empty one. @param place A place, or options of the compiler. @param convlet The package's folder.
 */
export function typeErrors(
  folder: string,
  programs: readonly string[],
  place: keyof typeof PLACES | object,
  convlet: string = root,
): string {
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(convlet, join(folder, 'node_modules', 'convlet'));
  symlinkSync(join(root, 'node_modules', '@types'), join(folder, 'node_modules', '@types'));
  for (const [n, text] of programs.entries()) writeFileSync(join(folder, `${n}.ts`), text);
  const ofPlace = typeof place === 'object' ? place : PLACES[place];
  const compilerOptions = { ...STRICTEST, ...ofPlace };
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions }));
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const { stdout, stderr } = spawnSync(process.execPath, [tsc, '-p', folder, '--pretty', 'false'], {
    cwd: folder,
    encoding: 'utf8',
  });
  return stdout + stderr;
}
