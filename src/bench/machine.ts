/** The machine of a run. @module */
import { readKernels } from './modules.ts';

/** What the program that starts a run knows about its machine. */
export interface Host {
  readonly cpu: string;
  /** Number of cores that the program may use. */
  readonly cores: number;
  readonly platform: string;
  /** `Node 20.20.2`, `Chromium 130`. */
  readonly runtime: string;
  /** `V8 11.3.244`, if the runtime's name does not tell. */
  readonly engine?: string;
}

export interface Machine extends Host {
  /** SHA-256 of kernels.wasm. Two runs with the same hash timed the same kernels. */
  readonly kernelsSha256: string;
  readonly kernelsBytes: number;
}

export async function describeMachine(host: Host): Promise<Machine> {
  const kernels = await readKernels();
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', kernels));
  const kernelsSha256 = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return { ...host, kernelsSha256, kernelsBytes: kernels.length };
}
