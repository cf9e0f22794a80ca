/**
 * Wide vectors under Node: while a flag is set, V8 pairs two vectors of 128 bits into one of 256 in what it compiles, if it can
 * prove that nothing changes.
 * @module
 */
import { setFlagsFromString } from 'node:v8';
import type { WasmModule } from '../base/engine.ts';

/** Older versions have no such flag, or one that does nothing. */
const FIRST_MAJOR = 24;

/** The flags, and what takes them back: everything is compiled at once, by the optimizing compiler, while they are set. */
const FLAGS = [
  ['--experimental-wasm-revectorize', '--no-experimental-wasm-revectorize'],
  ['--no-liftoff', '--liftoff'],
  ['--no-wasm-lazy-compilation', '--wasm-lazy-compilation'],
  ['--no-wasm-dynamic-tiering', '--wasm-dynamic-tiering'],
] as const;

/** A custom section, `wide`, without content: V8 hands out the code that it has for the same bytes. */
const SECTION = Uint8Array.of(0, 5, 4, 0x77, 0x69, 0x64, 0x65);

/** What this engine is, if it has no wide vectors. */
export function unfitEngine(): string | undefined {
  const { versions, arch } = process;
  if (versions.bun !== undefined) return `Bun ${versions.bun}`;
  if (versions.deno !== undefined) return `Deno ${versions.deno}`;
  const isFit = Number.parseInt(versions.node, 10) >= FIRST_MAJOR && arch === 'x64';
  return isFit ? undefined : `Node ${versions.node} on ${arch}`;
}

/**
 * Compiles a module with wide vectors. The flags are the process's: what its other threads compile meanwhile, for a tenth of a
 * second, is compiled likewise, and a flag of these that the process was started with is lost. Without AVX2, V8 pairs nothing.
 */
export function compileWide(bytes: Uint8Array): WasmModule {
  const named = new Uint8Array(bytes.length + SECTION.length);
  named.set(bytes);
  named.set(SECTION, bytes.length);
  for (const [on] of FLAGS) setFlagsFromString(on);
  try {
    return new WebAssembly.Module(named);
  } finally {
    for (const [, off] of FLAGS) setFlagsFromString(off);
  }
}

export function warn(message: string): void {
  process.emitWarning(message);
}
