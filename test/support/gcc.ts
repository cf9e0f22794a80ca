/** gcc, if this machine has it. */
import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Strict C99: what the head of an exported file promises. */
const STRICT = ['-std=c99', '-Wall', '-Wextra', '-Werror', '-pedantic'];

/** Whether there is a gcc; says so where there is none. */
export function hasGcc(): boolean {
  const isThere = spawnSync('gcc', ['--version']).status === 0;
  if (!isThere) console.info('skipped: gcc is not on this machine');
  return isThere;
}

/** Compiles a file of C in a folder. @returns the path of the program, or of the object with `-c` among the flags. */
export function compileC(folder: string, code: string | Uint8Array, ...flags: string[]): string {
  const source = join(folder, 'model.c');
  const target = join(folder, flags.includes('-c') ? 'model.o' : 'model');
  writeFileSync(source, code);
  execFileSync('gcc', [...STRICT, ...flags, source, '-o', target], { stdio: 'pipe' });
  return target;
}

/** Bytes of flash and RAM of an object, as `size` counts them. */
export function sizesOf(object: string): { readonly flash: number; readonly ram: number } {
  const [, line = ''] = execFileSync('size', [object], { encoding: 'utf8' }).split('\n');
  const [text = 0, data = 0, bss = 0] = line.trim().split(/\s+/).map(Number);
  return { flash: text + data, ram: data + bss };
}

/** A main that reads images from stdin and writes outputs to stdout, as they lie in memory. */
export function mainFor(pixelType: 'float' | 'uint8_t', pixels: number, outputs: number): string {
  return `
#include <stdio.h>
int main(void)
{
  static ${pixelType} in[${pixels}];
  static float out[${outputs}];
  while (fread(in, sizeof in[0], ${pixels}, stdin) == ${pixels}) {
    predict(in, out);
    fwrite(out, sizeof out[0], ${outputs}, stdout);
  }
  return 0;
}
`;
}

/** The outputs of a program with that main. */
export function runC(program: string, images: Uint8Array | Float32Array): Float32Array {
  const input = Buffer.from(images.buffer, images.byteOffset, images.byteLength);
  const { buffer, byteOffset, byteLength } = execFileSync(program, {
    input,
    maxBuffer: 2 ** 26,
  });
  return new Float32Array(buffer.slice(byteOffset, byteOffset + byteLength));
}

/** What a program prints. */
export function printedBy(program: string): string {
  return execFileSync(program, { encoding: 'utf8' });
}
