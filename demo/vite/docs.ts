/**
 * The documentation as pages of the site: README.md, docs/, docs/api/ and demo/README.md, from Markdown to HTML. Links among them
 * lead to the pages, links to other files to the repository.
 * @module
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Marked, type Tokens } from 'marked';
import type { Plugin } from 'vite';
import { POLICY } from './policy.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const styles = fileURLToPath(new URL('../src/styles', import.meta.url));
const REPOSITORY = 'https://github.com/convlet/convlet/blob/main/';

/** Where a file of the repository is on the site. */
type Places = ReadonlyMap<string, string>;

export function docs(): Plugin {
  return {
    name: 'docs',
    apply: 'build',
    transformIndexHtml: (html) =>
      html.replace('<span id="offline">', '<a href="./docs/index.html">Documentation</a>. $&'),
    generateBundle() {
      const places = placesOf(markdownFiles());
      for (const [source, fileName] of places) {
        const markdown = readFileSync(join(root, source), 'utf8');
        this.emitFile({
          type: 'asset',
          fileName,
          source: pageOf(source, fileName, markdown, places),
        });
      }
      for (const name of readdirSync(join(root, 'docs')).filter((name) =>
        /\.(png|svg)$/.test(name),
      )) {
        const source = readFileSync(join(root, 'docs', name));
        this.emitFile({ type: 'asset', fileName: `docs/${name}`, source });
      }
      this.emitFile({ type: 'asset', fileName: 'docs/docs.css', source: styleOf() });
    },
  };
}

/** Paths from the root of the repository. */
function markdownFiles(): string[] {
  const inDocs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md'))
    .map((path) => `docs/${path}`);
  return ['README.md', 'demo/README.md', ...inDocs.sort()].filter((path) =>
    existsSync(join(root, path)),
  );
}

function placesOf(files: readonly string[]): Places {
  const place = (path: string) => {
    if (path === 'README.md') return 'docs/index.html';
    if (path === 'docs/README.md') return 'docs/contents.html';
    if (path === 'demo/README.md') return 'docs/demo.html';
    return path.replace(/README\.md$/, 'index.html').replace(/\.md$/, '.html');
  };
  return new Map(files.map((path) => [path, place(path)]));
}

function pageOf(source: string, fileName: string, markdown: string, places: Places): string {
  const up = relative(dirname(fileName), '.') || '.';
  const title = /^# (.*)$/m.exec(markdown)?.[1] ?? source;
  return `<!doctype html>
<html lang="en">
  <head>
    <meta http-equiv="Content-Security-Policy" content="${POLICY}" />
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>${escapeHtml(title.replaceAll('`', ''))} – Convlet</title>
    <link rel="icon" href="data:," />
    <link rel="stylesheet" href="${up}/docs/docs.css" />
  </head>
  <body>
    <nav class="site" aria-label="Site">
      <a href="${up}/index.html">Demo</a>
      <a href="${up}/learn.html">Your own pictures</a>
      <a href="${up}/bench.html">Bench</a>
      <a href="${up}/docs/index.html">Documentation</a>
      ${places.has('docs/api/README.md') ? `<a href="${up}/docs/api/index.html">API</a>` : ''}
    </nav>
    <main class="text">
${render(source, fileName, markdown, places)}
    </main>
  </body>
</html>
`;
}

function render(source: string, fileName: string, markdown: string, places: Places): string {
  const ids = new Map<string, number>();
  const link = (href: string) => linkOf(href, source, fileName, places);
  const marked = new Marked({
    async: false,
    renderer: {
      heading({ tokens, depth, text }: Tokens.Heading) {
        return `<h${depth} id="${idOf(text, ids)}">${this.parser.parseInline(tokens)}</h${depth}>\n`;
      },
      link({ href, tokens }: Tokens.Link) {
        return `<a href="${escapeHtml(link(href))}">${this.parser.parseInline(tokens)}</a>`;
      },
      code({ text }: Tokens.Code) {
        // a long line scrolls, also by the keyboard
        return `<pre tabindex="0"><code>${escapeHtml(text)}</code></pre>\n`;
      },
      image({ href, text }: Tokens.Image) {
        return `<img src="${escapeHtml(link(href))}" alt="${escapeHtml(text)}" />`;
      },
      table({ header, rows }: Tokens.Table) {
        const cells = (tag: string, row: readonly Tokens.TableCell[]) =>
          row.map((cell) => `<${tag}>${this.parser.parseInline(cell.tokens)}</${tag}>`).join('');
        const body = rows.map((row) => `<tr>${cells('td', row)}</tr>`).join('\n');
        // a wide table scrolls by itself, and by the keyboard
        return `<div class="wide" tabindex="0" role="region" aria-label="Table"><table><thead><tr>${cells('th', header)}</tr></thead><tbody>${body}</tbody></table></div>\n`;
      },
    },
  });
  return marked.parse(markdown) as string; // not async
}

/** Where a link of a file leads on the site. */
function linkOf(href: string, source: string, fileName: string, places: Places): string {
  if (/^(#|[a-z]+:)/i.test(href)) return href;
  const [path = '', hash] = href.split('#');
  const target = posix.normalize(posix.join(posix.dirname(source), path));
  const anchor = hash === undefined ? '' : `#${hash}`;
  const place =
    places.get(target) ?? (/^docs\/[^/]+\.(png|svg)$/.test(target) ? target : undefined);
  if (place === undefined) return `${REPOSITORY}${target}${anchor}`;
  return `${posix.relative(posix.dirname(fileName), place)}${anchor}`;
}

/** As the repository's host makes it of a heading. */
function idOf(text: string, ids: Map<string, number>): string {
  const id = text
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-');
  const count = ids.get(id) ?? 0;
  ids.set(id, count + 1);
  return count === 0 ? id : `${id}-${count}`;
}

/** The page's own style. Without a script, the colours follow the system. */
function styleOf(): string {
  const [base, own] = ['base.css', 'docs.css'].map((name) =>
    readFileSync(join(styles, name), 'utf8'),
  );
  const dark = /:root\[data-theme="dark"\] (\{[^}]*\})/;
  return `${base?.replace(dark, '@media (prefers-color-scheme: dark) {\n  :root $1\n}')}\n${own}`;
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
