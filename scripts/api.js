/**
 * Makes docs/api/ out of the doc comments: a page for each entry of the package, in Markdown, by TypeDoc.
 * `npm run docs:api` installs what it needs (scripts/api/) and runs this file; it prints every export without a comment, and
 * then fails.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Application, ReflectionKind } from './api/node_modules/typedoc/dist/index.js';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The sources of the entries, as package.json names them. */
const { exports } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'));
const entries = Object.keys(exports)
  .filter((name) => !/\.(json|wasm)$/.test(name))
  .map((name) => (name === '.' ? 'index' : name.slice(2)));
const out = process.argv[2] ?? `${root}/docs/api`;

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
  out,
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
tellEntries(`${out}/README.md`);
process.exitCode = bare.length > 0 || app.logger.hasErrors() ? 1 : 0;

/** In the list of entries, the name by which each is imported, and what it is for: the comment of its file. */
function tellEntries(path) {
  const list = readFileSync(path, 'utf8').replace('## Modules', '## Entries');
  const told = list.replace(/^- \[(.+)\]\((.+)\)$/gm, (_, entry, page) => {
    const name = entry === 'index' ? 'convlet' : `convlet/${entry}`;
    return `- [\`${name}\`](${page}): ${purposeOf(entry, name)}`;
  });
  writeFileSync(path, told);
}

/** The comment without the name of the entry, which stands before it. */
function purposeOf(entry, name) {
  const { summary } = project.getChildByName([entry]).comment;
  const text = summary.map((part) => part.text).join('');
  const rest = text
    .replaceAll(/\s+/g, ' ')
    .replace(new RegExp(`(: )?\`${name}\`(: |(?=[.,]))`), '');
  return rest.charAt(0).toUpperCase() + rest.slice(1);
}
