/** The self-test of src/wasm/selfTest.ts tells kernels that compute other bytes, and passes those that do not. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { firstDifference } from '../../src/wasm/selfTest.ts';

const builds = [
  ['kernels', false],
  ['kernels.threads', true],
] as const;

/** `f32x4.add` and `f32x4.sub`. */
const ADD = Buffer.of(0xfd, 0xe4, 0x01);
const SUB = Buffer.of(0xfd, 0xe5, 0x01);

function readBytes(name: string): Buffer<ArrayBuffer> {
  return Buffer.from(readFileSync(new URL(`../../dist/${name}.wasm`, import.meta.url)));
}

describe.each(builds)('%s.wasm against another module', (name, isShared) => {
  const bytes = readBytes(name);
  const module = new WebAssembly.Module(bytes);

  it('finds no difference from itself', () => {
    expect(firstDifference(module, new WebAssembly.Module(bytes), isShared)).toBeUndefined();
  });

  it('finds a kernel if some additions of vectors are subtractions', () => {
    const found: (string | undefined)[] = [];
    const places = [...additions(bytes)];
    expect(places.length).toBeGreaterThan(100);
    // one place in twenty, over all of the module
    for (let i = 0; i < places.length; i += 20) {
      const broken = Buffer.from(bytes);
      SUB.copy(broken, places[i]);
      found.push(firstDifference(module, new WebAssembly.Module(broken), isShared));
    }
    const missed = found.filter((kernel) => kernel === undefined).length;
    expect(missed / found.length).toBeLessThan(0.2);
  });
});

function* additions(bytes: Buffer): Iterable<number> {
  for (let at = bytes.indexOf(ADD); at >= 0; at = bytes.indexOf(ADD, at + 1)) yield at;
}
