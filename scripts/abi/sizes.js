/** Renders docs/abi-sizes.md: the modules as built on this machine, and their measured speed. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const path = (name) => new URL(`../../${name}`, import.meta.url);

const MODULES = [
  { name: 'kernels.wasm', memory: 'unshared, at least 1 page', features: '' },
  {
    name: 'kernels.threads.wasm',
    memory: 'shared, at least 1 page, with a maximum of at most 65,536',
    features: ', threads (a shared memory)',
  },
];

const HEAD = `# The modules in numbers

Made by \`npm run docs:abi\` from the built modules. Another version of the compiler gives other bytes, so no test compares
this page. [abi.md](abi.md) describes what the modules do.

| file | bytes | gzipped | memory it takes | WebAssembly features | SHA-256 |
|---|---|---|---|---|---|`;

/** The heading of the measurements. They are copied from the old page if no bench is given. */
const SPEED = '\n\n## Speed\n';

/** The page; `bench` is the bench.json of `npm run bench`. */
export function renderSizes(bench) {
  const rows = MODULES.map(({ name, memory, features }) => {
    const bytes = readFileSync(path(`dist/${name}`));
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const sizes = [bytes, gzipSync(bytes)].map(({ length }) => length.toLocaleString('en'));
    return `| \`${name}\` | ${sizes.join(' | ')} | ${memory} | SIMD (128 bits), bulk memory, saturating float to integer${features} | \`${sha256}\` |`;
  });
  return `${[HEAD, ...rows].join('\n')}${bench ? renderSpeed(bench) : previousSpeed()}`;
}

function previousSpeed() {
  if (!existsSync(path('docs/abi-sizes.md'))) return '\n';
  const page = readFileSync(path('docs/abi-sizes.md'), 'utf8');
  const at = page.indexOf(SPEED);
  return at < 0 ? '\n' : page.slice(at);
}

function renderSpeed(bench) {
  const { machine, cases } = JSON.parse(readFileSync(bench, 'utf8'));
  const microseconds = ({ milliseconds }) => Number((milliseconds * 1000).toPrecision(3));
  const rows = cases.map(({ kernel, shape, work, timing }) => {
    const rate = work.flops
      ? `${(work.flops / timing.milliseconds / 1e6).toFixed(1)} GFLOP/s`
      : `${(work.bytes / timing.milliseconds / 1e6).toFixed(1)} GB/s`;
    return `| \`${kernel}\` | ${shape} | ${microseconds(timing).toLocaleString('en')} | ${rate} |`;
  });
  return `${SPEED}
\`npm run bench\` on ${machine.cpu}, ${machine.runtime}, one thread: medians; every kernel was verified first.

| kernel | shape | µs | |
|---|---|---:|---:|
${rows.join('\n')}
`;
}
