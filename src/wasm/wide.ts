/**
 * The kernels with vectors of 256 bits, under Node. `noWide.ts` exports the same names; `#host/wide` of package.json chooses.
 * @module
 */
import type { WasmModule } from '../base/engine.ts';
import { compileWide, unfitEngine, warn } from '../host/nodeWide.ts';
import { compileBytes } from './module.ts';
import { firstDifference } from './selfTest.ts';
import { bytesOf, sourceName, type WasmSource } from './source.ts';

export { compileWide };

/**
 * Compiles the kernels with wide vectors; or without, and with a warning, if a kernel then computes other bytes.
 * @throws {RangeError} if this engine has no wide vectors.
 */
export async function widen(
  where: string,
  source: WasmSource,
  isShared: boolean,
): Promise<{ readonly module: WasmModule; readonly isWide: boolean }> {
  const engine = unfitEngine();
  if (engine !== undefined) {
    throw new RangeError(
      `${where}: expected Node 24 or newer on x64 for wide: true, got ${engine}. Leave it out: the weights are the same.`,
    );
  }
  const bytes = await bytesOf(where, source);
  const module = await compileBytes(where, bytes, sourceName(source));
  const wide = compileWide(bytes);
  const kernel = firstDifference(module, wide, isShared);
  if (kernel === undefined) return { module: wide, isWide: true };
  warn(
    `${where}: expected the same bytes with wide vectors, got others from ${kernel}. It goes on without them; leave wide out.`,
  );
  return { module, isWide: false };
}
