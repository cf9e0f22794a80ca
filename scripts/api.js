/**
 * Makes docs/api/ out of the doc comments: a page for each entry of the package, in Markdown, by TypeDoc.
 * `npm run docs:api` installs what it needs (scripts/api/) and runs this file; it prints every export without a comment, and
 * then fails.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Application, ReflectionKind } from './api/node_modules/typedoc/dist/index.js';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The sources of the entries, as package.json names them. */
const { exports } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'));
const entries = Object.keys(exports)
  .filter((name) => !/\.(json|wasm)$/.test(name))
  .map((name) => (name === '.' ? 'index' : name.slice(2)));

/** What a reader may import or call: each of these needs a comment. */
const DOCUMENTED =
  ReflectionKind.Class |
  ReflectionKind.Interface |
  ReflectionKind.Function |
  ReflectionKind.Variable |
  ReflectionKind.TypeAlias |
  ReflectionKind.Method;

const app = await Application.bootstrapWithPlugins({
  plugin: [
    fileURLToPath(import.meta.resolve('./api/node_modules/typedoc-plugin-markdown/dist/index.js')),
  ],
  entryPoints: entries.map((name) => `${root}/src/${name}.ts`),
  tsconfig: `${root}/scripts/api/tsconfig.json`,
  out: process.argv[2] ?? `${root}/docs/api`,
  name: 'Convlet',
  readme: 'none',
  skipErrorChecking: true, // `npm run types` checks them, with the compiler of the project
  excludePrivate: true,
  excludeInternal: true,
  disableSources: true,
  githubPages: false,
  includeVersion: false,
  logLevel: 'Warn',
  validation: { notExported: false, invalidLink: true, notDocumented: false },
  router: 'module',
  entryFileName: 'README',
  hidePageHeader: true,
  hideBreadcrumbs: true,
  useCodeBlocks: true,
  parametersFormat: 'table',
  interfacePropertiesFormat: 'table',
  classPropertiesFormat: 'table',
  typeDeclarationFormat: 'table',
});

const project = await app.convert();
if (project === undefined) throw new Error('api: expected the sources to be read. See above.');
const bare = project
  .getReflectionsByKind(DOCUMENTED)
  .filter((one) => !one.getFullName().startsWith('kernels.Kernels.')) // docs/abi.md has each of them
  .filter((one) => !one.hasComment() && !(one.signatures ?? []).some((s) => s.hasComment()))
  .map((one) => one.getFullName());
if (bare.length > 0) console.error(`without a comment: ${bare.join(', ')}`);
await app.generateOutputs(project);
process.exitCode = bare.length > 0 || app.logger.hasErrors() ? 1 : 0;
