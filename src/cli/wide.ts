/** `--wide`: vectors of 256 bits. @module */
import { unfitEngine } from '../host/nodeWide.ts';
import { UsageError } from './options.ts';

/** @throws {UsageError} if `--wide` is given and this engine has no such vectors. */
export function checkWide({ wide = false }: { readonly wide?: boolean }): void {
  const engine = wide ? unfitEngine() : undefined;
  if (engine === undefined) return;
  throw new UsageError(
    `--wide: expected Node 24 or newer on x64, got ${engine}. Leave it out: the weights are the same.`,
  );
}
