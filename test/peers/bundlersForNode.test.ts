/** Convlet in bundles for Node: each trains on two threads, or says which file it looked for and what to do. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import { build, type Format } from 'esbuild';
import { rollup } from 'rollup';
import { afterAll, describe, expect, it } from 'vitest';
import { temporaryFolders } from '../support/folder.ts';
import { newProject, peerProgram, peers, runPeer } from './project.ts';

const newFolder = temporaryFolders();
const HASH = /^[0-9a-f]{64}$/;

type Entry = 'convlet' | 'convlet/inline';

/** A project whose program imports this entry. */
function projectOf(entry: Entry): string {
  const folder = newProject(newFolder(), 'bundlers');
  rewrite(join(folder, 'node.js'), (code) => code.replace("from 'convlet'", `from '${entry}'`));
  return folder;
}

function rewrite(file: string, change: (text: string) => string): void {
  writeFileSync(file, change(readFileSync(file, 'utf8')));
}

/** What the program says of one thread and of two. */
function run(file: string): string[] {
  return JSON.parse(execFileSync(process.execPath, [file], { encoding: 'utf8' }));
}

/** Each bundles node.js of a folder into out/ and returns the path of the bundle. */
const bundlers: Record<string, (folder: string) => Promise<string>> = {
  'esbuild, as an ECMAScript module': (folder) => esbuild(folder, 'esm', 'mjs'),
  'esbuild, as CommonJS': (folder) => esbuild(folder, 'cjs', 'cjs'),
  Rollup: (folder) => rolledUp(folder, ['node']),
};

async function esbuild(folder: string, format: Format, end: string, external: string[] = []) {
  const outfile = join(folder, `out/deep/bundle.${end}`);
  const [entryPoints, platform] = [[join(folder, 'node.js')], 'node'] as const;
  const options = { entryPoints, platform, format, outfile, external };
  await build({ ...options, bundle: true, logLevel: 'error' });
  return outfile;
}

async function rolledUp(folder: string, exportConditions: string[]): Promise<string> {
  const file = join(folder, 'out/deep/bundle.mjs');
  const plugins = [nodeResolve({ exportConditions })];
  const bundle = await rollup({ input: join(folder, 'node.js'), plugins });
  await bundle.write({ file, inlineDynamicImports: true });
  await bundle.close();
  return file;
}

describe.each(Object.entries(bundlers))('in a bundle for Node by %s', (name, bundle) => {
  it('convlet/inline trains on two threads, to the same weights', async () => {
    const folder = projectOf('convlet/inline');
    const outcomes = run(await bundle(folder));
    expect(outcomes).toEqual(run(join(folder, 'node.js'))); // not bundled
    for (const outcome of outcomes) expect(outcome).toMatch(HASH);
  });

  it('convlet names the file that it looked for, and what to do', async () => {
    const [one, two] = run(await bundle(projectOf('convlet')));
    const address = name.includes('CommonJS') ? /own address/ : /file:.*\/out\/kernels/;
    for (const outcome of [one, two]) {
      expect(outcome).toMatch(address);
      expect(outcome).toMatch(/In a bundle for Node, mark convlet as external.*convlet\/inline/);
      expect(outcome).not.toMatch(/Content-Security|Invalid URL|ENOENT/);
    }
    expect(one).toContain('kernels.wasm');
    expect(two).toContain('kernels.threads.wasm');
  });
});

