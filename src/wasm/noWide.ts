/** Wide vectors need a flag of the engine, which a page cannot set. `wide.ts` exports the same names. @module */
import type { WasmModule } from '../base/engine.ts';
import type { WasmSource } from './source.ts';

/** @throws {RangeError} always. */
export async function widen(
  where: string,
  _source: WasmSource,
  _isShared: boolean,
): Promise<{ readonly module: WasmModule; readonly isWide: boolean }> {
  throw new RangeError(refusal(where));
}

/** @throws {RangeError} always. */
export function compileWide(_bytes: Uint8Array): WasmModule {
  throw new RangeError(refusal('wide'));
}

function refusal(where: string): string {
  return `${where}: expected Node 24 or newer on x64 for wide: true, got a page. Leave it out: the weights are the same.`;
}
