/** What a worker thread runs. @module */
import { listen } from '#host';
import { bindWork, type Work } from './compile/work.ts';
import { followTeams } from './threads/follower.ts';
import { instantiateKernels } from './wasm/kernels.ts';

followTeams(listen, ({ module, memory }) => {
  const kernels = instantiateKernels(module, memory);
  return (share) => bindWork(kernels, memory.buffer, share as readonly Work[]); // as compile/program.ts defines it
});
