/** Builds the C++ peer for each vector width that this machine has. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const source = fileURLToPath(new URL('native/reference.cpp', import.meta.url));

const SSE = ['-msse4.1', '-ffp-contract=off'];

/**
 * The first build is the one that counts. It has the vector width of WebAssembly, separate multiply and add, and skips
 * windows without ink, as Convlet does.
 */
const builds = [
  { name: 'C++ SSE4.1', lanes: 4, skipBlank: 1, flags: SSE },
  { name: 'C++ SSE4.1, blank windows too', lanes: 4, skipBlank: 0, flags: SSE },
  {
    name: 'C++ AVX, 128 bits', // as V8 encodes vectors if the processor has AVX: three operands, no copies
    lanes: 4,
    skipBlank: 1,
    flags: ['-mavx', '-ffp-contract=off'],
    needs: 'avx',
  },
  { name: 'C++ AVX2', lanes: 8, skipBlank: 1, flags: ['-mavx2', '-mfma'], needs: 'avx2' },
  {
    name: 'C++ AVX-512',
    lanes: 16,
    skipBlank: 1,
    flags: ['-march=native', '-mprefer-vector-width=512'],
    needs: 'avx512f',
  },
];

/** Rows of the roster. A row that could not be built tells why. */
export async function buildNative(folder) {
  const has = processorFlags();
  const wanted = builds.filter(({ needs }) => needs === undefined || has.includes(needs));
  return Promise.all(wanted.map((build) => compile(build, folder)));
}

async function compile({ name, lanes, skipBlank, flags }, folder) {
  const program = join(folder, name.replace(/\W+/g, '-'));
  try {
    if (process.arch !== 'x64') throw new Error(`its builds are for x64, this is ${process.arch}`);
    const options = [`-DLANES=${lanes}`, `-DSKIP_BLANK=${skipBlank}`];
    await run('g++', ['-std=c++17', '-O3', ...flags, ...options, source, '-o', program]);
    return { name, program };
  } catch ({ code, message }) {
    const why = code === 'ENOENT' ? 'no g++. apt-get install g++' : message.split('\n')[0];
    return { name, unavailable: why };
  }
}

function processorFlags() {
  try {
    return /^flags\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1].split(' ') ?? [];
  } catch {
    return [];
  }
}
