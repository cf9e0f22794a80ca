/** On what a run was made. @module */
import { createHash } from 'node:crypto';
import { availableParallelism, cpus } from 'node:os';
import { readKernels } from './readKernels.ts';

export interface Machine {
  readonly cpu: string;
  /** That this process may use. */
  readonly cores: number;
  readonly platform: string;
  readonly runtime: string;
  readonly v8: string;
  /** Of kernels.wasm: two runs with the same one timed the same kernels. */
  readonly kernelsSha256: string;
  readonly kernelsBytes: number;
}

export async function describeMachine(): Promise<Machine> {
  const kernels = await readKernels();
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    platform: `${process.platform} ${process.arch}`,
    runtime: `Node ${process.versions.node}`,
    v8: process.versions.v8,
    kernelsSha256: createHash('sha256').update(kernels).digest('hex'),
    kernelsBytes: kernels.length,
  };
}
