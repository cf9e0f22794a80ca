/** Ranks on many machines, by MPI: `convlet/mpi`, for Node alone. @module */
export { type Communicator, LostRankError } from './base/communicator.ts';
export type { MpiCommunicator } from './mpi/communicator.ts';
export { joinMpi } from './mpi/join.ts';
