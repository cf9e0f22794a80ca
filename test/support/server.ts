/**
 * A small static server for tests in real browsers: folders of files and pages kept in memory, on a free port of
 * 127.0.0.1, with the headers a test asks for.
 */
import { readFile, realpath } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, sep } from 'node:path';

export interface ServerOptions {
  /** Folder of the files below each path: `{ '/dist/': '…/dist' }`. The longest path that fits wins. */
  readonly folders?: Readonly<Record<string, string>>;
  /** HTML of pages, or any other text with the type of its ending, by path: `{ '/': '<!doctype html>…' }`. */
  readonly pages?: Readonly<Record<string, string>>;
  /** Sends COOP, COEP and CORP, so that pages are cross-origin isolated and have shared memory. */
  readonly isolated?: boolean;
  /** The Content-Security-Policy of everything. */
  readonly csp?: string;
}

export interface TestServer {
  /** `http://127.0.0.1:<port>`, without a slash. */
  readonly origin: string;
  /** Paths asked for so far, in order. */
  readonly requests: readonly string[];
  close(): Promise<void>;
}

const TYPES: Readonly<Record<string, string>> = {
  '': 'text/html; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.txt': 'text/plain; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
};

const ISOLATION: Readonly<Record<string, string>> = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

/** An answer that is no file. */
class Refusal extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Starts serving. Call `close()` when done. */
export async function serve(options: ServerOptions): Promise<TestServer> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(request.url ?? '');
    answer(options, request, response).catch((error: unknown) => {
      const status = error instanceof Refusal ? error.status : 500;
      if (!response.headersSent) response.writeHead(status, { 'Content-Type': 'text/plain' });
      response.end(error instanceof Error ? error.message : String(error));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return { origin: `http://127.0.0.1:${port}`, requests, close: () => close(server) };
}

async function answer(
  options: ServerOptions,
  { method, url }: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (method !== 'GET' && method !== 'HEAD') throw new Refusal(405, 'GET and HEAD only');
  const path = pathOf(url ?? '/');
  const body = options.pages?.[path] ?? (await fileAt(options.folders ?? {}, path));
  const type = TYPES[extname(path)] ?? 'application/octet-stream';
  response.writeHead(200, {
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
    ...(options.isolated ? ISOLATION : {}),
    ...(options.csp === undefined ? {} : { 'Content-Security-Policy': options.csp }),
  });
  response.end(method === 'HEAD' ? undefined : body);
}

/** The decoded path of a request, without its query. */
function pathOf(url: string): string {
  try {
    // not `new URL`, which would resolve the dots that are to be refused
    return decodeURIComponent(url.replace(/[?#].*$/, ''));
  } catch {
    throw new Refusal(400, `expected a percent-encoded path, got ${url}`);
  }
}

/** The bytes of the file that a path names, which must lie in the folder, links followed. */
async function fileAt(folders: Readonly<Record<string, string>>, path: string): Promise<Buffer> {
  const prefixes = Object.keys(folders).filter((prefix) => path.startsWith(prefix));
  const [prefix] = prefixes.sort((a, b) => b.length - a.length);
  const folder = prefix === undefined ? undefined : folders[prefix];
  if (prefix === undefined || folder === undefined) throw new Refusal(404, `nothing at ${path}`);
  if (/[\\\0]|(^|\/)\.\.(\/|$)/.test(path)) throw new Refusal(403, `${path} leaves its folder`);
  const file = join(folder, path.slice(prefix.length));
  try {
    const [real, root] = await Promise.all([realpath(file), realpath(folder)]);
    if (!real.startsWith(root + sep)) throw new Refusal(403, `${path} leaves its folder`);
    return await readFile(real);
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal(404, `no file at ${path}`);
  }
}

function close(server: Server): Promise<void> {
  server.closeAllConnections(); // browsers keep theirs open
  return new Promise((resolve) => server.close(() => resolve()));
}