describe('a bundle for Node', () => {
  it('works with its kernels where the error says', async () => {
    const folder = projectOf('convlet');
    const file = await esbuild(folder, 'esm', 'mjs');
    for (const name of ['kernels.wasm', 'kernels.threads.wasm']) {
      cpSync(join(folder, 'node_modules/convlet/dist', name), join(folder, 'out', name));
    }
    for (const outcome of run(file)) expect(outcome).toMatch(HASH);
  });

  it('works with convlet marked as external', async () => {
    const file = await esbuild(projectOf('convlet'), 'esm', 'mjs', ['convlet']);
    for (const outcome of run(file)) expect(outcome).toMatch(HASH);
  });

  it("says that it holds the code for pages, if the bundler did not resolve the condition 'node'", async () => {
    for (const outcome of run(await rolledUp(projectOf('convlet'), []))) {
      expect(outcome).toMatch(/code for pages: let the bundler resolve the condition 'node'/);
    }
    const [one, two] = run(await rolledUp(projectOf('convlet/inline'), []));
    expect(one).toMatch(HASH);
    expect(two).toMatch(/code for pages: let the bundler resolve the condition 'node'/);
  });

  it.each([
    ['an ECMAScript module', 'esm', 'mjs', /out\/worker\/script\.js/],
    ['CommonJS', 'cjs', 'cjs', /worker\/script\.js/],
  ] as const)('names the script of convlet/worker, as %s', async (_name, format, end, script) => {
    const folder = projectOf('convlet');
    const program =
      "import { createWorkerBackend } from 'convlet/worker';\ncreateWorkerBackend().catch(String).then((text) => console.log(JSON.stringify([text])));\n";
    writeFileSync(join(folder, 'node.js'), program);
    const [message] = run(await esbuild(folder, format, end));
    expect(message).toMatch(script);
    expect(message).toMatch(/In a bundle for Node, mark convlet as external/);
    expect(message).not.toMatch(/worker-src|Invalid URL/);
  });
});

describe('in a route handler of Next.js', () => {
  // inside the peers, because Turbopack follows no link out of the project
  mkdirSync(join(peers, 'build'), { recursive: true });
  const folder = mkdtempSync(join(peers, 'build/next-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const route = (entry: Entry) =>
    readFileSync(join(peers, 'bundlers/node.js'), 'utf8')
      .replace("from 'convlet'", `from '${entry}'`)
      .replace(/globalThis[\s\S]*$/, '')
      .concat(
        "export const dynamic = 'force-dynamic';\nexport const GET = async () => Response.json(await run());\n",
      );

  function newApp(config: object): void {
    rmSync(folder, { recursive: true });
    mkdirSync(folder);
    newProject(folder, 'bundlers');
    for (const [name, entry] of [
      ['main', 'convlet'],
      ['inline', 'convlet/inline'],
    ] as const) {
      mkdirSync(join(folder, 'app', name), { recursive: true });
      writeFileSync(join(folder, 'app', name, 'route.js'), route(entry));
    }
    const root = { turbopack: { root: peers }, outputFileTracingRoot: peers };
    const text = JSON.stringify({ ...root, ...config });
    writeFileSync(join(folder, 'next.config.mjs'), `export default ${text};\n`);
  }

  /** Builds and starts the app. @returns what each route says of one thread and of two. */
  async function answers(flag: string): Promise<Record<'main' | 'inline', string[]>> {
    runPeer('next', ['build', flag], folder);
    const server = spawn(
      process.execPath,
      [peerProgram('next'), 'start', '--port', '0', '--hostname', '127.0.0.1'],
      { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] },
    );
    try {
      const origin = await new Promise<string>((resolve, reject) => {
        let text = '';
        server.once('exit', (code) => reject(new Error(`next start: exit code ${code}: ${text}`)));
        server.stdout.setEncoding('utf8').on('data', (part) => {
          text += part;
          const [address] = /http:\/\/127\.0\.0\.1:\d+/.exec(text) ?? [];
          if (address !== undefined && text.includes('Ready')) resolve(address);
        });
      });
      const get = async (name: string) => (await fetch(`${origin}/${name}`)).json();
      return { main: await get('main'), inline: await get('inline') };
    } finally {
      const ended = once(server, 'exit');
      server.kill();
      await ended;
    }
  }

  it('trains on two threads when built by Turbopack', async () => {
    newApp({});
    const { main, inline } = await answers('--turbopack');
    for (const outcome of [...main, ...inline]) expect(outcome).toMatch(HASH);
  });

  it('trains by convlet/inline when built by webpack, and by convlet says what to do', async () => {
    newApp({});
    const { main, inline } = await answers('--webpack');
    for (const outcome of inline) expect(outcome).toMatch(HASH);
    for (const outcome of main) {
      expect(outcome).toMatch(
        /at \S+kernels\S+\.wasm, .*In a bundle for Node, mark convlet as external/,
      );
      expect(outcome).not.toMatch(/parse URL|ENOENT|Content-Security/);
    }
  });

  it('trains when convlet is external, as the documentation tells', async () => {
    newApp({ serverExternalPackages: ['convlet'] });
    const { main } = await answers('--webpack');
    for (const outcome of main) expect(outcome).toMatch(HASH);
  });
});
