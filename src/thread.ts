/** What a worker thread runs. @module */
import { listen } from '#host';
import { bindWork, type Work } from './compile/work.ts';
import { followTeams } from './threads/follower.ts';
import { instantiateKernels } from './wasm/kernels.ts';

followTeams(listen, ({ module, memory }) => {
  const kernels = instantiateKernels(module, memory);
  return (task) => bindWork(kernels, memory.buffer, task as readonly Work[]); // as compile/phases.ts defines it
});
