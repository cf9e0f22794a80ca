/** docs/abi.md is made from the comments, and agrees with the modules themselves. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { exportedSignatures } from './support/wasm.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const page = readFileSync(join(root, 'docs/abi.md'), 'utf8');
const file = (name: string) => readFileSync(join(root, 'dist', name));
const modules = ['kernels.wasm', 'kernels.threads.wasm'];

function node(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: root,
    encoding: 'utf8',
  });
  expect([status, stderr]).toEqual([0, '']);
  return stdout;
}

/** The JavaScript block of a section. */
function program(heading: string): string {
  const [, text = ''] =
    new RegExp(`^## ${heading}$[\\s\\S]*?\`\`\`js\\n([\\s\\S]*?)\`\`\``, 'm').exec(page) ?? [];
  expect(text, heading).not.toBe('');
  return text;
}

describe('docs/abi.md', () => {
  it('is up to date with the comments: npm run docs:abi', () => {
    expect(node('scripts/abi.js', '--print')).toBe(page);
  });

  it.each(modules)('has the functions and signatures of %s', (name) => {
    const entries = [...page.matchAll(/^#### `(\w+)`$[\s\S]*?^`(\([^`]*\) → [^`]*)`$/gm)];
    const told = new Map(entries.map(([, fn = '', signature = '']) => [fn, signature]));
    expect(told.size).toBeGreaterThan(40);
    const exported = exportedSignatures(file(name));
    expect(new Map([...told].sort())).toEqual(new Map([...exported].sort()));
  });

  it('links to files and sections that exist', () => {
    const links = [...page.matchAll(/\]\((?!https?:)([^)]+)\)/g)].map(([, link = '']) => link);
    expect(links.length).toBeGreaterThan(8);
    const headings = [...page.matchAll(/^#+ (.*)$/gm)].map(
      ([, heading = '']) =>
        `#${heading
          .toLowerCase()
          .replaceAll(/[^\w -]/g, '')
          .replaceAll(' ', '-')}`,
    );
    for (const link of links) {
      if (link.startsWith('#')) expect(headings).toContain(link);
      else expect(() => readFileSync(join(root, 'docs', link))).not.toThrow(/ENOENT/);
    }
  });

  it('has a first program that prints what it says', () => {
    const printed: unknown[] = [];
    const run = new Function('bytes', 'console', `return (async () => {${program('Life')}})()`);
    const console = { log: (value: Float32Array) => printed.push([...value]) };
    return run(file('kernels.wasm'), console).then(() => expect(printed).toEqual([[0, 0, 2]]));
  });

  it('has probes that this engine passes', () => {
    const answers: boolean[] = [];
    const validate = (bytes: Uint8Array<ArrayBuffer>) => answers.push(WebAssembly.validate(bytes));
    new Function('WebAssembly', program('What it needs'))({ validate });
    expect(answers).toEqual([true, true]);
  });
});

describe('errors', () => {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(file('kernels.wasm')), {
    env: { memory },
  });
  const k = exports as Readonly<Record<string, (...args: number[]) => number>>;

  it('a call outside the memory traps, keeps what was written before, and leaves the instance usable', () => {
    const view = new Float32Array(memory.buffer);
    view.fill(-1);
    const last = 65_536 - 8;
    expect(() => k.reluForward?.(last, last, 4)).toThrow(WebAssembly.RuntimeError);
    expect(() => k.zero?.(2 ** 32 - 8, 1)).toThrow(WebAssembly.RuntimeError); // unsigned: no negative address
    k.reluForward?.(last, last, 2);
    expect([...view.subarray(-3)]).toEqual([-1, 0, 0]);
  });

  it('every function with groups traps if groups is 0', () => {
    const sections = page.split(/^#### /m).filter((text) => text.includes('`groups` = 0'));
    const names = sections.map((text) => /^`(\w+)`/.exec(text)?.[1] ?? '');
    expect(names).toHaveLength(7);
    for (const name of names) {
      // groups come last, but before an epsilon
      const rest = name === 'groupNormForward' ? [0, 1] : [0];
      const call = () => k[name]?.(...Array(k[name].length - rest.length).fill(1), ...rest);
      expect(call, name).toThrow(WebAssembly.RuntimeError);
    }
  });
});

describe('the features that docs/abi.md asks for', () => {
  const asc = createRequire(createRequire(import.meta.url).resolve('assemblyscript/package.json'));
  const optimiser = join(dirname(asc.resolve('binaryen/package.json')), 'bin/wasm-opt');
  const needed = ['simd', 'bulk-memory-opt', 'nontrapping-float-to-int'];
  const validates = (name: string, features: readonly string[]) => {
    const enabled = features.map((feature) => `--enable-${feature}`);
    const args = [optimiser, '-mvp', ...enabled, join('dist', name)];
    return spawnSync(process.execPath, args, { cwd: root }).status === 0;
  };

  it('the modules validate with these features', () => {
    expect(validates('kernels.wasm', needed)).toBe(true);
    expect(validates('kernels.threads.wasm', [...needed, 'threads'])).toBe(true);
  });

  it('the modules do not validate without any one of them', () => {
    for (const feature of needed) {
      const others = needed.filter((name) => name !== feature);
      expect(validates('kernels.wasm', others), feature).toBe(false);
    }
    expect(validates('kernels.threads.wasm', needed)).toBe(false);
  });
});
