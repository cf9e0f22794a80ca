/** The backend: the compiled kernels, and the operations that run on them. @module */
import type { DatasetSource, ValueDatasetSource } from '../base/types.ts';
import type { Stream } from '../data/source.ts';
import type { BackendOptions } from './backendOptions.ts';
import { createOps, type Ops } from './ops.ts';
import { type Provisions, Runtime, startRuntime } from './runtime.ts';

/** Made by `createBackend`; what models and operations run on. */
export class Backend extends Runtime {
  /** Every kernel as a plain function of tensors. */
  readonly ops: Ops = createOps(() => this.arena('ops'));

  /** What reads sources is loaded with the first one. */
  override async openStream(
    where: string,
    source: DatasetSource | ValueDatasetSource,
    length: number,
  ): Promise<Stream> {
    const { openStream } = await import('../data/stream.ts');
    return openStream(where, source, length);
  }
}

/** `createBackend`, for an entry of the package. */
export async function startBackend(
  options: BackendOptions,
  provisions: Provisions,
): Promise<Backend> {
  return new Backend(await startRuntime(options, provisions));
}
