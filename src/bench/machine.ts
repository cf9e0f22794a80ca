/** On what a run was made. @module */
import { readKernels } from './modules.ts';

/** What the program that starts a run knows of its machine. */
export interface Host {
  readonly cpu: string;
  /** That it may use. */
  readonly cores: number;
  readonly platform: string;
  /** `Node 20.20.2`, `Chromium 130`. */
  readonly runtime: string;
  /** `V8 11.3.244`, where the runtime's name does not tell. */
  readonly engine?: string;
}

export interface Machine extends Host {
  /** Of kernels.wasm: two runs with the same one timed the same kernels. */
  readonly kernelsSha256: string;
  readonly kernelsBytes: number;
}

export async function describeMachine(host: Host): Promise<Machine> {
  const kernels = await readKernels();
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', kernels));
  const kernelsSha256 = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return { ...host, kernelsSha256, kernelsBytes: kernels.length };
}
